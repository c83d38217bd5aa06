-- Bytes that did not open and are not known by name: looked for by whose device they are.
CREATE INDEX message_unnamed ON message (conversation_id, device_id)
    WHERE kind = 'unreadable' AND olm_hash IS NULL;
