"""What alice writes and what bob's vault makes of it, with no relay and no session between them:
whether bytes open is decided by whoever tells the story."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count

from sqlcipher3 import Connection
from sqlcipher3.dbapi2 import connect

from desktop.core.models import Cause, Kind, Message
from desktop.engine.ground import Said
from desktop.engine.receiving import arrive, repair
from desktop.engine.timings import Timings
from desktop.store import chains, conversations, history, inbox, wishes
from desktop.store.contacts import KnownContact
from desktop.store.steps import apply_steps, released_steps
from protocol.e2e.chain import Hole
from protocol.e2e.contents import Gap, Header, RepairAnswer, Text
from protocol.e2e.devices import SignedDeviceList
from protocol.ids import ConversationId, DeviceId, MemberId, MessageId
from protocol.keys import Domain, digest

BOB = MemberId(b"b" * 32)
NOW = 1_795_000_000_000


def bytes_of(name: str) -> bytes:
    """The hash of some Olm bytes."""
    return digest(Domain.OLM_BYTES, name.encode())


@dataclass(frozen=True)
class Writer:
    """Somebody who writes to bob; each text follows from its number."""

    member: MemberId
    device: DeviceId
    conversation: ConversationId

    def text(self, number: int, repairs: bytes = b"") -> Text:
        return Text(header=self.header(number, repairs), text=f"{number}")

    def header(self, number: int = 0, repairs: bytes = b"") -> Header:
        return Header(
            message_id=MessageId(number.to_bytes(16, "big")),
            conversation=self.conversation,
            author=self.member,
            author_device=self.device,
            recipient=BOB,
            recipient_device=DeviceId(b"q" * 32),
            counter=number,
            previous=self.hash(number - 1) if number > 1 else b"",
            list_version=1,
            known_list_version=1,
            sent_ms=NOW,
            repairs=repairs,
        )

    @staticmethod
    def hash(number: int) -> bytes:
        return digest(Domain.CHAIN, number.to_bytes(4, "big"))


ALICE = Writer(MemberId(b"a" * 32), DeviceId(b"p" * 32), ConversationId(b"c" * 16))


@dataclass
class Reader:
    """Bob's vault."""

    db: Connection = field(default_factory=lambda: connect(":memory:", isolation_level=None))
    said: Said = field(default_factory=Said)

    def __post_init__(self) -> None:
        apply_steps(self.db, released_steps())
        self._ids = count(1 << 64)

    def knows(self, writer: Writer) -> None:
        conversations.add(self.db, writer.conversation, writer.member, NOW)

    def opens(self, name: str, content: Text, writer: Writer = ALICE) -> bool:
        """These bytes come, and open; whether their author is told so."""
        hash_, repairs = bytes_of(name), content.header.repairs
        if inbox.opened(self.db, hash_) is not None:
            return False
        told = arrive.text(
            self.db,
            self.said,
            _contact(writer),
            content,
            writer.hash(content.header.counter),
            Timings(),
            NOW,
            self._rng,
        )
        for known in (hash_, repairs):
            if known:
                inbox.remember(self.db, known, writer.member, None, NOW)
        return told

    def cannot_open(self, name: str, writer: Writer = ALICE) -> None:
        """These bytes come, and no key opens them."""
        hash_ = bytes_of(name)
        if inbox.opened(self.db, hash_) is None:
            named = wishes.for_bytes(self.db, writer.device, writer.member, hash_, NOW)
            cause = Cause.NOT_OPENABLE
            arrive.unreadable(
                self.db,
                self.said,
                _contact(writer),
                writer.device,
                cause,
                NOW,
                self._rng,
                olm_hash=hash_ if named else None,
            )

    def hears(
        self,
        *gone: str,
        written: int | None,
        never: tuple[tuple[int, int], ...] = (),
        writer: Writer = ALICE,
    ) -> None:
        """What its author says of what was asked for."""
        told = RepairAnswer(
            header=writer.header(),
            olm_hashes=tuple(bytes_of(one) for one in gone),
            unavailable=tuple(Gap(device=writer.device, first=a, last=b) for a, b in never),
            written=written,
        )
        repair.heard_answer(self.db, self.said, _contact(writer), told, NOW)

    def wishes(self, writer: Writer = ALICE) -> set[bytes]:
        """The bytes that would be asked for."""
        due = wishes.due(self.db, writer.member, NOW + 10**9)
        return {one.olm_hash for one in due if one.olm_hash is not None}

    def holes(self, writer: Writer = ALICE) -> tuple[Hole, ...]:
        return chains.load(self.db, writer.conversation, writer.device).missing

    def rows(self, writer: Writer = ALICE) -> list[Message]:
        return history.before(self.db, writer.conversation, None, 10_000)

    def reads(self, writer: Writer = ALICE) -> list[str]:
        """The conversation, as one would read it out."""
        return [_read_out(row) for row in self.rows(writer)]

    def _rng(self, length: int) -> bytes:
        return next(self._ids).to_bytes(length, "big")


def _read_out(row: Message) -> str:
    if row.kind is Kind.TEXT:
        return row.text
    return f"<{row.kind.value}>" if row.count == 1 else f"<{row.kind.value} {row.count}>"


def _contact(writer: Writer) -> KnownContact:
    return KnownContact(
        writer.member,
        "Alice",
        renamed=False,
        conversation_id=writer.conversation,
        device_list=SignedDeviceList(body=b"", signature=bytes(64)),
        list_version=1,
        pending=False,
        verified_ms=None,
        gone=None,
    )
