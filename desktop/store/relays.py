"""My relays: where each is, the pass there, the mailbox, and how far it was read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.nearness import Nearness, nearness
from desktop.store.rows import reads_a_row
from protocol.ids import DrawerId, Fingerprint, MailboxId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress, parse_address


class MyRelay(Struct, frozen=True):
    """One of up to three. ``ready``: the pass was redeemed and the mailbox exists."""

    address: RelayAddress
    ordinal: int
    pass_secret: Secret
    invite_code: Secret
    mailbox: MailboxId
    mailbox_seed: Secret
    drawer: DrawerId
    drawer_key: Secret
    cursor: int
    ready: bool
    may_invite: bool
    last_resort_ms: int | None
    added_ms: int
    reached: Nearness = Nearness.FAR
    carries: bool = True  # packets to other relays, as far as it said
    left_ms: int | None = None  # when the member left it; what still comes is collected

    @property
    def left(self) -> bool:
        """Whether it is collected from for a while yet, and nothing else."""
        return self.left_ms is not None

    @property
    def relay_id(self) -> Fingerprint:
        """A relay is its key."""
        return self.address.fingerprint


_SELECT = (
    "SELECT address, ordinal, pass_secret, invite_code, mailbox_id, mailbox_seed, drawer_id,"
    " drawer_key, cursor, ready, may_invite, last_resort_ms, added_ms,"
    " reached, left_ms, carries FROM relay"
)


@reads_a_row
def _relay(row: tuple[Any, ...]) -> MyRelay:
    (
        address,
        ordinal,
        pass_secret,
        code,
        mailbox,
        seed,
        drawer,
        key,
        cursor,
        ready,
        may,
        last,
        added,
        reached,
        left_ms,
        carries,
    ) = row
    return MyRelay(
        address=parse_address(address),
        ordinal=ordinal,
        pass_secret=Secret(pass_secret),
        invite_code=Secret(code),
        mailbox=MailboxId(mailbox),
        mailbox_seed=Secret(seed),
        drawer=DrawerId(drawer),
        drawer_key=Secret(key),
        cursor=cursor,
        ready=bool(ready),
        may_invite=bool(may),
        last_resort_ms=last,
        added_ms=added,
        reached=Nearness(reached),
        left_ms=left_ms,
        carries=bool(carries),
    )


def add(db: Connection, relay: MyRelay) -> None:
    """A relay, before it was spoken to."""
    db.execute(
        "INSERT INTO relay (relay_id, address, ordinal, pass_secret, invite_code, mailbox_id,"
        " mailbox_seed, drawer_id, drawer_key, cursor, ready, may_invite, added_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            relay.relay_id,
            str(relay.address),
            relay.ordinal,
            bytes(relay.pass_secret),
            bytes(relay.invite_code),
            relay.mailbox,
            bytes(relay.mailbox_seed),
            relay.drawer,
            bytes(relay.drawer_key),
            relay.cursor,
            relay.ready,
            relay.may_invite,
            relay.added_ms,
        ),
    )


def every(db: Connection) -> list[MyRelay]:
    """Those that are in use, in their order."""
    return [_relay(row) for row in db.execute(_SELECT + " WHERE left_ms IS NULL ORDER BY ordinal")]


def collected(db: Connection) -> list[MyRelay]:
    """All from which is collected: those in use, then those that were left."""
    rows = db.execute(_SELECT + " ORDER BY left_ms IS NOT NULL, ordinal")
    return [_relay(row) for row in rows]


def find(db: Connection, relay_id: Fingerprint) -> MyRelay | None:
    """One of them."""
    row = db.execute(_SELECT + " WHERE relay_id = ?", (relay_id,)).fetchone()
    return None if row is None else _relay(row)


def set_ready(db: Connection, relay_id: Fingerprint, may_invite: bool) -> None:
    """The pass is good and the mailbox exists."""
    db.execute(
        "UPDATE relay SET ready = 1, may_invite = ? WHERE relay_id = ?", (may_invite, relay_id)
    )


def set_code(db: Connection, relay_id: Fingerprint, code: Secret) -> None:
    """Another code, as long as none was redeemed for sure."""
    db.execute(
        "UPDATE relay SET invite_code = ? WHERE relay_id = ? AND ready = 0",
        (bytes(code), relay_id),
    )


def set_terms(db: Connection, relay_id: Fingerprint, *, carries: bool, may_invite: bool) -> None:
    """What the pass is good for: packets to other relays, bringing others."""
    db.execute(
        "UPDATE relay SET carries = ?, may_invite = ? WHERE relay_id = ?",
        (carries, may_invite, relay_id),
    )


def set_address(db: Connection, address: RelayAddress) -> None:
    """The same relay answers at another place."""
    db.execute(
        "UPDATE relay SET address = ? WHERE relay_id = ?", (str(address), address.fingerprint)
    )


def leave(db: Connection, relay_id: Fingerprint, now_ms: int | None) -> None:
    """It is not used any more, only collected from; without a time it is used again,
    as the last one."""
    db.execute(
        "UPDATE relay SET left_ms = ?, ordinal = 1 + (SELECT max(ordinal) FROM relay)"
        " WHERE relay_id = ?",
        (now_ms, relay_id),
    )
    # Nobody was told of these, and nothing waits for them to be told.
    db.execute(
        "UPDATE capability SET state = 'revoked' WHERE relay_id = ? AND state = 'wanted'",
        (relay_id,),
    )


def order(db: Connection, relay_ids: Sequence[Fingerprint]) -> None:
    """The order the member wishes; each is named once."""
    for ordinal, relay_id in enumerate(relay_ids):
        db.execute("UPDATE relay SET ordinal = ? WHERE relay_id = ?", (ordinal, relay_id))


def nearest(db: Connection) -> Nearness:
    """How near the nearest of my relays is: by its name, or as it was last reached."""
    near = [max(nearness(one.address.host), one.reached) for one in every(db)]
    return max(near, default=Nearness.FAR)


def set_reached(db: Connection, relay_id: Fingerprint, reached: Nearness) -> None:
    """How near the relay was, when it proved that it is the one."""
    db.execute("UPDATE relay SET reached = ? WHERE relay_id = ?", (int(reached), relay_id))


def set_cursor(db: Connection, relay_id: Fingerprint, cursor: int) -> None:
    """Everything up to here is on disk; committed together with it (transaction 4)."""
    db.execute("UPDATE relay SET cursor = max(cursor, ?) WHERE relay_id = ?", (cursor, relay_id))


def reset_cursor(db: Connection, relay_id: Fingerprint, cursor: int) -> None:
    """The relay was restored and counts anew."""
    db.execute("UPDATE relay SET cursor = ? WHERE relay_id = ?", (cursor, relay_id))


def set_last_resort(db: Connection, relay_id: Fingerprint, now_ms: int) -> None:
    """The drawer holds a last-resort bundle made now."""
    db.execute("UPDATE relay SET last_resort_ms = ? WHERE relay_id = ?", (now_ms, relay_id))


def set_drained(db: Connection, relay_id: Fingerprint, now_ms: int) -> None:
    """The mailbox was empty now."""
    db.execute("UPDATE relay SET drained_ms = ? WHERE relay_id = ?", (now_ms, relay_id))


def remove(db: Connection, relay_id: Fingerprint) -> None:
    """Forget it, with the capabilities and invitations that lead there."""
    db.execute("DELETE FROM relay WHERE relay_id = ?", (relay_id,))
