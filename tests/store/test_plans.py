"""What is asked for every message must not read through all messages, or through the outbox."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator
from contextlib import closing
from pathlib import Path

import pytest
from sqlcipher3.dbapi2 import Connection

from desktop.store import history, inbox, messages, outbox, own, sealable
from desktop.store.connection import connect
from desktop.store.steps import apply_steps, released_steps
from protocol.ids import ConversationId, DeviceId, MessageId
from tests.store.vault_cast import KEY

WHERE = ConversationId(bytes(16))
WHICH = MessageId(bytes(16))
DEVICE = DeviceId(bytes(32))
BIG = ("message", "outbox", "copy", "opened", "wish")

ASKED: dict[str, Callable[[Connection], object]] = {
    "whose text it is": lambda db: messages.author_of(db, WHERE, WHICH),
    "one of one's own": lambda db: own.find(db, WHICH),
    "the row at a place": lambda db: history.at(db, WHERE, 7),
    "the last row": lambda db: history.last(db, WHERE),
    "whether it was opened": lambda db: inbox.opened(db, bytes(32)),
    "delivered": lambda db: outbox.delivered(db, DEVICE, WHICH),
    "what may be sealed": lambda db: sealable.sealable(db, 32).entries,
}


@pytest.fixture
def db(tmp_path: Path) -> Generator[Connection]:
    with closing(connect(tmp_path / "vault.db", KEY)) as made:
        apply_steps(made, released_steps())
        made.execute("PRAGMA foreign_keys = OFF")
        made.execute(
            "INSERT INTO outbox (conversation_id, member_id, device_id, purpose, content, made_ms)"
            " VALUES (?, ?, ?, 'message', x'00', 1)",
            (WHERE, bytes(32), DEVICE),
        )
        yield made


def plans(db: Connection, act: Callable[[Connection], object]) -> list[str]:
    """How SQLite goes about each statement that ``act`` executes."""
    said: list[str] = []
    db.set_trace_callback(said.append)
    act(db)
    db.set_trace_callback(None)
    assert said
    return [
        row[3]
        for statement in said
        if not statement.startswith("--")
        for row in db.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]


@pytest.mark.parametrize("what", ASKED)
def test_it_is_looked_up_and_not_searched_for(db: Connection, what: str) -> None:
    for step in plans(db, ASKED[what]):
        assert not re.match(rf"SCAN ({'|'.join(BIG)})\b(?! USING (COVERING )?INDEX)", step), step
        assert "message_place (conversation_id=?)" not in step or what == "the last row", step
        assert "outbox_of (device_id=?)" not in step, step
