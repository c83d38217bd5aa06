"""The command's end of the control socket, and the same order carried out while nobody serves."""

from __future__ import annotations

import socket
import time
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from relay.control.clerk import carry_out
from relay.control.listening import NAME, inside
from relay.control.words import (
    MOST_BYTES,
    Answer,
    AnyOrder,
    Ask,
    InTheStore,
    line_of,
    read_answer,
)
from relay.errors import AlreadyRunning, CannotWrite, NotAnswering, NotAnsweringYet, OlderStore
from relay.folder import Folder
from relay.store import database
from relay.store.sqlite import SqliteStore

PATIENCE_S = 15.0
# How it is at this moment is told without the disk.
PULSE_S = 3.0


def call(folder: Path, order: AnyOrder) -> Answer:
    """Ask the relay that serves this folder. Raises NotAnswering, NotAnsweringYet."""
    kind = NotAnswering
    patience_s = PULSE_S if isinstance(order, Ask) else PATIENCE_S
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(patience_s)
            with inside(folder):
                line.connect(NAME)
            line.sendall(line_of(order))
            # It lies with the relay now, whatever is heard of it.
            kind = NotAnsweringYet
            return read_answer(_hear(line, time.monotonic() + patience_s))
    except (OSError, ValueError) as exc:
        raise kind(str(folder)) from exc


def order(folder: Folder, asked: InTheStore) -> Answer:
    """Have it done, by the relay at work or here. Raises NotAnswering, OlderStore, CannotWrite."""
    if folder.is_running():
        return call(folder.path, asked)
    try:
        with folder.lock():
            return _do_it_here(folder, asked)
    except AlreadyRunning:
        # Started this moment.
        return call(folder.path, asked)


def _do_it_here(folder: Folder, asked: InTheStore) -> Answer:
    beside = database.open_reader(folder.store_path)
    try:
        # Bringing a store up to date is for whoever serves it.
        if database.is_older(beside):
            raise OlderStore
    finally:
        beside.close()
    store = SqliteStore(folder.store_path)
    try:
        store.begin()
        answer = carry_out(asked, store)
        store.commit()
    except sqlite.Error as exc:
        raise CannotWrite(str(folder.store_path)) from exc
    finally:
        store.close()
    return answer


def _hear(line: socket.socket, until: float) -> bytes:
    heard = b""
    while not heard.endswith(b"\n"):
        data = line.recv(MOST_BYTES)
        if not data or len(heard) > MOST_BYTES or time.monotonic() > until:
            raise ValueError("no answer")
        heard += data
    return heard
