"""Somebody before a real window on a virtual screen of the test's own."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from desktop.demo.person import Person
from desktop.demo.sight import Sight, Thing
from desktop.demo.virtual import Virtual, open_virtual
from tests.windows.program import PASSPHRASE

PATIENCE_S = 12
FIELD = "EditableText"


@asynccontextmanager
async def screen() -> AsyncGenerator[Virtual]:
    # Not under the test's own folder: the names of sockets have room for some hundred letters.
    with tempfile.TemporaryDirectory(prefix="aside-") as folder:
        async with open_virtual(Path(folder)) as virtual:
            yield virtual


def somebody(tmp_path: Path, engine: str, name: str = "Clara") -> Person:
    program = ("-m", "tests.windows.program", engine)
    return Person(name, PASSPHRASE, tmp_path / name, program, PATIENCE_S)


async def field(person: Person, name: str) -> Thing:
    return await person.thing(name, FIELD)


def focused(sight: Sight) -> str | None:
    """What the keyboard speaks to."""
    return next((thing.name for thing in sight.things if thing.focused), None)


async def has_focus(person: Person, name: str) -> None:
    """A name may go on: "Conversations, 3 unread"."""
    await person.wait_for(
        f"focus on {name}", lambda sight: (focused(sight) or "").startswith(name) or None
    )
