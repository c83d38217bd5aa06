-- A pass that nobody's code vouches for lapses at this age of the relay, unless a mailbox is made.
ALTER TABLE pass ADD COLUMN lapses_ms INTEGER;

CREATE INDEX pass_by_lapse ON pass (lapses_ms) WHERE lapses_ms IS NOT NULL;
