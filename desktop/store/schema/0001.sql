-- Times are milliseconds since 1970 UTC; ids and keys are blobs of the lengths in protocol/ids.py.

CREATE TABLE me (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    name TEXT NOT NULL,
    member_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    device_seed BLOB NOT NULL,
    olm_account BLOB NOT NULL,
    device_list BLOB NOT NULL,
    device_list_signature BLOB NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE setting (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sealing_key (
    key_id BLOB PRIMARY KEY,
    public BLOB NOT NULL,
    private BLOB NOT NULL,
    made_ms INTEGER NOT NULL,
    replaced_ms INTEGER
) STRICT;

-- My relays. One mailbox each; `cursor` is the last sequence that is on this disk.
CREATE TABLE relay (
    relay_id BLOB PRIMARY KEY,
    address TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    pass_secret BLOB NOT NULL,
    invite_code BLOB NOT NULL,
    mailbox_id BLOB NOT NULL,
    mailbox_seed BLOB NOT NULL,
    drawer_id BLOB NOT NULL,
    drawer_key BLOB NOT NULL,
    cursor INTEGER NOT NULL DEFAULT 0,
    ready INTEGER NOT NULL DEFAULT 0,
    may_invite INTEGER NOT NULL DEFAULT 0,
    last_resort_ms INTEGER,
    drained_ms INTEGER,
    added_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE contact (
    member_id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    renamed INTEGER NOT NULL DEFAULT 0,
    conversation_id BLOB NOT NULL UNIQUE,
    device_list BLOB NOT NULL,
    device_list_signature BLOB NOT NULL,
    list_version INTEGER NOT NULL,
    pending INTEGER NOT NULL,
    verified_ms INTEGER,
    gone TEXT,
    answered_ms INTEGER NOT NULL DEFAULT 0, -- when a greeting of theirs was answered last
    added_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE contact_device (
    device_id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES contact ON DELETE CASCADE,
    olm_key BLOB NOT NULL,
    sealing_public BLOB NOT NULL,
    sealing_made_ms INTEGER NOT NULL,
    told_sealing_key BLOB,
    asked_repair_ms INTEGER,
    heard_ms INTEGER NOT NULL DEFAULT 0 -- when something of it was opened last
) STRICT;
CREATE INDEX contact_device_of ON contact_device (member_id);

-- What a device asked for and was told again, for an hour: it outlives what the outbox knows of it.
CREATE TABLE said_again (
    device_id BLOB NOT NULL REFERENCES contact_device ON DELETE CASCADE,
    message_id BLOB NOT NULL,
    said_ms INTEGER NOT NULL,
    PRIMARY KEY (device_id, message_id)
) STRICT, WITHOUT ROWID;

-- Where a contact's devices collect, in their order, and what lets this member deposit there.
CREATE TABLE contact_mailbox (
    device_id BLOB NOT NULL REFERENCES contact_device ON DELETE CASCADE,
    ordinal INTEGER NOT NULL,
    relay TEXT NOT NULL,
    capability BLOB NOT NULL,
    drawer_key BLOB NOT NULL,
    PRIMARY KEY (device_id, ordinal)
) STRICT, WITHOUT ROWID;

-- Capabilities this device gave out. A row outlives its revocation, so that what came by it before
-- is still known for whose it is.
CREATE TABLE capability (
    hash BLOB PRIMARY KEY,
    relay_id BLOB NOT NULL REFERENCES relay ON DELETE CASCADE,
    secret BLOB NOT NULL,
    member_id BLOB,
    invitation BLOB,
    state TEXT NOT NULL CHECK (state IN ('wanted', 'granted', 'unwanted', 'revoked')),
    strikes INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX capability_of ON capability (member_id);
CREATE INDEX capability_at ON capability (relay_id);
CREATE INDEX capability_by ON capability (invitation);

CREATE TABLE invitation (
    secret BLOB PRIMARY KEY,
    relay_id BLOB NOT NULL REFERENCES relay ON DELETE CASCADE,
    uses_left INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    note TEXT NOT NULL,
    made_ms INTEGER NOT NULL
) STRICT;

CREATE TABLE session (
    device_id BLOB NOT NULL,
    session_id TEXT NOT NULL,
    their_olm BLOB NOT NULL,
    pickle BLOB NOT NULL,
    generation INTEGER NOT NULL,
    used_ms INTEGER NOT NULL,
    PRIMARY KEY (device_id, session_id)
) STRICT, WITHOUT ROWID;

-- `counter` and `head` are this device's own chain in the conversation. They outlive the contact:
-- a chain that began anew would not be believed.
CREATE TABLE conversation (
    conversation_id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL,
    counter INTEGER NOT NULL DEFAULT 0,
    head BLOB NOT NULL DEFAULT x'',
    last_position INTEGER NOT NULL DEFAULT 0,
    draft TEXT NOT NULL DEFAULT '',
    touched_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_touched ON conversation (touched_ms);

-- Other devices' chains, as protocol/e2e/chain.py packs them.
CREATE TABLE chain (
    conversation_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    seen BLOB NOT NULL,
    PRIMARY KEY (conversation_id, device_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (
    row INTEGER PRIMARY KEY,
    conversation_id BLOB NOT NULL,
    position INTEGER NOT NULL,
    message_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    sender_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    mine INTEGER NOT NULL,
    counter INTEGER NOT NULL DEFAULT 0,
    previous BLOB NOT NULL DEFAULT x'',
    text TEXT NOT NULL,
    sent_ms INTEGER NOT NULL,
    came_ms INTEGER NOT NULL,
    state TEXT NOT NULL,
    cause TEXT,
    count INTEGER NOT NULL DEFAULT 1,
    late INTEGER NOT NULL DEFAULT 0,
    unread INTEGER NOT NULL DEFAULT 0,
    read_ms INTEGER,
    olm_hash BLOB
) STRICT;
CREATE UNIQUE INDEX message_place ON message (conversation_id, position);
CREATE UNIQUE INDEX message_once ON message (message_id, sender_id, conversation_id);
CREATE INDEX message_counter ON message (conversation_id, device_id, counter) WHERE counter > 0;
CREATE INDEX message_missing ON message (conversation_id, device_id, counter)
    WHERE kind = 'missing';
CREATE INDEX message_unread ON message (conversation_id, position) WHERE unread = 1;
CREATE INDEX message_unopened ON message (olm_hash) WHERE olm_hash IS NOT NULL;
CREATE INDEX message_waiting ON message (state) WHERE state = 'queued';

CREATE VIRTUAL TABLE message_words USING fts5 (
    text, content = 'message', content_rowid = 'row', tokenize = 'unicode61 remove_diacritics 2',
    prefix = '1 2' -- while a word is typed, its first letters are searched as fast as whole words
);
CREATE TRIGGER message_words_added AFTER INSERT ON message BEGIN
    INSERT INTO message_words (rowid, text) VALUES (new.row, new.text);
END;
CREATE TRIGGER message_words_removed AFTER DELETE ON message BEGIN
    INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.row, old.text);
END;
CREATE TRIGGER message_words_changed AFTER UPDATE OF text ON message BEGIN
    INSERT INTO message_words (message_words, rowid, text) VALUES ('delete', old.row, old.text);
    INSERT INTO message_words (rowid, text) VALUES (new.row, new.text);
END;

-- One row per content and recipient device, in the order they were composed. `content` is what
-- will be sealed; `olm_kind` and `olm_body` are there from the moment it was, and are repeated
-- by every retry. A row goes when the contact's own receipt came (messages), or a relay's Stored.
CREATE TABLE outbox (
    entry INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    device_id BLOB NOT NULL,
    message_id BLOB,
    purpose TEXT NOT NULL,
    content BLOB NOT NULL,
    olm_kind INTEGER,
    olm_body BLOB,
    olm_hash BLOB,
    repairs BLOB NOT NULL DEFAULT x'',
    copies INTEGER NOT NULL DEFAULT 0,
    made_ms INTEGER NOT NULL,
    repaired_ms INTEGER,
    stored_ms INTEGER
) STRICT;
CREATE INDEX outbox_unsealed ON outbox (device_id, entry) WHERE olm_body IS NULL;
CREATE INDEX outbox_of ON outbox (device_id, entry);
CREATE INDEX outbox_greeting ON outbox (device_id, entry) WHERE purpose = 'greeting';
CREATE INDEX outbox_member ON outbox (member_id);
CREATE INDEX outbox_made ON outbox (made_ms);
CREATE INDEX outbox_message ON outbox (message_id);
CREATE INDEX outbox_hash ON outbox (olm_hash) WHERE olm_hash IS NOT NULL;
CREATE INDEX outbox_repairs ON outbox (repairs) WHERE repairs <> x'';
CREATE INDEX outbox_stored ON outbox (stored_ms) WHERE stored_ms IS NOT NULL;

-- Sealed envelopes, one per mailbox tried. `due_ms` is when to offer it next; all that waits for one
-- mailbox waits for the same moment, so that nothing overtakes. `unknown` counts the times that the
-- relay did not know the capability, `refusals` the times in a row that it had no room.
CREATE TABLE copy (
    row INTEGER PRIMARY KEY AUTOINCREMENT,
    envelope_id BLOB NOT NULL UNIQUE,
    entry INTEGER NOT NULL REFERENCES outbox ON DELETE CASCADE,
    relay TEXT NOT NULL,
    capability BLOB NOT NULL,
    body BLOB NOT NULL,
    due_ms INTEGER NOT NULL,
    refusals INTEGER NOT NULL DEFAULT 0,
    unknown INTEGER NOT NULL DEFAULT 0,
    stored_ms INTEGER
) STRICT;
CREATE INDEX copy_waiting ON copy (relay, due_ms) WHERE stored_ms IS NULL;
CREATE INDEX copy_of ON copy (entry);

-- Hashes of everything opened in the last 60 days: a known one is acknowledged in silence.
CREATE TABLE opened (
    hash BLOB PRIMARY KEY,
    member_id BLOB NOT NULL,
    message_id BLOB,
    opened_ms INTEGER NOT NULL,
    owed_ms INTEGER NOT NULL -- when a receipt was owed for it last
) STRICT, WITHOUT ROWID;
CREATE INDEX opened_when ON opened (opened_ms);

-- What came and may not be shown under anybody's name.
CREATE TABLE quarantine (
    row INTEGER PRIMARY KEY,
    relay_id BLOB NOT NULL,
    capability BLOB NOT NULL,
    envelope_id BLOB NOT NULL,
    cause TEXT NOT NULL,
    body BLOB NOT NULL,
    came_ms INTEGER NOT NULL
) STRICT;

-- Receipts that are owed.
CREATE TABLE receipt (
    member_id BLOB NOT NULL,
    message_id BLOB NOT NULL,
    read INTEGER NOT NULL,
    PRIMARY KEY (member_id, message_id, read)
) STRICT, WITHOUT ROWID;

-- What to ask a contact's device for again: bytes that did not open, or, where `olm_hash` is
-- missing, whatever is missing in its chain.
CREATE TABLE wish (
    row INTEGER PRIMARY KEY,
    device_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    olm_hash BLOB,
    due_ms INTEGER NOT NULL,
    asked INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX wish_due ON wish (due_ms);
CREATE INDEX wish_of ON wish (device_id, olm_hash);
CREATE INDEX wish_member ON wish (member_id);
CREATE INDEX wish_hash ON wish (olm_hash) WHERE olm_hash IS NOT NULL;
