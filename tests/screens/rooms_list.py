"""The page of rooms and its dialogs: the lists of the mock-ups, and what else they can meet."""

from __future__ import annotations

from msgspec.structs import replace

from desktop.core.doors import Doorplate
from desktop.core.errors import RelayUnavailable
from desktop.core.models import Cause, Kind
from desktop.core.room_errors import RoomEnded, RoomFull
from desktop.core.rooms import Line, Role, RoomRow, Standing, Way
from desktop.ui.rooms.entering import EnterRoomDialog
from desktop.ui.rooms.list_page import RoomsPage
from desktop.ui.rooms.opened import OpenedDialog
from desktop.ui.rooms.opening import OpenRoomDialog
from protocol.ids import RoomId
from tests.fakes.facade import FakeFacade
from tests.fakes.rooms import an_id
from tests.screens.cast import fresh, lively, ms, three_relays
from tests.screens.scenes import Stage

OPEN_DOOR = "aside://relay.lindenhof.example:8443/abc#room.shed"
CLOSED_DOOR = "aside://relay.lindenhof.example:8443/abc#room.reading"


def no_rooms() -> FakeFacade:
    """Clara with her conversations."""
    clara, _ = lively()
    clara.now_ms = ms(0, 19, 41)
    return clara


def some_rooms() -> FakeFacade:
    """The page of the mock-ups."""
    rooms = no_rooms()

    def stands(title: str, host: str, standing: Standing, way: Way, **more: object) -> None:
        plain = RoomRow(RoomId(an_id("room", title)), title, host, standing, way)
        rooms.rows.append(replace(plain, **more))

    link, approval = Way.LINK, Way.APPROVAL
    stands(
        "Glazes without fear",
        "Clara",
        Standing.HOSTING,
        link,
        mine=True,
        live_since_ms=ms(0, 19, 0),
        people=214,
        seats=250,
        questions=9,
        inside=True,
    )
    stands(
        "Lindenhof, shed and keys",
        "Ruth Abrams",
        Standing.LINK,
        link,
        live_since_ms=ms(0, 19, 29),
        people=38,
        seats=50,
    )
    stands(
        "First bowls, open hour", "Clara", Standing.HOSTING, link, mine=True, seats=50, questions=4
    )
    stands(
        "Monday mentoring",
        "Clara",
        Standing.HOSTING,
        approval,
        mine=True,
        people=12,
        seats=24,
        waiting=2,
    )
    stands("Repair café", "Tomás Oliveira", Standing.LINK, link)
    stands(
        "读书会 Reading circle",
        "Chen Xiaoyu",
        Standing.KNOCKING,
        approval,
        knocked_ms=ms(1, 18, 0),
    )
    stands(
        "Handles that hold",
        "Clara",
        Standing.PAST,
        link,
        mine=True,
        people=187,
        unanswered=6,
        ended_ms=ms(40, 21, 0),
        lasted_ms=112 * 60_000,
    )
    for number in range(8):
        stands(
            f"Evening {number + 1}",
            "Marta Kessler",
            Standing.PAST,
            link,
            ended_ms=ms(47 + 7 * number, 21, 0),
            lasted_ms=95 * 60_000,
        )
    rooms.doors[OPEN_DOOR] = door("Lindenhof, shed and keys", "Ruth Abrams", Way.LINK, 38, 50)
    rooms.doors[CLOSED_DOOR] = door("读书会 Reading circle", "Chen Xiaoyu", Way.APPROVAL, 6, 12)
    return rooms


def door(title: str, host: str, way: Way, people: int, seats: int) -> Doorplate:
    return Doorplate(
        title=title,
        about="Who has the keys this month, what the shed needs, and who brings it.",
        rules="Be kind. Say it here before you say it elsewhere.\nQuestions go on the board.",
        host=host,
        way=way,
        relay_host="relay.lindenhof.example",
        people=people,
        live=way is Way.LINK,
        remembered="",
        fresh="quiet-fern",
        room_id=RoomId(an_id("room", title)),
        seats=seats,
    )


def into_list(stage: Stage, rooms: FakeFacade) -> RoomsPage:
    """The page where it stands: without a list beside it."""
    stage.begin(rooms)
    stage.shell.contents.rooms.now_ms = lambda: rooms.now_ms
    stage.shell.rooms.show_list()
    stage.settle()
    return stage.shell.contents.rooms.list


def opening(stage: Stage, page: RoomsPage) -> OpenRoomDialog:
    page.open.click()
    found = stage.window.findChild(OpenRoomDialog)
    assert isinstance(found, OpenRoomDialog)
    return found


def entering(stage: Stage, rooms: FakeFacade, link: str) -> EnterRoomDialog:
    page = into_list(stage, rooms)
    page.enter_wanted.emit(link)
    found = stage.window.findChild(EnterRoomDialog)
    assert isinstance(found, EnterRoomDialog)
    return found


def lively_list(stage: Stage) -> None:
    into_list(stage, some_rooms())


def empty(stage: Stage) -> None:
    into_list(stage, no_rooms())


def loading(stage: Stage) -> None:
    page = into_list(stage, no_rooms())
    page.states.setCurrentWidget(page.states.loading)


def failed(stage: Stage) -> None:
    rooms = some_rooms()
    rooms.failures["rooms"] = RelayUnavailable()
    into_list(stage, rooms)


def offline(stage: Stage) -> None:
    rooms = some_rooms()
    rooms.rows = [replace(one, line=Line.DOWN) for one in rooms.rows]
    into_list(stage, rooms)


def nothing_found(stage: Stage) -> None:
    into_list(stage, some_rooms()).search.setText("kiln")


def long_names(stage: Stage) -> None:
    rooms = some_rooms()
    rooms.rows[0] = replace(
        rooms.rows[0], title="How ash, clay and patience meet in the kiln, and what comes out of it"
    )
    rooms.rows[4] = replace(
        rooms.rows[4],
        title="نادي إصلاح الأجهزة القديمة",
        host="Ayşe Yılmaz-Kowalczyk von der Heide\u202e",
    )
    into_list(stage, rooms)


def open_room(stage: Stage) -> None:
    dialog = opening(stage, into_list(stage, some_rooms()))
    dialog.title_field.setText("Winter glazes, second evening")
    dialog.about.setPlainText(
        "We open the kiln together and talk about what went wrong. Bring your own shards."
    )
    dialog.rules.setPlainText(
        "Be kind about other people’s pots. No selling.\nQuestions go on the board."
    )
    dialog.stream.setText("https://video.lindenhof.example/kiln")


def open_wrong(stage: Stage) -> None:
    dialog = opening(stage, into_list(stage, some_rooms()))
    dialog.stream.setText("file:///etc/passwd")
    dialog.about.setPlainText("a" * 1040)
    dialog.go.click()


def opened(stage: Stage) -> None:
    page = into_list(stage, some_rooms())
    dialog = opening(stage, page)
    dialog.title_field.setText("Winter glazes, second evening")
    dialog.go.click()
    assert stage.window.findChild(OpenedDialog) is not None


def opened_closed(stage: Stage) -> None:
    page = into_list(stage, some_rooms())
    dialog = opening(stage, page)
    dialog.title_field.setText("Monday mentoring, spring")
    dialog.by_approval.click()
    dialog.go.click()


def enter(stage: Stage) -> None:
    entering(stage, some_rooms(), OPEN_DOOR)


def enter_remembered(stage: Stage) -> None:
    rooms = some_rooms()
    rooms.doors[OPEN_DOOR] = replace(rooms.doors[OPEN_DOOR], remembered="heron-3")
    entering(stage, rooms, OPEN_DOOR)


def enter_full(stage: Stage) -> None:
    rooms = some_rooms()
    rooms.failures["room_enter"] = RoomFull()
    entering(stage, rooms, OPEN_DOOR).go.click()


def enter_ended(stage: Stage) -> None:
    rooms = some_rooms()
    rooms.failures["room_look"] = RoomEnded()
    entering(stage, rooms, OPEN_DOOR)


def knock(stage: Stage) -> None:
    entering(stage, some_rooms(), CLOSED_DOOR)


def knocked(stage: Stage) -> None:
    entering(stage, some_rooms(), CLOSED_DOOR).go.click()


def invite_askers(stage: Stage) -> None:
    rooms = some_rooms()
    page = into_list(stage, rooms)
    page.past.lines[0].button.click()


def went_aside(stage: Stage) -> None:
    """Whom Clara asked aside said yes while she is in the room."""
    rooms = some_rooms()
    room = rooms.host("Glazes without fear", role=Role.HOST)
    stage.begin(rooms)
    stage.shell.rooms.open(room.room_id)
    stage.settle()
    heron = rooms.befriend("Hana of the kiln", quiet=False)
    rooms.arrive(heron, "", kind=Kind.NOTICE, cause=Cause.WENT_ASIDE)


def first_page(stage: Stage) -> None:
    """Nobody yet, and a relay."""
    rooms = fresh()
    rooms.set_relay("relay.lindenhof.example")
    stage.begin(rooms)


def only_rooms(stage: Stage) -> None:
    """Nobody yet, and rooms that are not live."""
    rooms = fresh()
    rooms.rows = [one for one in some_rooms().rows if one.live_since_ms is None]
    stage.begin(rooms)


def open_without(stage: Stage) -> None:
    stage.begin(fresh())
    stage.shell.doors.rooms.open_room()


def open_where(stage: Stage) -> None:
    clara = some_rooms()
    three_relays(clara)
    page = into_list(stage, clara)
    opening(stage, page).title_field.setText("Winter glazes, second evening")


def open_waits(stage: Stage) -> None:
    dialog = opening(stage, into_list(stage, some_rooms()))
    dialog.title_field.setText("Winter glazes, second evening")
    stage.calls.hold_only = "room_open"
    dialog.go.click()
    stage.settle(3.2)


def enter_waits(stage: Stage) -> None:
    stage.calls.hold_only = "room_look"
    entering(stage, some_rooms(), OPEN_DOOR)
    stage.settle(3.2)


def enter_away(stage: Stage) -> None:
    rooms = some_rooms()
    rooms.failures["room_look"] = RelayUnavailable()
    entering(stage, rooms, OPEN_DOOR)


SCENES = {
    "10-rooms": lively_list,
    "10-rooms-empty": empty,
    "10-rooms-open": open_room,
    "10-rooms-opened": opened,
    "10-rooms-enter": enter,
}

FURTHER = frozenset({"10-rooms-empty", "10-rooms-opened", "10-rooms-enter"})

# Only looked at: what is in them is held by tests of their own.
LOOKED_AT = {
    "10-rooms-loading": loading,
    "10-rooms-failed": failed,
    "10-rooms-offline": offline,
    "10-rooms-nothing-found": nothing_found,
    "10-rooms-long": long_names,
    "10-rooms-open-wrong": open_wrong,
    "10-rooms-opened-closed": opened_closed,
    "10-rooms-enter-remembered": enter_remembered,
    "10-rooms-enter-full": enter_full,
    "10-rooms-enter-ended": enter_ended,
    "10-rooms-knock": knock,
    "10-rooms-knocked": knocked,
    "10-rooms-invite": invite_askers,
    "10-rooms-new-aside": went_aside,
    "10-rooms-new-first": first_page,
    "10-rooms-new-only": only_rooms,
    "10-rooms-new-without": open_without,
    "10-rooms-new-where": open_where,
    "10-rooms-new-waits": open_waits,
    "10-rooms-new-enter-waits": enter_waits,
    "10-rooms-new-enter-away": enter_away,
}
