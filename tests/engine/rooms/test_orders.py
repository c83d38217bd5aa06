"""Orders as desktops judge and give them: who is out, who may, and what the relay let through."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from desktop.core.room_errors import RoomNotAllowed, SeatUnknown, UndoTooLate
from desktop.core.rooms import Act, May, Order, Person, Presence, Role, Speak, Warned
from desktop.engine.rooms import overview
from desktop.engine.rooms.order import giving, orders, roles
from desktop.engine.rooms.people.shown import listed
from desktop.store.rooms import grants, items, ordered, people, rooms
from desktop.store.rooms.items import place_of
from protocol.ids import EntryId, GrantId, OrderId, SeatId
from protocol.wire.frames.room_entries import Lane
from protocol.wire.frames.rooms import SeatState, SignedGrant
from protocol.wire.rooms.items import sign_order
from protocol.wire.rooms.orders import EVERYTHING, GrantBody, OrderBody, Scope, What, sign_grant
from protocol.wire.rooms.signed import RoomKey, SeatKey, new_room
from tests.engine.rooms.cast import DICE, KEY, NOW, ROOM, SEATS, Desktop, Hall

RNG = DICE.randbytes
HOUR_MS = 3_600_000


@pytest.fixture
def hall() -> Hall:
    return Hall()


def act(one: Desktop, whom: Desktop, wanted: Act, **more: Any) -> int:
    done = one.do(giving.act, whom.me, wanted, one.hall.now, RNG, **more)
    return 0 if done is None else done.undo_id


def signed(by: RoomKey | SeatKey, what: What, **fields: Any) -> bytes:
    who = by.room if isinstance(by, RoomKey) else by.seat
    made = OrderBody(OrderId(RNG(16)), who, what, NOW, NOW + HOUR_MS)
    return sign_order(by, ROOM.room, replace(made, **fields))


def role(seat: SeatId, scopes: Scope, room: RoomKey = ROOM, **fields: Any) -> SignedGrant:
    body = GrantBody(
        room=room.room,
        grant=GrantId(RNG(16)),
        seat=seat,
        scopes=scopes,
        made_ms=NOW,
        expires_ms=NOW + HOUR_MS,
    )
    return sign_grant(room, replace(body, **fields))


def out(one: Desktop, whom: Desktop) -> bool:
    return ordered.verdict(one.db, one.row, whom.me).out is not None


def warned(one: Desktop) -> str | None:
    return one.room.warned


def test_what_the_host_orders_is_known_to_everybody_and_taken_back(hall: Hall) -> None:
    number = act(hall.alice, hall.carol, Act.REMOVE, reason="selling links")
    assert all(out(one, hall.carol) for one in hall.all)
    person = people.find(hall.bob.db, hall.bob.row, hall.carol.me)
    assert person is not None and person.state is SeatState.REMOVED
    assert hall.carol.room.reason == "selling links"
    hall.now += giving.UNDO_MS
    hall.alice.do(giving.undo, number, hall.now, RNG)
    assert not any(out(one, hall.carol) for one in hall.all)
    assert hall.carol.room.reason == ""
    with pytest.raises(UndoTooLate):
        hall.alice.do(giving.undo, number, hall.now, RNG)


def test_whoever_spoke_is_muted_before_the_list_of_people_has_them(hall: Hall) -> None:
    delete = "DELETE FROM room_person WHERE seat = ?"
    hall.alice.db.execute(delete, (hall.carol.me,))
    with pytest.raises(SeatUnknown):
        act(hall.alice, hall.carol, Act.MUTE)
    hall.carol.text("buy this")
    act(hall.alice, hall.carol, Act.MUTE)
    person = people.find(hall.alice.db, hall.alice.row, hall.carol.me)
    assert person is not None
    assert (person.name, person.muted_until_ms > hall.now) == ("carol", True)
    assert ordered.verdict(hall.bob.db, hall.bob.row, hall.carol.me).muted_by is not None


def test_after_ten_seconds_it_is_not_taken_back(hall: Hall) -> None:
    number = act(hall.alice, hall.carol, Act.MUTE)
    hall.now += giving.UNDO_MS + 1
    with pytest.raises(UndoTooLate):
        hall.alice.do(giving.undo, number, hall.now, RNG)
    with pytest.raises(UndoTooLate):
        hall.alice.do(giving.undo, number + 7, hall.now, RNG)


def test_a_member_orders_nothing(hall: Hall) -> None:
    for wanted in (Act.MUTE, Act.REMOVE, Act.MAKE_MODERATOR, Act.MAKE_MEMBER):
        with pytest.raises(RoomNotAllowed):
            act(hall.bob, hall.carol, wanted)
    with pytest.raises(RoomNotAllowed):
        hall.bob.do(giving.set_stage, NOW, RNG, slow_s=5)
    with pytest.raises(SeatUnknown):
        hall.alice.do(giving.act, SeatId(bytes(32)), Act.MUTE, NOW, RNG)


def test_a_moderator_moderates_and_the_host_is_out_of_reach(hall: Hall) -> None:
    act(hall.alice, hall.bob, Act.MAKE_MODERATOR)
    for one in hall.all:
        scopes = roles.scopes_of(one.db, one.room, hall.bob.me, NOW)
        assert roles.role_of(scopes) is Role.MODERATOR
    act(hall.bob, hall.carol, Act.BAN)
    assert out(hall.carol, hall.carol)
    with pytest.raises(RoomNotAllowed):
        act(hall.bob, hall.alice, Act.MUTE)
    with pytest.raises(RoomNotAllowed):
        act(hall.bob, hall.carol, Act.MAKE_GUEST)


def test_a_role_lasts_as_long_as_it_was_given_for_and_everybody_sees_until_when(hall: Hall) -> None:
    hall.alice.do(giving.act, hall.bob.me, Act.MAKE_MODERATOR, NOW, RNG, seconds=3600)
    hall.alice.do(giving.act, hall.carol.me, Act.MAKE_GUEST, NOW, RNG, seconds=366 * 86_400)
    ends = NOW + 3_600_000
    shown = {one.name: one for one in listed(hall.carol.db, hall.carol.room, NOW)}
    assert (shown["bob"].role, shown["bob"].role_until_ms) == (Role.MODERATOR, ends)
    assert shown["carol"].role_until_ms == NOW + giving.ROLE_LIFE_MS
    assert (shown["alice"].role, shown["alice"].role_until_ms) == (Role.HOST, None)
    later = {one.name: one for one in listed(hall.carol.db, hall.carol.room, ends + 1)}
    assert (later["bob"].role, later["bob"].role_until_ms) == (Role.MEMBER, None)
    with pytest.raises(RoomNotAllowed):
        hall.bob.do(giving.act, hall.carol.me, Act.BAN, ends + 1, RNG)


def test_a_moderators_part_covers_what_was_chosen_and_no_more(hall: Hall) -> None:
    covers = (May.MODERATE, May.DESK)
    hall.alice.do(giving.act, hall.bob.me, Act.MAKE_MODERATOR, NOW, RNG, may=covers, reason="help")
    scopes = roles.scopes_of(hall.carol.db, hall.carol.room, hall.bob.me, NOW)
    assert scopes == Scope.MODERATE | Scope.DESK | Scope.SPEAK
    shown = {one.name: one for one in listed(hall.carol.db, hall.carol.room, NOW)}
    assert (shown["bob"].role, shown["bob"].may) == (Role.MODERATOR, covers)
    mine = overview.shown(hall.bob.db, hall.bob.room, None, NOW)
    assert (mine.role, mine.may) == (Role.MODERATOR, covers)
    assert mine.role_until_ms == NOW + giving.ROLE_LIFE_MS
    hosts = overview.shown(hall.alice.db, hall.alice.room, None, NOW)
    assert (hosts.may, hosts.role_until_ms) == (tuple(May), None)
    act(hall.bob, hall.carol, Act.MUTE)
    for wanted in (Act.BAN, Act.LET_IN):
        with pytest.raises(RoomNotAllowed):
            act(hall.bob, hall.carol, wanted)
    with pytest.raises(RoomNotAllowed):
        hall.bob.do(giving.end, NOW, RNG)
    act(hall.alice, hall.bob, Act.MAKE_COHOST)
    mine = overview.shown(hall.bob.db, hall.bob.room, None, NOW)
    assert mine.may == tuple(one for one in May if one is not May.OWN)
    hall.bob.do(giving.end, NOW, RNG)


def test_whoever_is_out_or_may_not_write_stands_there_with_why(hall: Hall) -> None:
    hall.alice.do(giving.act, hall.carol.me, Act.REMOVE, NOW, RNG, reason="selling links")
    hall.alice.do(giving.act, hall.bob.me, Act.TIME_OUT, NOW, RNG, seconds=60)
    shown = {one.name: one for one in listed(hall.alice.db, hall.alice.room, NOW)}
    out, paused = shown["carol"], shown["bob"]
    assert out.state is Presence.REMOVED and out.done is not None
    assert (out.done.act, out.done.by_me, out.done.reason) == (Act.REMOVE, True, "selling links")
    assert (paused.state, paused.until_ms) == (Presence.TIMED_OUT, NOW + 60_000)
    assert paused.done is not None and paused.done.act is Act.TIME_OUT
    later = {one.name: one for one in listed(hall.alice.db, hall.alice.room, NOW + 60_001)}
    assert (later["bob"].state, later["bob"].done) == (Presence.HERE, None)


def test_who_was_a_moderator_is_none_once_that_was_taken_back(hall: Hall) -> None:
    act(hall.alice, hall.bob, Act.MAKE_MODERATOR)
    act(hall.alice, hall.bob, Act.MAKE_GUEST)
    assert roles.scopes_of(hall.carol.db, hall.carol.room, hall.bob.me, NOW) == Scope.SPEAK
    act(hall.alice, hall.bob, Act.MAKE_MEMBER)
    assert roles.scopes_of(hall.carol.db, hall.carol.room, hall.bob.me, NOW) == Scope(0)
    assert hall.bob.room.grant is None
    with pytest.raises(RoomNotAllowed):
        act(hall.bob, hall.carol, Act.MUTE)


def test_a_role_runs_out(hall: Hall) -> None:
    act(hall.alice, hall.bob, Act.MAKE_MODERATOR)
    hall.now += giving.ROLE_LIFE_MS + 1
    with pytest.raises(RoomNotAllowed):
        act(hall.bob, hall.carol, Act.MUTE)


BAD: dict[str, bytes] = {
    "without a grant": signed(SEATS["bob"], What.MUTE, about=SEATS["carol"].seat),
    "over its scope": signed(
        SEATS["bob"],
        What.BAN,
        about=SEATS["carol"].seat,
        grant=role(SEATS["bob"].seat, Scope.MODERATE),
    ),
    "another seat's grant": signed(
        SEATS["bob"],
        What.MUTE,
        about=SEATS["carol"].seat,
        grant=role(SEATS["alice"].seat, Scope.MODERATE),
    ),
    "another room's grant": signed(
        SEATS["bob"],
        What.MUTE,
        about=SEATS["carol"].seat,
        grant=role(SEATS["bob"].seat, Scope.MODERATE, new_room(RNG)),
    ),
    "nobody named": signed(ROOM, What.REMOVE),
    "a moderator's end": signed(
        SEATS["bob"], What.END, grant=role(SEATS["bob"].seat, EVERYTHING & ~Scope.HOST)
    ),
    "a host's end, of another room": signed(
        SEATS["bob"], What.END, grant=role(SEATS["bob"].seat, EVERYTHING, new_room(RNG))
    ),
    "a role that a moderator gives": signed(
        SEATS["bob"],
        What.GRANT,
        about=SEATS["carol"].seat,
        given=role(SEATS["carol"].seat, Scope.MODERATE),
        grant=role(SEATS["bob"].seat, EVERYTHING),
    ),
    "a role in another room": signed(
        ROOM,
        What.GRANT,
        about=SEATS["carol"].seat,
        given=role(SEATS["carol"].seat, Scope.MODERATE, new_room(RNG)),
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_relay_that_lets_a_bad_order_through_is_named(hall: Hall, kind: str) -> None:
    hall.tell(Lane.STAGE, BAD[kind])
    assert not out(hall.alice, hall.carol)
    assert ordered.verdict(hall.alice.db, hall.alice.row, hall.carol.me).muted_by is None
    assert roles.scopes_of(hall.alice.db, hall.alice.room, hall.carol.me, NOW) == Scope(0)
    assert hall.alice.room.ended_ms is None
    assert warned(hall.alice) == Warned.DISOBEYS.value


def test_a_cohost_ends_the_room_and_not_with_a_role_that_is_over(hall: Hall) -> None:
    late = role(SEATS["bob"].seat, Scope.HOST, expires_ms=NOW - 1)
    hall.tell(Lane.STAGE, signed(SEATS["bob"], What.END, grant=late))
    assert [one.room.ended_ms for one in hall.all] == [None] * 3
    hall.tell(Lane.STAGE, signed(SEATS["bob"], What.END, grant=role(SEATS["bob"].seat, Scope.HOST)))
    assert all(one.room.ended_ms for one in hall.all)


def test_an_expired_moderator_changes_nothing(hall: Hall) -> None:
    grant = role(SEATS["bob"].seat, Scope.MODERATE, expires_ms=NOW - 1)
    hall.tell(Lane.STAGE, signed(SEATS["bob"], What.MUTE, about=hall.carol.me, grant=grant))
    assert ordered.verdict(hall.alice.db, hall.alice.row, hall.carol.me).muted_by is None


def test_a_revoked_moderator_changes_nothing_even_with_the_grant_at_hand(hall: Hall) -> None:
    act(hall.alice, hall.bob, Act.MAKE_MODERATOR)
    grant = hall.bob.room.grant
    act(hall.alice, hall.bob, Act.MAKE_MEMBER)
    hall.tell(Lane.STAGE, signed(SEATS["bob"], What.BAN, about=hall.carol.me, grant=grant))
    assert not out(hall.alice, hall.carol)


def test_an_order_that_is_played_again_counts_once(hall: Hall) -> None:
    item = signed(ROOM, What.MUTE, about=hall.carol.me)
    hall.tell(Lane.STAGE, item)
    hall.tell(Lane.STAGE, signed(ROOM, What.UNMUTE, about=hall.carol.me))
    hall.tell(Lane.STAGE, item)
    assert ordered.verdict(hall.bob.db, hall.bob.row, hall.carol.me).muted_by is None


@pytest.mark.parametrize("wanted", [Act.REMOVE, Act.BAN, Act.MUTE])
def test_an_entry_behind_the_order_that_forbids_it_is_disobedience(hall: Hall, wanted: Act) -> None:
    before = place_of(1, hall.numbers[Lane.STAGE] + 1)
    act(hall.alice, hall.carol, wanted)
    behind = place_of(1, hall.numbers[Lane.STAGE] + 1)
    bob = hall.bob
    assert not orders.disobeyed(bob.db, bob.room, hall.carol.me, before, NOW)
    assert orders.disobeyed(bob.db, bob.room, hall.carol.me, behind, NOW)
    assert not orders.disobeyed(bob.db, bob.room, hall.alice.me, behind, NOW)


def test_a_time_out_is_held_against_the_relay_only_while_it_surely_lasts(hall: Hall) -> None:
    act(hall.alice, hall.carol, Act.TIME_OUT, seconds=60)
    bob, behind = hall.bob, place_of(1, hall.numbers[Lane.STAGE] + 1)

    def noticed(at_ms: int) -> bool:
        return orders.disobeyed(bob.db, bob.room, hall.carol.me, behind, at_ms)

    assert noticed(NOW + 54_999)
    assert not noticed(NOW + 55_001)
    assert not noticed(NOW + 10 * HOUR_MS)


def test_what_was_said_between_an_order_and_its_undoing_was_forbidden(hall: Hall) -> None:
    number = act(hall.alice, hall.carol, Act.MUTE)
    between = place_of(1, hall.numbers[Lane.STAGE] + 1)
    hall.alice.text("hush")
    hall.alice.do(giving.undo, number, hall.now, RNG)
    behind = place_of(1, hall.numbers[Lane.STAGE] + 1)
    bob = hall.bob
    assert orders.disobeyed(bob.db, bob.room, hall.carol.me, between, NOW)
    assert not orders.disobeyed(bob.db, bob.room, hall.carol.me, behind, NOW)


def test_a_hidden_entry_leaves_the_stage_and_comes_back(hall: Hall) -> None:
    entry = hall.carol.text("buy links")
    number = act(hall.alice, hall.carol, Act.HIDE, entry_id=entry)

    def there(one: Desktop, of: EntryId) -> bool:
        kept = items.by_id(one.db, one.row, of)
        return kept is not None and kept.shown

    assert not there(hall.bob, entry)
    hall.alice.do(giving.undo, number, hall.now, RNG)
    assert there(hall.bob, entry)


def test_slow_mode_and_who_may_speak_are_what_was_ordered_last(hall: Hall) -> None:
    hall.alice.do(giving.set_stage, NOW, RNG, slow_s=30, speak=Speak.HOSTS)
    hall.alice.do(giving.set_stage, NOW, RNG, slow_s=5)
    found = orders.setting(hall.bob.db, hall.bob.room)
    assert (found.slow_s, found.speak) == (5, Speak.HOSTS)
    before = hall.numbers[Lane.STAGE]
    hall.alice.do(giving.set_stage, NOW, RNG, slow_s=5, speak=Speak.HOSTS)
    assert hall.numbers[Lane.STAGE] == before


def test_an_end_is_known_to_everybody(hall: Hall) -> None:
    hall.alice.do(giving.end, NOW, RNG)
    assert [one.room.ended_ms for one in hall.all] == [NOW] * 3


def test_an_order_is_shown_with_its_reason_and_by_whom(hall: Hall) -> None:
    act(hall.alice, hall.bob, Act.MAKE_MODERATOR)
    act(hall.bob, hall.carol, Act.TIME_OUT, seconds=600, reason="calm down")
    kept = ordered.about(hall.carol.db, hall.carol.row, hall.carol.me)[-1]
    shown = orders.shown(hall.carol.db, hall.carol.room, kept)
    assert shown == Order(Act.TIME_OUT, "carol", "bob", of_me=True, seconds=600, reason="calm down")


def test_a_reason_under_a_key_that_is_not_here_is_left_out(hall: Hall) -> None:
    act(hall.alice, hall.carol, Act.MUTE, reason="noise")
    carol = hall.carol
    carol.db.execute("DELETE FROM room_epoch")
    kept = ordered.about(carol.db, carol.row, carol.me)[-1]
    assert kept.reason and orders.reason_of(carol.db, carol.room, kept) == ""
    assert KEY.epoch == 1


def test_a_grant_that_does_not_prove_itself_is_not_kept(hall: Hall) -> None:
    bob = hall.bob
    good = role(bob.me, Scope.MODERATE)
    forged = SignedGrant(body=good.body, signature=bytes(64))
    assert grants.learn(bob.db, bob.row, ROOM.room, forged) is None
    assert grants.learn(bob.db, bob.row, ROOM.room, role(bob.me, Scope(1), new_room(RNG))) is None
    assert grants.held(bob.db, bob.row, bob.me) is None
    later = role(bob.me, Scope.SPEAK, made_ms=NOW + 1)
    for each in (later, good):
        grants.learn(bob.db, bob.row, ROOM.room, each)
    assert grants.scopes_of(bob.db, bob.row, bob.me, NOW) == Scope.SPEAK
    assert grants.scopes_of(bob.db, bob.row, bob.me, NOW + HOUR_MS + 1) == Scope(0)


def test_a_fork_that_was_seen_stays_the_worst(hall: Hall) -> None:
    rooms.put(hall.bob.db, hall.bob.row, warned=Warned.FORKED.value)
    hall.tell(Lane.STAGE, BAD["without a grant"])
    assert warned(hall.bob) == Warned.FORKED.value


def test_who_is_out_has_no_role_until_let_back(hall: Hall) -> None:
    act(hall.alice, hall.bob, Act.MAKE_MODERATOR)
    given = hall.bob.room.grant
    assert given is not None
    before = hall.alice.room.body.desk
    number = act(hall.alice, hall.bob, Act.BAN)
    for one in hall.all:
        shown = {each.name: each for each in listed(one.db, one.room, NOW)}["bob"]
        assert (shown.role, shown.state, shown.may) == (Role.MEMBER, Presence.REMOVED, ())
    assert hall.alice.room.body.desk == before + 1, "bob knows the desk's key"
    with pytest.raises(RoomNotAllowed):
        act(hall.bob, hall.carol, Act.MUTE)
    place = hall.numbers[Lane.STAGE] + 1
    hall.tell(Lane.STAGE, signed(hall.bob.seat, What.REMOVE, about=hall.carol.me, grant=given))
    assert not any(out(one, hall.carol) for one in hall.all)
    assert warned(hall.carol) == Warned.DISOBEYS.value
    hall.alice.do(giving.undo, number, hall.now, RNG)
    assert hall.alice.room.body.desk == before + 1
    act(hall.bob, hall.carol, Act.MUTE)
    carol = hall.carol
    known = orders.standing(carol.db, carol.room, NOW, place_of(1, place))
    assert known.scopes_of(hall.bob.me) == Scope(0), "what was at that place stays so"


def _seen(one: Desktop, name: str) -> Person:
    return {each.name: each for each in listed(one.db, one.room, NOW)}[name]


def test_what_the_host_ordered_a_moderator_does_not_lift(hall: Hall) -> None:
    act(hall.alice, hall.bob, Act.MAKE_MODERATOR)
    given = hall.bob.room.grant
    for wanted, lift in ((Act.MUTE, Act.UNMUTE), (Act.REMOVE, Act.LET_BACK)):
        act(hall.alice, hall.carol, wanted)
        with pytest.raises(RoomNotAllowed):
            act(hall.bob, hall.carol, lift)
    hall.tell(Lane.STAGE, signed(hall.bob.seat, What.UNBAN, about=hall.carol.me, grant=given))
    assert all(out(one, hall.carol) for one in hall.all)
    assert _seen(hall.bob, "carol").by_host
    act(hall.alice, hall.carol, Act.LET_BACK)
    assert not any(out(one, hall.carol) for one in hall.all)
    act(hall.bob, hall.carol, Act.REMOVE)
    assert (_seen(hall.bob, "carol").state, _seen(hall.bob, "carol").by_host) == (
        Presence.REMOVED,
        False,
    )
    act(hall.bob, hall.carol, Act.LET_BACK)
    assert not any(out(one, hall.carol) for one in hall.all)
