-- Passes and codes: hashes only.
CREATE TABLE pass (
    row INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    mailboxes INTEGER NOT NULL,
    stored_bytes INTEGER NOT NULL,
    invites INTEGER NOT NULL
) STRICT;

CREATE TABLE code (
    hash BLOB PRIMARY KEY,
    uses INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    invites INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A mailbox holds the numbers above "forgotten" without a hole.
CREATE TABLE mailbox (
    row INTEGER PRIMARY KEY,
    id BLOB NOT NULL UNIQUE,
    pass INTEGER NOT NULL REFERENCES pass (row),
    forgotten INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX mailbox_by_pass ON mailbox (pass);

-- A revoked capability stays while envelopes came by it: deliveries name it.
CREATE TABLE capability (
    row INTEGER PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    mailbox INTEGER NOT NULL REFERENCES mailbox (row),
    drawer BLOB NOT NULL,
    policy BLOB NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0,
    deposited INTEGER NOT NULL DEFAULT 0,
    taken INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX capability_by_mailbox ON capability (mailbox);

-- Appended by rowid; the index carries all that counting and deleting need, so that neither
-- reads a body.
CREATE TABLE envelope (
    row INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL,
    number INTEGER NOT NULL,
    capability INTEGER NOT NULL,
    size INTEGER NOT NULL,
    age_ms INTEGER NOT NULL,
    id BLOB NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX envelope_by_mailbox ON envelope (mailbox, number, capability, size);

-- The ids of what ever came, beyond the life of the envelopes.
CREATE TABLE seen (
    mailbox INTEGER NOT NULL,
    id BLOB NOT NULL,
    age_ms INTEGER NOT NULL,
    PRIMARY KEY (mailbox, id)
) STRICT, WITHOUT ROWID;

-- A taken bundle keeps its digest without its body, so that a repeated Stock cannot bring it back.
CREATE TABLE bundle (
    row INTEGER PRIMARY KEY,
    mailbox INTEGER NOT NULL,
    drawer BLOB NOT NULL,
    digest BLOB NOT NULL,
    age_ms INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body BLOB,
    UNIQUE (mailbox, drawer, digest)
) STRICT;

CREATE INDEX bundle_there ON bundle (mailbox, drawer, row, size) WHERE body IS NOT NULL;

CREATE TABLE last_resort (
    mailbox INTEGER NOT NULL,
    drawer BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (mailbox, drawer)
) STRICT, WITHOUT ROWID;

-- The moment the relay wrote down last; one row.
CREATE TABLE moment (
    row INTEGER PRIMARY KEY CHECK (row = 1),
    wall_ms INTEGER NOT NULL,
    age_ms INTEGER NOT NULL
) STRICT;
