"""What the relay of a room hears, says and keeps of it; read with ``what_relays_know.py``.

It learns who sits when on which line, who speaks when and how much, who may order whom, how long
letters are and whose. Sealed are all words, names, titles, reasons, votes and keys. The pass that
opens a room is named once, in ``open_room``; what is kept of it leads to no pass. All else comes on
lines on which no pass, no mailbox and no other seat was ever named.
"""

from __future__ import annotations

from tests.whole.what_relays_know import Fields

_POLICY = {"policy", "policy.body", "policy.signature"} | {
    f"policy.body.{each}"
    for each in (
        *("room", "version", "entry", "token", "epoch", "commitment", "desk_key", "desk"),
        *("speak", "slow_s", "seats", "history", "per_address", "per_minute", "asides"),
        *("keeps_s", "ended", "front"),
    )
}
_CARD = {"card", "card.body", "card.signature", "card.body.sealing", "card.body.made_ms"}
_GRANT = {"grant", "grant.body", "grant.signature"} | {
    f"grant.body.{each}" for each in ("room", "grant", "seat", "scopes", "made_ms", "expires_ms")
}
_HEAD = {"head", "head.body", "head.signature"} | {
    f"head.body.{each}"
    for each in (
        *("room", "lane", "run", "number", "running", "made_ms"),
        *("before_number", "before_running"),
    )
}
_EPOCH = {"epoch", "epoch.body", "epoch.signature"} | {
    f"epoch.body.{each}" for each in ("room", "epoch", "commitment", "made_ms", "by", "grant")
}

# From a host's desktop: a room on a pass, and what the room's key signs from then on.
FROM_HOSTS: Fields = {
    "open_room": {"call", "pass_secret", "signature", *_POLICY},
    "set_room": {"call", *_POLICY},
    "set_epoch": {"call", "room", "wraps", "more", *_EPOCH},
    "give_order": {"call", "room", "item"},
    "acknowledge_desk": {"call", "run", "up_to"},
}
# From whoever has a link, and from who sits: on a line for each seat.
FROM_SEATS: Fields = {
    "show_room": {"call", "room"},
    "enter_room": {"call", "room", "seat", "signature", "token", "name", *_CARD},
    "leave_room": {"call", "for_good"},
    "set_name": {"call", "name"},
    "say_entry": {"call", "item"},
    "fetch_entries": {"call", "run", "after", "limit", "lane"},
    "show_head": {"call", "lane"},
    "show_seats": {"call", "after", "named", "granted"},
    "show_cards": {"call", "seats"},
    "show_wrap": {"call"},
    "leave_letter": {"call", "room", "letter"},
    "open_box": {"call", "room", "seat", "signature", "after"},
    "acknowledge_letters": {"call", "up_to"},
}
# And what it says to them.
TO_SEATS: Fields = {
    "room_shown": {"call", "seats", "live", *_POLICY},
    "entered": {"call", "state", "run", "number", "oldest_run", "oldest", "seats"}
    | {"muted_until_ms", *_POLICY, *_GRANT, *_HEAD},
    "room_set": _POLICY,
    "seats_changed": {"seats", "came", "went", "waiting", "more"},
    "seat_told": {"state", "muted_until_ms", *_GRANT},
    "said": {"call", "run", "number"},
    "entries": {"run", "first", "items", "lane"},
    "fetched": {"call", "run", "first", "before", "items", "over"},
    "room_head": _HEAD,
    "head_shown": {"call", *_HEAD},
    "epoch_begins": {"wrap", *_EPOCH},
    "wrap_shown": {"call", "wrap", *_EPOCH},
    "seats_shown": {"call", "more", "seats"}
    | {f"seats.{each}" for each in ("seat", "state", "since_ms", "scopes", "muted_until_ms")}
    | {"seats.name"}
    | {f"seats.{each}" for each in _GRANT},
    "cards_shown": {"call", "cards", "cards.seat"} | {f"cards.{each}" for each in _CARD},
    "box_opened": {"call", "waiting"},
    "letters": {"letters", "letters.sequence", "letters.letter"},
}

# What it keeps: of the room and its epoch, of each seat, of what was ordered and said, and of
# letters that wait. Names and wraps are sealed, cards are public keys; an item is a signature, its
# seat, its place and what is sealed. Of a letter that was taken, all but what was in it. Of a seat
# that was put out, two bytes of a hash of its network under a token that the relay does not keep.
OF_ROOMS: Fields = {
    "room": {"row", "id", "owner", "policy", "policy_signature", "keeps_ms", "opened_ms", "used_ms"}
    | {"ended_ms", "emptied", "epoch", "epoch_signature", "last_seat"},
    "room_seat": {"room", "number", "seat", "since_ms", "waits", "token", "run", "at", "name"}
    | {"card", "card_signature", "wrap", "wrap_epoch", "stage", "desk", "letters"},
    "room_heat": {"row", "room", "seat", "mark"},
    "room_order": {"room", "run", "number", "at_ms", "under", "item"},
    "room_run": {"room", "lane", "run", "number", "running", "before_number", "before_running"},
    "room_item": {"row", "room", "lane", "run", "number", "seat", "counter", "size", "before"}
    | {"item"},
    "room_letter": {"room", "seat", "sequence", "id", "by", "age_ms", "size", "body"},
}
