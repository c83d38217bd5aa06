-- Letters to seats of a room that its relay has not taken yet. `content` is what is to be sealed;
-- `letter` are the bytes that every try repeats.
CREATE TABLE room_letter (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seat INTEGER NOT NULL REFERENCES room_seat ON DELETE CASCADE, -- mine, that writes
    to_seat BLOB NOT NULL,
    content BLOB NOT NULL,
    letter BLOB,
    due_ms INTEGER NOT NULL,
    refusals INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX room_letter_due ON room_letter (room, due_ms);

-- Letters that came, so that each counts once.
CREATE TABLE room_letter_came (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    letter_id BLOB NOT NULL,
    by_seat BLOB NOT NULL,
    PRIMARY KEY (room, letter_id, by_seat)
) STRICT, WITHOUT ROWID;

-- Whom I asked aside.
CREATE TABLE room_asked (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seat INTEGER NOT NULL REFERENCES room_seat ON DELETE CASCADE,
    to_seat BLOB NOT NULL,
    about BLOB NOT NULL, -- the question, where its asker is asked once
    letter INTEGER,      -- its row, until a relay has it
    letter_id BLOB,      -- once it was sealed
    card BLOB NOT NULL,
    made_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    link TEXT,           -- what they answered
    accepted_ms INTEGER
) STRICT;
CREATE INDEX room_asked_letter ON room_asked (letter) WHERE letter IS NOT NULL;
CREATE INDEX room_asked_answer ON room_asked (room, letter_id) WHERE letter_id IS NOT NULL;
CREATE INDEX room_asked_of ON room_asked (seat, made_ms);
CREATE INDEX room_asked_accepted ON room_asked (state) WHERE state = 'accepted';

-- Who asked me. A row goes when it was declined, or ran out.
CREATE TABLE room_request (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seat INTEGER NOT NULL REFERENCES room_seat ON DELETE CASCADE, -- mine, that was asked
    by_seat BLOB NOT NULL,
    letter_id BLOB NOT NULL,
    name TEXT NOT NULL,
    words TEXT NOT NULL,
    card BLOB NOT NULL,
    sent_ms INTEGER NOT NULL,
    came_ms INTEGER NOT NULL,
    accepted_ms INTEGER,
    invitation BLOB,     -- the secret of the link they were answered with
    conversation_id BLOB -- they came with it
) STRICT;
CREATE INDEX room_request_of ON room_request (room, by_seat);
CREATE INDEX room_request_invited ON room_request (invitation) WHERE invitation IS NOT NULL;

-- Seats whose letters are thrown away.
CREATE TABLE room_blocked (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seat BLOB NOT NULL,
    PRIMARY KEY (room, seat)
) STRICT, WITHOUT ROWID;

-- Where a conversation began. It outlives the room.
CREATE TABLE bridge (
    conversation_id BLOB PRIMARY KEY,
    card BLOB NOT NULL
) STRICT, WITHOUT ROWID;
