-- Ids and digests are counted against the pass. A mailbox numbers its envelopes without a hole, so
-- what it remembers is its highest number less the ids that were forgotten.
ALTER TABLE mailbox ADD COLUMN ids_forgotten INTEGER NOT NULL DEFAULT 0;

UPDATE mailbox SET ids_forgotten = max(
    forgotten,
    coalesce((SELECT max(number) FROM envelope WHERE envelope.mailbox = mailbox.row), 0)
) - (SELECT count(*) FROM seen WHERE seen.mailbox = mailbox.row);
