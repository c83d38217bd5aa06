"""Capabilities this device gave out, and invitations; what its relays have yet to be told."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.rows import reads_a_row
from protocol.ids import CapabilityHash, Fingerprint, MemberId
from protocol.keys import Domain, Secret, digest


class Grant(Enum):
    """What the relay knows of a capability."""

    WANTED = "wanted"  # the relay has yet to be told
    GRANTED = "granted"
    UNWANTED = "unwanted"  # to be revoked
    REVOKED = "revoked"

    @property
    def over(self) -> bool:
        """Whether it is not good any more, or soon will not be."""
        return self in (Grant.UNWANTED, Grant.REVOKED)


class Given(Struct, frozen=True):
    """A capability: to a contact, or by an invitation to whoever comes with it."""

    hash: CapabilityHash
    relay_id: Fingerprint
    secret: Secret
    member_id: MemberId | None
    invitation: Secret | None
    state: Grant


class Invitation(Struct, frozen=True):
    """A link that is out."""

    secret: Secret
    relay_id: Fingerprint
    uses_left: int
    expires_ms: int
    note: str


_SELECT = "SELECT hash, relay_id, secret, member_id, invitation, state FROM capability"


def hash_of(secret: bytes) -> CapabilityHash:
    """What a relay keeps of a capability."""
    return CapabilityHash(digest(Domain.CAPABILITY, secret))


@reads_a_row
def _given(row: tuple[bytes, bytes, bytes, bytes | None, bytes | None, str]) -> Given:
    hash_, relay, secret, member, invitation, state = row
    return Given(
        CapabilityHash(hash_),
        Fingerprint(relay),
        Secret(secret),
        None if member is None else MemberId(member),
        None if invitation is None else Secret(invitation),
        Grant(state),
    )


def give(
    db: Connection,
    relay_id: Fingerprint,
    secret: Secret,
    *,
    to: MemberId | None = None,
    by: Secret | None = None,
) -> Given:
    """Note a new capability; its relay is told afterwards."""
    given = Given(hash_of(secret), relay_id, secret, to, by, Grant.WANTED)
    db.execute(
        "INSERT INTO capability (hash, relay_id, secret, member_id, invitation, state)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            given.hash,
            relay_id,
            bytes(secret),
            to,
            None if by is None else bytes(by),
            given.state.value,
        ),
    )
    return given


def find(db: Connection, hash_: CapabilityHash) -> Given | None:
    """The one a delivery came by."""
    row = db.execute(_SELECT + " WHERE hash = ?", (hash_,)).fetchone()
    return None if row is None else _given(row)


def of_member(db: Connection, member_id: MemberId) -> list[Given]:
    """What a contact may use now or soon."""
    rows = db.execute(
        _SELECT + " WHERE member_id = ? AND state IN ('wanted', 'granted')", (member_id,)
    )
    return [_given(row) for row in rows]


def to_tell(db: Connection, relay_id: Fingerprint) -> list[Given]:
    """What this relay has yet to be told."""
    rows = db.execute(
        _SELECT + " WHERE relay_id = ? AND state IN ('wanted', 'unwanted')", (relay_id,)
    )
    return [_given(row) for row in rows]


def granted(db: Connection, hash_: CapabilityHash) -> None:
    """The relay knows it."""
    db.execute(
        "UPDATE capability SET state = 'granted' WHERE hash = ? AND state = 'wanted'", (hash_,)
    )


def take_back(db: Connection, hash_: CapabilityHash) -> None:
    """It shall not be good any more."""
    db.execute(
        "UPDATE capability SET state = 'unwanted' WHERE hash = ? AND state <> 'revoked'", (hash_,)
    )


def take_back_from(db: Connection, member_id: MemberId) -> None:
    """None of what a contact got shall be good any more."""
    db.execute(
        "UPDATE capability SET state = 'unwanted' WHERE member_id = ? AND state <> 'revoked'",
        (member_id,),
    )


def revoked(db: Connection, hash_: CapabilityHash) -> None:
    """The relay takes nothing more by it."""
    db.execute(
        "UPDATE capability SET state = 'revoked' WHERE hash = ? AND state = 'unwanted'", (hash_,)
    )


def strike(db: Connection, hash_: CapabilityHash) -> int:
    """Something came by it that names another member; how often that happened by now."""
    db.execute("UPDATE capability SET strikes = strikes + 1 WHERE hash = ?", (hash_,))
    row = db.execute("SELECT strikes FROM capability WHERE hash = ?", (hash_,)).fetchone()
    return 0 if row is None else int(row[0])


def invite(db: Connection, invitation: Invitation, now_ms: int) -> None:
    """A link goes out."""
    db.execute(
        "INSERT INTO invitation (secret, relay_id, uses_left, expires_ms, note, made_ms)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (
            bytes(invitation.secret),
            invitation.relay_id,
            invitation.uses_left,
            invitation.expires_ms,
            invitation.note,
            now_ms,
        ),
    )


def invitation(db: Connection, secret: Secret) -> Invitation | None:
    """The link a capability stands for."""
    row = db.execute(
        "SELECT secret, relay_id, uses_left, expires_ms, note FROM invitation WHERE secret = ?",
        (bytes(secret),),
    ).fetchone()
    if row is None:
        return None
    raw, relay, uses, expires, note = row
    return Invitation(Secret(raw), Fingerprint(relay), uses, expires, note)


def use(db: Connection, secret: Secret) -> int:
    """Somebody came with the link; how many more may."""
    db.execute(
        "UPDATE invitation SET uses_left = max(0, uses_left - 1) WHERE secret = ?",
        (bytes(secret),),
    )
    left = invitation(db, secret)
    return 0 if left is None else left.uses_left


def withdraw(db: Connection, secret: Secret) -> None:
    """A link that never went out. What its relay may have been told of it is taken back."""
    db.execute("UPDATE capability SET state = 'unwanted' WHERE invitation = ?", (bytes(secret),))
    db.execute("DELETE FROM invitation WHERE secret = ?", (bytes(secret),))


def expire(db: Connection, now_ms: int) -> None:
    """Links past their time shall lead nowhere."""
    db.execute(
        "UPDATE capability SET state = 'unwanted' WHERE state <> 'revoked' AND invitation IN"
        " (SELECT secret FROM invitation WHERE expires_ms < ?)",
        (now_ms,),
    )
