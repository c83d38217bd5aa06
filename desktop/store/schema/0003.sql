-- Two hops: what was handed to a relay of mine, and has no answer of the destination yet.
-- `accepted_ms`: a relay of mine has it. `look_ms`: when to see whether this copy did its work.
-- `avoid`: the relay of mine by whose way it, or the copy before it, went without an answer.
ALTER TABLE copy ADD COLUMN accepted_ms INTEGER;
ALTER TABLE copy ADD COLUMN look_ms INTEGER;
ALTER TABLE copy ADD COLUMN avoid BLOB;
DROP INDEX copy_waiting;
CREATE INDEX copy_waiting ON copy (relay, due_ms) WHERE stored_ms IS NULL AND accepted_ms IS NULL;
CREATE INDEX copy_accepted ON copy (accepted_ms) WHERE accepted_ms IS NOT NULL AND stored_ms IS NULL;
CREATE INDEX copy_look ON copy (look_ms) WHERE look_ms IS NOT NULL;

-- By what secret the answer is fetched at a relay of mine (`via`), and what opens it. A row outlives
-- its copy: the answer is fetched and forgotten all the same.
CREATE TABLE ticket (
    ticket BLOB PRIMARY KEY,
    secret BLOB NOT NULL,
    answer_key BLOB NOT NULL,
    packet_hash BLOB NOT NULL,
    via BLOB NOT NULL,
    envelope_id BLOB NOT NULL,
    accepted_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_via ON ticket (via, ticket);
CREATE INDEX ticket_of ON ticket (envelope_id);
CREATE INDEX ticket_when ON ticket (accepted_ms);

-- What other relays say of themselves: the key that packets for them are sealed to.
CREATE TABLE card (
    relay_id BLOB PRIMARY KEY,
    body BLOB NOT NULL,
    signature BLOB NOT NULL,
    found_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When the member left this relay: what still comes there is collected for a while.
ALTER TABLE relay ADD COLUMN left_ms INTEGER;
