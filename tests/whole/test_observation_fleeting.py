"""What each of two relays hears of presence and signals: exactly these fields, and nothing on disk.

Beside ``test_observation.py``, which says the same of messages.
"""

from __future__ import annotations

import logging
from dataclasses import fields
from pathlib import Path

import pytest
import trio

from protocol.ids import CallId
from protocol.wire.frames import (
    Carried,
    LetGo,
    Noted,
    PassOn,
    Publish,
    Request,
    Signal,
    Signalled,
    SlotUpdate,
    Told,
    Watch,
    WatchRoom,
)
from protocol.wire.packet import seal_packet
from protocol.wire.slots import name_of, watch_of
from relay.rules.admission import pass_hash
from relay.rules.deposits import capability_hash
from tests.faults.proxy import Messages
from tests.relay.caller import Caller
from tests.relay.town import ANSWER_KEY, open_town
from tests.whole.test_observation import (
    FROM_BOB,
    FROM_THE_OWN_RELAY,
    Overheard,
    fields_of,
    moved_in,
    overheard,
)

WRITE = b"alice's slot for bob".ljust(32)
BLOB, SIGNAL = b"here".ljust(64, b"!"), b"typing".ljust(2048, b"!")
NO_CALL = CallId(0)

# What the watcher's own relay hears: from who watches and signals, and from the destination.
FROM_THE_WATCHER = {
    "pass_on": {"call", "pass_secret", "destination", "packet"},
    "let_go": {"call", "watch"},
}
FROM_THE_DESTINATION = {
    "welcome": {"statement", "signature"},
    "done": {"call"},
    "carried": {"call", "answer"},
    "told": {"watch", "answer", "over"},
    "noted": {"call"},
}
# What the destination hears: from the own relay, in its packets, and from who publishes.
FROM_THE_WATCHERS_RELAY = FROM_THE_OWN_RELAY | {
    "carry": {"call", "packet", "fleeting"},
    "let_go": {"call", "watch"},
}
IN_THE_PACKETS = {
    "watch": {"call", "slot"},
    "watch_room": {"call", "capability"},
    "signal": {"call", "capability", "body"},
}
FROM_WHO_IS_THERE = {"publish": {"call", "pass_secret", "slots"}}
# What it holds of a slot, in memory, while it lasts.
OF_A_SLOT = {"blob", "until_ms", "owner"}
# What both keep on disk of all this: that the own relay may reach the other one.
ON_DISK = {"destination": {"row", "address", "used_ms"}}


def words(stream: bytearray) -> bytes:
    """What was said in one direction, without the WebSocket's mask."""
    return b"".join(Messages().feed(bytes(stream)))


async def pass_on(by: Caller, to: Overheard, asked: Request[Noted]) -> tuple[CallId, bytes]:
    packet, call = seal_packet(asked, to.card, ANSWER_KEY), by.call()
    reply = await by.ask(
        PassOn(
            call=call,
            pass_secret=bytes(by.secret)[::-1],
            destination=str(to.address),
            packet=packet,
        )
    )
    assert isinstance(reply, Carried)
    return call, packet


async def test_two_relays_hear_exactly_this_and_keep_none_of_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "relay")
    with trio.fail_after(30):
        async with open_town() as town:
            own = await overheard(town, "own.example", tmp_path)
            other = await overheard(town, "other.example", tmp_path)
            alice, bob = await moved_in(other, 1, FROM_BOB), await moved_in(own, 2)
            taps = {"bob": own.taps[-1], "alice": other.taps[-1]}
            for tap in taps.values():
                tap.said.clear()
                tap.said += b"GET / HTTP/1.1\r\n\r\n"
            before = len(other.taps)

            watch: Request[Noted] = Watch(call=NO_CALL, slot=watch_of(WRITE))  # type: ignore[assignment]
            call, packet = await pass_on(bob, other, watch)
            slots = (SlotUpdate(write=WRITE, blob=BLOB, lasts_s=300),)
            secret = bytes(alice.secret)[::-1]
            await alice.ask(Publish(call=alice.call(), pass_secret=secret, slots=slots))
            told = await bob.next()
            assert isinstance(told, Told) and told.watch == call
            signal = Signal(call=NO_CALL, capability=FROM_BOB, body=SIGNAL)
            _, signalling = await pass_on(bob, other, signal)
            room: Request[Noted] = WatchRoom(call=NO_CALL, capability=FROM_BOB)  # type: ignore[assignment]
            _, asking = await pass_on(bob, other, room)
            assert len({len(packet), len(signalling), len(asking)}) == 1
            said = await alice.next()
            assert isinstance(said, Signalled) and said.body == SIGNAL
            assert other.relay is not None
            held = other.relay.premises.presence.__dict__["_slots"].__dict__["_slots"]
            assert [{each.name for each in fields(one)} for one in held.values()] == [OF_A_SLOT]
            await bob.ask(LetGo(call=bob.call(), watch=call))
            await bob.ping()
            await trio.sleep(0.05)

            between = other.taps[before]
            assert fields_of(taps["bob"].said) == FROM_THE_WATCHER | {"ping": {"call"}}
            assert fields_of(taps["alice"].said) == FROM_WHO_IS_THERE
            assert fields_of(between.said) == FROM_THE_WATCHERS_RELAY
            assert fields_of(between.heard) == FROM_THE_DESTINATION
            inside = [other.sealing.open(one).asked for one in (packet, asking, signalling)]
            assert {
                str(one.__struct_config__.tag): set(one.__struct_fields__) for one in inside
            } == IN_THE_PACKETS
            assert own.of_the_message() == ON_DISK
            assert other.of_the_message() == {}

            pass_secret = bytes(bob.secret)[::-1]
            never_at_the_own_relay = {
                "the slot": watch_of(WRITE),
                "its name": name_of(watch_of(WRITE)),
                "what stands in it": BLOB,
                "the capability": FROM_BOB,
                "the capability's hash": capability_hash(FROM_BOB),
                "the mailbox": alice.mailbox,
                "the signal": SIGNAL[:64],
            }
            never_at_the_destination = {
                "the pass": pass_hash(pass_secret),
                "the pass's secret": pass_secret,
                "the watcher's mailbox": bob.mailbox,
                "the own relay's address": own.host.encode(),
            }
            never_on_a_disk = never_at_the_own_relay | {"what lets write": WRITE}
            for furniture in ("the mailbox", "the capability's hash"):
                del never_on_a_disk[furniture]
            heard_here = b"".join(words(tap.said) + words(tap.heard) for tap in own.taps)
            heard_here += words(between.heard)
            heard_there = words(between.said)
            from_alice = words(taps["alice"].said)
    for everything, never in (
        (own.on_disk() + heard_here, never_at_the_own_relay),
        (heard_there, never_at_the_destination),
        (own.on_disk() + other.on_disk(), never_on_a_disk),
    ):
        assert [name for name, secret in never.items() if secret in everything] == []
    assert BLOB in from_alice and SIGNAL[:64] in words(taps["alice"].heard), "the search finds it"
    logged = [record.getMessage() for record in caplog.records if record.name.startswith("relay")]
    assert logged == []
