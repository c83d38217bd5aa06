"""How long things may take: every delay of the engine in one place, with its default.

Seconds. Tests and restless members choose others. What bounds a peer or gathers a burst stands
where it is done, and is nobody's choice.
"""

from __future__ import annotations

from msgspec import Struct

MINUTE = 60.0
HOUR = 3600.0
DAY = 24 * HOUR


class Timings(Struct, frozen=True):
    """The delays the engine keeps."""

    connect: float = 15.0
    answer: float = 30.0  # a relay that takes longer is taken for gone
    ping: float = 20.0  # of silence on a line; with `answer`, half-open is noticed within 60 s
    linger: float = 120.0  # a line to somebody else's relay stays open this long without use

    retry_first_cap: float = 30.0  # the longest pause in the first two minutes after a loss
    retry_first_span: float = 120.0
    retry_cap: float = 300.0
    steady: float = 30.0  # a line that held for less is no reason to begin again with short pauses
    patience: float = 10.0  # for a line that is being opened, when a person waits

    receipt_pause: float = 0.15  # receipts of this long share one envelope
    receipt_jitter: float = 0.25
    receipt_again: float = HOUR  # for bytes that come again; the first receipt may have been lost

    gap_grace: float = 3.0  # another way may still bring it
    ask_more: float = 30.0  # after some of what was missing came, for the rest of it
    ask_again: float = HOUR  # at most one fresh session per device in this time; doubled each time
    greeting_again: float = HOUR
    answer_again: float = MINUTE  # so often a contact's greetings are answered, however many come

    other_way: float = 5.0  # a relay of mine that does not take a packet in this time: the next one
    card_patience: float = 15.0  # for a relay of mine that asks another one for its card
    card_life: float = HOUR
    stored_patience: float = 30.0  # without the destination's answer: a copy to the next mailbox
    heard_patience: float = 25.0  # stored, but no receipt: a copy to a mailbox that has none yet
    answers_again: float = 5 * MINUTE  # answers that nobody told are asked for so often
    answers_kept: float = 8 * DAY  # by a relay of mine, at most; then a copy is handed in anew
    way_shut: float = HOUR  # a relay of mine that carries nothing there is asked again after this

    presence_pause: float = 3.0  # at most this long before a slot is written or watched
    presence_again: float = 120.0  # a quarter more or less, each slot by itself
    presence_lasts: float = 300.0  # what was written, if nothing comes any more
    presence_goodbye: float = 1.0  # for a relay to empty slots when the profile is locked
    watch_again: float = 5.0  # doubled each time, up to `retry_cap`
    typing_after: float = 0.3  # before it is said: what is sent by then needs no announcement
    typing_again: float = 4.0  # so often it is said that I write

    unknown_retries: tuple[float, ...] = (5.0, 30.0, 5 * MINUTE)  # then the next mailbox is tried
    full_retry: float = 30.0
    full_retry_cap: float = 15 * MINUTE
    room_again: float = 1.0  # between two times that a relay's word of room is heeded

    elsewhere_after: float = HOUR  # without a receipt: one more copy, also to the same mailbox
    # if the device was heard so long after the last copy was stored
    again_after: float = 31 * DAY  # without a receipt: what relays hold has expired
    give_up_after: float = 90 * DAY
    remember_opened: float = 60 * DAY
    late_opens: float = 7 * DAY  # what was overtaken and comes after all; later it is asked for
    sealing_key_life: float = 7 * DAY
    sealing_key_kept: float = 60 * DAY
    last_resort_life: float = 7 * DAY
    drain: float = 30 * DAY  # a mailbox that was left is still collected for so long

    room_cap: float = 5.0  # the longest pause before a room's relay is tried again
    room_fresh: float = HOUR  # of a relay that is away for longer it is `retry_cap`
    room_patience: float = 15.0  # for a seat, when a person waits
    room_undone: float = 13.0  # after I was put out: what a host can undo is undone by then
    room_door: float = MINUTE  # so often who waits there asks whether the room goes on
    room_gather: float = 0.05  # entries of this long are taken in together
    room_rush: float = 0.25  # the same where more come than anybody can read
    room_read: float = 0.02  # what a room tells in quick succession is read together
    room_heads: float = 5.0  # what a relay signs of a room is compared so often
    room_busy: float = 1.0  # after a relay could not take an entry, before it is offered again
    letters_again: float = MINUTE  # a letter that was not taken; doubled each time
    letters_cap: float = HOUR
    letters_visit: float = 10 * MINUTE  # a quarter more or less: for boxes of rooms I am not in
    letters_soon: float = 30.0  # the same while a room is just over: then people are written to
    letters_lately: float = HOUR  # a room is just over for so long
    letters_kept: float = 7 * DAY  # beyond a room's end, by its relay
    requests_kept: float = 30 * DAY  # without an answer

    upkeep: float = 10 * MINUTE
    clock_tolerance: float = HOUR
