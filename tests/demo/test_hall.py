"""What the demo looks for in a room is what the window shows there."""

from __future__ import annotations

from msgspec.structs import replace

from desktop.core.rooms import Act, Role
from desktop.demo import strings
from desktop.demo.evening import differences, done
from desktop.ui.rooms import strings as room_words
from tests.fakes.rooms import FakeRooms
from tests.rehearsal.test_report import WELL


def test_the_box_asks_as_the_demo_expects() -> None:
    member = FakeRooms().host("Making things", my_name="quiet-fern")
    host = FakeRooms().host("Making things", role=Role.HOST)
    assert room_words.write_as(member) == strings.WRITES_AS.format(name="quiet-fern")
    assert room_words.write_as(host) == strings.HOST_WRITES


def test_an_order_is_told_of_whoever_gave_it() -> None:
    assert done(Act.REMOVE, "willow-7") == "willow-7 was removed"


def test_who_has_something_else_than_the_most_is_named() -> None:
    well = WELL
    assert differences([well, well]) == []
    assert len(differences([well, well, replace(well, order="another")])) == 1
    assert len(differences([well, replace(well, missing=1)])) == 1
