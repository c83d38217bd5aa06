"""Does anything a relay keeps hold what only desktops may know: raw, in hex or in base64?

A secret inside something longer stands at any of three places of a base64 group, so what is
searched is the middle of it that is the same whatever stands around it.
"""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.frames import ENVELOPE_SIZES

SHORTEST = 8  # what is shorter turns up by chance


def spellings(secret: bytes) -> set[bytes]:
    """Every way in which it may stand somewhere."""
    if len(secret) < SHORTEST:
        raise ValueError("too short to be searched for")
    found = {secret, secret.hex().encode(), secret.hex().upper().encode()}
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            text = encode(bytes(before) + secret)
            # The first group holds what stands before, the last one what stands behind.
            first = 4 * (before > 0)
            last = (before + len(secret)) // 3 * 4
            found.add(text[first:last])
    return found


def leaks(secrets: Mapping[str, bytes], places: Iterable[tuple[str, bytes]]) -> list[str]:
    """Who was found where."""
    spelled = {name: spellings(secret) for name, secret in secrets.items()}
    return [
        f"{name} in {place}"
        for place, data in places
        for name, ways in spelled.items()
        if any(way in data for way in ways)
    ]


def files_below(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file as it is on disk now."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def rows_of(store: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, whole also where pages cut it in the file."""
    database = sqlite.connect(f"file:{store}?mode=ro", uri=True)
    try:
        tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
        for (table,) in tables:
            for row in database.execute(f"SELECT * FROM {table}"):
                for value in row:
                    if isinstance(value, (bytes, str)):
                        yield table, value if isinstance(value, bytes) else value.encode()
    finally:
        database.close()


def envelope_sizes(store: Path) -> dict[int, int]:
    """How many envelopes of which size wait."""
    database = sqlite.connect(f"file:{store}?mode=ro", uri=True)
    try:
        rows = database.execute("SELECT length(body), count(*) FROM envelope GROUP BY 1")
        return dict(rows.fetchall())
    finally:
        database.close()


def strange_sizes(sizes: Mapping[int, int]) -> list[int]:
    """Those that the specification does not know."""
    return sorted(set(sizes) - set(ENVELOPE_SIZES))
