"""Every sentence of the operator's commands; those of mistakes stand in ``relay.strings``."""

from __future__ import annotations

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
BAD_NUMBER = "{text} is no whole number, such as 8, 512K, 200M or 2G"
HELP_BLOCK = "take nothing more for a pass, or let nobody else in by an invitation"
HELP_BLOCKED = "a pass's handle, or an invitation link"
HELP_INVITATIONS = "nobody else comes by any link made until now"
HELP_DRAIN = "let nobody new in, before the relay is given up"
HELP_STOP = "let people in again"

HELD = (
    "{handle}  {used_mailboxes} of {mailboxes} mailboxes, {used} of {most}, {used_blobs} of"
    " {most_blobs} for attachments, {forwards} forwards a day, {rooms} rooms, may invite {invites}"
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
    "Left: {mailboxes} mailboxes with {envelopes} envelopes ({envelope_bytes} bytes). At none it"
    " may be stopped for good."
)
DRAINED = "People are let in again. There are {mailboxes} mailboxes with {envelopes} envelopes."

HELP_ROTATE = "new keys, after a breach"
HELP_CERTIFICATE = "a new certificate of the relay's own, with a new key"
HELP_IDENTITY = "a new identity: this becomes another relay, and every address of it changes"
HELP_SEALING = "a new key for packets from other relays; the old ones open what is on its way"
ROTATE_WHAT = (
    "Say what: --certificate, --sealing, or --new-identity (which makes this another relay)."
)
NEW_SEALING = (
    "A new key for packets is in place, which the relay takes at its next start; {old} older ones"
    " still open what was sealed to them, for {days} days after they were replaced."
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
    " Tell your members the new address by a way you trust. Invitations that were not used are"
    " void.\n"
    "Each member adds the new address by a new invitation and removes the old one; their contacts"
    " are told by their desktop. Mail that waits here is out of their reach; what was not delivered"
    " is offered again by the senders' desktops.\n"
    "The old key lies in {aside}; remove it once nobody needs the way back. Renew the rest as"
    " well: aside-relay rotate {folder} --certificate, and --sealing"
)

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
    "{count} chunks of attachments are missing or damaged, {sound} are sound. The relay hands none"
    " of those out; whoever sent them can put them again, and all else is untouched."
)
CHUNKS_UNREADABLE = "Attachments cannot be looked at ({about})."
STORE_LOST = "Nothing of the store can be read ({about}); restore it from a backup."
READ_WHOLE = "  {table}: all {count} can be read"
READ_PART = "  {table}: {count} can be read, the rest is damaged"

STATUS = """\
{running} at {address}
{envelopes} envelopes ({envelope_bytes} bytes) wait in {mailboxes} mailboxes
{packets} packets ({packet_bytes} bytes) wait for other relays, {answers} answers for their senders
{blobs} attachments have {blob_bytes} bytes set aside
{passes} passes, {codes} codes, {capabilities} capabilities, {bundles} bundles"""
STATUS_PULSE = "{connections} connections now, at work for {hours} hours"
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
}
DU_KIND = "{size:>12}  {kind} ({count})"
DU_BLOBS = "{size:>12}  set aside for attachments ({count}), of {limit} allowed (limits.blob_bytes)"
DU_COUNTED = "{size:>12}  counted in all, of {limit} allowed (limits.stored_bytes)"
DU_FILE = "{size:>12}  on disk: {name}"
DU_FREE = "{size:>12}  free on this disk"

BACKED_UP = (
    "{files} files ({size}) are in {destination}, read again and sound.\n"
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
    "{files} files ({size}) are in {destination}, read again and sound; {folder} serves no more.\n"
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

GRADES = {"ok": "ok     ", "warning": "look   ", "wrong": "WRONG  ", "unknown": "unknown"}
CLOCK_BELIEVED = "From its next start the relay goes by this machine's clock."
DOCTOR_LINE = "{grade} {subject}: {sentence}"

DOCTOR = {
    "clock_plausible": "later than all that this relay has written",
    "clock_early": "this machine lives before Aside was made; set its clock and keep it by NTP",
    "clock_behind": (
        "{hours} hours behind what this relay has already written; set the clock and keep it by NTP"
    ),
    "clock_disbelieved": (
        "{hours} hours behind what the relay wrote down, though not behind its files: it once ran"
        " with a clock that was ahead and goes by that, so invitations made since count as too old;"
        " if the clock is right now, stop the relay and say so: aside-relay doctor DIR"
        " --believe-clock"
    ),
    "clock_kept": "the system keeps it right",
    "clock_alone": (
        "nothing keeps it right; turn on NTP: systemctl enable --now systemd-timesyncd"
    ),
    "clock_unknown": "this system does not tell whether anything keeps it right; see that NTP runs",
    "disk_free": "{free} free",
    "disk_little": "only {free} free; make room, or members will soon be asked to wait",
    "disk_full": (
        "only {free} free, {min_free} are kept for deletes: nothing new is taken; make room"
    ),
    "disk_memory": (
        "the folder lies in memory ({filesystem}) and is gone with the next start; put it on a disk"
    ),
    "disk_far": (
        "the folder lies on another machine's disk ({filesystem}), where neither locks nor fsync"
        " can be trusted; put it on a disk of this machine"
    ),
    "disk_overlay": (
        "the folder lies in a container's own layer and may go with it; put it on a volume"
    ),
    "fsync_honest": "{median_us} µs for a write (1 in 100 takes over {p99_us} µs)",
    "fsync_lies": (
        "{median_us} µs for a write: no disk is so fast, something answers before it is there and"
        " a power cut loses what was promised; look for eatmydata, a write cache without a battery,"
        " or a virtual disk that ignores flushes"
    ),
    "fsync_slow": (
        "{median_us} µs for a write: everybody waits for this disk; a faster one would help"
    ),
    "fsync_fails": "the folder cannot be written; look at its owner and at the disk",
    "not_running": "the relay is not running; {host}:{port} is free; start it with serve",
    "port_taken": (
        "{host}:{port} cannot be had: another program has it, or no such address is here; change"
        " relay.listen or stop the other one"
    ),
    "port_forbidden": (
        "this user may not listen on port {port}; take one above 1023 or give the service"
        " CAP_NET_BIND_SERVICE"
    ),
    "here_reached": "{host}:{port} answers and proves to be this relay",
    "here_silent": "nobody answers on {host}:{port} although the relay runs; see its log",
    "here_strange": "what answers on {host}:{port} is no relay; see relay.listen",
    "here_other": (
        "what answers on {host}:{port} is another relay, or shows another certificate; start this"
        " one again"
    ),
    "public_reached": "{host}:{port} leads here from this machine, certificate and key are right",
    "public_silent": (
        "{host}:{port} does not answer from here; some routers lead nobody back to their own"
        " network, so try from elsewhere, then look at firewall and port forwarding"
    ),
    "public_strange": (
        "what answers at {host}:{port} is no relay; a proxy must pass WebSockets on, and the name"
        " must lead here"
    ),
    "public_other": (
        "what answers at {host}:{port} is another relay or shows another certificate; members would"
        " refuse it. See where the name leads"
    ),
    "public_loopback": (
        "{host} is this machine only; for others set relay.public_url and relay.listen"
    ),
    "public_private": (
        "{host} is an address of a private network; members elsewhere need another one in"
        " relay.public_url"
    ),
    "public_unknown": (
        "no name server knows {host}; set relay.public_url to a name or address that others know"
    ),
    "certificate_good": "good for {days} more days",
    "certificate_soon": "ends in {days} days; renew it",
    "certificate_expired": (
        "its time is over; renew it, or make one of its own: aside-relay rotate DIR --certificate"
    ),
    "certificate_early": "its time has not come; look at the clock and at the certificate",
    "certificate_unfit": (
        "does not name {host}; desktops do not mind, since the relay's key signs for it, but"
        " browsers and proxies do"
    ),
    "certificate_bad": "{path} or its key is missing or damaged; see tls.certificate and tls.key",
    "certificate_mismatched": "the key in tls.key does not belong to {path}",
    "certificate_none": "none: plain WebSocket, which is for this machine or a proxy on it",
    "versions": "aside {aside}, Python {python}, SQLite {sqlite}, {openssl}",
    "versions_unsound": "SQLite {sqlite} may lose data; install sqlcipher3 with {sound} or newer",
    "files_enough": "enough for {connections} connections",
    "files_few": (
        "the system allows {files}, limits.connections is {connections}; raise LimitNOFILE of the"
        " service or lower the setting"
    ),
    "secrets_closed": "keys and store are for this user only",
    "secrets_open": "others on this machine may read {names}; run chmod 600 on them",
    "moved": "this folder was moved away and is not served; if that was given up: move --undo",
}
