"""Contacts, their devices, and where those collect."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from protocol.e2e.devices import SignedDeviceList
from protocol.ids import ConversationId, DeviceId, MemberId
from protocol.keys import Secret


class KnownContact(Struct, frozen=True):
    """A contact as the vault knows it. ``gone``: why nothing reaches them any more."""

    member_id: MemberId
    name: str
    renamed: bool
    conversation_id: ConversationId
    device_list: SignedDeviceList
    list_version: int
    pending: bool
    verified_ms: int | None
    gone: str | None
    blocked_ms: int | None = None

    @property
    def blocked(self) -> bool:
        """Whether nothing of theirs is taken, and nothing of mine goes to them."""
        return self.blocked_ms is not None


class ContactDevice(Struct, frozen=True):
    """One device of a contact: its keys, and what it has been told."""

    device_id: DeviceId
    member_id: MemberId
    olm_key: bytes
    sealing_public: bytes
    sealing_made_ms: int
    told_sealing_key: bytes | None
    asked_repair_ms: int | None


class ContactMailbox(Struct, frozen=True):
    """Where a device collects: a relay's address, the capability, the key of its drawer."""

    relay: str
    capability: Secret
    drawer_key: Secret


_CONTACT = (
    "SELECT member_id, name, renamed, conversation_id, device_list, device_list_signature,"
    " list_version, pending, verified_ms, gone, blocked_ms FROM contact"
)
_DEVICE = (
    "SELECT device_id, member_id, olm_key, sealing_public, sealing_made_ms, told_sealing_key,"
    " asked_repair_ms FROM contact_device"
)


def _contact(
    row: tuple[bytes, str, int, bytes, bytes, bytes, int, int, int | None, str | None, int | None],
) -> KnownContact:
    member, name, renamed, conversation, body, signature, version, pending, verified = row[:9]
    gone, blocked_ms = row[9:]
    return KnownContact(
        MemberId(member),
        name,
        bool(renamed),
        ConversationId(conversation),
        SignedDeviceList(body=body, signature=signature),
        version,
        bool(pending),
        verified,
        gone,
        blocked_ms,
    )


def _device(row: tuple[bytes, bytes, bytes, bytes, int, bytes | None, int | None]) -> ContactDevice:
    device, member, olm, public, made, told, asked = row
    return ContactDevice(DeviceId(device), MemberId(member), olm, public, made, told, asked)


def add(db: Connection, contact: KnownContact, now_ms: int) -> None:
    """A new contact."""
    db.execute(
        "INSERT INTO contact (member_id, name, renamed, conversation_id, device_list,"
        " device_list_signature, list_version, pending, verified_ms, gone, added_ms)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            contact.member_id,
            contact.name,
            contact.renamed,
            contact.conversation_id,
            contact.device_list.body,
            contact.device_list.signature,
            contact.list_version,
            contact.pending,
            contact.verified_ms,
            contact.gone,
            now_ms,
        ),
    )


def find(db: Connection, member_id: MemberId) -> KnownContact | None:
    """One contact."""
    row = db.execute(_CONTACT + " WHERE member_id = ?", (member_id,)).fetchone()
    return None if row is None else _contact(row)


def every(db: Connection) -> list[KnownContact]:
    """All of them, by name."""
    return [_contact(row) for row in db.execute(_CONTACT + " ORDER BY name COLLATE NOCASE")]


def of_device(db: Connection, device_id: DeviceId) -> MemberId | None:
    """Whose device this is."""
    row = db.execute(
        "SELECT member_id FROM contact_device WHERE device_id = ?", (device_id,)
    ).fetchone()
    return None if row is None else MemberId(row[0])


def rename(db: Connection, member_id: MemberId, name: str, *, by_me: bool) -> None:
    """A name of my own choice stays; one they told of themselves gives way to it."""
    db.execute(
        "UPDATE contact SET name = ?, renamed = ? WHERE member_id = ? AND (? OR renamed = 0)",
        (name, by_me, member_id, by_me),
    )


def set_answered(db: Connection, member_id: MemberId) -> None:
    """They answered the greeting."""
    db.execute("UPDATE contact SET pending = 0, gone = NULL WHERE member_id = ?", (member_id,))


def may_answer(db: Connection, member_id: MemberId, now_ms: int, span_ms: int) -> bool:
    """Whether no greeting of theirs was answered in this span; from now on one was."""
    answered = db.execute(
        "UPDATE contact SET answered_ms = ? WHERE member_id = ? AND abs(? - answered_ms) >= ?",
        (now_ms, member_id, now_ms, span_ms),
    )
    return answered.rowcount > 0


def set_gone(db: Connection, member_id: MemberId, cause: str | None) -> None:
    """Nothing reaches them any more, or it does again."""
    db.execute("UPDATE contact SET gone = ? WHERE member_id = ?", (cause, member_id))


def set_blocked(db: Connection, member_id: MemberId, now_ms: int | None) -> None:
    """Nothing of theirs is taken from now on; without a time it is again."""
    db.execute("UPDATE contact SET blocked_ms = ? WHERE member_id = ?", (now_ms, member_id))


def is_blocked(db: Connection, member_id: MemberId) -> bool:
    """Whether nothing of this member is taken."""
    row = db.execute(
        "SELECT 1 FROM contact WHERE member_id = ? AND blocked_ms IS NOT NULL", (member_id,)
    ).fetchone()
    return row is not None


def set_device_list(
    db: Connection, member_id: MemberId, signed: SignedDeviceList, version: int
) -> None:
    """A newer list, already checked."""
    db.execute(
        "UPDATE contact SET device_list = ?, device_list_signature = ?, list_version = ?"
        " WHERE member_id = ?",
        (signed.body, signed.signature, version, member_id),
    )


def doubt(db: Connection, member_id: MemberId) -> None:
    """They may not be who was compared with once."""
    db.execute("UPDATE contact SET verified_ms = NULL WHERE member_id = ?", (member_id,))


def remove(db: Connection, member_id: MemberId) -> None:
    """The contact with its devices and mailboxes; sessions and messages are removed beside."""
    db.execute("DELETE FROM contact WHERE member_id = ?", (member_id,))


def devices(db: Connection, member_id: MemberId) -> list[ContactDevice]:
    """The devices of a contact."""
    rows = db.execute(_DEVICE + " WHERE member_id = ? ORDER BY device_id", (member_id,))
    return [_device(row) for row in rows]


def device(db: Connection, device_id: DeviceId) -> ContactDevice | None:
    """One device."""
    row = db.execute(_DEVICE + " WHERE device_id = ?", (device_id,)).fetchone()
    return None if row is None else _device(row)


def put_device(db: Connection, known: ContactDevice) -> None:
    """A device, or its newer sealing key; an older one never replaces a newer."""
    db.execute(
        "INSERT INTO contact_device (device_id, member_id, olm_key, sealing_public,"
        " sealing_made_ms) VALUES (?, ?, ?, ?, ?) ON CONFLICT (device_id) DO UPDATE SET"
        " sealing_public = excluded.sealing_public, sealing_made_ms = excluded.sealing_made_ms"
        " WHERE excluded.sealing_made_ms > contact_device.sealing_made_ms",
        (
            known.device_id,
            known.member_id,
            known.olm_key,
            known.sealing_public,
            known.sealing_made_ms,
        ),
    )


def drop_device(db: Connection, device_id: DeviceId) -> None:
    """A device that is on its member's list no more."""
    db.execute("DELETE FROM contact_device WHERE device_id = ?", (device_id,))


def drop_sealing_key(db: Connection, device_id: DeviceId) -> None:
    """Nothing can be sealed to this device's key; whatever key it tells next replaces it."""
    db.execute(
        "UPDATE contact_device SET sealing_public = x'', sealing_made_ms = -1 WHERE device_id = ?",
        (device_id,),
    )


def told_sealing_key(db: Connection, device_id: DeviceId, key_id: bytes) -> None:
    """This device has my current sealing key in a content that will reach it."""
    db.execute(
        "UPDATE contact_device SET told_sealing_key = ? WHERE device_id = ?", (key_id, device_id)
    )


def asked_repair(db: Connection, device_id: DeviceId, now_ms: int) -> None:
    """When a fresh session was last started to ask this device again."""
    db.execute(
        "UPDATE contact_device SET asked_repair_ms = ? WHERE device_id = ?", (now_ms, device_id)
    )


def heard(db: Connection, device_id: DeviceId, now_ms: int) -> None:
    """Something of this device was opened: it is there, and collects."""
    db.execute("UPDATE contact_device SET heard_ms = ? WHERE device_id = ?", (now_ms, device_id))


def pasted(db: Connection, member_id: MemberId, relay: str) -> None:
    """The person pasted a link of this contact that names this relay."""
    db.execute(
        "INSERT INTO pasted_relay (relay, member_id) VALUES (?, ?) ON CONFLICT DO NOTHING",
        (relay, member_id),
    )


def was_pasted(db: Connection, relay: str) -> bool:
    """Whether the person pasted a link of somebody who is a contact that names this relay."""
    return db.execute("SELECT 1 FROM pasted_relay WHERE relay = ?", (relay,)).fetchone() is not None


def reachable(db: Connection, member_id: MemberId) -> bool:
    """Whether any of a contact's devices collects anywhere."""
    row = db.execute(
        "SELECT 1 FROM contact_device JOIN contact_mailbox USING (device_id)"
        " WHERE member_id = ? LIMIT 1",
        (member_id,),
    ).fetchone()
    return row is not None


def mailboxes(db: Connection, device_id: DeviceId) -> list[ContactMailbox]:
    """Where a device collects, in its order."""
    rows = db.execute(
        "SELECT relay, capability, drawer_key FROM contact_mailbox WHERE device_id = ?"
        " ORDER BY ordinal",
        (device_id,),
    )
    return [ContactMailbox(relay, Secret(cap), Secret(key)) for relay, cap, key in rows]


def set_mailboxes(db: Connection, device_id: DeviceId, boxes: list[ContactMailbox]) -> None:
    """Replace where a device collects."""
    db.execute("DELETE FROM contact_mailbox WHERE device_id = ?", (device_id,))
    db.executemany(
        "INSERT INTO contact_mailbox (device_id, ordinal, relay, capability, drawer_key)"
        " VALUES (?, ?, ?, ?, ?)",
        [
            (device_id, n, box.relay, bytes(box.capability), bytes(box.drawer_key))
            for n, box in enumerate(boxes)
        ],
    )
