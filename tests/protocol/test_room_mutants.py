"""The stories of rooms once more, each with one look left out: they must fail."""

from __future__ import annotations

import pytest

from protocol.e2e.rooms import bridge, epochs, stage
from protocol.wire.rooms import authority, heads, items
from protocol.wire.rooms.authority import Fault
from protocol.wire.rooms.orders import EVERYTHING, Scope, What
from tests.protocol import test_bridge as of_cards
from tests.protocol import test_room_heads as of_heads
from tests.protocol import test_room_items as of_items
from tests.protocol import test_room_orders as of_orders
from tests.protocol import test_room_stage as of_stage
from tests.protocol.room_cast import BOB

NOT_SEEN = "DID NOT RAISE"


def looks_at_nothing(*_: object) -> None:
    """In place of looking."""


def test_mutant_that_looks_at_no_signature_of_an_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(items, "verify", looks_at_nothing)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_items.test_what_was_said_in_another_room_is_seen(of_items.FIRST)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_items.test_nobody_speaks_as_another()


def test_mutant_that_binds_an_entry_to_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(*_: object) -> bytes:
        return b""

    monkeypatch.setattr(stage, "_bound", nothing)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_stage.test_an_entry_belongs_where_it_was_said({"seat": BOB.seat})


def test_mutant_that_takes_any_key_for_the_announced_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def any_key(key: epochs.EpochKey, commitment: bytes) -> epochs.EpochKey:
        return key

    monkeypatch.setattr(epochs, "held", any_key)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_stage.test_a_seat_that_is_given_another_key_than_the_rest_sees_it()


def test_mutant_that_looks_at_no_grant(monkeypatch: pytest.MonkeyPatch) -> None:
    def everything(*_: object) -> Scope | Fault:
        return EVERYTHING

    monkeypatch.setattr(authority, "scopes_in", everything)
    with pytest.raises(AssertionError):
        of_orders.test_what_is_made_of_a_grant(None, Fault.NO_GRANT)
    with pytest.raises(AssertionError):
        of_orders.test_a_moderator_may_order_what_the_grant_covers_and_nothing_else(What.BAN)


def test_mutant_whose_running_hash_knows_no_order(monkeypatch: pytest.MonkeyPatch) -> None:
    def careless(running: bytes, number: int, item: bytes) -> bytes:
        return bytes(a ^ b for a, b in zip(running, heads.follow(bytes(32), 1, item), strict=True))

    monkeypatch.setattr(of_heads, "follow", careless)
    with pytest.raises(AssertionError):
        of_heads.test_one_order_has_one_running_hash()


def test_mutant_that_believes_what_a_card_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "_opened", looks_at_nothing)
    with pytest.raises(pytest.fail.Exception, match=NOT_SEEN):
        of_cards.test_a_false_quote_is_known_for_it(of_cards.quoting(said="something else"))
