"""Every sentence of the operator's commands; those of mistakes stand in ``relay.strings``."""

from __future__ import annotations

HELP_INIT = "make a relay in a folder"
HELP_SERVE = "serve until told to stop"
HELP_INVITE = "print a link that lets people in"
HELP_STATUS = "how full the relay is"
HELP_CHECK = "whether settings, keys and store are sound"
HELP_DU = "what takes up room, by kind and by file"
HELP_DOCTOR = "clock, disk, honest fsync, ports, certificate, versions, and what to do"
HELP_BELIEVE = "the clock is right now: let the relay go by it again (stopped only)"
HELP_BACKUP = "copy the relay to a new folder, also while it serves"
HELP_RESTORE = "put a backup into a folder"
HELP_MOVE = "make a last backup for another machine; this folder serves no more"
HELP_OVER_NEWER = "restore although newer data would be gone; has to be said twice"
HELP_UNDO = "the move was given up: let this folder be served again"

HELP_PASSES = "every pass by its handle, and how much of it is used"
HELP_QUOTA = "set how much one pass is good for"
HELP_HANDLE = "a pass, as passes shows it"
HELP_DESTINATION = "a new folder for the copy, outside the relay's own"
HELP_MOVED = "a new folder for the last backup, outside the relay's own"
HELP_SOURCE = "the backup"
HELP_RESTORED = "the relay's folder, new, empty or the relay's own (stopped)"
HELP_BOUNDS = {
    "mailboxes": "how many it may have",
    "bytes": "how much may wait for it, such as 200M",
    "blobs": "how much it may set aside for attachments, such as 2G",
    "invites": "how many people it may let in",
    "forwards": "how many packets for other relays it may hand in, a day",
    "rooms": "how many it may host",
}
BAD_NUMBER = "{text} is no whole number, such as 8, 512K, 200M or 2G."
HELP_BLOCK = "take nothing more for a pass, or let nobody else in by an invitation"
HELP_BLOCKED = "a pass's handle, or an invitation link"
HELP_INVITATIONS = "nobody else comes by any link made until now"
HELP_DRAIN = "let nobody new in, before the relay is given up"
HELP_STOP = "let people in again"

HELD = (
    "{handle}  {used_mailboxes} of {mailboxes} {mailboxes:mailbox|mailboxes}, {used} of {most},"
    " {used_blobs} of {most_blobs} for attachments, {forwards} {forwards:forward|forwards} a day,"
    " {rooms} {rooms:room|rooms}, may invite {invites}"
)
NO_PASSES = "There are no passes yet; let somebody in with: aside-relay invite DIR"
QUOTA_WHAT = (
    "Give at least one of --mailboxes, --bytes, --blobs, --invites, --forwards and --rooms."
)
QUOTA_BOUNDS = "A bound is a whole number from 0 to {count}, or to {size} of bytes."
QUOTA_SET = "Set. What is over a bound stays; nothing more comes until it is below."
BLOCKED = (
    "{handle} is blocked: what waits can still be collected, nothing more is taken for it, and it"
    " lets nobody in. To lift this give it bounds again with: aside-relay quota"
)
CODE_BLOCKED = "Nobody else comes by this code. Whoever came by it keeps a pass of their own."
CODES_BLOCKED = (
    "Nobody else comes by a link made until now; {count} could still be used. Who is in stays in."
)
BLOCK_RELAY = (
    'Another relay is shut out in relay.toml: under [federation] set policy = "block" and name it'
    " in relays, then start the relay again."
)
BLOCK_WHAT = "block wants a handle from passes, an invitation link, or --invitations for all links."
DRAINING = (
    "Nobody new is let in, also after the next start. Tell your members to add another relay and"
    " to remove this one; desktops then tell their contacts, and old mailboxes are emptied for 30"
    " days.\n"
    "Left: {mailboxes} {mailboxes:mailbox|mailboxes} with {envelopes}"
    " {envelopes:envelope|envelopes} ({envelope_size}). At none it may be stopped for good."
)
DRAINED = (
    "People are let in again. There {mailboxes:is|are} {mailboxes} {mailboxes:mailbox|mailboxes}"
    " with {envelopes} {envelopes:envelope|envelopes}."
)

HELP_ROTATE = "new keys, after a breach"
HELP_CERTIFICATE = "a new certificate of the relay's own, with a new key"
HELP_IDENTITY = "a new identity: this becomes another relay, and every address of it changes"
HELP_SEALING = "a new key for packets from other relays; the old ones open what is on its way"
ROTATE_WHAT = (
    "Say what: --certificate, --sealing, or --new-identity (which makes this another relay)."
)
NEW_SEALING = (
    "A new key for packets is in place, which the relay takes at its next start; {old} older"
    " {old:one still opens|ones still open} what was sealed to {old:it|them}, for {days}"
    " {days:day|days} after {old:it was|they were} replaced."
)
FIRST_SEALING = (
    "A new key for packets is in place, which the relay takes at its next start; there was none."
)
ROTATE_NO_TLS = "This relay has no certificate; see tls.certificate in relay.toml."
NEW_CERTIFICATE = (
    "A new certificate for {host} is in place. Members notice nothing: the relay's own key signs"
    " for it, so nobody has to be told. A relay at work takes it within a minute, or at once on"
    " SIGHUP."
)
NEW_IDENTITY = (
    "This is another relay now: {new}\n"
    "Whoever has the old address refuses it, as they should: the old key may be in strange hands."
    " Tell your members the new address by a way you trust. Every invitation is void; {codes} could"
    " still be used.\n"
    "Each member adds the new address by a new invitation and removes the old one; their contacts"
    " are told by their desktop. Mail that waits here is out of their reach; what was not delivered"
    " is offered again by the senders' desktops."
)
OLD_IDENTITY = "The old key lies in {aside}; remove it once nobody needs the way back."
RENEW_THE_REST = "Renew the rest as well: aside-relay rotate {folder} --certificate, and --sealing"

CHECK_SETTINGS = "settings"
CHECK_KEY = "key"
CHECK_CERTIFICATE = "certificate"
CHECK_STORE = "store"
CHECK_BACKUP = "backup"
CHECK_BLOBS = "attachments"
CHECK_NOT_LOOKED = "not looked at, since relay.toml says where it is"
CHECK_FINE = "ok"
KEY_TOO_OPEN = "Others on this machine may read {about}; run: chmod 600 {about}"
CERTIFICATE_OLD = "The certificate is not valid today; the relay will not start again with it."
STORE_DAMAGED = "SQLite finds the store damaged; restore it from a backup. What is left:"
CHUNKS_LOST = (
    "{count} {count:chunk|chunks} of attachments {count:is|are} missing or damaged, {sound}"
    " {sound:is|are} sound. The relay hands nothing damaged out; whoever sent them can put them"
    " again, and all else is untouched."
)
CHUNKS_UNREADABLE = "Attachments cannot be looked at ({about})."
STORE_LOST = "Nothing of the store can be read ({about}); restore it from a backup."
READ_WHOLE = "  {table}: all {count} can be read"
READ_PART = "  {table}: {count} can be read, the rest is damaged"

STATUS = """\
{running} at {address}
{envelopes} {envelopes:envelope waits|envelopes wait} ({envelope_size}) \
in {mailboxes} {mailboxes:mailbox|mailboxes}
{packets} {packets:packet waits|packets wait} ({packet_size}) for other relays, \
{answers} {answers:answer|answers} for {answers:its sender|their senders}
{blobs} {blobs:attachment has|attachments have} {blob_size} set aside
{rooms} {rooms:room|rooms} ({ended_rooms} ended) with {room_seats} \
{room_seats:seat|seats} and {room_items} {room_items:entry|entries} ({room_size})
{passes} {passes:pass|passes}, {codes} {codes:code|codes}, \
{capabilities} {capabilities:capability|capabilities}, {bundles} {bundles:bundle|bundles}"""
STATUS_PULSE = "{connections} {connections:connection|connections} now, at work for {time}"
STATUS_ROOMS = (
    "{rooms_at_hand} {rooms_at_hand:room|rooms} at work, {seated}"
    " {seated:person sits|people sit} in {rooms_at_hand:it|them}"
)
SECONDS = "less than a minute"
MINUTES = "{count} {count:minute|minutes}"
HOURS = "{count} {count:hour|hours}"
DAYS = "{count} {count:day|days}"
STATUS_FULL = (
    "nothing new is taken, since the disk takes none or is short; see: aside-relay doctor DIR"
)
STATUS_MOVED = (
    "moved away, and not served from here; if that was given up: aside-relay move DIR --undo"
)
STATUS_DRAINING = "nobody new is let in; to end that: aside-relay drain DIR --stop"
RUNNING = "running"
NOT_RUNNING = "not running"

KINDS = {
    "envelopes": "envelopes that wait",
    "ids": "ids remembered of what came",
    "bundles": "one-time bundles",
    "bundle_digests": "bundles remembered",
    "last_resort_bundles": "last-resort bundles",
    "packets": "packets that wait for other relays",
    "answers": "answers that wait for their senders",
    "room_items": "entries of rooms, sealed",
    "room_letters": "letters that wait in rooms, sealed",
    "room_seats": "names, cards and keys of seats, sealed or signed",
    "room_orders": "orders of rooms",
}
UNITS = (
    "{count} {count:byte|bytes}",
    "{number} KiB",
    "{number} MiB",
    "{number} GiB",
    "{number} TiB",
)
DU_KIND = "{size:>12}  {kind} ({count})"
DU_BLOBS = "{size:>12}  set aside for attachments ({count}), of {limit} allowed (limits.blob_bytes)"
DU_COUNTED = "{size:>12}  counted in all, of {limit} allowed (limits.stored_bytes)"
DU_FILE = "{size:>12}  on disk: {name}"
DU_FREE = "{size:>12}  free on this disk"

BACKED_UP = (
    "{files} {files:file|files} ({size}) {files:is|are} in {destination}, read again and sound.\n"
    "Keep it as safe as the relay itself: its keys are in it."
)
OUTSIDE = "Not in it, because it lies outside the relay's folder: {name}"
RESTORED = (
    "{source} is restored in {folder}. What came to the relay after the backup was made is not in"
    " it; desktops offer again what was never delivered.\n"
    "Look at it with: aside-relay check {folder}\n"
    "Start it with:   aside-relay serve {folder}"
)
REPLACED = "What was there before lies in {replaced}; remove it once all is well."
MOVE_WHERE = "Either say where the last backup goes (move DIR DEST) or give --undo."
MOVING = (
    "{files} {files:file|files} ({size}) {files:is|are} in {destination}, read again and sound;"
    " {folder} serves no more.\n"
    "On the other machine:\n"
    "  1. bring {destination} there by a way nobody else can read (its keys are in it)\n"
    "  2. aside-relay restore {destination} DIR\n"
    "  3. look at relay.public_url and relay.listen in DIR/relay.toml: members reach it at the\n"
    "     address they know, so let its name lead to the new machine, or tell them the new one\n"
    "  4. aside-relay doctor DIR, then aside-relay serve DIR\n"
    "Then remove both {folder} and the backup here. If the move is given up before that:\n"
    "  aside-relay move {folder} --undo"
)
MOVE_UNDONE = "This folder may be served again. See that no copy of it is at work elsewhere."

INIT_LOCAL = "It listens for this machine alone."
INIT_GUESSED = (
    "People will look for it at {host}: no --public-url was given. If others know this machine by"
    " another name, set public_url in {settings} before you invite anybody."
)
INIT_NEXT = "Next: aside-relay serve {folder}"
INIT_THEN = "Then, in another terminal: aside-relay invite {folder}"
NO_PATH = "An empty path is none; name a folder, or say . for the current one."
BAD_NAME = "A relay's name has letters or digits, and is one line without control characters."
BAD_DURATION = "--expires wants a time like 30m, 12h or 7d, at most 90d."
BAD_OPTION = "{option} must be {expected}."
BAD_USES = "--uses wants a number from 1 to 100000."
