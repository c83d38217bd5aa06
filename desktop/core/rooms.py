"""What crosses from the engine to its clients about rooms: plain immutable data (law 5).

Law: a place in a room's order never changes, so an entry that was shown never moves; what has no
place yet (mine, on its way) stands behind all that have one. Times are milliseconds since 1970 UTC.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from protocol.ids import EntryId, RoomId, SeatId


class Role(Enum):
    """What a seat may do in a room."""

    HOST = "host"
    MODERATOR = "moderator"
    GUEST = "guest"  # speaks where only hosts and guests may
    MEMBER = "member"


class May(Enum):
    """What a part in a room covers. Whoever has one may also speak where only hosts may."""

    MODERATE = "moderate"  # mute, give a pause, remove, hide and pin entries, answer questions
    BAN = "ban"  # and let back in
    ADMIT = "admit"  # open the door
    SETTINGS = "settings"  # slow mode, who may write
    DESK = "desk"  # read it
    MODERATORS = "moderators"  # all of it also towards other moderators
    END = "end"
    OWN = "own"  # give parts in it, let in only whom one approves: whoever opened the room


class Way(Enum):
    """How one gets in."""

    LINK = "link"  # whoever has the link
    APPROVAL = "approval"  # they knock, a host or moderator opens


class Speak(Enum):
    """Who may write on the stage."""

    ALL = "all"
    HOSTS = "hosts"  # host, moderators and guests


class Standing(Enum):
    """How I stand to a room of my list."""

    HOSTING = "hosting"
    LINK = "link"  # I have its link, or sat in it
    KNOCKING = "knocking"  # waiting to be let in
    PAST = "past"


class Line(Enum):
    """How the way to the room's relay is doing."""

    UP = "up"
    CONNECTING = "connecting"
    DOWN = "down"
    NONE = "none"  # I have no seat there, so nobody asks


class RoomRow(Struct, frozen=True):
    """A room as the list of rooms shows it."""

    room_id: RoomId
    title: str
    host: str  # the host's name in it
    standing: Standing
    way: Way
    live_since_ms: int | None = None  # a host is present
    people: int = 0
    seats: int = 0
    questions: int = 0  # open ones
    waiting: int = 0  # people at the door
    unanswered: int = 0  # of a past room of mine: who asked and got no answer
    ended_ms: int | None = None
    lasted_ms: int = 0
    knocked_ms: int | None = None
    mine: bool = False  # I am its host, also when it is past
    inside: bool = False  # I sit in it at this moment
    line: Line = Line.UP  # down: live, people and questions are as they were heard last


class Room(Struct, frozen=True):
    """A room seen from inside."""

    room_id: RoomId
    title: str
    about: str
    rules: str  # accepted on entering
    stream: str  # where picture and sound run, or nothing
    host: str
    way: Way
    me: SeatId
    my_name: str  # my pseudonym here
    role: Role
    people: int
    seats: int
    live_since_ms: int | None
    speak: Speak = Speak.ALL
    slow_s: int = 0
    may_write_ms: int = 0  # slow mode or a time-out: not before
    muted: bool = False
    hand: bool = False  # mine is raised
    ended: bool = False
    removed: str | None = None  # I was removed, and why, as far as a reason was given
    line: Line = Line.UP
    entries_a_minute: int = 0
    questions: int = 0
    at_desk: int = 0  # what waits at the desk, for the host's view
    complete: bool = True  # nothing is known to be missing
    warning: Warned | None = None
    relay_host: str = ""
    may: tuple[May, ...] = ()  # what I may do here
    role_until_ms: int | None = None  # of a part I was given, where it ends before the room may

    @property
    def helps(self) -> bool:
        """Whether I run it, or help to."""
        return self.role in (Role.HOST, Role.MODERATOR)

    @property
    def moderates(self) -> bool:
        return May.MODERATE in self.may


class Warned(Enum):
    """What was noticed of the room's relay, and has to be said."""

    FORKED = "forked"  # it shows people different histories
    DROPS = "drops"  # it keeps back what somebody wrote
    DISOBEYS = "disobeys"  # it does not enforce an order
    FULL = "full"  # it takes no more orders of mine: the room had too many


class EntryKind(Enum):
    """What a row of the stage is."""

    TEXT = "text"
    ORDER = "order"  # something that a host or moderator did
    GAP = "gap"  # known to exist, has not come
    FORK = "fork"  # two different entries claim one number
    UNREADABLE = "unreadable"  # came and cannot be shown; ``cause`` says why


class EntryState(Enum):
    """Where an entry of mine is."""

    WAITING = "waiting"  # on its way; it has no place yet
    NUMBERED = "numbered"
    REFUSED = "refused"  # ``cause`` says why


class EntryCause(Enum):
    """Why an entry cannot be shown or was refused."""

    FORGED = "forged"  # not signed by the seat it names
    NOT_OPENABLE = "not_openable"  # sealed under a key that this seat does not have
    NOT_UNDERSTOOD = "not_understood"
    NEWER_VERSION = "newer_version"
    SLOW = "slow"
    NOT_ALLOWED = "not_allowed"
    TOO_LONG = "too_long"


class Act(Enum):
    """What hosts and moderators do with a seat."""

    MUTE = "mute"
    UNMUTE = "unmute"
    TIME_OUT = "time_out"
    REMOVE = "remove"
    BAN = "ban"
    HIDE = "hide"  # an entry is taken off the stage
    MAKE_COHOST = "make_cohost"  # runs the room while the host is away
    MAKE_MODERATOR = "make_moderator"
    MAKE_GUEST = "make_guest"
    MAKE_MEMBER = "make_member"
    LET_IN = "let_in"
    LET_BACK = "let_back"  # who was removed or banned may enter again


class Order(Struct, frozen=True):
    """Something that was done, as the stage shows it."""

    act: Act
    whom: str
    by: str
    by_me: bool = False
    of_me: bool = False
    seconds: int = 0
    reason: str = ""
    imitates: bool = False  # ``whom`` looks like the host's name and is not


class Reply(Struct, frozen=True):
    """What an entry answers to, as far as it is known here."""

    entry_id: EntryId
    name: str
    text: str
    mine: bool = False


class Reaction(Struct, frozen=True):
    """Counted by the host's app."""

    sign: str
    count: int
    mine: bool = False


class Fork(Struct, frozen=True):
    """The proof of a fork: two signed heads of one number."""

    number: int
    first: bytes
    second: bytes
    first_ms: int
    second_ms: int


class Entry(Struct, frozen=True):
    """One row of the stage."""

    place: int
    entry_id: EntryId
    seat_id: SeatId
    name: str
    role: Role
    text: str
    sent_ms: int
    kind: EntryKind = EntryKind.TEXT
    mine: bool = False
    state: EntryState = EntryState.NUMBERED
    cause: EntryCause | None = None
    newcomer: bool = False
    mention: bool = False  # of me
    imitates: bool = False  # the name looks like the host's and is not
    reply: Reply | None = None
    reactions: tuple[Reaction, ...] = ()
    pinned_ms: int | None = None
    order: Order | None = None
    fork: Fork | None = None
    count: int = 1  # how many missing ones a gap stands for
    asidable: bool = False  # I may take it aside


class Entries(Struct, frozen=True):
    """A stretch of the stage."""

    entries: tuple[Entry, ...]
    waiting: tuple[Entry, ...] = ()  # mine, without a place yet; behind all others
    older: bool = False
    newer: bool = False
    pinned: Entry | None = None


class Presence(Enum):
    """Whether somebody sits there."""

    HERE = "here"
    AWAY = "away"
    AT_THE_DOOR = "at_the_door"
    MUTED = "muted"
    TIMED_OUT = "timed_out"
    REMOVED = "removed"


class Person(Struct, frozen=True):
    """A seat in the list of people."""

    seat_id: SeatId
    name: str
    role: Role
    state: Presence
    me: bool = False
    newcomer: bool = False
    imitates: bool = False
    until_ms: int | None = None  # of a time-out
    role_until_ms: int | None = None  # of a role that was given
    done: Order | None = None  # why they are muted, have a pause, or are out
    may: tuple[May, ...] = ()  # what a role that was given covers
    by_host: bool = False  # what was done to them is a host's, and hosts' alone to lift


class Undoable(Struct, frozen=True):
    """Something I did that can be taken back until then."""

    undo_id: int
    order: Order
    until_ms: int
