"""What the stage says to people: rows in words, on screen and aloud. No Qt.

Law: a stranger's name or text goes through ``harmless`` before it is shown or spoken.
"""

from __future__ import annotations

from datetime import date, datetime

from desktop.core.rooms import (
    Act,
    Entry,
    EntryCause,
    EntryKind,
    EntryState,
    Fork,
    Order,
    Reply,
    Role,
)
from desktop.core.texts import harmless, harmless_name, is_blank
from desktop.ui.messages.strings import clock, day, long_day
from desktop.ui.messages.when import local
from desktop.ui.strings import NOTHING_TO_SEE

ROLES = {Role.HOST: "Host", Role.MODERATOR: "Moderator", Role.GUEST: "Guest"}
NEWCOMER = "New here"
YOU = "you"
IMITATES = "Not the host"
SOMEBODY = "Somebody"
_FAR_MS = 7 * 86_400_000

_DONE = {
    Act.MUTE: "was muted",
    Act.UNMUTE: "may write again",
    Act.TIME_OUT: "was given a pause",
    Act.REMOVE: "was removed",
    Act.BAN: "was banned",
    Act.HIDE: "had an entry taken off the stage",
    Act.MAKE_COHOST: "is a co-host now",
    Act.MAKE_MODERATOR: "is a moderator now",
    Act.MAKE_GUEST: "is a guest now and may speak when only hosts do",
    Act.MAKE_MEMBER: "has no special part any more",
    Act.LET_IN: "was let in",
    Act.LET_BACK: "may come back",
}
_OF_ME = {
    Act.MUTE: "were muted",
    Act.TIME_OUT: "were given a pause",
    Act.REMOVE: "were removed",
    Act.BAN: "were banned",
    Act.UNMUTE: "may write again",
    Act.HIDE: "had an entry taken off the stage",
    Act.MAKE_COHOST: "are a co-host now",
    Act.MAKE_MODERATOR: "are a moderator now",
    Act.MAKE_GUEST: "are a guest now and may speak when only hosts do",
    Act.MAKE_MEMBER: "have no special part any more",
    Act.LET_IN: "were let in",
    Act.LET_BACK: "may come back",
}
_CAUSES = {
    EntryCause.FORGED: "It is not signed by the seat it names, so nobody said it.",
    EntryCause.NOT_OPENABLE: "It was written under a key that you were not given.",
    EntryCause.NOT_UNDERSTOOD: "This app cannot make sense of it.",
    EntryCause.NEWER_VERSION: "It needs a newer version of Aside.",
}
_REFUSED = {
    EntryCause.SLOW: "Not said: slow mode. Write it again in a moment.",
    EntryCause.NOT_ALLOWED: "Not said: you may not write here at the moment.",
    EntryCause.TOO_LONG: "Not said: it is too long for the stage.",
}


def name(entry: Entry) -> str:
    return harmless_name(entry.name) or SOMEBODY


def when(then: datetime, today: date) -> str:
    """A time of today, and otherwise with its day."""
    if then.date() == today:
        return clock(then)
    return f"{day(then.date(), today)} {clock(then)}"


def until(ends_ms: int | None, now_ms: int) -> str:
    """20:15, and with its day where that is another one; nothing if it is so far off that nobody
    here needs to know."""
    if ends_ms is None or ends_ms - now_ms > _FAR_MS:
        return ""
    ends = local(ends_ms)
    same = ends.date() == local(now_ms).date()
    return clock(ends) if same else f"{long_day(ends.date())}, {clock(ends)}"


def length(seconds: int) -> str:
    """How long a pause is."""
    for unit, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= unit and seconds % unit == 0:
            count = seconds // unit
            return f"{count} {word}{'' if count == 1 else 's'}"
    return f"{seconds} seconds"


def order(done: Order) -> str:
    """willow-7 was removed by you · selling links"""
    who = "You" if done.of_me else harmless_name(done.whom) or SOMEBODY
    if done.imitates and not done.of_me:
        who = f"{who} ({IMITATES[:1].lower()}{IMITATES[1:]})"
    what = (_OF_ME if done.of_me else _DONE)[done.act]
    if done.seconds and done.act is Act.TIME_OUT:
        what = f"{what} of {length(done.seconds)}"
    by = YOU if done.by_me else harmless_name(done.by) or SOMEBODY
    reason = f" · {harmless_name(done.reason)}" if done.reason else ""
    return f"{who} {what} by {by}{reason}"


def missing(count: int) -> str:
    some = "One entry is" if count == 1 else f"{count:,} entries are"
    return f"{some} missing here. Asked for again"


FORK_TITLE = "The relay told two stories here"


def fork(proof: Fork | None) -> str:
    if proof is None:
        return "Two different entries claim one number."
    return (
        f"Number {proof.number:,} was signed twice, at {clock(local(proof.first_ms))} and at "
        f"{clock(local(proof.second_ms))}: {proof.first.hex()[:12]} and {proof.second.hex()[:12]}. "
        "Other people may see something else than you."
    )


UNREADABLE_TITLE = "This entry cannot be shown"


def unreadable(cause: EntryCause | None) -> str:
    return _CAUSES.get(cause or EntryCause.NOT_UNDERSTOOD, _CAUSES[EntryCause.NOT_UNDERSTOOD])


def refused(cause: EntryCause | None) -> str:
    return _REFUSED.get(cause or EntryCause.NOT_ALLOWED, _REFUSED[EntryCause.NOT_ALLOWED])


def reply_name(to: Reply) -> str:
    return f"@{harmless_name(to.name) or SOMEBODY}"


def reply_text(to: Reply) -> str:
    return " ".join(harmless(to.text[:200]).split())


def words(entry: Entry) -> str:
    """The text that is set in lines."""
    if entry.kind is EntryKind.FORK:
        return fork(entry.fork)
    if entry.kind is EntryKind.UNREADABLE:
        return unreadable(entry.cause)
    return NOTHING_TO_SEE if is_blank(entry.text) else harmless(entry.text)


def content(entry: Entry) -> str:
    """A row's own words, whatever it is."""
    match entry.kind:
        case EntryKind.ORDER:
            return order(entry.order) if entry.order else ""
        case EntryKind.GAP:
            return missing(entry.count)
        case EntryKind.FORK:
            return f"{FORK_TITLE}. {words(entry)}"
        case EntryKind.UNREADABLE:
            return f"{UNREADABLE_TITLE}. {words(entry)}"
        case EntryKind.TEXT:
            return words(entry)


def marks(entry: Entry) -> list[str]:
    """What stands beside a name."""
    found = [ROLES[entry.role]] if entry.role in ROLES else []
    if entry.imitates:
        found.append(IMITATES)
    if entry.newcomer and not found:
        found.append(NEWCOMER)
    return found


def spoken(entry: Entry) -> str:
    """A whole row for a screen reader."""
    if entry.kind in (EntryKind.ORDER, EntryKind.GAP, EntryKind.FORK):
        return content(entry)
    who = [name(entry), *(mark.lower() for mark in marks(entry))]
    if entry.mine:
        who.append(YOU)
    parts = [f"{', '.join(who)}, {clock(local(entry.sent_ms))}"]
    if entry.reply is not None:
        to = "you" if entry.reply.mine else harmless_name(entry.reply.name)
        parts.append(f"in reply to {to}")
    elif entry.mention:
        parts.append("names you")
    said = f"{'; '.join(parts)}: {content(entry)}"
    more = [f"{harmless_name(one.sign)} {one.count}" for one in entry.reactions]
    if entry.state is EntryState.WAITING:
        more.append("on its way")
    elif entry.state is EntryState.REFUSED:
        more.append(refused(entry.cause))
    if entry.pinned_ms is not None:
        more.append("pinned")
    return "; ".join([said, *more])


def quoted(entry: Entry) -> str:
    """A row as it is copied together with others."""
    return f"[{clock(local(entry.sent_ms))}] {name(entry)}: {content(entry)}"
