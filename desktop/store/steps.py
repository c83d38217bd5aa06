"""The schema's numbered steps: ``schema/0001.sql`` and on, each applied once, whole or not at all.

``PRAGMA user_version`` says how many a vault has seen. A vault that has seen more than there are
was written by a newer version and is refused before anything is touched.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from importlib.resources.abc import Traversable

from sqlcipher3.dbapi2 import Connection

from desktop.core.errors import VaultNewer
from desktop.store.connection import translated

_NAME = re.compile(r"([0-9]{4})\.sql")


def read_steps(folder: Traversable) -> tuple[str, ...]:
    """The steps in ``folder``, in their order."""
    found = {
        int(match[1]): entry
        for entry in folder.iterdir()
        if (match := _NAME.fullmatch(entry.name)) is not None
    }
    if sorted(found) != list(range(1, len(found) + 1)):
        raise ValueError("the schema's steps are not numbered from 1 without a gap")
    return tuple(found[number].read_text("utf-8") for number in sorted(found))


def released_steps() -> tuple[str, ...]:
    """The steps this version comes with."""
    return read_steps(files("desktop.store") / "schema")


def seen(connection: Connection) -> int:
    """How many steps this vault has seen."""
    with translated():
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def check_not_newer(connection: Connection, steps: Sequence[str]) -> None:
    """Raises VaultNewer."""
    if seen(connection) > len(steps):
        raise VaultNewer


def apply_steps(connection: Connection, steps: Sequence[str]) -> None:
    """Take the vault to the last step. What fails leaves it at the step before."""
    with translated():
        for number in range(seen(connection) + 1, len(steps) + 1):
            try:
                connection.executescript(
                    f"BEGIN IMMEDIATE;\n{steps[number - 1]}\n"
                    f"PRAGMA user_version = {number};\nCOMMIT;"
                )
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
