"""Every sentence a relay has for its operator, keyed by type or by setting."""

from __future__ import annotations

from relay import errors

SENTENCES: dict[type[errors.OperatorError], str] = {
    errors.WrongUse: "{about}",
    errors.AlreadyARelay: "{about} already holds a relay; nothing was changed.",
    errors.NotAFolder: "{about} is a file; a relay wants a folder, new or empty.",
    errors.FilledFolder: (
        "{about} holds other files, such as {expected}; a relay wants a folder of its own, new or"
        " empty. Nothing was changed."
    ),
    errors.NotARelay: "There is no relay in {about}; make one with: aside-relay init {about}",
    errors.NotAllowed: (
        "This user may not read {about}; give the command as the user that the relay runs as:"
        " sudo -u USER aside-relay ..."
    ),
    errors.AnothersFolder: (
        "{about} belongs to {expected}, who could not go on with what root writes there; do it"
        " as that user: sudo -u {expected} aside-relay ..."
    ),
    errors.UnreadableProgram: (
        "{expected}, to whom the folder belongs, may not read the program itself, which lies in"
        " {about}; install it where every user may read it, such as /opt/aside."
    ),
    errors.AlreadyRunning: "The relay in {about} is already running.",
    errors.LostSettings: (
        "There is no relay.toml in {about}, though other files of a relay are; restore it from a"
        " backup. An empty one stands for the settings that init writes."
    ),
    errors.UnreadableSettings: "{where}: this is not TOML: {about}.",
    errors.UnencodedSettings: "{where}: this is not text in UTF-8.",
    errors.UnknownSetting: "{where}: there is no setting {about}; there are: {expected}.",
    errors.WrongSetting: "{where}: {about} must be {expected}.",
    errors.NeedsCertificate: (
        "{where}: Without TLS a relay may only listen on this machine; set tls.certificate"
        " or listen on 127.0.0.1."
    ),
    errors.BadKey: "The relay's key {about} is missing or damaged; restore it from a backup.",
    errors.BadCertificate: "The certificate {about} or its key is missing or damaged.",
    errors.MismatchedCertificate: (
        "The key in relay.toml does not belong to the certificate {about}; tls.key must name the"
        " key it was made with."
    ),
    errors.ForeignCertificate: (
        "{about} is not of the relay's own making; renew it where it comes from."
    ),
    errors.ExpiredCertificate: (
        "The certificate {about} is not valid today; renew it, or make one of the relay's own with:"
        " aside-relay rotate {expected} --certificate"
    ),
    errors.NotAnswering: (
        "The relay in {about} runs and does not answer; look at its log, and start it again if it"
        " hangs."
    ),
    errors.NotAnsweringYet: (
        "The relay in {about} was told and does not answer; once it goes on it still does what it"
        " was told. Look at its log, and start it again if it hangs: then give the command again."
    ),
    errors.IsDraining: (
        "The relay in {about} lets nobody new in, so that no link was made; to end that:"
        " aside-relay drain {about} --stop"
    ),
    errors.UnknownPass: "{about} names nothing here; see: aside-relay passes DIR",
    errors.AmbiguousPass: (
        "{about} is the beginning of two handles; give eight more letters of it, from: aside-relay"
        " passes DIR --json"
    ),
    errors.CannotListen: "The relay cannot listen on {about}; look at it with aside-relay doctor.",
    errors.PortTaken: (
        "The relay cannot listen on {about}: something else is there already; stop it, or change"
        " {expected}."
    ),
    errors.PortForbidden: (
        "The relay cannot listen on {about}: this user may not; take a port above 1023, or give the"
        " service CAP_NET_BIND_SERVICE."
    ),
    errors.NotOurAddress: (
        "The relay cannot listen on {about}: this machine has no such address; change {expected}."
    ),
    errors.PortUnknown: (
        "The relay chooses its port when it starts; start it first, or set relay.listen."
    ),
    errors.OlderStore: "The store is of an older version; start the relay once to renew it.",
    errors.CannotWrite: "Writing to {about} failed; is there room, and may this user write there?",
    errors.DestinationTaken: "{about} is there already; a backup wants a new folder.",
    errors.WithinItself: "{about} lies inside the relay's own folder; a backup does not.",
    errors.NotABackup: "{about} is no backup that was finished; nothing was changed.",
    errors.ClosedBackup: "The relay's user may not read {about}; chown -R USER {about} lets it.",
    errors.IsABackup: (
        "{about} is a backup, which is only good while nothing works on it; put it into a folder of"
        " its own: aside-relay restore {about} DIR"
    ),
    errors.BackupDamaged: "The backup's {about} is not what it was; nothing was changed.",
    errors.NewerData: (
        "The relay in {about} may hold what came after the backup, and that would be gone; nothing"
        " was changed. To restore all the same give --over-newer twice."
    ),
    errors.AnotherRelay: (
        "{about} holds another relay than the backup's, with another key; nothing was changed."
    ),
    errors.MovedAway: (
        "The relay was moved away from {about}; serve it from its new place, and only there. If the"
        " move was given up: aside-relay move {about} --undo"
    ),
    errors.NewerStore: "The store was written by a newer version; it was not touched.",
    errors.NotAStore: (
        "The store is missing or damaged ({about}) and was not touched; look at it with aside-relay"
        " check, and restore a backup if need be."
    ),
    errors.DamagedStore: (
        "The store in {about} is damaged and was not touched; see what can be read with:"
        " aside-relay check {about}"
    ),
    errors.UnsoundSqlite: "This SQLite ({about}) may lose data; install a newer sqlcipher3.",
}

WHERE = "relay.toml"
WHERE_LINE = "relay.toml, line {line}"

SETTINGS: dict[str, str] = {
    "relay.name": "What people see as this relay's name.",
    "relay.about": (
        "What this community is, in a few sentences for the page at the public address.\n"
        "Say who runs it and how they are reached. Plain text; \\n begins a new line."
    ),
    "relay.listen": "Where to listen: HOST:PORT. Port 0 lets the system choose.",
    "relay.public_url": (
        "How others reach it, for instance wss://relay.example.org:7443.\n"
        "Empty: the host and port above."
    ),
    "relay.admission": 'Who gets a pass: "invite" (with a code) or "open" (everybody).',
    "tls.certificate": (
        "Certificate in PEM, from this folder. No authority has to sign it: the relay's key does.\n"
        "A renewed one is taken within a minute, or at once on SIGHUP.\n"
        "Empty: no TLS, which is allowed on this machine only."
    ),
    "tls.key": "The certificate's private key in PEM.",
    "tls.seen": (
        "Behind a proxy that ends TLS: the file of the certificate that the proxy shows. Its hash\n"
        "is what this relay signs. All desktops must come through the proxy, and relay.public_url\n"
        "must name it. Empty: desktops see the certificate above. A proxy that passes TLS on\n"
        "unopened needs nothing here, and is the better choice."
    ),
    "metrics.listen": (
        "Where programs of this machine may ask how the relay does, for instance 127.0.0.1:7444:\n"
        "/healthz, /readyz and, for Prometheus, /metrics. Loopback only.\n"
        "Empty: nowhere, since every program of this machine could read it."
    ),
    "log.form": (
        'How the log on stderr is written: "plain" sentences, or "json", one object a line.\n'
        "Neither names anybody."
    ),
    "passes.mailboxes": "Mailboxes on one new pass; each device of a person has one.",
    "passes.stored_bytes": (
        "Bytes that may wait for one pass; what is remembered of them for 60 days and more counts\n"
        "as 64 bytes an envelope and 128 a bundle."
    ),
    "passes.invites": "How many people somebody who came by the operator's code may let in.",
    "passes.forwards": "Packets for other relays that one pass may hand in each day.",
    "passes.forward_bytes": (
        "Bytes of one pass that may wait for other relays, or for their answers to be fetched;\n"
        "128 more are counted for each packet."
    ),
    "passes.rooms": "Rooms that one new pass may host.",
    "passes.blob_bytes": (
        "Bytes that one new pass may set aside for attachments; a file counts in whole chunks of\n"
        "256 KiB from the moment its sending begins. 0: no attachments."
    ),
    "limits.connections": "Connections at one time.",
    "limits.connections_per_address": (
        "Connections from one address at one time (of IPv6: from one /64).\n"
        "Connections from this machine are not counted by it: a proxy stands for many."
    ),
    "limits.handshakes_per_address": (
        "Connections that one address may begin in a row; ten a second are forgiven.\n"
        "One that never gets to the end of its handshake counts as five."
    ),
    "limits.calls_in_flight": "Requests of one connection that are worked on at one time.",
    "limits.relay_calls_in_flight": "The same on a connection of another relay.",
    "limits.failed_attempts": (
        "How often one connection may name what does not exist; one is forgiven each second."
    ),
    "limits.open_mailboxes": "Mailboxes open on one connection.",
    "limits.passes": (
        "Passes in all. One got without a code lapses after a day without a mailbox."
    ),
    "limits.capabilities": "Capabilities of one mailbox.",
    "limits.bundles": "One-time bundles of one mailbox.",
    "limits.stored_bytes": "Bytes that may wait in all, counted alike.",
    "limits.min_free": (
        "Bytes of the disk that are left free: with less, nothing new is taken, while people\n"
        "still collect and delete. What was given back inside the store counts as free."
    ),
    "limits.keep_days": "Days an envelope waits to be collected.",
    "limits.new_destinations": (
        "Relays that nobody here wrote to before, to which one pass may send in a day."
    ),
    "limits.destination_packets": "Packets that may wait for one other relay.",
    "limits.blob_bytes": "Bytes of attachments in all, beside those that wait in mailboxes.",
    "limits.blob_days": "Days an attachment stays at most; desktops may ask for fewer.",
    "limits.slots": (
        "Slots in memory, in which members' apps let single contacts know that they are there;\n"
        "half a KiB each. 0 for none."
    ),
    "limits.watches": "How many such slots may be watched in all, from here and from other relays.",
    "federation.policy": (
        'Which relays packets are taken from and carried to: "open" (all), "allow" (those below)\n'
        'or "block" (all but those below).'
    ),
    "federation.relays": "Relays by their fingerprints, or by their addresses wss://...#FINGERPRINT.",
    "federation.private": (
        "Whether members may send to relays in private networks and on this machine.\n"
        "A relay that serves this machine only always may."
    ),
    "federation.proxy": (
        "A SOCKS5 proxy for calls to other relays: socks5://HOST:PORT or socks5://NAME:WORD@HOST:PORT.\n"
        "It resolves the names, and has to keep calls out of its own network. Empty: none."
    ),
}

TOML_HEAD = "# Settings of an Aside relay. They are read when it starts."
ONE_SENTENCE_ERROR = "aside-relay: {sentence}"
BROKEN = "The relay met an error of its own and stopped: {place}."
LISTENING = "listening on {address}"

LOG_CERTIFICATE = "the certificate was renewed; new connections are served with it"
LOG_BAD_CERTIFICATE = (
    "the new certificate or its key is missing, damaged, or does not fit the other;"
    " the one before is served on"
)
LOG_STARTED = "serving"
LOG_STOPPING = "stopping"
LOG_STOPPED = "stopped"
LOG_STORE_FAILS = "the store cannot write at the moment (%s); senders are asked to wait"
LOG_STORE_BACK = "the store can write again"
LOG_SHORT = "the disk has less room than limits.min_free; senders are asked to wait"
LOG_ROOM_BACK = "the disk has room again"
LOG_CHUNK = "a chunk of an attachment cannot be written or read at the moment (%s)"
LOG_CHUNK_LOST = (
    "a chunk of an attachment is not what was put; it counts as not there, and can be put again"
)
LOG_STORE_READ = "a mailbox cannot be read at the moment (%s)"
LOG_WRONG_RELAY = (
    "a relay that packets wait for shows another key or certificate than its address promises"
)
LOG_CHECKPOINT = "a checkpoint of the store was put off (%s)"
LOG_BUG = "a request met an error of the relay's own: %s"
LOG_LIBRARY = "a library reports something: %s, at %s"
LOG_CLOCK = (
    "this machine's clock jumped by more than an hour;"
    " nothing expires by it until the relay is started again"
)

PROGRAM = "The post office of Aside: queues sealed envelopes for people it does not know."

NOT_UNDERSTOOD = "{message}; what can be said: {program} --help"
HELP_DIR = "the relay's folder"
HELP_NAME = "what people see as this relay's name (%(default)s)"
HELP_LISTEN = (
    "where to listen (%(default)s); on 127.0.0.1 it is for this machine alone and needs no"
    " certificate; port 0: a free one is chosen, and kept as long as it stays free"
)
HELP_PUBLIC_URL = (
    "how others reach it, for instance wss://relay.example.org:7443; it stands in every invitation"
)
HELP_OPEN = "everybody may have a mailbox"
HELP_INVITE_ONLY = "only who comes with an invitation may have one; so it is without either"
HELP_USES = "how many people may use the link, up to 100000 (%(default)s)"
HELP_EXPIRES = "for how long: 30m, 12h or 7d, up to 90d (%(default)s)"
HELP_VERSION = "which version this is"
HELP_JSON = "for programs: one JSON object"

BAD_LISTEN = "an address HOST:PORT"
BAD_LINE = "one line of text that is not empty"
BAD_PLAIN = (
    "an address like wss://HOST:PORT; ws:// is for a relay without tls.certificate, on this machine"
)
BAD_LOOPBACK = "an address HOST:PORT on this machine, like 127.0.0.1:7444"
BAD_PROXY = "the address of the proxy whose certificate tls.seen is, like wss://HOST"
BAD_URL = "an address like wss://HOST:PORT"
BAD_ADMISSION = '"invite" or "open"'
BAD_FORM = '"plain" or "json"'
BAD_TEXT = "a text"
BAD_FLAG = "true or false"
BAD_LIST = "a list of texts"
BAD_POLICY = '"open", "allow" or "block"'
BAD_RELAYS = "a list of fingerprints or addresses wss://HOST:PORT#FINGERPRINT"
BAD_LENGTH = "a text of at most {most} characters"
BAD_SOCKS = "an address like socks5://HOST:PORT"
BAD_NUMBER = "a whole number from {low} to {high}"


def sentence(exc: errors.OperatorError) -> str:
    """What to tell the operator about this error."""
    where = WHERE_LINE.format(line=exc.line) if exc.line else WHERE
    return SENTENCES[type(exc)].format(about=exc.about, expected=exc.expected, where=where)
