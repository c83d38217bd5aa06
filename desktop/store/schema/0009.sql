-- Rooms: those I host, sit in, sat in, or have a link to.
CREATE TABLE room (
    row INTEGER PRIMARY KEY,
    room_id BLOB NOT NULL UNIQUE,
    link TEXT NOT NULL,
    seed BLOB,                          -- the room's key: I am its host
    policy BLOB NOT NULL,
    policy_signature BLOB NOT NULL,
    grant_body BLOB,                    -- of my seat, in force
    grant_signature BLOB,
    seat_state TEXT NOT NULL,           -- how my seat stands, as the relay told last
    reason TEXT NOT NULL DEFAULT '',    -- why it stands so
    muted_until_ms INTEGER NOT NULL DEFAULT 0,
    said_ms INTEGER NOT NULL DEFAULT 0, -- when something of mine was numbered last, for slow mode
    wanted INTEGER NOT NULL,            -- I am to sit in it, whenever there is a line
    entered_ms INTEGER,                 -- when I sat down in it first
    knocked_ms INTEGER,
    ended_ms INTEGER,
    live_since_ms INTEGER,              -- a host is present, as far as is known here
    lasted_ms INTEGER NOT NULL DEFAULT 0,
    people INTEGER NOT NULL DEFAULT 0,  -- and how many, as the relay told last
    waiting INTEGER NOT NULL DEFAULT 0, -- at the door
    desk_told INTEGER NOT NULL DEFAULT 0, -- under which desk key my seat said that it came
    rules BLOB NOT NULL DEFAULT x'',    -- digest of the front whose rules were accepted
    oldest INTEGER NOT NULL DEFAULT 0,  -- the first place that may be fetched
    warned TEXT,
    opening INTEGER NOT NULL DEFAULT 0, -- mine, and its relay has not taken it yet
    added_ms INTEGER NOT NULL
) STRICT;

-- My seats; the newest of a room is the one I sit on.
CREATE TABLE room_seat (
    row INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seat_id BLOB NOT NULL UNIQUE,
    seed BLOB NOT NULL,
    sealing BLOB NOT NULL,
    card BLOB NOT NULL,
    card_signature BLOB NOT NULL,
    wrap_key BLOB NOT NULL,
    pseudonym TEXT NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX room_seat_of ON room_seat (room);

CREATE TABLE room_epoch (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    key BLOB NOT NULL,
    PRIMARY KEY (room, epoch)
) STRICT, WITHOUT ROWID;

-- How far a lane was followed, and what its relay signed of it last.
CREATE TABLE room_lane (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    lane INTEGER NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    running BLOB NOT NULL,
    head BLOB,
    head_signature BLOB,
    other_head BLOB,                    -- which cannot be true beside it: the proof of a fork
    other_signature BLOB,
    PRIMARY KEY (room, lane)
) STRICT, WITHOUT ROWID;

CREATE TABLE room_voice (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    lane INTEGER NOT NULL,
    seat BLOB NOT NULL,
    voice BLOB NOT NULL,
    lacks INTEGER NOT NULL DEFAULT 0,   -- whether something of it has not come
    PRIMARY KEY (room, lane, seat)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_voice_lacks ON room_voice (room, lane) WHERE lacks = 1;

-- What a relay numbered; `place` is run << 32 | number, and never changes.
CREATE TABLE room_item (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    lane INTEGER NOT NULL,
    place INTEGER NOT NULL,
    kind TEXT NOT NULL,
    item BLOB NOT NULL,
    running BLOB NOT NULL,
    seat BLOB,
    counter INTEGER,
    entry_id BLOB,
    shown INTEGER NOT NULL,             -- a row of the stage
    name TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL DEFAULT '',
    sent_ms INTEGER NOT NULL DEFAULT 0,
    came_ms INTEGER NOT NULL,
    scopes INTEGER NOT NULL DEFAULT 0,  -- of who said it, then
    newcomer INTEGER NOT NULL DEFAULT 0,
    reply_to BLOB,
    mention INTEGER NOT NULL DEFAULT 0,
    cause TEXT,
    PRIMARY KEY (room, lane, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_item_shown ON room_item (room, place) WHERE shown;
CREATE INDEX room_item_unopened ON room_item (room, lane, place) WHERE cause = 'not_openable';
CREATE INDEX room_item_of ON room_item (room, entry_id) WHERE entry_id IS NOT NULL;

-- What I said, until it was seen with its number.
CREATE TABLE room_said (
    row INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seat INTEGER NOT NULL REFERENCES room_seat ON DELETE CASCADE,
    lane INTEGER NOT NULL,
    counter INTEGER,                    -- none once it was refused
    entry_id BLOB NOT NULL UNIQUE,
    content BLOB NOT NULL,
    item BLOB,                          -- as it was sealed last
    cause TEXT,
    made_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX room_said_of ON room_said (room, lane, counter);

-- What my seat's newest numbered entry in a lane was.
CREATE TABLE room_spoken (
    seat INTEGER NOT NULL REFERENCES room_seat ON DELETE CASCADE,
    lane INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (seat, lane)
) STRICT, WITHOUT ROWID;

-- What opens the desk's entries of this number: mine because I host it, or was given it.
CREATE TABLE room_desk_key (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    desk INTEGER NOT NULL,
    private BLOB NOT NULL,
    PRIMARY KEY (room, desk)
) STRICT, WITHOUT ROWID;
