-- reads_from: 3
-- What a pass may send to other relays, and what it did on that day of the relay's age.
ALTER TABLE pass ADD COLUMN forwards INTEGER NOT NULL DEFAULT 5000;
ALTER TABLE pass ADD COLUMN forward_bytes INTEGER NOT NULL DEFAULT 67108864;
ALTER TABLE pass ADD COLUMN forward_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pass ADD COLUMN forwarded INTEGER NOT NULL DEFAULT 0;
ALTER TABLE pass ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;

-- Other relays by their addresses; nothing here says who sends to them, but for packets that wait.
CREATE TABLE destination (
    row INTEGER PRIMARY KEY,
    address TEXT NOT NULL UNIQUE,
    used_ms INTEGER NOT NULL
) STRICT;

-- A queue for each destination, in the order of the rows. No number is ever used again: the
-- forwarder reads on from the last one it saw.
CREATE TABLE packet (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket BLOB NOT NULL UNIQUE,
    destination INTEGER NOT NULL,
    pass INTEGER NOT NULL,
    age_ms INTEGER NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX packet_by_destination ON packet (destination);
CREATE INDEX packet_by_pass ON packet (pass, size);

-- What became of packets, without where they went.
CREATE TABLE answer (
    row INTEGER PRIMARY KEY,
    ticket BLOB NOT NULL UNIQUE,
    pass INTEGER NOT NULL,
    age_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX answer_by_pass ON answer (pass, size);
