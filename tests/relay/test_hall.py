"""Rooms over a relay's lines: entered, spoken in, ordered about, fetched from, written to."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any, TypeVar

import pytest
import trio
from msgspec.structs import replace
from trio.testing import MemorySendStream, MockClock

from protocol.ids import RelayKey
from protocol.keys import public_key
from protocol.wire import codec
from protocol.wire.frames import Done, Farewell, Reason, Refused, Reply, Stored
from protocol.wire.frames.letters import AcknowledgeLetters, LeaveLetter, Letters, OpenBox
from protocol.wire.frames.room_entries import (
    AcknowledgeDesk,
    Entries,
    Fetched,
    FetchEntries,
    HeadShown,
    Lane,
    RoomHead,
    Said,
    SayEntry,
    ShowHead,
)
from protocol.wire.frames.room_orders import (
    EpochBegins,
    GiveOrder,
    SeatWrap,
    SetEpoch,
    ShowWrap,
    WrapShown,
)
from protocol.wire.frames.rooms import (
    CardsShown,
    Entered,
    LeaveRoom,
    OpenRoom,
    RoomSet,
    RoomShown,
    SeatsChanged,
    SeatsShown,
    SeatState,
    SeatTold,
    SetRoom,
    ShowCards,
    ShowRoom,
    ShowSeats,
)
from protocol.wire.rooms.entering import read_card, sign_box, sign_opening
from protocol.wire.rooms.heads import follow, read_head
from protocol.wire.rooms.items import SIGNATURE, entry_id, is_stub, read_item
from protocol.wire.rooms.orders import Scope, What
from protocol.wire.rooms.policy import Entry, PolicyBody, read_policy
from protocol.wire.rooms.signed import SeatKey
from relay.framing import head_of
from relay.outbox import ROOM_BYTES, Flusher, Outbox
from relay.rooms import live, sitting
from relay.rooms.hall import Hall
from relay.rules.clock import Now
from relay.rules.office import AnyRequest
from relay.rules.rooms.asking import KeepRoom
from relay.store import database
from relay.store.committing import CommittingThread
from relay.store.memory import MemoryStore
from relay.store.storage import Answered, Inline
from relay.websocket import WebSocket
from tests.relay.caller import RELAY_SEED, Caller, World, open_world
from tests.relay.rooms_cast import (
    ALICE,
    BOB,
    CAROL,
    ROOM,
    entering,
    entry,
    grant,
    letter,
    order,
    policy,
)
from tests.relay.test_rooms import epoch

T = TypeVar("T")
RELAY = RelayKey(public_key(RELAY_SEED))


async def host(world: World, **fields: Any) -> Caller:
    """Somebody with a pass opens the room."""
    caller = await world.caller(9)
    await open_room(caller, **fields)
    return caller


async def open_room(caller: Caller, **fields: Any) -> PolicyBody:
    """With a new pass."""
    await caller.move_in()
    signed = policy(1, **fields)
    asked = OpenRoom(
        call=caller.call(),
        pass_secret=bytes(caller.secret)[::-1],
        policy=signed,
        signature=sign_opening(ROOM, caller.agreed.transcript, signed),
    )
    assert isinstance(await caller.ask(asked), Done)
    return read_policy(signed, ROOM.room)


async def come(world: World, key: SeatKey, seed: int, **fields: bytes) -> tuple[Caller, Entered]:
    caller = await world.caller(seed)
    reply = await sit(caller, key, **fields)
    assert isinstance(reply, Entered), reply
    return caller, reply


async def sit(caller: Caller, key: SeatKey, **fields: bytes) -> Reply:
    asked = entering(key, transcript=caller.agreed.transcript, **fields)
    return await caller.ask(asked)


async def say(caller: Caller, key: SeatKey, counter: int, lane: Lane = Lane.STAGE) -> Reply:
    item = entry(key, counter, lane)
    return await caller.ask(SayEntry(call=caller.call(), item=item))


async def give(caller: Caller, item: bytes) -> Reply:
    return await caller.ask(GiveOrder(call=caller.call(), room=ROOM.room, item=item))


async def heard(caller: Caller, kind: type[T]) -> T:
    """The next of this kind; what lies before it is passed over."""
    while True:
        frame = await caller.next()
        assert frame is not None
        if isinstance(frame, kind):
            return frame


async def numbers(caller: Caller, count: int, lane: Lane = Lane.STAGE) -> list[int]:
    found: list[int] = []
    while len(found) < count:
        said = await heard(caller, Entries)
        if said.lane is lane:
            found += range(said.first, said.first + len(said.items))
            for item in said.items:
                read_item(item, ROOM.room)
    return found


async def lanes_told(caller: Caller) -> set[Lane]:
    """Of which lanes somebody was told anything, up to an entry of the stage."""
    lanes: set[Lane] = set()
    while (frame := await caller.next()) is not None:
        if isinstance(frame, RoomHead):
            lanes.add(read_head(frame.head, RELAY, ROOM.room).lane)
        if isinstance(frame, Entries):
            lanes.add(frame.lane)
            if frame.lane is Lane.STAGE:
                break
    return lanes


async def test_what_one_says_all_hear_with_one_number(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        await host(world)
        bob, entered = await come(world, BOB, 2)
        carol, _ = await come(world, CAROL, 3)
        assert (entered.run, entered.number, entered.state) == (1, 0, SeatState.HERE)
        for n in range(1, 4):
            said = await say(bob, BOB, n)
            assert isinstance(said, Said)
            assert (said.run, said.number) == (1, n)
        assert await numbers(carol, 3) == await numbers(bob, 3) == [1, 2, 3]
        again = await say(bob, BOB, 2)
        assert isinstance(again, Said)
        assert again.number == 2
        head = (await heard(carol, RoomHead)).head
        read = read_head(head, RELAY, ROOM.room)
        assert read.number == 3


async def test_a_wrong_line_a_wrong_link_and_no_room(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        bob = await world.caller(2)
        missing = await bob.ask(ShowRoom(call=bob.call(), room=ROOM.room))
        assert isinstance(missing, Refused)
        assert missing.reason is Reason.UNKNOWN
        await host(world)
        shown = await bob.ask(ShowRoom(call=bob.call(), room=ROOM.room))
        assert isinstance(shown, RoomShown)
        assert (shown.seats, shown.live) == (0, False)
        elsewhere = await bob.ask(entering(BOB))  # signed for another line
        assert isinstance(elsewhere, Refused)
        assert elsewhere.reason is Reason.BAD_SIGNATURE
        wrong = await sit(bob, BOB, token=b"wrong".ljust(32))
        assert isinstance(wrong, Refused)
        assert wrong.reason is Reason.UNKNOWN
        early = await say(bob, BOB, 1)
        assert isinstance(early, Refused)
        assert early.reason is Reason.WRONG_STATE
        assert isinstance(await sit(bob, BOB), Entered)
        second = await sit(bob, CAROL)
        assert isinstance(second, Refused)
        assert second.reason is Reason.WRONG_STATE


async def test_a_removed_person_is_out_at_once(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice = await host(world)
        bob, _ = await come(world, BOB, 2)
        carol, _ = await come(world, CAROL, 3)
        assert isinstance(await give(alice, order(What.REMOVE, BOB.seat)), Said)
        assert await numbers(bob, 1) == [1]  # the order, and why
        told = await heard(bob, SeatTold)
        assert told.state is SeatState.REMOVED
        refused = await say(bob, BOB, 1)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.WRONG_STATE
        assert await numbers(carol, 1) == [1]
        changed = await heard(carol, SeatsChanged)
        assert changed.seats == 1
        back = await sit(bob, BOB)
        assert isinstance(back, Refused)
        assert back.reason is Reason.REMOVED


async def test_who_waits_is_told_when_they_are_let_in(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice = await host(world, entry=Entry.APPROVAL)
        bob, entered = await come(world, BOB, 2)
        assert entered.state is SeatState.WAITING
        assert isinstance(await say(bob, BOB, 1, Lane.DESK), Said)
        await give(alice, order(What.ADMIT, BOB.seat))
        assert (await heard(bob, SeatTold)).state is SeatState.HERE
        again = await sit(bob, BOB)
        assert isinstance(again, Entered)
        assert again.state is SeatState.HERE
        assert isinstance(await say(bob, BOB, 1), Said)


async def test_the_desk_is_for_who_may_read_it_and_goes_when_the_host_has_it(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice = await host(world)
        given = grant(ALICE, Scope.HOST)
        assert isinstance(await give(alice, order(What.GRANT, ALICE.seat, given=given)), Said)
        bob, _ = await come(world, BOB, 2)
        for n in (1, 2):
            assert isinstance(await say(bob, BOB, n, Lane.DESK), Said)
        await trio.sleep(0.1)
        mine, entered = await come(world, ALICE, 4, token=b"")
        assert entered.grant == given

        async def fetch(who: Caller) -> Reply:
            asked = FetchEntries(call=who.call(), run=1, after=0, limit=9, lane=Lane.DESK)
            return await who.ask(asked)

        refused = await fetch(bob)
        assert isinstance(refused, Refused)
        found = await fetch(mine)
        assert isinstance(found, Fetched)
        assert len(found.items) == 2
        assert isinstance(await say(bob, BOB, 3, Lane.DESK), Said)
        assert await numbers(mine, 1, Lane.DESK) == [3]
        await trio.sleep(4)  # the heads of both lanes
        assert isinstance(await say(bob, BOB, 1), Said)
        assert await lanes_told(bob) == {Lane.STAGE}
        head = await mine.ask(ShowHead(call=mine.call(), lane=Lane.DESK))
        assert isinstance(head, HeadShown)
        done = await mine.ask(AcknowledgeDesk(call=mine.call(), run=1, up_to=3))
        assert isinstance(done, Done)
        others = await bob.ask(AcknowledgeDesk(call=bob.call(), run=1, up_to=3))
        assert isinstance(others, Refused)


async def test_history_is_fetched_and_what_is_hidden_is_left_out(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        alice = await host(world)
        bob, _ = await come(world, BOB, 2)
        for n in range(1, 5):
            await say(bob, BOB, n)
        carol, entered = await come(world, CAROL, 3)
        assert (entered.number, entered.oldest_run, entered.oldest) == (4, 1, 1)
        hide = entry_id(ROOM.room, Lane.STAGE, BOB.seat, 2)
        await give(alice, order(What.HIDE, entry=hide))
        await trio.sleep(0.1)
        page = await carol.ask(FetchEntries(call=carol.call(), run=1, after=0, limit=9))
        assert isinstance(page, Fetched)
        assert [is_stub(item) for item in page.items] == [False, True, False, False, False]
        running = page.before
        for number, item in enumerate(page.items, page.first):
            running = follow(running, number, item)
        shown = await carol.ask(ShowHead(call=carol.call()))
        assert isinstance(shown, HeadShown)
        assert read_head(shown.head, RELAY, ROOM.room).running == running


async def test_people_cards_policies_and_epochs_are_shown(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        alice = await host(world)
        bob, _ = await come(world, BOB, 2, name=b"bob's name")
        carol, _ = await come(world, CAROL, 3)
        seats = await carol.ask(ShowSeats(call=carol.call()))
        assert isinstance(seats, SeatsShown)
        assert {(row.seat, row.name) for row in seats.seats} == {
            (BOB.seat, b"bob's name"),
            (CAROL.seat, b""),
        }
        cards = await carol.ask(ShowCards(call=carol.call(), seats=(BOB.seat, ALICE.seat)))
        assert isinstance(cards, CardsShown)
        assert [row.seat for row in cards.cards] == [BOB.seat]
        newer = policy(2, slow_s=30)
        assert isinstance(await alice.ask(SetRoom(call=alice.call(), policy=newer)), Done)
        assert (await heard(bob, RoomSet)).policy == newer
        wraps = (SeatWrap(BOB.seat, b"b" * 72),)
        set_epoch = SetEpoch(call=alice.call(), room=ROOM.room, epoch=epoch(2), wraps=wraps)
        assert isinstance(await alice.ask(set_epoch), Done)
        assert (await heard(bob, EpochBegins)).wrap == b"b" * 72
        assert (await heard(carol, EpochBegins)).wrap == b""
        wrap = await bob.ask(ShowWrap(call=bob.call()))
        assert isinstance(wrap, WrapShown)
        assert wrap.wrap == b"b" * 72
        late = await say(bob, BOB, 1)
        assert isinstance(late, Refused)
        assert late.reason is Reason.EPOCH


async def test_a_letter_waits_for_its_seat_beyond_restart_and_end(
    autojump_clock: MockClock,
) -> None:
    store = MemoryStore()
    async with open_world(storage=Inline(store)) as world:
        alice = await host(world, asides=True)
        bob, _ = await come(world, BOB, 2)
        await come(world, CAROL, 3)
        sent = letter(BOB, CAROL)
        for _ in range(2):  # the second is the first again
            left = LeaveLetter(call=bob.call(), room=ROOM.room, letter=sent)
            assert isinstance(await bob.ask(left), Stored)
        await give(alice, order(What.END))
        shown = await bob.ask(ShowRoom(call=bob.call(), room=ROOM.room))
        assert isinstance(shown, Refused)
        assert shown.reason is Reason.ENDED
    async with open_world(storage=Inline(store)) as world:
        carol = await world.caller(3)
        signature = sign_box(CAROL, carol.agreed.transcript, ROOM.room)
        asked = OpenBox(call=carol.call(), room=ROOM.room, seat=CAROL.seat, signature=signature)
        show = ShowCards(call=carol.call(), seats=(BOB.seat,))
        none = await carol.ask(show)
        assert isinstance(none, Refused)
        assert none.reason is Reason.WRONG_STATE
        await carol.ask(asked)
        letters = await heard(carol, Letters)
        cards = await carol.ask(replace(show, call=carol.call()))
        assert isinstance(cards, CardsShown)
        assert read_card(cards.cards[0].card, ROOM.room, BOB.seat).made_ms == 1
        assert [each.letter for each in letters.letters] == [sent]
        done = await carol.ask(AcknowledgeLetters(call=carol.call(), up_to=1))
        assert isinstance(done, Done)
        bob = await world.caller(2)
        live = letter(BOB, CAROL)
        await bob.ask(LeaveLetter(call=bob.call(), room=ROOM.room, letter=live))
        assert (await heard(carol, Letters)).letters[0].letter == live


async def test_a_later_line_takes_the_seat_over(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        await host(world)
        before, _ = await come(world, BOB, 2)
        after, _ = await come(world, BOB, 3)
        assert (await heard(before, SeatTold)).state is SeatState.AWAY
        await before.hang_up()
        await trio.sleep(1)
        assert isinstance(await say(after, BOB, 1), Said)
        assert world.relay.premises.hall.seats == 1


async def test_a_restart_begins_a_new_run_with_what_was_confirmed(
    autojump_clock: MockClock,
) -> None:
    store = MemoryStore()
    async with open_world(storage=Inline(store)) as world:
        await host(world)
        bob, _ = await come(world, BOB, 2)
        assert isinstance(await say(bob, BOB, 1), Said)
    async with open_world(storage=Inline(store)) as world:
        bob, entered = await come(world, BOB, 2)
        assert (entered.run, entered.number) == (2, 0)
        said = await say(bob, BOB, 2)
        assert isinstance(said, Said)
        assert (said.run, said.number) == (2, 1)
        page = await bob.ask(FetchEntries(call=bob.call(), run=1, after=0, limit=9))
        assert isinstance(page, Fetched)
        assert (len(page.items), page.over) == (1, True)


class Failing(Inline):
    """A disk that takes nothing of rooms for a while."""

    fails = False

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        if self.fails and isinstance(asked, KeepRoom):
            answered(Refused(call=asked.call, reason=Reason.TRY_LATER))
        else:
            super().submit(asked, now, answered)


async def test_what_the_disk_refuses_ends_the_run_and_is_never_called_said(
    autojump_clock: MockClock,
) -> None:
    storage = Failing(MemoryStore())
    async with open_world(storage=storage) as world:
        await host(world)
        bob, _ = await come(world, BOB, 2)
        carol, _ = await come(world, CAROL, 3)
        assert isinstance(await say(bob, BOB, 1), Said)
        storage.fails = True
        lost = await say(bob, BOB, 2)
        assert isinstance(lost, Refused)
        assert lost.reason is Reason.TRY_LATER
        assert (await heard(carol, Farewell)).reason is Reason.TRY_LATER
        storage.fails = False
        bob, entered = await come(world, BOB, 2)
        assert (entered.run, entered.number) == (2, 0)
        assert isinstance(await say(bob, BOB, 2), Said)


async def test_what_was_said_is_in_the_store_of_a_relay_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    async with open_world(storage=CommittingThread(path)) as world:
        await host(world)
        bob, _ = await come(world, BOB, 2)
        asked = [SayEntry(call=bob.call(), item=entry(BOB, n)) for n in range(1, 21)]
        await bob.say(*asked)
        said = [await heard(bob, Said) for _ in asked]
        assert [each.number for each in said] == list(range(1, 21))
        # As a kill leaves it: nothing is closed, nothing is written any more.
        killed = tmp_path / "killed"
        shutil.copytree(tmp_path, killed, ignore=shutil.ignore_patterns("killed"))
    async with open_world(storage=CommittingThread(killed / "store.db")) as world:
        bob, entered = await come(world, BOB, 2)
        assert entered.run == 2
        page = await bob.ask(FetchEntries(call=bob.call(), run=1, after=0, limit=99))
        assert isinstance(page, Fetched)
        assert [entry(BOB, n) for n in range(1, 21)] == list(page.items)


async def test_a_bug_met_by_one_room_ends_its_run_and_nothing_else(
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with open_world() as world:
        alice = await host(world)
        bob, _ = await come(world, BOB, 2)

        def fails(*_: object) -> None:
            raise ValueError("a bug")

        with monkeypatch.context() as broken:
            broken.setattr(live, "tell_all", fails)
            await say(bob, BOB, 1)
            assert (await heard(bob, Farewell)).reason is Reason.TRY_LATER
        assert "a bug" not in caplog.text
        caplog.clear()
        await alice.ping()
        _, entered = await come(world, BOB, 2)
        assert entered.run == 2


async def test_a_room_that_nobody_needs_is_left_and_goes_on_in_its_run(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        await host(world)
        bob, _ = await come(world, BOB, 2)
        await say(bob, BOB, 1)
        await bob.hang_up()
        await trio.sleep(120)
        assert world.relay.premises.hall.rooms == 0
        bob, entered = await come(world, BOB, 2)
        assert (entered.run, entered.number) == (1, 1)


async def test_who_left_for_good_is_forgotten_ten_minutes_after_their_last_word(
    autojump_clock: MockClock,
) -> None:
    async with open_world() as world:
        await host(world)
        bob, _ = await come(world, BOB, 2)
        await say(bob, BOB, 1)
        await bob.ask(LeaveRoom(call=bob.call(), for_good=True))
        await bob.hang_up()
        await trio.sleep(500)
        assert world.relay.premises.hall.rooms == 1
        await trio.sleep(300)
        assert world.relay.premises.hall.rooms == 0
        bob, _ = await come(world, BOB, 2)
        said = await say(bob, BOB, 1)  # of a seat that nobody had, not what he said before
        assert isinstance(said, Said)
        assert said.number == 2


async def test_a_burst_goes_out_in_few_messages(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        await host(world)
        bob, _ = await come(world, BOB, 2)
        carol, _ = await come(world, CAROL, 3)
        items = [SayEntry(call=bob.call(), item=entry(BOB, n)) for n in range(1, 31)]
        before = world.relay.premises.hall.delivered
        await bob.say(*items)
        assert await numbers(carol, 30) == list(range(1, 31))
        assert world.relay.premises.hall.delivered - before <= 2 * 2


UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: relay.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Kernel:
    """A line's other end, which takes so much."""

    def __init__(self) -> None:
        self.room = 1 << 30
        self.parts: list[bytes] = []

    def send(self, data: bytes) -> int:
        sent = min(self.room, len(data))
        self.room -= sent
        self.parts.append(data[:sent])
        return sent


def a_line(kernel: Kernel) -> Outbox:
    websocket = WebSocket()
    websocket.hear(UPGRADE)
    websocket.to_send()
    return Outbox(websocket, Flusher(), kernel.send)


async def test_what_many_hear_keeps_its_place_among_what_one_hears() -> None:
    kernel = Kernel()
    outbox = a_line(kernel)
    first, second, third = (SeatTold(state=SeatState.HERE, muted_until_ms=n) for n in (1, 2, 3))
    shared = [Entries(run=1, first=1, items=(bytes(SIGNATURE + 40),))]
    data = sitting.framed(shared)
    outbox.put(first)
    assert outbox.put_framed(data)
    kernel.room = 0
    outbox.put(second)
    outbox.flush()
    assert outbox.put_framed(data)
    outbox.put(third)
    outbox.put_framed(data)

    def one(frame: SeatTold) -> bytes:
        said = codec.dump([frame])
        return head_of(len(said)) + said

    assert b"".join(kernel.parts) == one(first) + data
    stream = MemorySendStream()
    outbox.end()
    await outbox.write_to(stream)
    assert stream.get_data_nowait() == one(second) + data + one(third) + data


async def test_one_stalled_reader_of_500_is_cut_off_and_the_others_get_the_same_bytes() -> None:
    kernels = [Kernel() for _ in range(500)]
    kernels[7].room = 10
    cut: list[int] = []
    seats = [
        sitting.Sitting(a_line(kernel), lambda *_: None, lambda n=n: cut.append(n))  # type: ignore[misc]
        for n, kernel in enumerate(kernels)
    ]
    big = [Entries(run=1, first=1, items=(bytes(4096),) * 16)]
    data = sitting.framed(big)
    for _ in range(ROOM_BYTES // len(data) + 2):
        sitting.tell_all([each for n, each in enumerate(seats) if n not in cut], big)
    assert cut == [7]
    others = [kernel.parts for n, kernel in enumerate(kernels) if n != 7]
    assert all(parts == others[0] for parts in others)


async def test_a_relay_without_anybody_in_its_rooms_counts_no_seconds(
    autojump_clock: MockClock,
) -> None:
    class Steps(trio.abc.Instrument):
        count = 0

        def before_task_step(self, task: trio.lowlevel.Task) -> None:
            self.count += 1

    steps = Steps()
    hall = Hall(Inline(MemoryStore()), RELAY_SEED, lambda: Now(0, 0))
    trio.lowlevel.add_instrument(steps)
    with trio.move_on_after(24 * 3600):
        await hall.run()
    trio.lowlevel.remove_instrument(steps)
    assert steps.count < 20
