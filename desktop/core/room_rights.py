"""What somebody may do in a room with whom: the relay's rule in the app's words. Pure.

Law: nothing is offered that the relay would refuse, and whoever may not is told of no menu. The
relay and the engine judge by the signed grants; this only keeps the screens honest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop.core.rooms import Act, May, Person, Presence, Role, Room

USUAL: Final = (May.MODERATE, May.BAN, May.ADMIT, May.SETTINGS, May.DESK)
"""What a moderator may if nothing else is said."""

CHOICES: Final = (*USUAL, May.MODERATORS)
"""What a moderator may be given, or not."""

EVERYTHING: Final = tuple(May)
COHOST: Final = tuple(one for one in May if one is not May.OWN)

_NEEDS: Final = {
    Act.MUTE: May.MODERATE,
    Act.UNMUTE: May.MODERATE,
    Act.TIME_OUT: May.MODERATE,
    Act.REMOVE: May.MODERATE,
    Act.HIDE: May.MODERATE,
    Act.BAN: May.BAN,
    Act.LET_BACK: May.BAN,
    Act.LET_IN: May.ADMIT,
    Act.MAKE_COHOST: May.OWN,
    Act.MAKE_MODERATOR: May.OWN,
    Act.MAKE_GUEST: May.OWN,
    Act.MAKE_MEMBER: May.OWN,
}
_AGAINST: Final = frozenset({Act.MUTE, Act.TIME_OUT, Act.REMOVE, Act.BAN})
_LIFTS: Final = frozenset({Act.UNMUTE, Act.LET_BACK, Act.LET_IN})
ROLES: Final = {
    Act.MAKE_COHOST: Role.HOST,
    Act.MAKE_MODERATOR: Role.MODERATOR,
    Act.MAKE_GUEST: Role.GUEST,
    Act.MAKE_MEMBER: Role.MEMBER,
}


def can_be_given(may: Sequence[May]) -> bool:
    """Whether a moderator's part can cover this: something, and nothing of the hosts' alone."""
    return bool(may) and all(one in CHOICES for one in may)


def may_act(room: Room, act: Act, of: Role = Role.MEMBER) -> bool:
    """Whether I may do this with somebody of that role."""
    if room.ended or _NEEDS[act] not in room.may:
        return False
    if act not in _AGAINST or May.OWN in room.may:
        return True
    return of is not Role.HOST and (of is not Role.MODERATOR or May.MODERATORS in room.may)


def offered(room: Room, person: Person) -> tuple[Act, ...]:
    """What I may do with this person as they stand now, the gravest last."""
    if person.me:
        return ()
    kept = person.by_host and May.END not in room.may
    return tuple(
        act
        for act in _fitting(person)
        if may_act(room, act, person.role) and not (kept and act in _LIFTS)
    )


def _fitting(person: Person) -> tuple[Act, ...]:
    out = (Act.REMOVE, Act.BAN)
    roles = tuple(act for act, role in ROLES.items() if _is_other(person, role))
    match person.state:
        case Presence.REMOVED:
            return (Act.LET_BACK,)
        case Presence.AT_THE_DOOR:
            return (Act.LET_IN, *out)
        case Presence.MUTED | Presence.TIMED_OUT:
            return (Act.UNMUTE, *roles, *out)
        case _:
            return (Act.MUTE, Act.TIME_OUT, *roles, *out)


def _is_other(person: Person, role: Role) -> bool:
    """A moderator may be made one again: with other rights, or for longer."""
    return role is not person.role or role is Role.MODERATOR
