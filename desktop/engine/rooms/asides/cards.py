"""Bridge cards, made from the own vault and held against it.

Law: nothing on a card is shown as proven because its writer said so. What is proven was opened here
from the very bytes, or is one's own; and a card that says one false thing is not shown at all.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core.requests import BridgeCard, Proof, Purpose, Quoted
from desktop.engine.rooms.people.likeness import Likeness
from desktop.store.rooms import epochs, items, rooms
from desktop.store.rooms.items import KeptItem, place_of, run_and_number
from desktop.store.rooms.rooms import KeptRoom
from desktop.store.rows import reads_a_row
from protocol.e2e.packing import unpack
from protocol.e2e.rooms import bridge
from protocol.e2e.rooms.bridge import Checked, CheckedCard, FalseQuote, Quote, Witness, Worth
from protocol.e2e.rooms.contents import StageContent
from protocol.e2e.rooms.epochs import EpochKey
from protocol.e2e.rooms.front import Front
from protocol.e2e.rooms.pseudonyms import clean
from protocol.e2e.rooms.stage import hear
from protocol.errors import RemoteProtocolError, Unopenable
from protocol.ids import EntryId, RoomId, SeatId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.rooms.items import EntryBody, entry_id, is_stub, parse_item

AROUND = 3
_NUMBERS = 2**32

Words = Callable[[Connection, KeptRoom, EntryId], str | None]
"""What an entry of the desk says, as far as this vault knows it for certain."""


def make(
    db: Connection,
    room: KeptRoom,
    quoted: KeptItem,
    said: str,
    purpose: Purpose,
    word: str,
    now: int,
) -> bridge.BridgeCard:
    """A card about an item of the vault. The room goes along by its title and host only: what else
    stands at its door would take the place of what was said there."""
    front = room.front()
    near = (
        items.around(db, room.row, quoted.place, AROUND)
        if quoted.lane is Lane.STAGE and not is_stub(quoted.item)
        else []
    )
    return bridge.make_card(
        room.room_id,
        Front(title=front.title, host=front.host, seat=front.seat),
        _quote(quoted, said),
        [_quote(one, one.text) for one in near if not is_stub(one.item)],
        bridge.Purpose(purpose.value),
        word,
        now,
    )


def witness(db: Connection, room: KeptRoom, desk_words: Words) -> Witness:
    """What this vault knows of the room."""

    def item_at(lane: Lane, run: int, number: int) -> bytes | None:
        if number >= _NUMBERS:
            return None
        found = items.at(db, room.row, lane, place_of(run, number))
        return None if found is None or is_stub(found.item) else found.item

    def key_of(epoch: int) -> EpochKey | None:
        return epochs.key(db, room.row, epoch)

    def own_words(item: bytes) -> str | None:
        entry = parse_item(item)
        if not isinstance(entry, EntryBody) or entry.lane is not Lane.DESK:
            return None
        made = _id_of(room.room_id, entry)
        kept = items.by_id(db, room.row, made)
        mine = entry.seat in {one.key.seat for one in rooms.seats(db, room.row)}
        if mine or (kept is not None and kept.item == item):
            return desk_words(db, room, made)
        return None

    return Witness(room.room_id, item_at, key_of, own_words)


def check(
    db: Connection,
    room: KeptRoom,
    packed: bytes,
    me: int,
    names: dict[SeatId, str],
    words: Words,
) -> BridgeCard | None:
    """A card as it may be shown; None where it says anything false. ``me``: the row of the seat of
    mine that it is about."""
    card = _read(packed)
    try:
        checked = bridge.check_card(card, witness(db, room, words))
    except FalseQuote:
        return None
    return _shown(db, room, card, checked, me, names)


@reads_a_row
def _read(packed: bytes) -> bridge.BridgeCard:
    return unpack(packed, bridge.BridgeCard)


def _shown(
    db: Connection,
    room: KeptRoom,
    card: bridge.BridgeCard,
    checked: CheckedCard,
    me: int,
    names: dict[SeatId, str],
) -> BridgeCard:
    seats = rooms.seats(db, room.row)
    mine = {one.key.seat: one.pseudonym for one in seats}
    known = {**names, **mine}
    at = (card.quoted.run, card.quoted.number)

    front, likeness = room.front(), Likeness(db, room)

    def quoted(quote: Quote, found: Checked) -> Quoted:
        shown = _quoted(db, room, quote, found, known, mine, card.made_ms)
        return replace(shown, imitates=likeness.misleads(shown.seat_id, shown.name))

    around = [
        ((quote.run, quote.number) < at, quoted(quote, found))
        for quote, found in zip(card.around, checked.around, strict=True)
    ]
    return BridgeCard(
        room_id=room.room_id,
        room=front.title or checked.front.title,
        host=front.host or checked.front.host,
        quoted=quoted(card.quoted, checked.quoted),
        before=tuple(one for earlier, one in around if earlier),
        after=tuple(one for earlier, one in around if not earlier),
        purpose=Purpose.OWN
        if checked.purpose is bridge.Purpose.OTHER
        else Purpose(checked.purpose.value),
        word=checked.own_word,
        known_as=next((one.pseudonym for one in seats if one.row == me), ""),
    )


def _quoted(
    db: Connection,
    room: KeptRoom,
    quote: Quote,
    found: Checked,
    names: dict[SeatId, str],
    mine: dict[SeatId, str],
    made_ms: int,
) -> Quoted:
    """Who said it and when is only shown where it was opened here; otherwise the name they go by,
    and the time of the card."""
    entry = parse_item(quote.item)
    if not isinstance(entry, EntryBody):
        raise RemoteProtocolError("a quote of what is no entry")
    opened = _opened(db, room, entry)
    own = Quoted(
        entry_id=_id_of(room.room_id, entry),
        seat_id=found.seat,
        name=names.get(found.seat, ""),
        text=found.text,
        sent_ms=made_ms,
        mine=found.seat in mine,
        proof=Proof.SIGNED if found.worth is Worth.PROVEN else Proof.CLAIMED,
    )
    if opened is None:
        return own
    return replace(own, name=clean(opened.name), sent_ms=opened.sent_ms)


def _opened(db: Connection, room: KeptRoom, entry: EntryBody) -> StageContent | None:
    key = epochs.key(db, room.row, entry.epoch)
    if entry.lane is not Lane.STAGE or key is None:
        return None
    try:
        said = hear(entry, key)
    except (Unopenable, RemoteProtocolError):
        return None
    return said if isinstance(said, StageContent) else None


def _quote(one: KeptItem, said: str) -> Quote:
    run, number = run_and_number(one.place)
    return Quote(run=run, number=number, item=one.item, said=bridge.excerpt(said))


def _id_of(room: RoomId, entry: EntryBody) -> EntryId:
    return entry_id(room, entry.lane, entry.seat, entry.counter)
