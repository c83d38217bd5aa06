"""What each of two relays hears, keeps and logs of a message or a chunk between them: these fields.

The lists below are the promise: whoever adds a field to them adds something that a relay knows.
The stores are real files; the lines are overheard as the relays read them.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import CallId
from protocol.keys import Secret, public_key
from protocol.wire import frames
from protocol.wire.packet import seal_packet, ticket_of
from relay.rules.admission import pass_hash
from relay.rules.blobs import blob_hash, writer_hash
from relay.rules.deposits import capability_hash
from relay.store import database
from relay.store.committing import CommittingThread
from relay.two_hops import pauses
from tests.faults.proxy import Messages
from tests.relay.caller import Caller
from tests.relay.test_chunks import NAME, WRITER, body, opened
from tests.relay.town import (
    ANSWER_KEY,
    Post,
    Town,
    a_deposit,
    answered,
    handed_in,
    kept,
    open_town,
    said_in,
    secret_of,
)

FROM_BOB = b"alice gave this to bob".ljust(32)
NUMBER = 0xA51DE0FF

# What the own relay hears of a message: from its sender, and from the destination.
FROM_THE_SENDER = {
    "forward": {"call", "pass_secret", "destination", "ticket", "packet"},
    "fetch_answers": {"call", "secrets"},
    "forget_answers": {"call", "secrets"},
}
FROM_THE_DESTINATION = {
    "welcome": {"statement", "signature"},
    "done": {"call"},
    "carried": {"call", "answer"},
}

# What the destination hears of it from the own relay, and what it finds in the packet.
FROM_THE_OWN_RELAY = {
    "hello": {"versions", "nonce"},
    "introduce": {"call", "relay", "signature"},
    "carry": {"call", "packet"},
}
IN_THE_PACKET = {"call", "capability", "envelope_id", "body"}

# What the own relay keeps of it: while it waits, when it is answered, when its sender knows.
DESTINATION = {"row", "address", "used_ms"}
PACKET = {"row", "ticket", "destination", "pass", "age_ms", "size", "body"}
ANSWER = {"row", "ticket", "pass", "age_ms", "outcome", "size", "body"}
WHILE_IT_WAITS = {"destination": DESTINATION, "packet": PACKET}
WHEN_ANSWERED = {"destination": DESTINATION, "answer": ANSWER}
AFTERWARDS = {"destination": DESTINATION}

# What the destination keeps of it.
ENVELOPE = {"row", "mailbox", "number", "capability", "size", "age_ms", "id", "body"}
TAIL = ENVELOPE - {"body"} | {"deposited", "rested_ms"}
AT_THE_DESTINATION = {"envelope": ENVELOPE, "tail": TAIL}

# The same of a chunk that somebody there asks for: what is found in its packet, what is kept.
IN_A_CHUNK_S_PACKET = {"call", "name", "number"}
OF_AN_ATTACHMENT = {
    "blob": {"row", "hash", "writer", "pass", "chunks", "ends_ms"},
    "chunk": {"blob", "number", "digest"},
}

# What a relay keeps of its own people, whether anybody writes or not.
FURNITURE = {
    "pass": {
        "row", "hash", "mailboxes", "stored_bytes", "invites",
        "forwards", "forward_bytes", "forward_day", "forwarded", "reached", "rooms", "blob_bytes",
    },
    "mailbox": {"row", "id", "pass", "forgotten", "ids_forgotten"},
    "capability": {
        "row", "hash", "mailbox", "drawer", "policy", "revoked", "deposited", "taken",
        "granted_ms", "rested_ms",
    },
    "moment": {"row", "wall_ms", "age_ms"},
    "sqlite_sequence": {"name", "seq"},
}  # fmt: skip


class Tap(trio.abc.Stream):
    """A line whose both directions are overheard."""

    def __init__(self, inner: trio.abc.Stream) -> None:
        self._inner = inner
        self.said = bytearray()
        self.heard = bytearray()

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.said += data
        await self._inner.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._inner.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        data = await self._inner.receive_some(max_bytes)
        self.heard += data
        return data

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass
class Overheard(Post):
    """A relay with a store on disk, whose lines are tapped."""

    taps: list[Tap] = field(default_factory=list[Tap])
    path: Path = field(default_factory=Path)

    def accept(self) -> trio.abc.Stream:
        tap = Tap(super().accept())
        self.taps.append(tap)
        return tap

    def rows(self) -> dict[str, set[str]]:
        """Which columns of which tables hold anything."""
        found: dict[str, set[str]] = {}
        beside = sqlite.connect(self.path)
        try:
            tables = beside.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            for (table,) in tables.fetchall():
                cursor = beside.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in cursor.description or ()]
                for row in cursor:
                    pairs = zip(names, row, strict=True)
                    found.setdefault(table, set()).update(n for n, v in pairs if v is not None)
        finally:
            beside.close()
        return found

    def of_the_message(self) -> dict[str, set[str]]:
        """Its rows without the furniture, which is what it has to be, too."""
        rows = self.rows()
        for table, columns in FURNITURE.items():
            assert rows.pop(table, set()) <= columns, table
        return rows

    def on_disk(self) -> bytes:
        """Everything, written over and not."""
        files = [*self.path.parent.glob(f"{self.path.name}*"), *self.files()]
        return b"".join(path.read_bytes() for path in files)

    def files(self) -> list[Path]:
        """What lies beside the store."""
        return [path for path in self.path.with_name("blobs").rglob("*") if path.is_file()]


def fields_of(stream: bytearray) -> dict[str, set[str]]:
    """What was said in one direction: for each frame its fields."""
    found: dict[str, set[str]] = {}
    for message in Messages().feed(bytes(stream)):
        for frame in msgspec.msgpack.decode(message):
            found.setdefault(frame["t"], set()).update(frame.keys() - {"t"})
    return found


async def overheard(town: Town, host: str, folder: Path) -> Overheard:
    path = folder / host / "store.db"
    path.parent.mkdir()
    database.create(path)
    seed = Secret(host.encode().ljust(32, b"."))
    post = Overheard(town, host, seed, storage=lambda _: CommittingThread(path), path=path)
    town.posts[host] = post
    await post.on()
    return post


def secrets_of(relay: Overheard, heard: bytes | bytearray, never: dict[str, bytes]) -> list[str]:
    """What this relay has on disk or has heard of what it must never have."""
    everything = relay.on_disk() + heard
    return [name for name, secret in never.items() if secret in everything]


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What any relay wrote into its log."""
    return [one.getMessage() for one in caplog.records if one.name.startswith("relay")]


async def moved_in(post: Post, seed: int, *capabilities: bytes) -> Caller:
    caller = await post.caller(seed)
    await caller.move_in(*capabilities)
    return caller


async def test_two_relays_hear_and_keep_and_log_exactly_this(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pauses, "LONGEST_PAUSE_S", 0.1)
    caplog.set_level(logging.DEBUG, "relay")
    with trio.fail_after(30):
        async with open_town() as town:
            own = await overheard(town, "own.example", tmp_path)
            other = await overheard(town, "other.example", tmp_path)
            alice, bob = await moved_in(other, 1, FROM_BOB), await moved_in(own, 2)
            assert own.of_the_message() == other.of_the_message() == {}
            bobs, before = own.taps[-1], len(other.taps)
            bobs.said.clear()
            bobs.said += b"GET / HTTP/1.1\r\n\r\n"

            await other.off()
            packet = other.packet(NUMBER, FROM_BOB)
            await handed_in(bob, 1, packet, other)
            assert own.of_the_message() == WHILE_IT_WAITS

            await other.on()
            answer = await answered(bob)
            assert own.of_the_message() == WHEN_ANSWERED
            assert other.of_the_message() == AT_THE_DESTINATION
            assert (await kept(bob, 1)).answer == answer.answer
            await bob.ask(frames.ForgetAnswers(call=bob.call(), secrets=(secret_of(1),)))
            assert own.of_the_message() == AFTERWARDS

            between = other.taps[before]
            assert fields_of(bobs.said) == FROM_THE_SENDER
            assert fields_of(between.said) == FROM_THE_OWN_RELAY
            assert fields_of(between.heard) == FROM_THE_DESTINATION
            inside = other.sealing.open(packet).asked
            assert isinstance(inside, frames.Deposit)
            assert set(inside.__struct_fields__) == IN_THE_PACKET

            asked = a_deposit(NUMBER, FROM_BOB)
            never_at_the_own_relay = {
                "the mailbox": alice.mailbox,
                "the capability": FROM_BOB,
                "the capability's hash": capability_hash(FROM_BOB),
                "the envelope's id": asked.envelope_id,
                "the envelope": asked.body[:64],
            }
            pass_secret = bytes(bob.secret)[::-1]
            never_at_the_destination = {
                "the pass": pass_hash(pass_secret),
                "the pass's secret": pass_secret,
                "the ticket": ticket_of(secret_of(1)),
                "the ticket's secret": secret_of(1),
                "the sender's mailbox": bob.mailbox,
                "the own relay's address": own.host.encode(),
            }
            never_on_disk_there = {"the own relay": public_key(own.seed)}
            heard_here = b"".join(tap.said + tap.heard for tap in own.taps) + between.heard
            heard_there = between.said
    assert secrets_of(own, heard_here, never_at_the_own_relay) == []
    assert secrets_of(other, heard_there, never_at_the_destination) == []
    assert secrets_of(other, b"", never_on_disk_there) == []
    assert pass_hash(pass_secret) in own.on_disk()  # the search finds what is there
    assert logged(caplog) == []


async def test_two_relays_hear_and_keep_and_log_exactly_this_of_a_chunk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "relay")
    with trio.fail_after(30):
        async with open_town() as town:
            own = await overheard(town, "own.example", tmp_path)
            other = await overheard(town, "other.example", tmp_path)
            alice, bob = await moved_in(other, 1), await moved_in(own, 2)
            assert isinstance(await opened(alice), frames.BlobShown)
            put = frames.PutChunk(call=alice.call(), writer=WRITER, number=3, body=body(NUMBER))
            assert isinstance(await alice.ask(put), frames.Stored)
            assert other.of_the_message() == OF_AN_ATTACHMENT
            # A number for a name, in a drawer of its last two digits.
            assert [path.relative_to(other.path.parent).as_posix() for path in other.files()] == [
                "blobs/01/1"
            ]

            bobs, before = own.taps[-1], len(other.taps)
            bobs.said.clear()
            bobs.said += b"GET / HTTP/1.1\r\n\r\n"
            asked = frames.GetChunk(call=CallId(0), name=NAME, number=3)
            packet = seal_packet(asked, other.card, ANSWER_KEY)
            await handed_in(bob, 1, packet, other)
            said = said_in(await answered(bob), packet)
            assert said == frames.Chunk(call=CallId(0), body=body(NUMBER))
            assert own.of_the_message() == WHEN_ANSWERED
            assert other.of_the_message() == OF_AN_ATTACHMENT
            assert len(own.files()) == 0

            between = other.taps[before]
            heard_first = {"forward": FROM_THE_SENDER["forward"]}
            assert fields_of(bobs.said) == heard_first
            assert fields_of(between.said) == FROM_THE_OWN_RELAY
            assert fields_of(between.heard) == FROM_THE_DESTINATION
            inside = other.sealing.open(packet).asked
            assert set(inside.__struct_fields__) == IN_A_CHUNK_S_PACKET

            never_at_the_own_relay = {
                "the name": NAME,
                "its hash": blob_hash(NAME),
                "the writer": WRITER,
                "its hash, too": writer_hash(WRITER),
                "the chunk": body(NUMBER)[:64],
            }
            pass_secret = bytes(bob.secret)[::-1]
            never_at_the_destination = {
                "the reader's pass": pass_hash(pass_secret),
                "the ticket": ticket_of(secret_of(1)),
                "the reader's mailbox": bob.mailbox,
                "the own relay's address": own.host.encode(),
            }
            never_on_disk_there = {"the name": NAME, "the writer": WRITER}
            heard_here = b"".join(tap.said + tap.heard for tap in own.taps) + between.heard
            heard_there = between.said
    assert secrets_of(own, heard_here, never_at_the_own_relay) == []
    assert secrets_of(other, heard_there, never_at_the_destination) == []
    assert secrets_of(other, b"", never_on_disk_there) == []
    assert body(NUMBER) in other.on_disk()  # the search finds what is there
    assert logged(caplog) == []
