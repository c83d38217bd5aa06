"""What the relay of a room hears, keeps and logs of it: these fields, and nothing that people read.

A room with everything that is sealed in it: title, names, chat, a question, a vote, an order's
reason, a new epoch's key, a letter. The store is a real file; every line is overheard as it goes.
"""

from __future__ import annotations

import logging
import random
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol import hpke
from protocol.e2e.rooms import contents, desk, desk_contents, letters, stage
from protocol.e2e.rooms.epochs import EpochKey, new_epoch, wrap_all
from protocol.e2e.rooms.front import Front, seal_front
from protocol.e2e.rooms.link import RoomLink
from protocol.ids import Fingerprint, LetterId, OrderId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Done, Stored
from protocol.wire.frames.letters import LeaveLetter, Letters, OpenBox
from protocol.wire.frames.room_entries import Entries, Lane, Said, SayEntry, ShowHead
from protocol.wire.frames.room_orders import EpochBegins, GiveOrder, SetEpoch
from protocol.wire.frames.rooms import (
    Entered,
    EnterRoom,
    OpenRoom,
    SeatsShown,
    ShowCards,
    ShowRoom,
    ShowSeats,
)
from protocol.wire.rooms.entering import (
    SeatCard,
    sign_box,
    sign_card,
    sign_entering,
    sign_opening,
    token_hash,
)
from protocol.wire.rooms.epochs import EpochBody, sign_epoch
from protocol.wire.rooms.items import EntryBody, entry_id, parse_item, sign_entry
from protocol.wire.rooms.orders import Scope, What
from protocol.wire.rooms.policy import Entry, PolicyBody, sign_policy
from protocol.wire.rooms.signed import SeatKey
from relay.neighbours import place_of
from relay.rules.admission import pass_hash
from relay.store import database
from relay.store.committing import CommittingThread
from tests.relay.caller import Caller, World, open_world
from tests.relay.rooms_cast import ALICE, BOB, CAROL, ROOM, an_id, grant, order
from tests.relay.test_hall import heard
from tests.whole.overhearing import Disk, Tap, fields_of, found_in, words
from tests.whole.what_relays_know import FURNITURE, TO_ANYBODY, Fields
from tests.whole.what_rooms_know import FROM_HOSTS, FROM_SEATS, OF_ROOMS, TO_SEATS

ROOM_ID = ROOM.room
ADDRESS = "192.0.2.7"
NAMES = {ALICE: "Frau Sommer", BOB: "the quiet baker", CAROL: "Lindenblüte"}
TITLE, CHAT = "Bread, evenings", "my oven is too cold for rye"
QUESTION, REASON = "how long does the dough rest", "no advertising, please"
INVITATION = "aside://kiln.example:7443/of-bobs#the-secret-of-bobs-invitation"
DESK_PRIVATE, DESK_PUBLIC = (pair := hpke.new_key_pair()).private, pair.public


@dataclass
class Seen:
    """Everything that the relay saw, and what it must not have been able to read."""

    disk: Disk
    hosts: Tap
    seats: dict[SeatKey, Tap] = field(default_factory=dict[SeatKey, Tap])
    box: Tap | None = None
    secrets: dict[str, bytes] = field(default_factory=dict[str, bytes])
    of_the_pass: dict[str, bytes] = field(default_factory=dict[str, bytes])
    never_kept: dict[str, bytes] = field(default_factory=dict[str, bytes])
    while_it_goes_on: Fields = field(default_factory=dict[str, set[str]])

    def lines(self) -> list[bytes]:
        taps = [self.hosts, *self.seats.values(), *([self.box] if self.box else [])]
        return [words(tap.said, tap.heard) for tap in taps]


@dataclass
class Party:
    """Who is in the room, by what they hold."""

    world: World
    seen: Seen
    link: RoomLink
    key: EpochKey
    policy: PolicyBody
    plain: bool  # somebody's desktop that forgets to seal
    callers: dict[SeatKey, Caller] = field(default_factory=dict[SeatKey, Caller])
    counters: dict[tuple[SeatKey, Lane], int] = field(
        default_factory=dict[tuple[SeatKey, Lane], int]
    )
    rng: random.Random = field(default_factory=lambda: random.Random("a party"))

    async def come(self, who: SeatKey, seed: int) -> None:
        """On a line of its own."""
        tap = self.seen.seats[who] = Tap(self.world.stream(place_of(ADDRESS)))
        caller = self.callers[who] = await self.world.caller(seed, tap)
        pair = hpke.new_key_pair()
        card = SeatCard(sealing=pair.public, made_ms=1)
        asked = EnterRoom(
            call=caller.call(),
            room=ROOM_ID,
            seat=who.seat,
            signature=sign_entering(who, caller.agreed.transcript, ROOM_ID),
            card=sign_card(who, ROOM_ID, card),
            token=bytes(self.link.token()),
            name=stage.seal_name(NAMES[who], self.key, who.seat, self.rng.randbytes),
        )
        assert isinstance(await caller.ask(asked), Entered)

    def chat(self) -> bytes:
        """Bob's."""
        said = contents.Text(name=NAMES[BOB], sent_ms=1, text=CHAT)
        if self.plain:
            return sign_entry(
                BOB, ROOM_ID, EntryBody(Lane.STAGE, BOB.seat, 1, 1, b"", CHAT.encode())
            )
        return stage.say(said, self.key, BOB, 1, b"", self.rng.randbytes)

    async def say(self, who: SeatKey, item: bytes) -> None:
        caller = self.callers[who]
        assert isinstance(await caller.ask(SayEntry(call=caller.call(), item=item)), Said)


async def an_evening(world: World, path: Path, *, plain: bool = False) -> Seen:
    """Alice hosts; bob and carol chat, ask and vote; carol is told off, bob is written to."""
    rng = random.Random("an evening").randbytes
    link = RoomLink(
        RelayAddress("kiln.example", 7443, Fingerprint(bytes(32))), ROOM_ID, Secret(rng(32))
    )
    key = EpochKey(ROOM_ID, 1, link.first_epoch())
    front = Front(title=TITLE, about="we bake", host=NAMES[ALICE], seat=ALICE.seat)
    policy = PolicyBody(
        room=ROOM_ID,
        version=1,
        entry=Entry.LINK,
        token=token_hash(bytes(link.token())),
        epoch=1,
        commitment=key.commitment(),
        desk_key=DESK_PUBLIC,
        desk=1,
        front=seal_front(front, link.front_key(), ROOM_ID, rng),
    )
    host_tap = Tap(world.stream())
    host = await world.caller(9, host_tap)
    await host.move_in(b"alice gave this to bob".ljust(32))
    seen = Seen(Disk(path), host_tap)
    pass_secret, signed = bytes(host.secret)[::-1], sign_policy(ROOM, policy)
    opening = OpenRoom(
        call=host.call(),
        pass_secret=pass_secret,
        policy=signed,
        signature=sign_opening(ROOM, host.agreed.transcript, signed),
    )
    assert isinstance(await host.ask(opening), Done)

    async def ordered(item: bytes) -> None:
        given = GiveOrder(call=host.call(), room=ROOM_ID, item=item)
        assert isinstance(await host.ask(given), Said)

    party = Party(world, seen, link, key, policy, plain)
    await ordered(order(What.GRANT, given=grant(ALICE, Scope.HOST)))
    for seed, who in ((1, ALICE), (2, BOB), (3, CAROL)):
        await party.come(who, seed)
    alice, bob, carol = (party.callers[each] for each in (ALICE, BOB, CAROL))
    await bob.ask(ShowRoom(call=bob.call(), room=ROOM_ID))
    await party.say(BOB, party.chat())
    await heard(carol, Entries)
    asked = desk_contents.Ask(name=NAMES[BOB], sent_ms=1, text=QUESTION)
    await party.say(BOB, desk.tell(asked, policy, BOB, 1, b""))
    question = entry_id(ROOM_ID, Lane.DESK, BOB.seat, 1)
    vote = desk_contents.Vote(name=NAMES[CAROL], sent_ms=1, question=question)
    await party.say(CAROL, desk.tell(vote, policy, CAROL, 1, b""))
    mute = OrderId(an_id())
    sealed_reason = stage.seal_reason(REASON, key, mute, rng)
    await ordered(order(What.MUTE, CAROL.seat, order_id=mute, reason=sealed_reason))
    assert isinstance(await bob.ask(ShowSeats(call=bob.call())), SeatsShown)
    await bob.ask(ShowHead(call=bob.call()))
    cards = await alice.ask(ShowCards(call=alice.call(), seats=(BOB.seat,)))
    accepted = letters.AsideAccepted(name=NAMES[ALICE], request=LetterId(an_id()), link=INVITATION)
    box = hpke.new_key_pair()
    written = letters.write(
        accepted, SeatCard(sealing=box.public, made_ms=1), BOB.seat, ALICE, ROOM_ID, 1, rng
    )
    left = await alice.ask(LeaveLetter(call=alice.call(), room=ROOM_ID, letter=written))
    assert isinstance(left, Stored), cards
    await ordered(order(What.REMOVE, CAROL.seat))
    seen.while_it_goes_on = seen.disk.rows()
    # Carol has gone; the others get a new key.
    later, wrap_keys = new_epoch(ROOM_ID, 2, rng), {BOB.seat: Secret(rng(32))}
    body = EpochBody(room=ROOM_ID, epoch=2, commitment=later.commitment(), by=ROOM_ID, made_ms=1)
    begun = SetEpoch(
        call=host.call(),
        room=ROOM_ID,
        epoch=sign_epoch(ROOM, body),
        wraps=next(iter(wrap_all(later, wrap_keys, rng))),
    )
    assert isinstance(await host.ask(begun), Done)
    assert (await heard(bob, EpochBegins)).wrap
    seen.never_kept = {"the link's token": bytes(link.token()), "an address": ADDRESS.encode()}
    assert found_in(seen.never_kept, seen.disk.everything()) == set()
    await ordered(order(What.END))
    seen.box = Tap(world.stream())
    collecting = await world.caller(4, seen.box)
    opened = OpenBox(
        call=collecting.call(),
        room=ROOM_ID,
        seat=BOB.seat,
        signature=sign_box(BOB, collecting.agreed.transcript, ROOM_ID),
    )
    await collecting.ask(opened)
    await heard(collecting, Letters)
    seen.secrets = {
        "title": TITLE.encode(),
        "chat": CHAT.encode(),
        "question": QUESTION.encode(),
        "reason": REASON.encode(),
        "invitation": INVITATION.encode(),
        "the link's secret": bytes(link.secret),
        "front key": bytes(link.front_key()),
        "first key": bytes(key.key),
        "second key": bytes(later.key),
        "wrap key": bytes(wrap_keys[BOB.seat]),
        "desk key": bytes(DESK_PRIVATE),
        "voted for": question,
        **{f"{name}'s name": name.encode() for name in NAMES.values()},
    }
    seen.of_the_pass = {
        "pass": pass_secret,
        "its hash": pass_hash(pass_secret),
        "mailbox": host.mailbox,
    }
    return seen


async def run(tmp_path: Path, *, plain: bool = False) -> Seen:
    path = tmp_path / "store.db"
    database.create(path)
    with trio.fail_after(30):
        async with open_world(storage=CommittingThread(path)) as world:
            return await an_evening(world, path, plain=plain)


def read(seen: Seen) -> set[str]:
    """What of it the relay heard, said or keeps as it is."""
    return found_in(seen.secrets, seen.disk.everything(), *seen.lines())


async def test_a_room_s_relay_reads_no_word_no_name_and_no_vote(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, logger="relay")
    seen = await run(tmp_path)
    assert read(seen) == set()
    assert [each.getMessage() for each in caplog.records if each.name.startswith("relay")] == []
    # All that it keeps stands in the list; and all of that was kept of this evening.
    assert seen.while_it_goes_on["room_heat"] == OF_ROOMS["room_heat"]
    ended = {table: columns for table, columns in OF_ROOMS.items() if table != "room_heat"}
    assert seen.disk.rows_but(FURNITURE) == ended
    assert found_in(seen.never_kept, seen.disk.everything()) == set()
    # The search finds what is there.
    there = {"room": ROOM_ID, "bob's seat": BOB.seat}
    assert found_in(there, seen.disk.everything()) == there.keys()
    for tap in seen.seats.values():
        within(fields_of(tap.said), FROM_SEATS | {"hello": {"versions", "nonce"}})
        within(fields_of(tap.heard), TO_SEATS | TO_ANYBODY)
    within(of_rooms(fields_of(seen.hosts.said)), FROM_HOSTS)


async def test_nothing_leads_from_a_seat_to_a_mailbox_or_a_pass(tmp_path: Path) -> None:
    seen = await run(tmp_path)
    assert seen.box is not None
    for tap in (*seen.seats.values(), seen.box):
        assert found_in(seen.of_the_pass, words(tap.said, tap.heard)) == set()
    of_rooms_kept, all_else = values(seen.disk.path)
    assert found_in(seen.of_the_pass, of_rooms_kept) == set()
    assert found_in({"mailbox": seen.of_the_pass["mailbox"]}, all_else) == {"mailbox"}
    seats = {f"seat {n}": each.seat for n, each in enumerate(NAMES)}
    assert found_in({"room": ROOM_ID, **seats}, all_else) == set()
    assert found_in(seats, of_rooms_kept) == seats.keys()
    # Each seat's line names no other seat of the same person's, and no second room.
    assert found_in({"bob": BOB.seat}, words(seen.seats[CAROL].said)) == set()


async def test_one_who_forgets_to_seal_is_found(tmp_path: Path) -> None:
    assert read(await run(tmp_path, plain=True)) == {"chat"}


def test_an_entry_says_whose_it_is_and_nothing_of_what_is_in_it() -> None:
    said = EntryBody(Lane.STAGE, BOB.seat, 1, 1, b"", b"sealed")
    assert parse_item(sign_entry(BOB, ROOM_ID, said)) == said
    assert set(EntryBody.__struct_fields__) == {
        *("lane", "seat", "epoch", "counter", "previous", "sealed")
    }


def within(found: Fields, known: Fields) -> None:
    """Nothing else than what is in the list."""
    for name, fields in found.items():
        assert fields <= known[name], name


def of_rooms(found: Fields) -> Fields:
    return {name: fields for name, fields in found.items() if name in FROM_HOSTS}


def values(path: Path) -> tuple[bytes, bytes]:
    """What stands in the tables of rooms, and in all others."""
    parts: dict[bool, list[bytes]] = {True: [], False: []}
    beside = sqlite.connect(path)
    try:
        tables = beside.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in beside.execute(f"SELECT * FROM {table}"):
                parts[table in OF_ROOMS] += [each for each in row if isinstance(each, bytes)]
    finally:
        beside.close()
    return b"\n".join(parts[True]), b"\n".join(parts[False])
