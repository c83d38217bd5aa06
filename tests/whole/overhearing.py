"""Ears for what a relay hears and says, and eyes for what it keeps: headers, frames, columns.

Everything is read off the bytes by itself, so that what it says depends on none of the code that
writes them.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import msgspec
import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.address import RelayAddress
from tests.faults.leaks import leaks, rows_of
from tests.faults.proxy import Messages
from tests.whole.what_relays_know import UPGRADE, UPGRADED, Fields

# Bytes of frames that whoever hears them reads on: signed, not sealed.
SIGNED = {("welcome", "statement"), ("card", "body"), ("practices", "body")}
# The same of rooms, wherever they stand: a policy is one in whatever frame.
SIGNED_IN_ROOMS = {f"{each}.body" for each in ("policy", "card", "grant", "head", "epoch")}


class Tap(trio.abc.Stream):
    """A line whose both directions are overheard: ``said`` is what its holder says."""

    def __init__(self, inner: trio.abc.Stream) -> None:
        self._inner = inner
        self.said = bytearray()
        self.heard = bytearray()

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.said += data
        await self._inner.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._inner.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        data = await self._inner.receive_some(max_bytes)
        self.heard += data
        return data

    async def aclose(self) -> None:
        await self._inner.aclose()

    def begin_anew(self) -> None:
        """Forget what went by, but for the upgrades that each direction begins with."""
        for stream in (self.said, self.heard):
            head = stream.partition(b"\r\n\r\n")
            stream[:] = head[0] + head[1]


def words(*streams: bytes | bytearray) -> bytes:
    """Everything that was said, without the WebSocket's mask: heads, messages, pings and all."""
    said = bytearray()
    for stream in streams:
        messages = Messages()
        found = messages.feed(bytes(stream))
        said += b"\n".join((messages.head, *found, *messages.control, b""))
    return bytes(said)


def fields_of(*streams: bytes | bytearray) -> Fields:
    """For each frame its fields, with those of what stands in them: ``policy.burst``."""
    found: Fields = {}
    for stream in streams:
        for message in Messages().feed(bytes(stream)):
            for frame in msgspec.msgpack.decode(message):
                tag = frame.pop("t")
                found.setdefault(tag, set()).update(_names(frame, tag))
    return found


def _names(value: object, tag: str, before: str = "") -> Iterable[str]:
    if isinstance(value, list):
        for each in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _names(each, tag, before)  # pyright: ignore[reportUnknownArgumentType]
    elif isinstance(value, dict):
        for key, inner in value.items():  # pyright: ignore[reportUnknownVariableType]
            name = f"{before}{key}"
            yield name
            within = ".".join(name.rsplit(".", 2)[-2:])
            signed = (tag, name) in SIGNED or within in SIGNED_IN_ROOMS
            read = signed and isinstance(inner, bytes)
            yield from _names(msgspec.msgpack.decode(inner) if read else inner, tag, f"{name}.")  # pyright: ignore[reportUnknownArgumentType]


def head_of(stream: bytes | bytearray) -> tuple[str, dict[str, str]]:
    """The first line and the headers that a line begins with in one direction."""
    messages = Messages()
    messages.feed(bytes(stream))
    first, *rest = messages.head.decode("ascii").split("\r\n")
    return first, {line.partition(":")[0].lower(): line.partition(":")[2].strip() for line in rest}


def assert_upgraded(line: Tap, address: RelayAddress) -> None:
    """It begins like every other line to this relay: what differs is drawn for it, or the time."""
    for stream in (line.said, line.heard):
        first, headers = head_of(stream)
        if first == "GET / HTTP/1.1":
            assert headers.keys() == UPGRADE
            assert headers["host"] == f"{address.host}:{address.port}"
            assert headers["sec-websocket-version"] == "13"
            assert len(b64decode(headers["sec-websocket-key"], validate=True)) == 16
        else:
            assert first == "HTTP/1.1 101 Switching Protocols"
            assert headers.keys() == UPGRADED
            assert parsedate_to_datetime(headers["date"])
            assert len(b64decode(headers["sec-websocket-accept"], validate=True)) == 20
        assert (headers["upgrade"], headers["connection"]) == ("websocket", "Upgrade")


def found_in(secrets: Mapping[str, bytes], *places: bytes) -> set[str]:
    """Which of these stand there: raw, in hex or in base64."""
    return {each.rpartition(" in ")[0] for each in leaks(secrets, (("it", p) for p in places))}


@dataclass
class Disk:
    """What a relay keeps: a store at ``path``, and what lies beside it."""

    path: Path

    def rows(self) -> Fields:
        """Which columns of which tables hold anything."""
        found: Fields = {}
        beside = sqlite.connect(self.path)
        try:
            tables = beside.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            for (table,) in tables.fetchall():
                cursor = beside.execute(f"SELECT * FROM {table}")
                names = [column[0] for column in cursor.description or ()]
                for row in cursor:
                    pairs = zip(names, row, strict=True)
                    found.setdefault(table, set()).update(n for n, v in pairs if v is not None)
        finally:
            beside.close()
        return found

    def rows_but(self, furniture: Fields) -> Fields:
        """The other rows; those of the furniture that are there have to be all that it says."""
        rows = self.rows()
        for table, columns in furniture.items():
            assert rows.pop(table, columns) == columns, table
        return rows

    def everything(self) -> bytes:
        """Each value, and the files as they are: written over and not."""
        values = b"\n".join(data for _, data in rows_of(self.path))
        files = [*self.path.parent.glob(f"{self.path.name}*"), *self.files()]
        return values + b"".join(path.read_bytes() for path in files)

    def files(self) -> list[Path]:
        """What lies beside the store."""
        return [path for path in self.path.with_name("blobs").rglob("*") if path.is_file()]
