"""What each of two relays hears, keeps and logs of a message or a chunk between them: these fields.

The fields stand in ``what_relays_know.py``; all else that desktops say to their relay is looked at
in ``test_observation_desktops.py``. The stores are real files; the lines are overheard as they go.
"""

from __future__ import annotations

import logging
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite
from websockets.client import ClientProtocol
from websockets.http11 import Request

from protocol.ids import CallId
from protocol.keys import Secret, public_key
from protocol.wire import frames
from protocol.wire.packet import seal_packet, ticket_of
from relay import websocket
from relay.rules.admission import pass_hash
from relay.rules.blobs import blob_hash, writer_hash
from relay.rules.deposits import capability_hash
from relay.store import database
from relay.store.committing import CommittingThread
from relay.two_hops import pauses
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
from tests.whole.mutant import the_story_fails
from tests.whole.overhearing import Disk, Tap, assert_upgraded, fields_of, found_in, words
from tests.whole.what_relays_know import (
    AFTERWARDS,
    FOR_OTHERS,
    FROM_A_RELAY,
    FURNITURE,
    IN_PACKETS,
    NOT_COLLECTED,
    OF_AN_ATTACHMENT,
    OF_WHAT_IS_STORED,
    TO_A_RELAY,
    WHEN_ANSWERED,
    WHILE_IT_WAITS,
    Fields,
    only,
)

FROM_BOB = b"alice gave this to bob".ljust(32)
NUMBER = 0xA51DE0FF

# What the own relay hears of a message: from its sender, and from the destination.
FROM_THE_SENDER = only(FOR_OTHERS, "forward", "fetch_answers", "forget_answers")
FROM_THE_DESTINATION = only(TO_A_RELAY, "welcome", "done", "carried")
# What the destination hears of it from the own relay.
FROM_THE_OWN_RELAY = only(FROM_A_RELAY, "hello", "introduce") | OF_WHAT_IS_STORED


@dataclass
class Overheard(Post):
    """A relay with a store on disk, whose lines are tapped."""

    taps: list[Tap] = field(default_factory=list[Tap])
    path: Path = field(default_factory=Path)

    def accept(self) -> trio.abc.Stream:
        tap = Tap(super().accept())
        self.taps.append(tap)
        return tap

    @property
    def disk(self) -> Disk:
        return Disk(self.path)

    def of_the_message(self) -> Fields:
        """Its rows without the furniture, which is what it has to be, too."""
        return self.disk.rows_but(FURNITURE)


async def overheard(town: Town, host: str, folder: Path) -> Overheard:
    path = folder / host / "store.db"
    path.parent.mkdir()
    database.create(path)
    seed = Secret(host.encode().ljust(32, b"."))
    post = Overheard(town, host, seed, storage=lambda _: CommittingThread(path), path=path)
    town.posts[host] = post
    await post.on()
    return post


@dataclass
class Heard:
    """What went over the lines of two relays, with every mask taken off."""

    own: Overheard
    between: Tap

    def has_never(self, other: Overheard, here: dict[str, bytes], there: dict[str, bytes]) -> None:
        """None of these are on the disk of either relay, or were heard by it."""
        heard_here = (*(words(tap.said, tap.heard) for tap in self.own.taps), self.way_back)
        assert found_in(here, self.own.disk.everything(), *heard_here) == set()
        assert found_in(there, other.disk.everything(), words(self.between.said)) == set()

    @property
    def way_back(self) -> bytes:
        return words(self.between.heard)

    def has_what_it_must(
        self,
        from_the_sender: dict[str, bytes],
        on_the_way: dict[str, bytes],
        on_the_way_back: dict[str, bytes],
        to_the_sender: dict[str, bytes],
    ) -> None:
        """The search finds what is there, in each direction."""
        for known, place in (
            (from_the_sender, words(*(tap.said for tap in self.own.taps))),
            (on_the_way, words(self.between.said)),
            (on_the_way_back, self.way_back),
            (to_the_sender, words(*(tap.heard for tap in self.own.taps))),
        ):
            assert found_in(known, place) == known.keys()


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
            bobs.begin_anew()

            await other.off()
            packet = other.packet(NUMBER, FROM_BOB)
            await handed_in(bob, 1, packet, other)
            assert own.of_the_message() == WHILE_IT_WAITS

            await other.on()
            answer = await answered(bob)
            assert own.of_the_message() == WHEN_ANSWERED
            assert other.of_the_message() == NOT_COLLECTED
            assert (await kept(bob, 1)).answer == answer.answer
            await bob.ask(frames.ForgetAnswers(call=bob.call(), secrets=(secret_of(1),)))
            assert own.of_the_message() == AFTERWARDS

            between = other.taps[before]
            assert fields_of(bobs.said) == FROM_THE_SENDER
            assert fields_of(between.said) == FROM_THE_OWN_RELAY
            assert_upgraded(between, other.address)
            assert fields_of(between.heard) == FROM_THE_DESTINATION
            inside = other.sealing.open(packet).asked
            assert isinstance(inside, frames.Deposit)
            assert set(inside.__struct_fields__) == IN_PACKETS["deposit"]

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
            heard = Heard(own, between)
    heard.has_never(other, never_at_the_own_relay, never_at_the_destination)
    assert found_in(never_on_disk_there, other.disk.everything()) == set()
    heard.has_what_it_must(
        from_the_sender={"the pass's secret": pass_secret, "the packet": packet[:64]},
        on_the_way={"the packet": packet[:64], "the own relay": public_key(own.seed)},
        on_the_way_back={"the answer": answer.answer[:64]},
        to_the_sender={"the answer": answer.answer[:64]},
    )
    assert found_in({"the pass": pass_hash(pass_secret)}, own.disk.everything())
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
            assert [
                path.relative_to(other.path.parent).as_posix() for path in other.disk.files()
            ] == ["blobs/01/1"]

            bobs, before = own.taps[-1], len(other.taps)
            bobs.begin_anew()
            asked = frames.GetChunk(call=CallId(0), name=NAME, number=3)
            packet = seal_packet(asked, other.card, ANSWER_KEY)
            await handed_in(bob, 1, packet, other)
            answer = await answered(bob)
            said = said_in(answer, packet)
            assert said == frames.Chunk(call=CallId(0), body=body(NUMBER))
            assert own.of_the_message() == WHEN_ANSWERED
            assert other.of_the_message() == OF_AN_ATTACHMENT
            assert len(own.disk.files()) == 0

            between = other.taps[before]
            heard_first = {"forward": FROM_THE_SENDER["forward"]}
            assert fields_of(bobs.said) == heard_first
            assert fields_of(between.said) == FROM_THE_OWN_RELAY
            assert_upgraded(between, other.address)
            assert fields_of(between.heard) == FROM_THE_DESTINATION
            inside = other.sealing.open(packet).asked
            assert set(inside.__struct_fields__) == IN_PACKETS["get_chunk"]

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
                "the pass's secret": pass_secret,
                "the ticket": ticket_of(secret_of(1)),
                "the reader's mailbox": bob.mailbox,
                "the own relay's address": own.host.encode(),
            }
            never_on_disk_there = {"the name": NAME, "the writer": WRITER}
            heard = Heard(own, between)
    heard.has_never(other, never_at_the_own_relay, never_at_the_destination)
    assert found_in(never_on_disk_there, other.disk.everything()) == set()
    heard.has_what_it_must(
        from_the_sender={"the pass's secret": pass_secret, "the packet": packet[:64]},
        on_the_way={"the packet": packet[:64]},
        on_the_way_back={"the answer": answer.answer[:64]},
        to_the_sender={"the answer": answer.answer[:64]},
    )
    assert body(NUMBER)[:64] in other.disk.everything()
    assert logged(caplog) == []


async def test_mutant_that_says_more_than_frames(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect = ClientProtocol.connect

    def telling(protocol: ClientProtocol) -> Request:
        request = connect(protocol)
        request.headers["X-Pass"] = "bob's"
        return request

    monkeypatch.setattr(ClientProtocol, "connect", telling)
    with the_story_fails():
        await test_two_relays_hear_and_keep_and_log_exactly_this(tmp_path, caplog, monkeypatch)


async def test_mutant_that_keeps_one_thing_more_of_everybody(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = database.create

    def curious(path: Path) -> None:
        create(path)
        with closing(sqlite.connect(path)) as beside:
            beside.execute("ALTER TABLE mailbox ADD COLUMN came_from TEXT DEFAULT '192.0.2.1'")

    monkeypatch.setattr(database, "create", curious)
    with the_story_fails():
        await test_two_relays_hear_and_keep_and_log_exactly_this(tmp_path, caplog, monkeypatch)


async def test_mutant_that_hands_on_whose_it_is(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a ping, which is no frame and has no fields: Bob's pass, as his caller makes it."""
    say = websocket.WebSocket.say

    def telling(self: websocket.WebSocket, message: bytes) -> bytes:
        if b"introduce" in message:
            self._protocol.send_ping(bytes([2]) * 32)  # pyright: ignore[reportPrivateUsage]
        return say(self, message)

    monkeypatch.setattr(websocket.WebSocket, "say", telling)
    with the_story_fails():
        await test_two_relays_hear_and_keep_and_log_exactly_this(tmp_path, caplog, monkeypatch)
