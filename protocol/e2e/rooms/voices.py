"""Each seat's chain in a lane: how a relay that drops one voice, or changes its order, is noticed.

The chain of :mod:`protocol.e2e.chain`, begun wherever somebody came into the room, and with one
more step: an entry that was told and not confirmed before its relay fell, and whose epoch ended
meanwhile, is sealed again under its counter. It takes the place of what it was; that it says the
same is for whoever reads both to see (:func:`same_words`).
"""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from protocol.e2e import chain
from protocol.e2e.chain import Forked, Seen, Step
from protocol.e2e.packing import pack, unpack
from protocol.e2e.rooms.contents import Heard, StageContent
from protocol.wire.rooms.items import EntryBody


class Voice(Struct, frozen=True, array_like=True):
    """How far one seat's chain has come in one lane, seen from here."""

    seen: Seen
    epoch: int = 0  # of its newest entry


class Restated(Struct, frozen=True):
    """The newest one again, sealed under a later epoch."""


VoiceStep: TypeAlias = Step | Restated


def first_heard(entry: EntryBody, *, from_the_start: bool) -> Voice:
    """Before this entry, the first that is seen of a seat. Who was there from the room's start
    misses what came before it; a newcomer takes its word for it."""
    if from_the_start or entry.counter == 1:
        return Voice(Seen())
    return Voice(Seen(entry.counter - 1, entry.previous))


def follow(voice: Voice, entry: EntryBody, own_hash: bytes) -> tuple[Voice, VoiceStep]:
    """Take in the next entry of the seat, by its hash."""
    seen = voice.seen
    newer = entry.epoch > voice.epoch
    if entry.counter == seen.highest and own_hash != seen.head and newer:
        return Voice(Seen(seen.highest, own_hash, seen.missing), entry.epoch), Restated()
    if entry.counter > seen.highest and entry.epoch < voice.epoch:
        return voice, Forked()  # nobody goes back to an epoch that is over
    after, step = chain.advance(seen, entry.counter, entry.previous, own_hash)
    epoch = entry.epoch if after.highest > seen.highest else voice.epoch
    return Voice(after, epoch), step


def same_words(one: Heard, other: Heard) -> bool:
    """Whether an entry that was restated says what it said before."""
    return isinstance(one, StageContent) and one == other


def dump_voice(voice: Voice) -> bytes:
    """A position as bytes, for the vault."""
    return pack(voice)


def load_voice(data: bytes) -> Voice:
    """The reverse of :func:`dump_voice`. Raises RemoteProtocolError."""
    return unpack(data, Voice)
