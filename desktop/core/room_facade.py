"""What an engine offers its clients about rooms and requests; a part of the façade (law 5).

Every call raises a leaf of :class:`desktop.core.errors.AsideError` where a person has to be told:
those of rooms are in :mod:`desktop.core.room_errors`. A call that names a room, an entry, a
question, a seat or a request raises RoomUnknown, EntryUnknown, QuestionUnknown, SeatUnknown or
RequestUnknown; one that wants a seat raises NotInRoom, RoomEnded, RoomRemoved, RoomNotAllowed.
What happens unasked is one of the knocks below: whoever hears it reads again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

from msgspec import Struct

from desktop.core.desk import DeskId, DeskItem, Verdict
from desktop.core.doors import Doorplate, Opened, Opening
from desktop.core.questions import Question, QuestionId
from desktop.core.refused_orders import OrderRefused
from desktop.core.requests import BridgeCard, Purpose, Request, RequestId
from desktop.core.rooms import Act, Entries, Entry, May, Person, Room, RoomRow, Speak, Undoable, Way
from protocol.ids import ConversationId, EntryId, RoomId, SeatId


class RoomsChanged(Struct, frozen=True):
    """The list of rooms is another one."""


class RoomChanged(Struct, frozen=True):
    """The room itself: its policy, who is there, whether it is live."""

    room_id: RoomId


class StageMoved(Struct, frozen=True):
    """Entries came, or some that are shown are something else now (``changed``)."""

    room_id: RoomId
    changed: tuple[EntryId, ...] = ()


class BoardChanged(Struct, frozen=True):
    """Questions, their votes or their states."""

    room_id: RoomId


class PeopleChanged(Struct, frozen=True):
    """Somebody came, went, or may do something else."""

    room_id: RoomId


class DeskChanged(Struct, frozen=True):
    """What waits at the desk: hands, reports, held messages, people at the door."""

    room_id: RoomId


class RequestsChanged(Struct, frozen=True):
    """A request came, was answered or ran out."""


RoomEvent: TypeAlias = (
    RoomsChanged
    | RoomChanged
    | StageMoved
    | BoardChanged
    | PeopleChanged
    | DeskChanged
    | RequestsChanged
    | OrderRefused
)


class Rooms(Protocol):
    """Rooms and requests of one member's engine."""

    async def rooms(self) -> Sequence[RoomRow]: ...

    async def room_open(self, opening: Opening, /) -> Opened:
        """On a relay of mine. Raises TitleMissing, NameMissing, NoRelayToHost, RelayHostsNoRooms,
        RelayUnknown, RelayFull, ClockJumped and what else dialling a relay raises."""
        ...

    async def room_look(self, link: str) -> Doorplate:
        """What is behind a link, before anybody sits down: the room's relay is asked.

        Raises InvitationMalformed, InvitationNewer, NotARoomsLink, RoomKeyWrong, RoomEnded,
        RelayUnavailable and what else dialling a relay raises.
        """
        ...

    async def room_enter(self, link: str, pseudonym: str) -> RoomId:
        """Where people are let in this knocks: the room is KNOCKING until somebody opens.

        Raises what :meth:`room_look` raises, NameMissing, RoomFull, TooManyFromHere,
        RoomRemoved.
        """
        ...

    async def room_leave(self, room_id: RoomId) -> None:
        """The seat is given up, or a knock taken back; the link stays in the list."""
        ...

    async def room_forget(self, room_id: RoomId) -> None:
        """A link is not wanted any more, or a past room is to go from the vault."""
        ...

    async def room_end(self, room_id: RoomId) -> None: ...

    async def room_link(self, room_id: RoomId) -> str:
        """What others come in by. Raises RoomLinkChanged where only the host has the one that
        leads in now."""
        ...

    async def room_show(self, room_id: RoomId) -> Room: ...

    async def room_set(
        self,
        room_id: RoomId,
        slow_s: int | None = None,
        speak: Speak | None = None,
        way: Way | None = None,
    ) -> None:
        """``way``: from a link to approval only, with a new key for those who stay."""
        ...

    # the stage

    async def stage(
        self,
        room_id: RoomId,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
    ) -> Entries:
        """In the room's order: the last ``limit`` before a place, or the first after one."""
        ...

    async def stage_some(self, room_id: RoomId, entry_ids: Sequence[EntryId]) -> Sequence[Entry]:
        """These, as they are now; those that are not known here are left out."""
        ...

    async def room_say(
        self, room_id: RoomId, text: str, reply_to: EntryId | None = None
    ) -> EntryId:
        """On disk when this returns; numbered later."""
        ...

    async def room_react(self, room_id: RoomId, entry_id: EntryId, sign: str) -> None:
        """Given, or taken back if it was given."""
        ...

    async def room_pin(self, room_id: RoomId, entry_id: EntryId | None) -> None: ...

    # questions

    async def questions(self, room_id: RoomId) -> Sequence[Question]: ...

    async def room_ask(self, room_id: RoomId, text: str, nameless: bool) -> QuestionId:
        """To the host's queue. Raises TextMissing, TextTooLong, QuestionsWait."""
        ...

    async def room_vote(self, room_id: RoomId, question_id: QuestionId) -> None:
        """Once for each question and seat."""
        ...

    async def question_star(self, room_id: RoomId, question_id: QuestionId) -> None: ...

    async def question_answer(
        self, room_id: RoomId, question_id: QuestionId, text: str = ""
    ) -> None:
        """In writing, or live from now on without a text."""
        ...

    async def question_done(self, room_id: RoomId, question_id: QuestionId) -> None:
        """What was being answered live is answered."""
        ...

    async def question_decline(
        self, room_id: RoomId, question_id: QuestionId, reason: str
    ) -> None: ...

    # order

    async def people(self, room_id: RoomId) -> Sequence[Person]: ...

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
        """What can be undone says until when. ``entry_id``: of ``Act.HIDE``, and only of it.
        ``seconds``: of a time-out, or of a role; 0: the longest that a role lasts. ``may``: what
        ``Act.MAKE_MODERATOR`` is to cover, and None the usual.

        Raises OutOfBounds for a reason or a length beyond what an order holds.
        """
        ...

    async def room_undo(self, room_id: RoomId, undo_id: int) -> None:
        """Raises UndoTooLate."""
        ...

    async def room_hand(self, room_id: RoomId, raised: bool) -> None:
        """Mine: the desk sees it, until it is taken back or seen to."""
        ...

    async def room_report(self, room_id: RoomId, entry_id: EntryId, words: str) -> None:
        """To the desk, with the entry in the bytes it was said in. Its author is not told."""
        ...

    async def desk(self, room_id: RoomId) -> Sequence[DeskItem]:
        """What waits, oldest first; for host and moderators, nothing for others."""
        ...

    async def desk_done(self, room_id: RoomId, desk_id: DeskId, verdict: Verdict) -> None:
        """It does not wait any more, and what the verdict says is done. Once: whoever comes
        second changes nothing."""
        ...

    # asides

    async def room_aside(
        self, room_id: RoomId, entry_id: EntryId, words: str, purpose: Purpose, word: str = ""
    ) -> None:
        """Towards an entry's author, or of one's own entry towards the host.

        Raises AsideNotAllowed, AsidesSpent, RelayFull where their box takes no more.
        """
        ...

    async def question_aside(
        self, room_id: RoomId, question_id: QuestionId, words: str, purpose: Purpose, word: str = ""
    ) -> None: ...

    async def room_invite_askers(self, room_id: RoomId, words: str) -> int:
        """All who asked and were not answered; how many those are."""
        ...

    async def requests(self) -> Sequence[Request]:
        """Newest first."""
        ...

    async def request_accept(self, request_id: RequestId) -> ConversationId | None:
        """Waits a moment for them. None where they are not there: it is on disk and on its way,
        the request says so, and once they come it is a conversation."""
        ...

    async def request_decline(self, request_id: RequestId) -> None: ...

    async def request_block(self, request_id: RequestId) -> None: ...

    async def bridge_card(self, conversation_id: ConversationId) -> BridgeCard | None:
        """Where a conversation began, if it began as an aside."""
        ...
