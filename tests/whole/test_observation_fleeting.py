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
from tests.relay.caller import Caller
from tests.relay.town import ANSWER_KEY, open_town
from tests.whole.overhearing import assert_upgraded, fields_of, found_in, words
from tests.whole.test_observation import (
    FROM_BOB,
    Overheard,
    logged,
    moved_in,
    overheard,
)
from tests.whole.what_relays_know import (
    AFTERWARDS,
    FOR_OTHERS,
    FROM_A_RELAY,
    IN_PACKETS,
    OF_A_SLOT,
    OF_ITS_MEMBERS,
    TO_A_RELAY,
    only,
)

WRITE = b"alice's slot for bob".ljust(32)
BLOB, SIGNAL = b"here".ljust(64, b"!"), b"typing".ljust(2048, b"!")
NO_CALL = CallId(0)

# What the watcher's own relay hears: from who watches and signals, and from the destination.
FROM_THE_WATCHER = only(FOR_OTHERS, "pass_on", "let_go")
FROM_THE_DESTINATION = only(TO_A_RELAY, "welcome", "done", "carried", "told", "noted")
# What the destination hears: from the own relay, in its packets, and from who publishes.
FROM_THE_WATCHERS_RELAY = only(FROM_A_RELAY, "hello", "introduce", "carry", "let_go")
FROM_WHO_IS_THERE = only(OF_ITS_MEMBERS, "publish")


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
                tap.begin_anew()
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
            } == only(IN_PACKETS, "watch", "watch_room", "signal")
            assert_upgraded(between, other.address)
            assert own.of_the_message() == AFTERWARDS
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
            heard_here = [words(tap.said, tap.heard) for tap in own.taps] + [words(between.heard)]
            from_bob, from_alice = words(taps["bob"].said), words(taps["alice"].said)
    here, there = own.disk.everything(), other.disk.everything()
    assert found_in(never_at_the_own_relay, here, *heard_here) == set()
    assert found_in(never_at_the_destination, words(between.said)) == set()
    assert found_in(never_on_a_disk, here, there) == set()
    for known, place in (
        ({"the pass": pass_secret, "a packet": signalling[:64]}, from_bob),
        ({"a packet": signalling[:64]}, words(between.said)),
        ({"what is told": told.answer[:64]}, words(between.heard)),
        ({"what is told": told.answer[:64]}, words(taps["bob"].heard)),
        ({"the blob": BLOB, "what lets write": WRITE}, from_alice),
        ({"the signal": SIGNAL[:64]}, words(taps["alice"].heard)),
    ):
        assert found_in(known, place) == known.keys(), "the search finds what is there"
    assert logged(caplog) == []
