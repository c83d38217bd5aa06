-- reads_from: 3
-- Rooms. "owner" is a digest over a pass's secret and the room: nothing here leads to a pass or a
-- mailbox. Times are ages of the relay but since_ms and at_ms. What is sealed stays so.
CREATE TABLE room (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    owner BLOB NOT NULL,
    policy BLOB NOT NULL,
    policy_signature BLOB NOT NULL,
    keeps_ms INTEGER NOT NULL,
    opened_ms INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    emptied INTEGER NOT NULL DEFAULT 0,
    epoch BLOB,
    epoch_signature BLOB,
    last_seat INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE room_seat (
    room INTEGER NOT NULL,
    number INTEGER NOT NULL,
    seat BLOB NOT NULL,
    since_ms INTEGER NOT NULL,
    waits INTEGER NOT NULL,
    token BLOB NOT NULL,
    run INTEGER NOT NULL,
    at INTEGER NOT NULL,
    name BLOB NOT NULL,
    card BLOB NOT NULL,
    card_signature BLOB NOT NULL,
    wrap BLOB NOT NULL DEFAULT x'',
    wrap_epoch INTEGER NOT NULL DEFAULT 0,
    stage INTEGER NOT NULL DEFAULT 0,
    desk INTEGER NOT NULL DEFAULT 0,
    letters INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE room_order (
    room INTEGER NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    under INTEGER NOT NULL,
    item BLOB NOT NULL,
    PRIMARY KEY (room, run, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE room_run (
    room INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    running BLOB NOT NULL,
    before_number INTEGER NOT NULL,
    before_running BLOB NOT NULL,
    PRIMARY KEY (room, lane, run)
) STRICT, WITHOUT ROWID;

-- Appended to; "before" is the running hash before the item.
CREATE TABLE room_item (
    row INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    lane INTEGER NOT NULL,
    run INTEGER NOT NULL,
    number INTEGER NOT NULL,
    seat INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    size INTEGER NOT NULL,
    before BLOB NOT NULL,
    item BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX room_item_by_number ON room_item (room, lane, run, number, size);
CREATE INDEX room_item_by_seat ON room_item (room, lane, seat, counter) WHERE seat > 0;

-- What was taken stays without its body, so that a repeated one is known.
CREATE TABLE room_letter (
    room INTEGER NOT NULL,
    seat INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    id BLOB NOT NULL,
    by INTEGER NOT NULL,
    age_ms INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body BLOB,
    PRIMARY KEY (room, seat, sequence)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX room_letter_by_id ON room_letter (room, id);
