-- Presence and signals. What a contact was told of mine: the slot that I write to, where it is,
-- and the key of what stands in it and of my signals. What is said with them is never here.
CREATE TABLE own_slot (
    member_id BLOB PRIMARY KEY REFERENCES contact ON DELETE CASCADE,
    relay TEXT NOT NULL,
    write_secret BLOB NOT NULL,
    key BLOB NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Which of a contact's devices was told of which.
CREATE TABLE told_slot (
    device_id BLOB PRIMARY KEY REFERENCES contact_device ON DELETE CASCADE,
    write_secret BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- The same of theirs, as each of their devices told it last.
CREATE TABLE their_slot (
    device_id BLOB PRIMARY KEY REFERENCES contact_device ON DELETE CASCADE,
    key BLOB NOT NULL,
    relay TEXT,
    watch BLOB,
    sent_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
