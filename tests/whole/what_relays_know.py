"""What relays hear, say and keep, field by field: the one list, and the observation tests hold it.

Whoever adds a field here adds something that a relay knows. ``a.b`` is the field ``b`` of what
stands in ``a``; what is sealed is not looked into, what is only signed is.
"""

from __future__ import annotations

from typing import TypeAlias

Fields: TypeAlias = dict[str, set[str]]

# The headers that a line begins with, of desktops and of relays, and of the answer to them.
UPGRADE = {"host", "upgrade", "connection", "sec-websocket-key", "sec-websocket-version"}
UPGRADED = {"date", "upgrade", "connection", "sec-websocket-accept"}

_HELLO: Fields = {"hello": {"versions", "nonce"}}
_WELCOME: Fields = {
    "welcome": {"statement", "signature"}
    | {f"statement.{each}" for each in ("version", "relay", "nonce", "certificate", "clock_ms")}
}
_CARD: Fields = {
    "card": {"call", "body", "signature", "body.relay", "body.sealing", "body.made_ms"},
}

# From a desktop of its own, about itself: moving in, being reached, collecting.
OF_ITS_MEMBERS: Fields = {
    **_HELLO,
    "redeem": {"call", "code", "pass_secret"},
    "invite": {"call", "pass_secret", "code_hash", "uses", "expires_ms"},
    "create_mailbox": {"call", "pass_secret", "mailbox", "signature"},
    "open_mailbox": {"call", "mailbox", "signature", "after"},
    "grant": {"call", "mailbox", "capability", "drawer", "policy"}
    | {
        f"policy.{each}"
        for each in ("deposits", "bundles", "pending", "burst", "each_ms", "expires_ms")
    },
    "revoke": {"call", "mailbox", "capability"},
    "stock": {"call", "mailbox", "drawer", "bundles", "last_resort"},
    "empty_drawer": {"call", "mailbox", "drawer"},
    "acknowledge": {"call", "mailbox", "up_to"},
    "publish": {"call", "pass_secret", "slots", "slots.write", "slots.blob", "slots.lasts_s"},
    "show_practices": {"call"},
    "ping": {"call"},
}
# From a desktop of its own, for other relays.
FOR_OTHERS: Fields = {
    "find_card": {"call", "pass_secret", "destination"},
    "forward": {"call", "pass_secret", "destination", "ticket", "packet"},
    "fetch_answers": {"call", "secrets"},
    "forget_answers": {"call", "secrets"},
    "pass_on": {"call", "pass_secret", "destination", "packet"},
    "let_go": {"call", "watch"},
}
# And what it says to it.
TO_ITS_MEMBERS: Fields = {
    **_WELCOME,
    **_CARD,
    "redeemed": {"call", "mailboxes", "stored_bytes", "may_invite"}
    | {"forwards", "rooms", "blob_bytes"},
    "opened": {"call", "after", "waiting"},
    "stocked": {"call", "bundles"},
    "delivery": {"mailbox", "sequence", "capability", "envelope_id", "body"},
    "signalled": {"mailbox", "capability", "body"},
    "practices": {"call", "body", "signature"}
    | {f"body.{each}" for each in ("relay", "name", "about", "open", "kept")}
    | {f"body.kept.{each}" for each in ("what", "longest_s", "sealed", "on_disk")},
    "accepted": {"call"},
    "answered": {"ticket", "outcome", "answer"},
    "answers": {"call", "found", "found.ticket", "found.outcome", "found.answer", "unknown"},
    "carried": {"call", "answer"},
    "told": {"watch", "answer", "over"},
    "noted": {"call"},
    "done": {"call"},
    "refused": {"call", "reason", "name"},
    "pong": {"call"},
}

# From a desktop of its own now and then: attachments, and leaving for good.
AT_TIMES: Fields = {
    "open_blob": {"call", "pass_secret", "blob", "writer", "chunks", "stay_s"},
    "put_chunk": {"call", "writer", "number", "body"},
    "delete_blob": {"call", "writer"},
    "delete_mailbox": {"call", "mailbox"},
}
# From anybody who has a secret, on a line of its own: the direct way, where both people use this
# relay and the one who writes has no other. It goes by what stands in packets otherwise, and the
# relay can tell by the address who comes.
THE_DIRECT_WAY: Fields = {
    **_HELLO,
    "deposit": {"call", "capability", "envelope_id", "body"},
    "take_bundle": {"call", "capability"},
    "watch": {"call", "slot"},
    "watch_room": {"call", "capability"},
    "signal": {"call", "capability", "body"},
    "let_go": {"call", "watch"},
    "show_blob": {"call", "name"},
    "get_chunk": {"call", "name", "number"},
    "ping": {"call"},
}
# And what is said to whoever came by any of these.
TO_ANYBODY: Fields = {
    **_WELCOME,
    "stored": {"call"},
    "bundle_taken": {"call", "body", "last_resort"},
    "watching": {"call", "blob"},
    "told": {"watch", "answer", "over"},
    "noted": {"call"},
    "blob_shown": {"call", "chunks", "there", "stay_s"},
    "chunk": {"call", "body"},
    "continue": {"capability"},
    "done": {"call"},
    "refused": {"call", "reason", "name"},
    "pong": {"call"},
    "farewell": {"reason", "retry_ms"},
}

# From another relay, and what is said to it.
FROM_A_RELAY: Fields = {
    **_HELLO,
    "introduce": {"call", "relay", "signature"},
    "show_card": {"call"},
    "carry": {"call", "packet", "fleeting"},
    "let_go": {"call", "watch"},
    "ping": {"call"},
}
# And of what is stored: only what is not says that it is fleeting.
OF_WHAT_IS_STORED: Fields = {"carry": {"call", "packet"}}
TO_A_RELAY: Fields = {
    **_WELCOME,
    **_CARD,
    "done": {"call"},
    "carried": {"call", "answer"},
    "told": {"watch", "answer", "over"},
    "noted": {"call"},
    "pong": {"call"},
}
# What comes by a moment of its own, or not at all.
BY_CHANCE = {"ping", "pong", "let_go", "told", "answers", "refused"}

# What it finds in packets.
IN_PACKETS: Fields = {
    "deposit": {"call", "capability", "envelope_id", "body"},
    "take_bundle": {"call", "capability"},
    "show_blob": {"call", "name"},
    "put_chunk": {"call", "writer", "number", "body"},
    "get_chunk": {"call", "name", "number"},
    "watch": {"call", "slot"},
    "watch_room": {"call", "capability"},
    "signal": {"call", "capability", "body"},
}

# What it keeps of its own people, whether anybody writes or not.
FURNITURE: Fields = {
    "pass": {"row", "hash", "mailboxes", "stored_bytes", "invites", "rooms", "blob_bytes"}
    | {"forwards", "forward_bytes", "forward_day", "forwarded", "reached"},
    "code": {"hash", "uses", "expires_ms", "invites"},
    "mailbox": {"row", "id", "pass", "forgotten", "ids_forgotten"},
    "capability": {"row", "hash", "mailbox", "drawer", "policy", "revoked", "deposited", "taken"}
    | {"granted_ms", "rested_ms"},
    "bundle": {"row", "mailbox", "drawer", "digest", "age_ms", "size", "body"},
    "last_resort": {"mailbox", "drawer", "body"},
    "moment": {"row", "wall_ms", "age_ms"},
    "sqlite_sequence": {"name", "seq"},
}

# What it keeps of a packet of theirs: while it waits, when it is answered, when its sender knows.
DESTINATION = {"row", "address", "used_ms"}
PACKET = {"row", "ticket", "destination", "pass", "age_ms", "size", "body"}
ANSWER = {"row", "ticket", "pass", "age_ms", "outcome", "size", "body"}
WHILE_IT_WAITS: Fields = {"destination": DESTINATION, "packet": PACKET}
WHEN_ANSWERED: Fields = {"destination": DESTINATION, "answer": ANSWER}
AFTERWARDS: Fields = {"destination": DESTINATION}

# What it keeps of what is for them: of a message until it is collected, and of it for 60 days.
ENVELOPE = {"row", "mailbox", "number", "capability", "size", "age_ms", "id", "body"}
TAIL = ENVELOPE - {"body"} | {"deposited", "rested_ms"}
COLLECTED: Fields = {"tail": TAIL}
NOT_COLLECTED: Fields = {"envelope": ENVELOPE, "tail": TAIL}
OF_AN_ATTACHMENT: Fields = {
    "blob": {"row", "hash", "writer", "pass", "chunks", "ends_ms"},
    "chunk": {"blob", "number", "digest"},
}

# And what it keeps of all of these by and by: where envelopes wait once they were sorted, the ids
# of what came, attachments that are over until their files are gone, and when a pass of an open
# relay lapses, on which no mailbox was made.
BY_AND_BY: Fields = {
    "queued": {"mailbox", "number", "capability", "size", "envelope"},
    "seen": {"mailbox", "id", "age_ms"},
    "blob_gone": {"row"},
    "pass": {"lapses_ms"},
}

HEARD = (OF_ITS_MEMBERS, FOR_OTHERS, AT_TIMES, THE_DIRECT_WAY, FROM_A_RELAY, IN_PACKETS)
SAID = (TO_ITS_MEMBERS, TO_ANYBODY, TO_A_RELAY)
KEPT = (FURNITURE, WHILE_IT_WAITS, WHEN_ANSWERED, NOT_COLLECTED, OF_AN_ATTACHMENT, BY_AND_BY)

# What it holds of a slot, in memory, while it lasts.
OF_A_SLOT = {"blob", "until_ms", "owner"}


def every(*known: Fields) -> Fields:
    """All of these, without what stands in fields."""
    found: Fields = {}
    for each in known:
        for name, fields in each.items():
            found.setdefault(name, set()).update(field for field in fields if "." not in field)
    return found


def only(known: Fields, *names: str) -> Fields:
    """A few of them."""
    return {name: known[name] for name in names}
