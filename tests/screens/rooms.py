"""A room, who sits in it and what was said: the evening of the mock-ups."""

from __future__ import annotations

from datetime import datetime

from msgspec.structs import replace

from desktop.core.desk import DeskKind
from desktop.core.questions import Question, QuestionId, QuestionState
from desktop.core.requests import Proof, Quoted
from desktop.core.room_rights import USUAL
from desktop.core.rooms import (
    Act,
    Entry,
    EntryCause,
    EntryKind,
    EntryState,
    Fork,
    Order,
    Person,
    Presence,
    Reaction,
    Reply,
    Role,
    Room,
    Standing,
)
from desktop.ui.rooms.page import RoomPage
from protocol.ids import EntryId
from tests.fakes.rooms import FakeRooms, seat
from tests.screens.cast import lively, ms
from tests.screens.scenes import Stage


def evening(*, hosting: bool = False) -> tuple[FakeRooms, Room]:
    """Glazes without fear, 41 minutes in."""
    rooms = FakeRooms(ms(0, 19, 41))
    more: dict[str, object] = {"slow_s": 20, "may_write_ms": rooms.now_ms + 12_000}
    if hosting:
        more = {
            "my_name": "Marta Kessler",
            "role": Role.HOST,
            "slow_s": 20,
            "entries_a_minute": 38,
            "questions": 9,
            "at_desk": 3,
        }
    room = rooms.host(
        "Glazes without fear",
        about="We open the kiln together and talk about what went wrong.",
        rules="Be kind about other people’s pots. No selling.\nQuestions go on the board.",
        stream="https://video.lindenhof.example/kiln",
        live_since_ms=ms(0, 19, 0),
        **more,
    )

    def says(name: str, minute: int, text: str, **how: object) -> Entry:
        asks = hosting or name == room.my_name
        how = {"asidable": asks and not (hosting and name == room.my_name), **how}
        return rooms.come(room, name, text, quiet=True, sent_ms=ms(0, 19, minute), **how)

    host: dict[str, object] = {"role": Role.HOST}
    says("Marta Kessler", 4, "Recipes of tonight: lindenhof.example/glazes", **host)
    for minute in range(5, 36):
        says(("heron-3", "river-5", "tallow")[minute % 3], minute, "Good evening from the shed.")
    rooms.entries[room.room_id][0] = _pinned(rooms, room)
    says(
        "Marta Kessler",
        36,
        "Ash glaze first. Sieve it twice and let it stand overnight. Most of the crawling you see "
        "comes from rushing this.",
        reactions=(Reaction("👏", 18, not hosting), Reaction("🔥", 6)),
        **host,
    )
    says("heron-3", 37, "Twice with the same mesh, or finer the second time?")
    says(
        "Jun Park",
        37,
        "Questions fit best on the board to the right. Chat is quick tonight and Marta reads the "
        "board.",
        role=Role.MODERATOR,
    )
    says("ليلى", 38, "شكراً مارتا، هذا أوضح شرح سمعته.")
    asked = says(
        "quiet-fern",
        38,
        "My beech ash came out grey, not green, at 1240°. Too little iron, or too fast?",
    )
    says("小雨的窑", 39, "苹果木灰的颜色很暖。")
    says(
        "tallow",
        40,
        "Same here. A slower cooling helped me a lot.",
        newcomer=True,
        mention=not hosting,
        reply=Reply(asked.entry_id, "quiet-fern", asked.text, mine=not hosting),
    )
    says(
        "Marta Kessler",
        40,
        "Slow down between 1100° and 1000°. That is where the green comes from.",
        **host,
    )
    board(rooms, room)
    crowd(rooms, room)
    return rooms, room


def board(rooms: FakeRooms, room: Room) -> None:
    """Nine people asked."""
    hosting = room.helps
    moment = rooms.entries[room.room_id][0].entry_id
    asked: tuple[tuple[int, str, str, QuestionState, dict[str, object]], ...] = (
        (
            48,
            "Can ash glaze go on the inside of cups we drink from?",
            "heron-3",
            QuestionState.ANSWERING,
            {"voted": not hosting},
        ),
        (
            31,
            "How do you test a glaze without firing a whole kiln?",
            "",
            QuestionState.ANSWERED,
            {"answered_ms": ms(0, 19, 22), "moment": moment},
        ),
        (
            17,
            "I lost three bowls to cracks in the foot. What should I change?",
            "river-5",
            QuestionState.ASIDE,
            {},
        ),
        (
            12,
            "Which ash is the safest one to begin with?",
            "quiet-fern",
            QuestionState.QUEUED,
            {"mine": not hosting, "starred": hosting, "asidable": True},
        ),
        (9, "Does rain on the wood pile change the ash?", "", QuestionState.QUEUED, {}),
        (
            6,
            "Could you start again with the basics?",
            "tallow",
            QuestionState.DECLINED,
            {"reason": "Next week’s evening"},
        ),
    )
    for number, (votes, text, name, state, how) in enumerate(asked):
        plain = Question(
            QuestionId(number.to_bytes(16, "big")),
            text,
            name,
            ms(0, 19, 20 + number),
            votes,
            state,
            seat_name="tallow" if hosting else "",
            asidable=hosting,
        )
        rooms.board[room.room_id].append(replace(plain, **how))


def crowd(rooms: FakeRooms, room: Room) -> None:
    """Who sits there."""
    some: tuple[tuple[str, Role, Presence, dict[str, object]], ...] = (
        ("Marta Kessler", Role.HOST, Presence.HERE, {"me": room.role is Role.HOST}),
        ("Jun Park", Role.MODERATOR, Presence.HERE, {}),
        ("Ruth Abrams", Role.GUEST, Presence.HERE, {}),
        ("river-5", Role.MEMBER, Presence.AT_THE_DOOR, {}),
        ("quiet-fern", Role.MEMBER, Presence.HERE, {"me": room.role is Role.MEMBER}),
        ("heron-3", Role.MEMBER, Presence.MUTED, {}),
        ("ليلى", Role.MEMBER, Presence.AWAY, {}),
        ("小雨的窑", Role.MEMBER, Presence.HERE, {}),
        ("tallow", Role.MEMBER, Presence.HERE, {"newcomer": True}),
        ("Marta KessIer\u202e", Role.MEMBER, Presence.HERE, {"imitates": True}),
    )
    for name, role, state, how in some:
        who = room.me if how.get("me") else seat(name)
        rooms.seats[room.room_id].append(replace(Person(who, name, role, state), **how))


def _pinned(rooms: FakeRooms, room: Room) -> Entry:
    return replace(rooms.entries[room.room_id][0], pinned_ms=ms(0, 19, 4))


def odd(rooms: FakeRooms, room: Room) -> None:
    """What a stage may meet besides words."""

    def row(text: str, **how: object) -> None:
        rooms.come(room, "willow-7", text, quiet=True, sent_ms=ms(0, 19, 41), **how)

    by_me = room.role is Role.HOST
    done = Order(Act.REMOVE, "willow-7", "Marta Kessler", by_me=by_me, reason="selling links")
    row("", kind=EntryKind.ORDER, order=done)
    row("", kind=EntryKind.GAP, count=4)
    fork = Fork(1_204, b"\x4a\x11\xbe\x20\x01\x77", b"\xc0\xff\xee\x00\x12\x34", 0, 0)
    row("", kind=EntryKind.FORK, fork=fork)
    row("", kind=EntryKind.UNREADABLE, cause=EntryCause.FORGED)
    rooms.come(
        room,
        "Marta Kess\u200bler\u202e",
        "free glazes https://xn--pple-43d.example <img src=file:///etc/passwd>\x07",
        quiet=True,
        sent_ms=ms(0, 19, 41),
        imitates=True,
    )
    mine = rooms.come(room, room.my_name, "I still have two shelves.", quiet=True)
    rooms.entries[room.room_id].pop()
    rooms.waiting[room.room_id].append(
        replace(mine, place=2**60, state=EntryState.WAITING, sent_ms=ms(0, 19, 41))
    )


def into(stage: Stage, rooms: FakeRooms, room: Room | None) -> RoomPage:
    """The page of a room where it stands: beside the list of conversations."""
    clara, _ = lively()
    if room is not None:
        hosting = room.role is Role.HOST
        standing = Standing.HOSTING if hosting else Standing.LINK
        live = round(datetime.now().timestamp() * 1000) - 41 * 60_000
        clara.list_row(room, standing, inside=True, live_since_ms=live)
    stage.begin(clara)
    ctx = stage.ctx
    rooms.listen(ctx.heard.emit)
    page = RoomPage(ctx, rooms, lambda: rooms.now_ms)
    stage.shell.contents.addWidget(page)
    stage.shell.list.mark_open(None if room is None else room.room_id)
    stage.shell.contents.setCurrentWidget(page)
    if room is not None:
        page.open(room.room_id)
    stage.settle()
    return page


def light_up(page: RoomPage, entry_id: EntryId) -> None:
    """The keyboard stands at an entry, and shows its bar."""
    page.go_to(entry_id)


def member(stage: Stage) -> None:
    rooms, room = evening()
    page = into(stage, rooms, room)
    mine = next(one for one in rooms.entries[room.room_id] if one.mine)
    light_up(page, mine.entry_id)


def behind(stage: Stage) -> None:
    """Somebody reads further up, and 37 more come."""
    rooms, room = evening()
    page = into(stage, rooms, room)
    page.stage.view.verticalScrollBar().setValue(400)
    for number in range(37):
        rooms.come(room, f"heron-{number % 7}", "And one more.", sent_ms=ms(0, 19, 41))
    stage.settle(0.1)


def hosting(stage: Stage) -> None:
    rooms, room = evening(hosting=True)
    page = into(stage, rooms, room)
    entry = next(e for e in rooms.entries[room.room_id] if e.name == "quiet-fern")
    light_up(page, entry.entry_id)
    page.acts.act_on(entry, act=Act.MUTE)


def strange(stage: Stage) -> None:
    rooms, room = evening()
    odd(rooms, room)
    into(stage, rooms, room)


def empty(stage: Stage) -> None:
    rooms = FakeRooms(ms(0, 19, 41))
    into(stage, rooms, rooms.host("Monday mentoring", people=3))


def people(stage: Stage) -> None:
    rooms, room = evening(hosting=True)
    page = into(stage, rooms, room)
    page.header.panel.setChecked(True)
    page.panel.show_people()
    page.panel.people.act(rooms.seats[room.room_id][8], Act.REMOVE)


def ordered(rooms: FakeRooms, room: Room) -> None:
    """Some are muted, have a pause or are out; a helper's part ends tonight."""
    seats = rooms.seats[room.room_id]

    def stand(name: str, state: Presence, act: Act, by: str, **how: object) -> Person:
        done = Order(act, name, by, by_me=by == room.my_name)
        return replace(
            Person(seat(name), name, Role.MEMBER, state, until_ms=_until(how)),
            done=replace(done, reason=str(how.get("reason", ""))),
        )

    helper = next(one for one in seats if one.role is Role.MODERATOR)
    seats[seats.index(helper)] = replace(helper, role_until_ms=ms(0, 21, 0), may=USUAL)
    old = next(one for one in seats if one.state is Presence.MUTED)
    seats[seats.index(old)] = stand("heron-3", Presence.MUTED, Act.MUTE, "Jun Park")
    ends = {"until_ms": ms(0, 20, 15), "reason": "a flood of links"}
    seats += [
        stand("bo-9", Presence.TIMED_OUT, Act.TIME_OUT, room.my_name, **ends),
        stand("willow-7", Presence.REMOVED, Act.REMOVE, room.my_name, reason="selling links"),
        stand("grey-otter", Presence.REMOVED, Act.BAN, "Jun Park"),
    ]


def _until(how: dict[str, object]) -> int | None:
    ends = how.get("until_ms")
    return ends if isinstance(ends, int) else None


def of_order(stage: Stage) -> None:
    """The host's list of people, with who is out below."""
    rooms, room = evening(hosting=True)
    ordered(rooms, room)
    page = into(stage, rooms, room)
    page.header.panel.setChecked(True)
    page.panel.show_people()
    stage.settle()
    people = page.panel.people
    bar = people.scrolled.verticalScrollBar()
    bar.setValue(bar.maximum())


def part(stage: Stage) -> None:
    """A moderator is made."""
    rooms, room = evening(hosting=True)
    page = into(stage, rooms, room)
    page.header.panel.setChecked(True)
    page.panel.show_people()
    page.panel.people.act(rooms.seats[room.room_id][8], Act.MAKE_MODERATOR)


def waiting(rooms: FakeRooms, room: Room) -> None:
    """One of each kind at the desk."""
    bad = next(one for one in rooms.entries[room.room_id] if one.name == "heron-3")
    said = Quoted(bad.entry_id, bad.seat_id, bad.name, bad.text, bad.sent_ms, proof=Proof.SIGNED)

    def wait(kind: DeskKind, name: str, minute: int, **how: object) -> None:
        rooms.wait(room, kind, name, came_ms=ms(0, 19, minute), **how)

    wait(DeskKind.REPORT, "tallow", 36, words="He asks this every week", entry=said)
    wait(DeskKind.REPORT, "小雨的窑", 37, entry=None)
    wait(DeskKind.HAND, "ليلى", 38)
    wait(DeskKind.HELD, "willow-7", 39, words="I sell glazes, see my page.", newcomer=True)
    wait(DeskKind.DOOR, "river-5", 40, words="Marta told me of it")


def desk(stage: Stage) -> None:
    rooms, room = evening(hosting=True)
    waiting(rooms, room)
    page = into(stage, rooms, room)
    page.header.panel.setChecked(True)
    page.panel.show_desk()


def report(stage: Stage) -> None:
    """A member reports an entry, with a hand up."""
    rooms, room = evening()
    page = into(stage, rooms, room)
    page.header.hand.click()
    page.acts.report(rooms.entries[room.room_id][1])


def panel_of_member(stage: Stage) -> None:
    rooms, room = evening()
    page = into(stage, rooms, room)
    page.header.panel.setChecked(True)
    page.panel.show_people()


SCENES = {
    "09-room-people": panel_of_member,
    "09-room-remove": people,
    "09-room-member": member,
    "09-room-behind": behind,
    "09-room-host": hosting,
    "09-room-strange": strange,
    "09-room-empty": empty,
    "09-room-desk": desk,
    "09-room-report": report,
    "09-room-order": of_order,
    "09-room-part": part,
}

FURTHER = frozenset(
    {
        "09-room-people",
        "09-room-remove",
        "09-room-behind",
        "09-room-strange",
        "09-room-empty",
        "09-room-report",
        "09-room-order",
        "09-room-part",
    }
)
