"""What a relay keeps, in plain words. No Qt: ``aside rpc`` says the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from desktop.core.practices import Change, Changed, Kept, Practices, Told

ALL_IT_KEEPS: Final = "What it keeps"
HOW_LONG: Final = "How long"
WHO_READS: Final = "Who can read it"
NOT_PROVED: Final = (
    "Nothing else is kept, it says, and its log names nobody. Its signature proves who says so, "
    "not that it is true; what is sealed is safe either way."
)


def told_by(host: str) -> str:
    return f"{host} says this about itself, signed with its key, from the settings it runs with."


def who_may_join(told: Told) -> tuple[str, str]:
    joins = "Everybody may join." if told.open else "Only invited people may join."
    return "Who may join", joins


# Of each kind of thing: its name, what it is, and what ends it before its time.
_KEPT: Final[dict[str, tuple[str, str, str]]] = {
    "envelope": (
        "Messages on their way",
        "Sealed by the sender for one device, and padded.",
        "until this computer has them",
    ),
    "envelope_trace": (
        "What is seen of them",
        "For which device, their order and size, when each came, and a code of which "
        "correspondent’s key was used.",
        "until this computer has them",
    ),
    "envelope_id": (
        "Random ids of messages",
        "So that a message sent twice is delivered once: for which device, and when each came.",
        "counted from the arrival",
    ),
    "mailbox": (
        "Places where messages wait",
        "A random key for each device, which means nothing elsewhere; on which pass it is, so that "
        "your devices, and the relays you send to, can be seen to belong together; and how many "
        "messages it ever got.",
        "until you remove the relay",
    ),
    "capability": (
        "Rights to write to you",
        "The hash of a secret, for which device, its limits and how much of them was used; when "
        "it was given first, which is when you became contacts; and, where it has a rate, about "
        "when it was used last. Not whose it is.",
        "until you take it back",
    ),
    "bundle": (
        "Keys to begin a conversation with",
        "Locked with a key that only your contacts have. For which device and which contact, "
        "and how large, can be seen.",
        "until used",
    ),
    "bundle_trace": (
        "Hashes of used ones",
        "So that none comes twice: for which device and which contact, and when each came.",
        "counted from the day they came",
    ),
    "pass": (
        "Passes",
        "The hash of a secret, what you may keep and send on, and how much of it is used; on which "
        "day you sent anything to other relays last, how often, and to how many new ones. No name.",
        "without an end",
    ),
    "invite_code": (
        "Invitation codes",
        "Their hashes, how many people each still lets in, until when, and how many those may let "
        "in.",
        "until used",
    ),
    "packet": (
        "Messages on their way to another relay",
        "Sealed for that relay, and padded.",
        "until that relay has them",
    ),
    "answer": (
        "What other relays answered",
        "Sealed for whoever handed the message in.",
        "until fetched",
    ),
    "packet_trace": (
        "What is seen of these",
        "To which relay, when, how large, by which pass, and whether that relay answered.",
        "until the answer was fetched",
    ),
    "destination": (
        "Addresses of other relays",
        "Where messages went and when the last one did, without who sent any.",
        "counted from the last one",
    ),
    "blob": (
        "Attachments on their way",
        "Sealed, in pieces, under a name that only those who may have them know.",
        "until whoever sent them takes them away",
    ),
    "blob_trace": (
        "What is seen of these",
        "Hashes of two secrets and of the pieces, how many there are, on which pass, and when they "
        "go.",
        "until they are gone",
    ),
    "room": (
        "Rooms",
        "A random key each; whose it is only as a digest that leads to no pass; its rules, which"
        " its host signed, without its title; how many seats it gave; and when it was opened, used"
        " last and ended.",
        "as long as its host said, and its boxes seven days after the end; unused ones ninety days",
    ),
    "room_entry": ("What is said in rooms", "Sealed for those who are there.", "with the room"),
    "room_entry_trace": (
        "What is seen of it",
        "Its order and size, and which seat said it under which counter; of orders what they order,"
        " about which seat, and when.",
        "with the room",
    ),
    "room_seat": (
        "Seats in rooms",
        "A random key that means nothing elsewhere, with a sealed name and the keys for it; when it"
        " was taken, by which invitation's hash, and whether it waits. Never whose it is. Of who"
        " was put out, two bytes that know their network by the room's link, until it ends.",
        "with the room, or until it is given up",
    ),
    "room_letter": ("Letters between seats", "Sealed for one seat.", "until collected"),
    "room_letter_trace": (
        "What is seen of these",
        "From which seat to which, their size, random id and when each came.",
        "with the room",
    ),
    "slot": (
        "Who is online",
        "Sealed for single contacts, under names that say nothing. In memory only.",
        "after it was last said",
    ),
    "watch": (
        "Who looks for it",
        "Which connection waits for changes under which of these names,"
        " or for room where it was full. In memory only.",
        "while connected",
    ),
    "lately": ("Just now", "Who found no room or was typing, by hashes. In memory only.", "soon"),
    "address": (
        "Internet addresses",
        "To bound how much one address takes up.",
        "never on disk, never logged",
    ),
    "connection": (
        "Who is connected",
        "Which of these places are being collected from on which connection.",
        "while connected",
    ),
}
_FIELDS: Final = {"name": "Its name", "about": "What it says about itself"}


def kept_name(what: str) -> str:
    """What a kind of thing is called; a word that a newer relay knows stands as it is."""
    return _KEPT[what][0] if what in _KEPT else what


def kept_what(what: str) -> str:
    """What it is, in one sentence."""
    return _KEPT[what][1] if what in _KEPT else "A newer kind of thing, unknown to this Aside."


def how_long(kept: Kept) -> str:
    """When it goes."""
    end = _KEPT[kept.what][2] if kept.what in _KEPT else "without an end"
    if kept.longest_s is None:
        return _upper(end)
    return _upper(
        f"{_span(kept.longest_s)} at most; {end}"
        if kept.what in _KEPT
        else f"{_span(kept.longest_s)} at most"
    )


def who_reads(kept: Kept) -> str:
    """Whose eyes it is for."""
    if kept.sealed:
        return "Only whom it is for"
    return "Whoever runs the relay" + ("" if kept.on_disk else ", in memory only")


def kept_words(kept: Kept) -> tuple[str, ...]:
    """All of it, as sentences."""
    name, what = kept_name(kept.what), kept_what(kept.what)
    return (f"{name}.", what, f"{how_long(kept)}.", f"{who_reads(kept)} can read it.")


def change_words(changed: Changed, now: Told) -> str:
    """What is different, in one sentence."""
    if changed.what == "open":
        return "Everybody may join now." if now.open else "Only invited people may join now."
    if changed.how is Change.OTHER:
        return f"{_FIELDS.get(changed.what, changed.what)} has changed."
    name = kept_name(changed.what)
    kept = next((one for one in now.kept if one.what == changed.what), None)
    long = "" if kept is None or kept.longest_s is None else f", {_span(kept.longest_s)} at most"
    match changed.how:
        case Change.NEW:
            return f"{name}: kept now, and was not before."
        case Change.GONE:
            return f"{name}: not kept any more."
        case Change.LONGER:
            return f"{name}: kept longer now{long}."
        case Change.SHORTER:
            return f"{name}: kept for a shorter time now{long}."
        case Change.READABLE:
            return f"{name}: whoever runs the relay can read it now."
        case Change.SEALED:
            return f"{name}: whoever runs the relay cannot read it any more."
        case Change.DISK:
            return f"{name}: written to disk now, and was not before."
        case Change.MEMORY:
            return f"{name}: in memory only now."


def mark(changes: Sequence[Changed]) -> str:
    """The same beside the thing itself, in a word or two."""
    return ", ".join(_MARKS[one.how] for one in changes)


_MARKS: Final = {
    Change.NEW: "new",
    Change.GONE: "gone",
    Change.LONGER: "longer",
    Change.SHORTER: "shorter",
    Change.READABLE: "readable now",
    Change.SEALED: "sealed now",
    Change.DISK: "on disk now",
    Change.MEMORY: "in memory now",
    Change.OTHER: "changed",
}


def _span(seconds: int) -> str:
    for size, name in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds >= size:
            count = round(seconds / size)
            return f"{count:,} {name}s" if count != 1 else f"one {name}"
    return "no time"


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def keeps(practices: Practices | None) -> str:
    """How long it keeps messages and addresses, in two short sentences."""
    told = None if practices is None else practices.now
    if told is None:
        return "It has not said."
    kept = {one.what: one for one in told.kept}
    mail, address = kept.get("envelope"), kept.get("address")
    said = "Messages until you have them"
    if mail is not None and mail.longest_s is not None:
        said += f", at most {_span(mail.longest_s)}"
    if address is None or not address.on_disk:
        return f"{said}. Addresses are not written down."
    if address.longest_s is None:
        return f"{said}. Addresses too, without an end."
    return f"{said}. Addresses for {_span(address.longest_s)}."


def news(practices: Practices | None) -> tuple[str, str] | None:
    """What the member should look at, if anything: lead and text."""
    if practices is None:
        return None
    if not practices.signed:
        if practices.now is None:
            return "What it says it keeps is not signed by it.", "It is not shown."
        lead = "What it keeps now it does not say, or what it says is not signed by it."
        return lead, "Below is what it said before."
    if not practices.changed or practices.now is None:
        return None
    graver = sorted(practices.changed, key=lambda one: _GRAVE.index(one.how))
    said = [change_words(one, practices.now) for one in graver]
    more = len(said) - _MOST_SAID
    if more > 0:
        said = [*said[:_MOST_SAID], f"And {more} more."]
    return "Changed since you joined.", " ".join(said)


_MOST_SAID: Final = 3
_GRAVE: Final = (
    *(Change.READABLE, Change.DISK, Change.NEW, Change.LONGER, Change.OTHER),
    *(Change.SHORTER, Change.GONE, Change.SEALED, Change.MEMORY),
)
