"""The window over a conversation: bounded, without holes, deaf to what it knows already."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from desktop.core.models import Message, State
from desktop.ui.messages.model import SLACK, WINDOW, MessageModel
from tests.ui.messages.cast import ALICE, BOB, NAMES, Scribe, before, read


@pytest.fixture
def model() -> MessageModel:
    made = MessageModel()
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    QAbstractItemModelTester(made, fatal, made)
    return made


def rows(model: MessageModel) -> list[Message]:
    return [model.message(row) for row in range(model.rowCount())]


def test_new_rows_push_old_ones_out(model: MessageModel) -> None:
    all_rows = Scribe().lines(WINDOW + SLACK + 1)
    model.reset(all_rows[:400])
    model.append(all_rows[400:500])
    assert (model.rowCount(), model.older) == (500, False)
    model.append(all_rows[500:])
    assert rows(model) == all_rows[-WINDOW:]
    assert (model.older, model.newer) == (True, False)
    assert model.first_id == all_rows[-WINDOW].message_id


def test_a_burst_larger_than_the_window_leaves_its_end(model: MessageModel) -> None:
    burst = Scribe().lines(1500)
    model.append(burst)
    assert rows(model) == burst[-WINDOW:]


def test_older_rows_push_new_ones_out(model: MessageModel) -> None:
    later = Scribe(2000).lines(WINDOW + SLACK)
    model.reset(later)
    model.held = range(0, 60)
    earlier = before(later, 50)
    model.prepend(earlier, older=True)
    assert rows(model) == [*earlier, *later][:WINDOW]
    assert (model.older, model.newer) == (True, True)
    assert model.last_id == later[WINDOW - 51].message_id


def test_rows_that_are_read_stay_while_new_ones_wait_outside(model: MessageModel) -> None:
    reading = Scribe(1000).lines(WINDOW)
    model.reset(reading)
    model.held = range(0, 40)
    heard: list[list[Message]] = []
    model.appended.connect(heard.append)
    arriving = Scribe(1000 + WINDOW).lines(300)
    model.append(arriving)
    assert rows(model) == [*reading, *arriving][: WINDOW + SLACK]
    assert model.newer
    assert heard == [arriving]
    model.held = range(300, 400)
    model.append(arriving[SLACK:])
    assert rows(model) == [*reading, *arriving][-WINDOW:]
    assert not model.newer


def test_saying_rows_twice_changes_nothing(model: MessageModel) -> None:
    some = Scribe().lines(20)
    model.reset(some)
    model.append(some[10:])
    model.prepend(some[:10])
    model.append(Scribe(990).lines(5))
    assert rows(model) == some


def test_a_row_becomes_something_else(model: MessageModel) -> None:
    says = Scribe().says
    some = [says(ALICE, state=State.QUEUED), says(BOB), says(ALICE, state=State.QUEUED)]
    model.reset(some)
    model.update([replace(some[2], state=State.SENT), says(BOB)])
    assert [message.state for message in rows(model)] == [
        State.QUEUED,
        State.RECEIVED,
        State.SENT,
    ]


def test_the_read_mark_moves_to_the_last_one_read(model: MessageModel) -> None:
    says = Scribe().says
    some = [says(ALICE), says(ALICE), says(BOB)]
    model.reset(some)
    changed: list[int] = []

    def hear(first: QModelIndex) -> None:
        changed.append(first.row())

    model.dataChanged.connect(hear)
    model.update([read(some[0])])
    assert model.marks.read == some[0].message_id
    model.update([read(some[1])])
    assert model.marks.read == some[1].message_id
    assert set(changed) == {0, 1}


def test_rows_let_go_keep_the_shape_of_those_beside_them(model: MessageModel) -> None:
    some = Scribe().lines(WINDOW + SLACK + 30)
    model.reset(some[: WINDOW + SLACK])
    shapes = {model.message(row).message_id: model.shape(row) for row in range(200, 300)}
    model.append(some[WINDOW + SLACK :])
    for row in range(70, 170):
        message = model.message(row)
        assert model.shape(row) == shapes[message.message_id]
    assert model.shape(0).day is None


def test_a_filled_gap_is_taken_out(model: MessageModel) -> None:
    some = Scribe().lines(5)
    model.reset(some)
    model.remove([some[2].message_id, b"unknown"])
    assert rows(model) == some[:2] + some[3:]
    assert model.row_of(some[4].message_id) == 3


def test_rows_have_names_for_those_who_listen(model: MessageModel) -> None:
    model.set_names(NAMES)
    model.reset([Scribe().says(BOB, "Good morning")])
    text = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert text == "Hana Okafor, 12:00: Good morning"


HISTORY = Scribe(0).lines(4000)


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from("ap"), st.integers(1, 260), st.integers(0, 600)), max_size=12
    )
)
def test_the_window_is_bounded_and_has_no_holes(steps: list[tuple[str, int, int]]) -> None:
    model = MessageModel()
    low = high = 2000
    for step, count, held in steps:
        model.held = range(min(held, model.rowCount()), min(held + 100, model.rowCount()))
        if model.rowCount():
            low, high = model.message(0).position, model.message(model.rowCount() - 1).position + 1
        if step == "a":
            model.append(HISTORY[high : high + count])
        else:
            model.prepend(HISTORY[low - count : low])
        positions = [message.position for message in rows(model)]
        assert positions == list(range(positions[0], positions[0] + len(positions)))
        assert len(positions) <= WINDOW + SLACK
        for row, message in enumerate(rows(model)):
            assert model.row_of(message.message_id) == row
