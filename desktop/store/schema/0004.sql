-- Since when nothing of a contact is taken any more.
ALTER TABLE contact ADD COLUMN blocked_ms INTEGER;

-- What my relays say of themselves: when the member joined, and now. `signed`: what was said last
-- had the relay's signature; what had not is not kept.
CREATE TABLE practices (
    relay_id BLOB PRIMARY KEY REFERENCES relay ON DELETE CASCADE,
    joined BLOB,
    joined_ms INTEGER,
    body BLOB,
    signature BLOB,
    found_ms INTEGER,
    signed INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether the relay carries packets to other relays, as far as it said.
ALTER TABLE relay ADD COLUMN carries INTEGER NOT NULL DEFAULT 1;
