"""What this relay holds, for how long and for whose eyes, from the settings in force.

What is not in this list is not held. A new kind of thing in the store, or in memory beyond a
connection, is a new line here; a test holds the list to the store's columns.
"""

from __future__ import annotations

from msgspec import Struct

from protocol.keys import Secret
from protocol.wire.frames import LONGEST_SLOT_S, Practice
from protocol.wire.practices import make_practices
from relay.rules.admission import LONGEST_INVITE_MS
from relay.rules.forgetting import ANSWER_DAYS, DESTINATION_DAYS, PACKET_DAYS, REMEMBER_DAYS
from relay.rules.limits import House
from relay.rules.room import FORGET_MS

DAY_S = 24 * 60 * 60


class Community(Struct, frozen=True):
    """Who runs this relay, in their own words."""

    name: str = "Aside relay"
    about: str = ""


class Declared(Struct, frozen=True):
    """Practices as they are told: encoded, and signed by the relay's key."""

    body: bytes
    signature: bytes


def declare(seed: Secret, house: House, community: Community) -> Declared:
    """What to tell whoever asks."""
    return Declared(
        *make_practices(seed, community.name, community.about, house.open, practices(house))
    )


def practices(house: House) -> tuple[Practice, ...]:
    """One line for each kind of thing."""
    keep_s = house.limits.keep_days * DAY_S
    remember_s = keep_s + REMEMBER_DAYS * DAY_S
    return (
        _sealed("envelope", keep_s),
        _readable("envelope_trace", keep_s),
        _readable("envelope_id", remember_s),
        _readable("mailbox", None),
        _readable("capability", None),
        _sealed("bundle", None),
        _readable("bundle_trace", remember_s),
        _readable("pass", None),
        _readable("invite_code", LONGEST_INVITE_MS // 1000),
        _sealed("packet", PACKET_DAYS * DAY_S),
        _sealed("answer", ANSWER_DAYS * DAY_S),
        _readable("packet_trace", (PACKET_DAYS + ANSWER_DAYS) * DAY_S),
        _readable("destination", DESTINATION_DAYS * DAY_S),
        _sealed("blob", house.limits.blob_days * DAY_S),
        _readable("blob_trace", house.limits.blob_days * DAY_S),
        _readable("room", None),
        _sealed("room_entry", None),
        _readable("room_entry_trace", None),
        _readable("room_seat", None),
        _sealed("room_letter", None),
        _readable("room_letter_trace", None),
        Practice(what="slot", on_disk=False, sealed=True, longest_s=LONGEST_SLOT_S),
        Practice(what="watch", on_disk=False, sealed=False),
        Practice(what="lately", on_disk=False, sealed=False, longest_s=FORGET_MS // 1000),
        Practice(what="address", on_disk=False, sealed=False, longest_s=DAY_S),
        Practice(what="connection", on_disk=False, sealed=False),
    )


def _sealed(what: str, longest_s: int | None) -> Practice:
    return Practice(what=what, on_disk=True, sealed=True, longest_s=longest_s)


def _readable(what: str, longest_s: int | None) -> Practice:
    return Practice(what=what, on_disk=True, sealed=False, longest_s=longest_s)
