-- `whole_at`: bytes that could not be opened and that their author cannot say again. The row goes when
-- all that the author's device had written by then (this counter) is here: then nothing is missing.
-- `last_counter`: the row stands for a gap so wide that it has places of its own behind it.
ALTER TABLE message ADD COLUMN whole_at INTEGER;
ALTER TABLE message ADD COLUMN last_counter INTEGER;
CREATE INDEX message_whole ON message (conversation_id, device_id, whole_at)
    WHERE whole_at IS NOT NULL;
