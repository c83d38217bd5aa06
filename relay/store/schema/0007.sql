-- A deposit's commit only appends: the envelope, and one narrow row in "tail". What has its place
-- by mailbox is written for many at a time: where the envelopes wait, and "seen".
CREATE TABLE tail (
    row INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL,
    number INTEGER NOT NULL,
    capability INTEGER NOT NULL,
    size INTEGER NOT NULL,
    age_ms INTEGER NOT NULL,
    id BLOB NOT NULL,
    deposited INTEGER NOT NULL,
    rested_ms INTEGER NOT NULL
) STRICT;

-- It carries all that counting and deleting need, so that neither reads a body.
CREATE TABLE queued (
    mailbox INTEGER NOT NULL,
    number INTEGER NOT NULL,
    capability INTEGER NOT NULL,
    size INTEGER NOT NULL,
    envelope INTEGER NOT NULL,
    PRIMARY KEY (mailbox, number)
) STRICT, WITHOUT ROWID;

INSERT INTO queued SELECT mailbox, number, capability, size, row
FROM envelope INDEXED BY envelope_by_mailbox ORDER BY mailbox, number;

DROP INDEX envelope_by_mailbox;

-- What was collected leaves its row in the tail behind, for its id is not in "seen" yet.
CREATE VIEW waiting AS
SELECT mailbox, number, capability, size, envelope FROM queued
UNION ALL
SELECT tail.mailbox, tail.number, tail.capability, tail.size, tail.row
FROM tail JOIN mailbox ON mailbox.row = tail.mailbox
WHERE tail.number > mailbox.forgotten;
