"""A complete engine of rooms in memory, for screens under test. It keeps the contract of ``Rooms``.

``failures`` makes a call fail by its name; ``asked`` keeps what was asked for, in order; ``come``
and its kin are what others do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import TypeVar

from msgspec.structs import replace

from desktop.core.desk import DeskId, DeskItem, DeskKind, Verdict
from desktop.core.doors import Doorplate, Opened, Opening
from desktop.core.errors import AsideError, InvitationMalformed
from desktop.core.events import Event
from desktop.core.questions import Question, QuestionId, QuestionState
from desktop.core.requests import BridgeCard, Purpose, Request, RequestId
from desktop.core.room_errors import (
    EntryUnknown,
    QuestionUnknown,
    RequestUnknown,
    RoomUnknown,
    SeatUnknown,
    UndoTooLate,
)
from desktop.core.room_facade import (
    BoardChanged,
    DeskChanged,
    PeopleChanged,
    RequestsChanged,
    RoomChanged,
    RoomsChanged,
    StageMoved,
)
from desktop.core.room_rights import EVERYTHING, USUAL
from desktop.core.rooms import (
    Act,
    Entries,
    Entry,
    EntryState,
    May,
    Order,
    Person,
    Presence,
    Reaction,
    Reply,
    Role,
    Room,
    RoomRow,
    Speak,
    Standing,
    Undoable,
    Way,
)
from protocol.ids import ConversationId, EntryId, RoomId, SeatId

UNDO_MS = 10_000
MAY = {Role.HOST: EVERYTHING, Role.MODERATOR: USUAL}
UNPLACED = 2**60


def an_id(kind: str, name: str, size: int = 32) -> bytes:
    return blake2b(f"{kind}/{name}".encode(), digest_size=size).digest()


def seat(name: str) -> SeatId:
    return SeatId(an_id("seat", name))


K = TypeVar("K")
V = TypeVar("V")


class Known(dict[K, V]):
    """What is not in it is unknown to the member, too."""

    def __init__(self, error: type[AsideError]) -> None:
        super().__init__()
        self._error = error

    def __missing__(self, key: K) -> V:
        raise self._error


class FakeRooms:
    """One member's rooms, without relay, keys or disk."""

    def __init__(self, now_ms: int = 1_741_900_000_000) -> None:
        self.now_ms = now_ms
        self.failures: dict[str, Exception] = {}
        self.asked: list[tuple[object, ...]] = []
        self.rows: list[RoomRow] = []
        self.room: dict[RoomId, Room] = Known(RoomUnknown)
        self.entries: dict[RoomId, list[Entry]] = Known(RoomUnknown)
        self.waiting: dict[RoomId, list[Entry]] = Known(RoomUnknown)
        self.board: dict[RoomId, list[Question]] = Known(RoomUnknown)
        self.seats: dict[RoomId, list[Person]] = Known(RoomUnknown)
        self.waits: dict[RoomId, list[DeskItem]] = Known(RoomUnknown)
        self.doors: dict[str, Doorplate] = Known(InvitationMalformed)
        self.wanted: list[Request] = []
        self.cards: dict[ConversationId, BridgeCard] = {}
        self.away = False  # whoever asks is not there when they are accepted
        self.numbering = True  # whether what is said gets its place at once
        self._listeners: list[Callable[[Event], None]] = []
        self._count = 0
        self._undo: dict[int, Callable[[], None]] = Known(UndoTooLate)

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def emit(self, event: Event) -> None:
        for listener in list(self._listeners):
            listener(event)

    # what others do

    def host(self, title: str, **more: object) -> Room:
        """A room that I sit in."""
        room_id = RoomId(an_id("room", title))
        plain = Room(
            room_id=room_id,
            title=title,
            about="",
            rules="",
            stream="",
            host="Marta Kessler",
            way=Way.LINK,
            me=seat("me"),
            my_name="quiet-fern",
            role=Role.MEMBER,
            people=214,
            seats=250,
            live_since_ms=self.now_ms - 41 * 60_000,
        )
        role = more.get("role", Role.MEMBER)
        may = MAY.get(role, ()) if isinstance(role, Role) else ()
        made = replace(plain, **{"may": may, **more})
        self.settle_in(made)
        return made

    def settle_in(self, room: Room) -> None:
        """It can be looked at, and nothing was said there yet."""
        self.room[room.room_id] = room
        self.entries[room.room_id], self.waiting[room.room_id] = [], []
        self.board[room.room_id], self.seats[room.room_id] = [], []
        self.waits[room.room_id] = []

    def list_row(self, room: Room, standing: Standing, **more: object) -> RoomRow:
        """A room stands in the list from now on."""
        plain = RoomRow(
            room.room_id,
            room.title,
            room.host,
            standing,
            room.way,
            live_since_ms=room.live_since_ms,
            people=room.people,
            seats=room.seats,
            mine=room.role is Role.HOST,
        )
        made = replace(plain, **more)
        self.put_row(made)
        return made

    def put_row(self, row: RoomRow) -> None:
        """In its place, or as the last one."""
        if all(one.room_id != row.room_id for one in self.rows):
            self.rows.append(row)
        self.rows = [row if one.room_id == row.room_id else one for one in self.rows]
        self.emit(RoomsChanged())

    def come(
        self, room: Room, name: str, text: str, *, quiet: bool = False, **more: object
    ) -> Entry:
        """An entry of somebody."""
        self._count += 1
        plain = Entry(
            place=len(self.entries[room.room_id]),
            entry_id=EntryId(self._count.to_bytes(16, "big")),
            seat_id=room.me if name == room.my_name else seat(name),
            name=name,
            role=Role.MEMBER,
            text=text,
            sent_ms=self.now_ms,
            mine=name == room.my_name,
        )
        entry = replace(plain, **more)
        self.entries[room.room_id].append(entry)
        if not quiet:
            self.emit(StageMoved(room.room_id))
        return entry

    def wait(self, room: Room, kind: DeskKind, name: str, **more: object) -> DeskItem:
        """Something comes to the desk."""
        self._count += 1
        desk_id = DeskId(self._count.to_bytes(16, "big"))
        item = replace(DeskItem(desk_id, kind, seat(name), name, self.now_ms), **more)
        self.waits[room.room_id].append(item)
        self.emit(DeskChanged(room.room_id))
        return item

    def change(self, room: Room, entry: Entry) -> None:
        self.entries[room.room_id][entry.place] = entry
        self.emit(StageMoved(room.room_id, (entry.entry_id,)))

    def set_room(self, room: Room) -> None:
        self.room[room.room_id] = room
        self.emit(RoomChanged(room.room_id))

    def number(self, room_id: RoomId) -> None:
        """What waited gets its place."""
        for entry in self.waiting[room_id]:
            place = len(self.entries[room_id])
            done = replace(entry, place=place, state=EntryState.NUMBERED)
            self.entries[room_id].append(done)
        self.waiting[room_id] = []
        self.emit(StageMoved(room_id))

    def put(self, room_id: RoomId, question: Question) -> None:
        """A question is something else now."""
        self.board[room_id] = [
            question if one.question_id == question.question_id else one
            for one in self.board[room_id]
        ]
        self.emit(BoardChanged(room_id))

    # the contract

    async def rooms(self) -> Sequence[RoomRow]:
        self._do("rooms")
        return tuple(self.rows)

    async def room_open(self, opening: Opening, /) -> Opened:
        self._do("room_open", opening)
        made = self.host(
            opening.title,
            about=opening.about,
            rules=opening.rules,
            stream=opening.stream,
            way=opening.way,
            seats=opening.seats,
            host=opening.name,
            my_name=opening.name,
            role=Role.HOST,
            people=1,
            speak=opening.speak,
            slow_s=opening.slow_s,
        )
        self.list_row(made, Standing.HOSTING, inside=True)
        return Opened(made.room_id, f"aside://relay.example/abc#room.{made.room_id.hex()[:8]}")

    async def room_look(self, link: str) -> Doorplate:
        self._do("room_look", link)
        return self.doors[link]

    async def room_enter(self, link: str, pseudonym: str) -> RoomId:
        self._do("room_enter", link, pseudonym)
        door = self.doors[link]
        knocks = door.way is Way.APPROVAL
        made = replace(
            self.host(door.title, my_name=pseudonym, about=door.about, rules=door.rules),
            room_id=door.room_id,
            host=door.host,
            way=door.way,
        )
        self.settle_in(made)
        standing = Standing.KNOCKING if knocks else Standing.LINK
        self.list_row(made, standing, inside=not knocks, knocked_ms=self.now_ms if knocks else None)
        return door.room_id

    async def room_leave(self, room_id: RoomId) -> None:
        self._do("room_leave", room_id)
        self._must_know(room_id)
        for row in self.rows:
            if row.room_id == room_id:
                standing = Standing.LINK if row.standing is Standing.KNOCKING else row.standing
                self.put_row(replace(row, standing=standing, inside=False, knocked_ms=None))

    async def room_forget(self, room_id: RoomId) -> None:
        self._do("room_forget", room_id)
        self._must_know(room_id)
        self.rows = [row for row in self.rows if row.room_id != room_id]
        self.room.pop(room_id, None)
        self.emit(RoomsChanged())

    async def room_end(self, room_id: RoomId) -> None:
        self._do("room_end", room_id)
        self.set_room(replace(self.room[room_id], ended=True, live_since_ms=None))
        for row in self.rows:
            if row.room_id == room_id:
                lasted = self.now_ms - (row.live_since_ms or self.now_ms)
                past = replace(row, standing=Standing.PAST, inside=False, live_since_ms=None)
                self.put_row(replace(past, ended_ms=self.now_ms, lasted_ms=lasted))

    async def room_link(self, room_id: RoomId) -> str:
        self._do("room_link", room_id)
        self._must_know(room_id)
        return "aside://relay.example/abc#room.key"

    async def room_show(self, room_id: RoomId) -> Room:
        self._do("room_show")
        return self.room[room_id]

    async def room_set(
        self,
        room_id: RoomId,
        slow_s: int | None = None,
        speak: Speak | None = None,
        way: Way | None = None,
    ) -> None:
        self._do("room_set", slow_s, speak, way)
        room = self.room[room_id]
        self.set_room(
            replace(
                room,
                slow_s=room.slow_s if slow_s is None else slow_s,
                speak=speak or room.speak,
                way=way or room.way,
            )
        )

    async def stage(
        self,
        room_id: RoomId,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
    ) -> Entries:
        self._do("stage")
        every = self.entries[room_id]
        if after is not None:
            some = every[after + 1 : after + 1 + limit]
            older, newer = True, after + 1 + limit < len(every)
        else:
            end = len(every) if before is None else before
            some = every[max(0, end - limit) : end]
            older, newer = end - limit > 0, before is not None
        pinned = next((one for one in reversed(every) if one.pinned_ms is not None), None)
        return Entries(tuple(some), tuple(self.waiting[room_id]), older, newer, pinned)

    async def stage_some(self, room_id: RoomId, entry_ids: Sequence[EntryId]) -> Sequence[Entry]:
        self._do("stage_some")
        return [one for one in self.entries[room_id] if one.entry_id in entry_ids]

    async def room_say(
        self, room_id: RoomId, text: str, reply_to: EntryId | None = None
    ) -> EntryId:
        self._do("room_say", text, reply_to)
        room = self.room[room_id]
        entry = self.come(room, room.my_name, text, quiet=True, reply=self._reply(room, reply_to))
        self.entries[room_id].pop()
        waits = replace(entry, place=UNPLACED + self._count, state=EntryState.WAITING)
        self.waiting[room_id].append(waits)
        if self.numbering:
            self.number(room_id)
        else:
            self.emit(StageMoved(room_id))
        if room.slow_s and not room.helps:
            self.set_room(replace(room, may_write_ms=self.now_ms + room.slow_s * 1000))
        return entry.entry_id

    async def room_react(self, room_id: RoomId, entry_id: EntryId, sign: str) -> None:
        self._do("room_react", entry_id, sign)
        entry = self._entry(room_id, entry_id)
        there = {one.sign: one for one in entry.reactions}
        old = there.get(sign, Reaction(sign, 0))
        step = -1 if old.mine else 1
        there[sign] = Reaction(sign, old.count + step, not old.mine)
        kept = tuple(one for one in there.values() if one.count)
        self.change(self.room[room_id], replace(entry, reactions=kept))

    async def room_pin(self, room_id: RoomId, entry_id: EntryId | None) -> None:
        self._do("room_pin", entry_id)
        if entry_id is not None:
            self._entry(room_id, entry_id)
        for entry in self.entries[room_id]:
            pinned = self.now_ms if entry.entry_id == entry_id else None
            if entry.pinned_ms != pinned:
                self.change(self.room[room_id], replace(entry, pinned_ms=pinned))

    async def questions(self, room_id: RoomId) -> Sequence[Question]:
        self._do("questions")
        return tuple(self.board[room_id])

    async def room_ask(self, room_id: RoomId, text: str, nameless: bool) -> QuestionId:
        self._do("room_ask", text, nameless)
        room = self.room[room_id]
        self._count += 1
        asked = QuestionId(self._count.to_bytes(16, "big"))
        name = "" if nameless else room.my_name
        self.board[room_id].append(Question(asked, text, name, self.now_ms, 0, mine=True))
        self.emit(BoardChanged(room_id))
        return asked

    async def room_vote(self, room_id: RoomId, question_id: QuestionId) -> None:
        self._do("room_vote", question_id)
        one = self._question(room_id, question_id)
        if not one.voted:
            self.put(room_id, replace(one, votes=one.votes + 1, voted=True))

    async def question_star(self, room_id: RoomId, question_id: QuestionId) -> None:
        self._do("question_star", question_id)
        one = self._question(room_id, question_id)
        self.put(room_id, replace(one, starred=not one.starred))

    async def question_answer(
        self, room_id: RoomId, question_id: QuestionId, text: str = ""
    ) -> None:
        self._do("question_answer", question_id, text)
        state = QuestionState.ANSWERED if text else QuestionState.ANSWERING
        when = self.now_ms if text else None
        one = self._question(room_id, question_id)
        self.put(room_id, replace(one, state=state, answer=text, answered_ms=when))

    async def question_done(self, room_id: RoomId, question_id: QuestionId) -> None:
        self._do("question_done", question_id)
        one = self._question(room_id, question_id)
        done = replace(one, state=QuestionState.ANSWERED, answered_ms=self.now_ms)
        self.put(room_id, done)

    async def question_decline(self, room_id: RoomId, question_id: QuestionId, reason: str) -> None:
        self._do("question_decline", question_id, reason)
        one = self._question(room_id, question_id)
        self.put(room_id, replace(one, state=QuestionState.DECLINED, reason=reason))

    async def people(self, room_id: RoomId) -> Sequence[Person]:
        self._do("people")
        return tuple(self.seats[room_id])

    async def room_act(
        self,
        room_id: RoomId,
        seat_id: SeatId,
        act: Act,
        seconds: int = 0,
        reason: str = "",
        entry_id: EntryId | None = None,
        may: Sequence[May] | None = None,
    ) -> Undoable | None:
        about = () if entry_id is None else (entry_id,)
        rights = () if may is None else (tuple(may),)
        self._do("room_act", seat_id, act, seconds, reason, *about, *rights)
        room, before = self.room[room_id], list(self.seats[room_id])
        whom = next((one.name for one in before if one.seat_id == seat_id), "")
        whom = whom or next((e.name for e in self.entries[room_id] if e.seat_id == seat_id), "")
        if not whom:
            raise SeatUnknown
        if entry_id is not None:
            self._entry(room_id, entry_id)
        order = Order(act, whom, room.my_name, by_me=True, seconds=seconds, reason=reason)
        states = {
            Act.MUTE: Presence.MUTED,
            Act.TIME_OUT: Presence.TIMED_OUT,
            Act.REMOVE: Presence.REMOVED,
            Act.BAN: Presence.REMOVED,
            Act.UNMUTE: Presence.HERE,
            Act.LET_IN: Presence.HERE,
            Act.LET_BACK: Presence.AWAY,
        }
        roles = {
            Act.MAKE_COHOST: Role.HOST,
            Act.MAKE_MODERATOR: Role.MODERATOR,
            Act.MAKE_GUEST: Role.GUEST,
            Act.MAKE_MEMBER: Role.MEMBER,
        }
        stands: dict[str, object] = {}
        if act in states:
            against = act in (Act.MUTE, Act.TIME_OUT, Act.REMOVE, Act.BAN)
            until = self.now_ms + seconds * 1000 if act is Act.TIME_OUT else None
            stands = {"state": states[act], "done": order if against else None, "until_ms": until}
        if act in roles:
            ends = self.now_ms + seconds * 1000 if seconds else None
            covers = () if act is not Act.MAKE_MODERATOR else tuple(USUAL if may is None else may)
            stands = {"role": roles[act], "role_until_ms": ends, "may": covers}
        self.seats[room_id] = [
            replace(one, **stands) if one.seat_id == seat_id else one for one in before
        ]
        if act in roles:
            self.emit(PeopleChanged(room_id))
            return None
        self._count += 1

        def back() -> None:
            self.seats[room_id] = before
            self.emit(PeopleChanged(room_id))

        self._undo[self._count] = back
        self.emit(PeopleChanged(room_id))
        return Undoable(self._count, order, self.now_ms + UNDO_MS)

    async def room_undo(self, room_id: RoomId, undo_id: int) -> None:
        self._do("room_undo", undo_id)
        self._must_know(room_id)
        self._undo[undo_id]()
        del self._undo[undo_id]

    async def room_hand(self, room_id: RoomId, raised: bool) -> None:
        self._do("room_hand", raised)
        self.set_room(replace(self.room[room_id], hand=raised))

    async def room_report(self, room_id: RoomId, entry_id: EntryId, words: str) -> None:
        self._do("room_report", entry_id, words)
        self._entry(room_id, entry_id)

    async def desk(self, room_id: RoomId) -> Sequence[DeskItem]:
        self._do("desk")
        return tuple(self.waits[room_id])

    async def desk_done(self, room_id: RoomId, desk_id: DeskId, verdict: Verdict) -> None:
        self._do("desk_done", desk_id, verdict)
        self.waits[room_id] = [one for one in self.waits[room_id] if one.desk_id != desk_id]
        self.emit(DeskChanged(room_id))

    async def room_aside(
        self, room_id: RoomId, entry_id: EntryId, words: str, purpose: Purpose, word: str = ""
    ) -> None:
        self._do("room_aside", entry_id, words, purpose, word)
        self._entry(room_id, entry_id)

    async def question_aside(
        self, room_id: RoomId, question_id: QuestionId, words: str, purpose: Purpose, word: str = ""
    ) -> None:
        self._do("question_aside", question_id, words, purpose, word)
        one = self._question(room_id, question_id)
        self.put(room_id, replace(one, state=QuestionState.ASIDE))

    async def room_invite_askers(self, room_id: RoomId, words: str) -> int:
        self._do("room_invite_askers", room_id, words)
        self._must_know(room_id)
        return next((row.unanswered for row in self.rows if row.room_id == room_id), 0)

    async def requests(self) -> Sequence[Request]:
        self._do("requests")
        return tuple(self.wanted)

    async def request_accept(self, request_id: RequestId) -> ConversationId | None:
        if self.away:
            self._do("request_accept", request_id)
            self.wanted = [
                replace(one, accepted_ms=self.now_ms) if one.request_id == request_id else one
                for one in self.wanted
            ]
            self.emit(RequestsChanged())
            return None
        self._take(request_id, "request_accept")
        return ConversationId(request_id[:16])

    async def request_decline(self, request_id: RequestId) -> None:
        self._take(request_id, "request_decline")

    async def request_block(self, request_id: RequestId) -> None:
        self._take(request_id, "request_block")

    async def bridge_card(self, conversation_id: ConversationId) -> BridgeCard | None:
        self._do("bridge_card")
        return self.cards.get(conversation_id)

    # inside

    def _do(self, what: str, *how: object) -> None:
        if what in self.failures:
            raise self.failures[what]
        if how:
            self.asked.append((what, *how))

    def _must_know(self, room_id: RoomId) -> None:
        if room_id not in self.room and all(row.room_id != room_id for row in self.rows):
            raise RoomUnknown

    def _entry(self, room_id: RoomId, entry_id: EntryId) -> Entry:
        for one in self.entries[room_id]:
            if one.entry_id == entry_id:
                return one
        raise EntryUnknown

    def _reply(self, room: Room, entry_id: EntryId | None) -> Reply | None:
        if entry_id is None:
            return None
        to = self._entry(room.room_id, entry_id)
        return Reply(to.entry_id, to.name, to.text, to.mine)

    def _question(self, room_id: RoomId, question_id: QuestionId) -> Question:
        for one in self.board[room_id]:
            if one.question_id == question_id:
                return one
        raise QuestionUnknown

    def _take(self, request_id: RequestId, what: str) -> None:
        self._do(what, request_id)
        if all(one.request_id != request_id for one in self.wanted):
            raise RequestUnknown
        self.wanted = [one for one in self.wanted if one.request_id != request_id]
        self.emit(RequestsChanged())
