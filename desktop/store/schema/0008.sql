-- How far each receiving chain of a session has come, and the session as it was before a hole in it, so that
-- what comes late by another mailbox still opens.
CREATE TABLE receiving_chain (
    row INTEGER PRIMARY KEY,
    device_id BLOB NOT NULL,
    session_id TEXT NOT NULL,
    chain_key BLOB NOT NULL,
    following INTEGER NOT NULL,
    opened INTEGER NOT NULL,
    pickle BLOB,
    kept_ms INTEGER,
    for_chain_before INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (device_id, session_id) REFERENCES session ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX receiving_chain_of ON receiving_chain (device_id, session_id, chain_key);
CREATE INDEX receiving_chain_kept ON receiving_chain (kept_ms) WHERE kept_ms IS NOT NULL;
