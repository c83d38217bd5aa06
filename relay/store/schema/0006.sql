-- reads_from: 3
-- How many bytes of blobs a pass may set aside; what was let in before has what is given by default.
ALTER TABLE pass ADD COLUMN blob_bytes INTEGER NOT NULL DEFAULT 536870912;

-- Hashes of both secrets. The row names the file of the chunks, so none is ever given again.
CREATE TABLE blob (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    hash BLOB NOT NULL UNIQUE,
    writer BLOB NOT NULL UNIQUE,
    pass INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    ends_ms INTEGER NOT NULL
) STRICT;

CREATE INDEX blob_by_pass ON blob (pass, chunks);
CREATE INDEX blob_by_end ON blob (ends_ms);

-- A chunk is written here after its bytes are on disk.
CREATE TABLE chunk (
    blob INTEGER NOT NULL,
    number INTEGER NOT NULL,
    digest BLOB NOT NULL,
    PRIMARY KEY (blob, number)
) STRICT, WITHOUT ROWID;

-- Blobs that are over, until their files are deleted.
CREATE TABLE blob_gone (
    row INTEGER PRIMARY KEY
) STRICT;
