"""What a member can meet in rooms and requests, one type per reaction (law 11).

A part of :mod:`desktop.core.errors`; the sentences are beside the others in ``desktop/ui``.
"""

from __future__ import annotations

from desktop.core.errors import AsideError, NoRelay, WrongKindOfInvitation

# Opening one


class NoRelayToHost(NoRelay):
    """A room lives on a relay of its host, and there is none yet."""


class RelayHostsNoRooms(AsideError):
    """My relay has no rooms, or does not let me open one."""


class ClockJumped(AsideError):
    """What the clocks here and at the relay say is too far apart."""


class TitleMissing(AsideError):
    """A room without a title."""


# On the way in


class NotARoomsLink(WrongKindOfInvitation):
    """A person's or a relay's link where a room's was wanted."""


class RoomKeyWrong(AsideError):
    """The room that the link leads to does not open with the link's key."""


class RoomLinkChanged(AsideError):
    """The room became approval-only since: its host has the link that leads in now."""


class RoomFull(AsideError):
    """No seat is free."""


class TooManyFromHere(AsideError):
    """As many sit there from this address as the room lets in, or came in the last minute."""


class RoomRemoved(AsideError):
    """I was removed, or somebody of this address was and it has to cool down."""


# Inside


class RoomUnknown(AsideError):
    """No room of mine goes by this id."""


class NotInRoom(AsideError):
    """This wants a seat: I left, am still at the door, or have only the link."""


class RoomEnded(AsideError):
    """The room is over. It can be read, and nothing can be added."""


class RoomNotAllowed(AsideError):
    """My role in this room does not go so far, or somebody took the right from me."""


class EntryUnknown(AsideError):
    """No entry of the room goes by this id, as far as is known here."""


class QuestionUnknown(AsideError):
    """No question of the room goes by this id."""


class QuestionClosed(AsideError):
    """The question was answered, declined or taken aside before."""


class QuestionsWait(AsideError):
    """As many of my questions wait as a host looks at."""


class SeatUnknown(AsideError):
    """Nobody of the room goes by this id."""


class UndoTooLate(AsideError):
    """What was done cannot be taken back any more."""


# Asides


class AsideNotAllowed(AsideError):
    """Hosts and moderators may ask an author aside, and an author the host."""


class AsidesSpent(AsideError):
    """As many as may be asked in an hour were asked."""


class RequestUnknown(AsideError):
    """No request goes by this id any more."""
