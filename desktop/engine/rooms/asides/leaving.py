"""What becomes of a letter that was written: sealed once, left, put off, or refused for good.

``unknown`` and ``not_allowed`` are for good: the seat is forgotten, or these two may not write to
each other. A box that is full, and an hour's number that is used up, pass.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlcipher3 import Connection

from desktop.engine.ground import Bell, Ground, Said
from desktop.store.rooms import letters, requests
from desktop.store.rooms.letters import Waiting
from desktop.store.rooms.requests import AskedState
from desktop.store.rooms.rooms import KeptRoom, KeptSeat
from protocol.e2e.rooms.letters import LETTERS, LetterContent, write
from protocol.errors import BadSignature, RemoteProtocolError, TextTooLong
from protocol.ids import SeatId
from protocol.wire.frames import Reason
from protocol.wire.frames.rooms import SignedCard
from protocol.wire.rooms.entering import read_card
from protocol.wire.rooms.letters import read_letter

_FOR_GOOD = frozenset({Reason.UNKNOWN, Reason.NOT_ALLOWED, Reason.BAD_SIGNATURE})


def seal(
    db: Connection,
    said: Said,
    ground: Ground,
    room: KeptRoom,
    seat: KeptSeat,
    due: Iterable[Waiting],
    cards: dict[SeatId, SignedCard],
) -> list[tuple[int, bytes]]:
    """The bytes of each that can be sealed or was, by its row. Whom the relay has no card of, or a
    card that they did not sign, nobody can write to."""
    ready: list[tuple[int, bytes]] = []
    for one in due:
        if one.letter is not None:
            ready.append((one.row, one.letter))
            continue
        try:
            made = _sealed(ground, room, seat, one, cards[one.to])
        except (KeyError, BadSignature, RemoteProtocolError, TextTooLong):
            _over(db, said, one.row, AskedState.REFUSED)
            continue
        letters.seal(db, one.row, made)
        requests.sealed(db, one.row, read_letter(made, room.room_id).letter)
        ready.append((one.row, made))
    return ready


def answered(db: Connection, said: Said, ground: Ground, row: int, reason: Reason | None) -> None:
    """The relay has it, or says why not."""
    if reason is None:
        _over(db, said, row, AskedState.LEFT)
    elif reason in _FOR_GOOD:
        _over(db, said, row, AskedState.REFUSED)
    elif (one := letters.find(db, row)) is not None:
        put_off(db, said, ground, [one])


def shut(db: Connection, said: Said, ground: Ground, seat: int, reason: Reason) -> None:
    """A seat's own box does not open, so that nobody can be shown the cards it writes to."""
    for one in letters.of_seat(db, seat):
        answered(db, said, ground, one.row, reason)


def put_off(db: Connection, said: Said, ground: Ground, refused: Iterable[Waiting]) -> None:
    """Not now; each time later, within bounds."""
    timings = ground.timings
    for one in refused:
        pause = min(timings.letters_again * 2**one.refusals, timings.letters_cap)
        letters.put_off(db, one.row, ground.now() + int(pause * 1000))
    said.bells.add(Bell.ASIDES)


def _over(db: Connection, said: Said, row: int, state: AskedState) -> None:
    requests.over(db, row, state)
    letters.drop(db, row)
    said.bells.add(Bell.ASIDES)


def _sealed(
    ground: Ground, room: KeptRoom, seat: KeptSeat, one: Waiting, signed: SignedCard
) -> bytes:
    content = LETTERS.load(one.content)
    if not isinstance(content, LetterContent):
        raise RemoteProtocolError("a letter of a newer version")
    card = read_card(signed, room.room_id, one.to)
    return write(content, card, one.to, seat.key, room.room_id, ground.now(), ground.rng)
