"""Who may order what: forged, expired, revoked and over-scoped moderators get nothing done."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from protocol.ids import EntryId, GrantId, SeatId
from protocol.wire.frames.rooms import SignedGrant
from protocol.wire.rooms.authority import (
    NEEDED,
    UNDOABLE,
    Fault,
    Standing,
    fault_of,
    is_out,
    scopes_in,
)
from protocol.wire.rooms.orders import (
    EVERYTHING,
    OrderBody,
    Scope,
    What,
    read_grant,
    sign_grant,
)
from tests.protocol.cast import NOW_MS
from tests.protocol.room_cast import (
    ALICE,
    BOB,
    CAROL,
    HOUR_MS,
    OTHER_ROOM,
    RNG,
    ROOM,
    grant,
    order,
)

MODERATOR = grant(BOB, Scope.MODERATE | Scope.BAN)
WHOLE: dict[str, Any] = {
    "about": CAROL.seat,
    "seconds": 60,
    "entry": RNG(16),
    "token": RNG(32),
    "given": MODERATOR,
    "revoked": RNG(16),
    "undoes": RNG(16),
}
ORDERS = [what for what in What if what not in (What.OTHER, What.UNDO)]


def standing(
    *done: OrderBody, now_ms: int = NOW_MS, revoked: tuple[GrantId, ...] = (), **scopes: Scope
) -> Standing:
    roles = {ALICE.seat: EVERYTHING, BOB.seat: Scope.MODERATE, CAROL.seat: Scope(0)}
    roles |= {{"carol": CAROL.seat}[name]: scope for name, scope in scopes.items()}

    def scopes_of(seat: SeatId) -> Scope:
        return roles.get(seat, Scope(0))

    known = {one.order: one for one in done}

    def about(seat: SeatId) -> list[OrderBody]:
        return [one for one in done if one.about == seat and one.what is not What.HIDE]

    def of_entry(entry: EntryId) -> list[OrderBody]:
        return [one for one in done if one.entry == entry]

    return Standing(
        now_ms,
        revoked,
        scopes_of,
        known.get,  # type: ignore[arg-type]
        about,
        of_entry,
    )


def nobody(_: SeatId) -> list[OrderBody]:
    """Nothing was ordered about anybody."""
    return []


def by_bob(what: What, scopes: Scope = EVERYTHING, **fields: Any) -> OrderBody:
    return order(what, BOB.seat, grant=grant(BOB, scopes), **(WHOLE | fields))


def judged(said: OrderBody, **known: Any) -> Fault | None:
    return fault_of(said, ROOM.room, standing(**known))


@pytest.mark.parametrize("what", ORDERS)
def test_the_room_key_may_order_everything(what: What) -> None:
    assert judged(order(what, **WHOLE)) is None


@pytest.mark.parametrize("what", ORDERS)
def test_a_moderator_may_order_what_the_grant_covers_and_nothing_else(what: What) -> None:
    needed = NEEDED[what]
    if needed is not None:
        assert judged(by_bob(what, needed)) is None
    assert judged(by_bob(what, EVERYTHING & ~(needed or 0))) is Fault.OUT_OF_SCOPE


def test_only_a_host_may_end_a_room() -> None:
    assert judged(by_bob(What.END, EVERYTHING & ~Scope.HOST)) is Fault.OUT_OF_SCOPE
    assert judged(by_bob(What.SLOW, Scope.SETTINGS)) is None
    assert judged(by_bob(What.END, Scope.SETTINGS)) is Fault.OUT_OF_SCOPE
    assert judged(by_bob(What.END, Scope.HOST)) is None


@pytest.mark.parametrize(
    ("what", "without"),
    [
        (What.MUTE, {"about": None}),
        (What.TIME_OUT, {"about": None}),
        (What.TIME_OUT, {"seconds": 0}),
        (What.ADMIT, {"about": None}),
        (What.HIDE, {"entry": None}),
        (What.INVITE, {"token": None}),
        (What.GRANT, {"given": None}),
        (What.GRANT, {"given": sign_grant(OTHER_ROOM, read_grant(MODERATOR, ROOM.room))}),
        (What.REVOKE, {"revoked": None}),
        (What.UNDO, {"undoes": None}),
    ],
)
def test_an_order_that_does_not_say_enough(what: What, without: dict[str, Any]) -> None:
    assert judged(order(what, **(WHOLE | without))) is Fault.INCOMPLETE


def forged(signed: SignedGrant) -> SignedGrant:
    return replace(signed, signature=bytes(64))


@pytest.mark.parametrize(
    ("shown", "fault"),
    [
        (None, Fault.NO_GRANT),
        (forged(MODERATOR), Fault.NO_GRANT),
        (grant(CAROL, EVERYTHING), Fault.NO_GRANT),  # another seat's
        (sign_grant(OTHER_ROOM, read_grant(MODERATOR, ROOM.room)), Fault.NO_GRANT),
        (grant(BOB, EVERYTHING, room=OTHER_ROOM.room), Fault.NO_GRANT),
        (grant(BOB, EVERYTHING, expires_ms=NOW_MS - 1), Fault.EXPIRED),
        (grant(BOB, Scope.ADMIT | Scope.SPEAK), Fault.OUT_OF_SCOPE),
        (MODERATOR, None),
    ],
)
def test_what_is_made_of_a_grant(shown: SignedGrant | None, fault: Fault | None) -> None:
    assert judged(order(What.MUTE, BOB.seat, about=CAROL.seat, grant=shown)) is fault


def test_an_expired_order_is_not_carried_out() -> None:
    said = order(What.MUTE, about=CAROL.seat)
    assert judged(said, now_ms=NOW_MS + 60_000) is None
    assert judged(said, now_ms=NOW_MS + 60_001) is Fault.EXPIRED


def test_a_revoked_grant_is_none() -> None:
    revoked = read_grant(MODERATOR, ROOM.room).grant
    said = order(What.MUTE, BOB.seat, about=CAROL.seat, grant=MODERATOR)
    assert judged(said, revoked=(revoked,)) is Fault.REVOKED


@pytest.mark.parametrize("what", [What.MUTE, What.TIME_OUT, What.REMOVE, What.BAN])
def test_who_has_a_role_is_ordered_about_by_who_may_order_moderators(what: What) -> None:
    mine = Scope.MODERATE | Scope.BAN
    assert judged(by_bob(what, mine), carol=Scope.SPEAK) is None  # a guest
    assert judged(by_bob(what, mine), carol=Scope.ADMIT) is Fault.PROTECTED
    assert judged(by_bob(what, mine | Scope.MODERATORS), carol=Scope.ADMIT) is None
    assert judged(by_bob(what, about=ALICE.seat)) is Fault.PROTECTED  # the host
    assert judged(order(what, **(WHOLE | {"about": ALICE.seat}))) is None


@pytest.mark.parametrize("what", sorted(UNDOABLE))
def test_an_order_is_undone_by_who_might_have_given_it(what: What) -> None:
    done = by_bob(what, NEEDED[what] or Scope(0))
    undo = by_bob(What.UNDO, NEEDED[what] or Scope(0), undoes=done.order)
    assert fault_of(undo, ROOM.room, standing(done)) is None
    assert fault_of(undo, ROOM.room, standing()) is Fault.UNKNOWN
    by_room = order(What.UNDO, undoes=done.order)
    assert fault_of(by_room, ROOM.room, standing(done)) is None
    other = by_bob(What.UNDO, EVERYTHING & ~(NEEDED[what] or 0), undoes=done.order)
    assert fault_of(other, ROOM.room, standing(done)) is Fault.OUT_OF_SCOPE
    hosts = order(what, **WHOLE)
    undo = by_bob(What.UNDO, EVERYTHING & ~Scope.HOST, undoes=hosts.order)
    assert fault_of(undo, ROOM.room, standing(hosts)) is Fault.PROTECTED


@pytest.mark.parametrize("what", sorted(set(ORDERS) - UNDOABLE))
def test_what_cannot_be_undone(what: What) -> None:
    done = order(what, **WHOLE)
    undo = order(What.UNDO, undoes=done.order)
    assert fault_of(undo, ROOM.room, standing(done)) is Fault.UNKNOWN


def test_an_order_of_a_newer_version_is_not_guessed_at() -> None:
    assert judged(order(What.OTHER, **WHOLE)) is Fault.UNKNOWN


def test_scopes_of_a_newer_version_cover_nothing_here() -> None:
    shown = grant(BOB, Scope.SPEAK | 1 << 20)
    assert scopes_in(shown, ROOM.room, BOB.seat, NOW_MS, (), nobody) == Scope.SPEAK
    assert scopes_in(None, ROOM.room, ROOM.room, NOW_MS + HOUR_MS, (), nobody) == EVERYTHING


def against_bob(*whats: What) -> list[OrderBody]:
    return [order(what, about=BOB.seat, seconds=60) for what in whats]


@pytest.mark.parametrize(
    ("whats", "out"),
    [
        ((), False),
        ((What.MUTE, What.TIME_OUT, What.REFUSE), False),
        ((What.REMOVE,), True),
        ((What.BAN,), True),
        ((What.REMOVE, What.ADMIT), False),
        ((What.REMOVE, What.UNBAN), False),
        ((What.BAN, What.ADMIT), True),  # of a ban only an unban is the end
        ((What.BAN, What.REMOVE, What.UNBAN), False),
        ((What.UNBAN, What.BAN, What.UNMUTE), True),
    ],
)
def test_who_is_out_orders_nothing_until_let_back(whats: tuple[What, ...], out: bool) -> None:
    done = against_bob(*whats)
    assert is_out(done) is out
    expected = Fault.OUT if out else None
    for what in (What.MUTE, What.ADMIT, What.SLOW, What.END):
        assert fault_of(by_bob(what), ROOM.room, standing(*done)) is expected
    shown = grant(BOB, EVERYTHING)
    assert (
        scopes_in(shown, ROOM.room, BOB.seat, NOW_MS, (), lambda _: done) is Fault.OUT
    ) is out  # and begins no epoch


HOSTS = Scope.HOST | Scope.MODERATE | Scope.BAN | Scope.ADMIT
MODERATES = HOSTS & ~Scope.HOST
LIFTED = [
    (What.MUTE, What.UNMUTE),
    (What.TIME_OUT, What.UNMUTE),
    (What.MUTE, What.TIME_OUT),
    (What.REMOVE, What.UNBAN),
    (What.BAN, What.UNBAN),
    (What.REMOVE, What.ADMIT),
    (What.REFUSE, What.ADMIT),
    (What.HIDE, What.SHOW),
    *((what, What.UNDO) for what in sorted(UNDOABLE - {What.INVITE})),
]


@pytest.mark.parametrize(("what", "lift"), LIFTED)
def test_what_a_host_ordered_only_hosts_lift(what: What, lift: What) -> None:
    by_room = order(what, **WHOLE)
    by_host = order(what, ALICE.seat, grant=grant(ALICE, HOSTS), **WHOLE)
    mine = by_bob(what, MODERATES)
    for done, expected in ((by_room, Fault.PROTECTED), (by_host, Fault.PROTECTED), (mine, None)):
        known = standing(done)
        said = by_bob(lift, MODERATES, undoes=done.order)
        assert fault_of(said, ROOM.room, known) is expected, done.by
        said = by_bob(lift, HOSTS, undoes=done.order)
        assert fault_of(said, ROOM.room, known) is None
        assert fault_of(order(lift, **(WHOLE | {"undoes": done.order})), ROOM.room, known) is None
    if lift is not What.UNDO:  # what a moderator ordered on top of it opens no way around
        assert fault_of(by_bob(lift, MODERATES), ROOM.room, standing(by_room, mine)) in (
            Fault.PROTECTED,
            None if what is What.TIME_OUT else Fault.PROTECTED,
        )


def test_what_is_over_is_nobodys_to_keep() -> None:
    pause = order(What.TIME_OUT, about=CAROL.seat, seconds=60)
    lift = by_bob(What.UNMUTE, MODERATES, expires_ms=NOW_MS + HOUR_MS)
    assert fault_of(lift, ROOM.room, standing(pause)) is Fault.PROTECTED
    assert fault_of(lift, ROOM.room, standing(pause, now_ms=NOW_MS + 60_001)) is None
    lifted = order(What.UNMUTE, about=CAROL.seat)
    assert fault_of(lift, ROOM.room, standing(pause, lifted)) is None


@pytest.mark.parametrize("what", [What.MUTE, What.TIME_OUT])
def test_nobody_lifts_what_was_ordered_about_them(what: What) -> None:
    done = order(what, CAROL.seat, grant=grant(CAROL, HOSTS), about=BOB.seat, seconds=60)
    for lift in (What.UNMUTE, What.UNDO):
        said = by_bob(lift, HOSTS, about=BOB.seat, undoes=done.order)
        assert fault_of(said, ROOM.room, standing(done)) is Fault.PROTECTED
