-- What is known of a room's order and its board: grants that were proven, orders heard and given, people, the
-- wrapping table, what came to the desk, questions with their votes, reactions, what is pinned.
CREATE TABLE room_grant (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    grant_id BLOB NOT NULL,
    seat BLOB NOT NULL,
    scopes INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    body BLOB NOT NULL,
    signature BLOB NOT NULL,
    PRIMARY KEY (room, grant_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_grant_of ON room_grant (room, seat);
CREATE TABLE room_revoked (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    grant_id BLOB NOT NULL,
    PRIMARY KEY (room, grant_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE room_order (
    row INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    order_id BLOB NOT NULL,
    place INTEGER NOT NULL,
    heard_ms INTEGER NOT NULL,
    what TEXT NOT NULL,
    about BLOB,
    entry BLOB,
    item BLOB NOT NULL,
    undone_place INTEGER
) STRICT;
CREATE UNIQUE INDEX room_order_id ON room_order (room, order_id);
CREATE INDEX room_order_about ON room_order (room, about, place) WHERE about IS NOT NULL;
CREATE INDEX room_order_entry ON room_order (room, entry, place) WHERE entry IS NOT NULL;
CREATE INDEX room_order_what ON room_order (room, what, place);
-- Mine, until the relay has said that they are in force.
CREATE TABLE room_order_out (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    order_id BLOB NOT NULL,
    item BLOB NOT NULL,
    made_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting'
) STRICT;
CREATE INDEX room_order_out_waiting ON room_order_out (room, row) WHERE state = 'waiting';
CREATE TABLE room_policy_out (
    room INTEGER PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    body BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE room_epoch_out (
    room INTEGER PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    key BLOB NOT NULL,
    body BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
CREATE TABLE room_person (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seat BLOB NOT NULL,
    name TEXT NOT NULL,
    sealed_name BLOB NOT NULL,
    proven INTEGER NOT NULL,
    state TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    muted_until_ms INTEGER NOT NULL,
    PRIMARY KEY (room, seat)
) STRICT, WITHOUT ROWID;
-- Who said what keys for them are locked with, and of which epoch they were sent the key.
CREATE TABLE room_join (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    seat BLOB NOT NULL,
    wrap_key BLOB NOT NULL,
    desk INTEGER NOT NULL,
    stays INTEGER NOT NULL DEFAULT 0,
    wrapped INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room, seat)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_join_wrapped ON room_join (room, wrapped);
CREATE TABLE room_desk (
    row INTEGER PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    desk_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    seat BLOB NOT NULL,
    name TEXT NOT NULL,
    came_ms INTEGER NOT NULL,
    words TEXT NOT NULL,
    item BLOB,
    reply_to BLOB,
    done INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX room_desk_id ON room_desk (room, desk_id);
CREATE INDEX room_desk_open ON room_desk (room, seat, kind) WHERE done = 0;
CREATE TABLE room_question (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    question BLOB NOT NULL,
    text TEXT NOT NULL,
    asker BLOB,
    name TEXT NOT NULL,
    nameless INTEGER NOT NULL,
    asked_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    words TEXT NOT NULL DEFAULT '',
    merged BLOB,
    votes INTEGER NOT NULL DEFAULT 0,
    moment BLOB,
    answered_ms INTEGER,
    starred INTEGER NOT NULL DEFAULT 0,
    mine INTEGER NOT NULL DEFAULT 0,
    told_place INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL DEFAULT 0,
    touched INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room, question)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_question_due ON room_question (room) WHERE due = 1;
CREATE INDEX room_question_touched ON room_question (room) WHERE touched = 1;
CREATE INDEX room_question_of ON room_question (room, asker, state);
CREATE TABLE room_vote (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    question BLOB NOT NULL,
    seat BLOB NOT NULL,
    PRIMARY KEY (room, question, seat)
) STRICT, WITHOUT ROWID;
CREATE TABLE room_reaction (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    entry BLOB NOT NULL,
    sign TEXT NOT NULL,
    seat BLOB NOT NULL,
    PRIMARY KEY (room, entry, sign, seat)
) STRICT, WITHOUT ROWID;
CREATE TABLE room_reacted (
    room INTEGER NOT NULL REFERENCES room ON DELETE CASCADE,
    entry BLOB NOT NULL,
    sign TEXT NOT NULL,
    count INTEGER NOT NULL DEFAULT 0,
    touched INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room, entry, sign)
) STRICT, WITHOUT ROWID;
CREATE INDEX room_reacted_touched ON room_reacted (room) WHERE touched = 1;
CREATE TABLE room_pinned (
    room INTEGER PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    entry BLOB,
    place INTEGER NOT NULL,
    pinned_ms INTEGER NOT NULL
) STRICT;
-- What stood at the door before the room was closed to strangers: who stays has no link to the new one.
ALTER TABLE room ADD COLUMN front BLOB;
-- The announcement of the newest epoch: further wraps go to the relay beside it.
CREATE TABLE room_epoch_told (
    room INTEGER PRIMARY KEY REFERENCES room ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    after_order INTEGER NOT NULL,
    body BLOB NOT NULL,
    signature BLOB NOT NULL
) STRICT;
