-- How near a relay of mine was when it was last reached (desktop/core/nearness.py).
ALTER TABLE relay ADD COLUMN reached INTEGER NOT NULL DEFAULT 0;

-- Relays that stood in a link which the person pasted to meet this contact: these may be anywhere.
CREATE TABLE pasted_relay (
    relay TEXT NOT NULL,
    member_id BLOB NOT NULL REFERENCES contact ON DELETE CASCADE,
    PRIMARY KEY (relay, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX pasted_relay_of ON pasted_relay (member_id);

-- Where contacts were found before this was asked, they are still found.
INSERT INTO pasted_relay
    SELECT DISTINCT relay, member_id FROM contact_mailbox JOIN contact_device USING (device_id);
