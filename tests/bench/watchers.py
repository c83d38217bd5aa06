"""What those who write into slots and those who watch them say, for ``watchers.c``."""

from __future__ import annotations

import os
import struct
import subprocess
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from protocol.ids import CallId
from protocol.wire import codec, handshake
from protocol.wire.frames import Ping, Publish, SlotUpdate, Watch
from protocol.wire.slots import watch_of
from tests.bench.deposits import websocket
from tests.bench.senders import GeneratorFailed, cpu_s
from tests.faults.depositing import Sender

SOURCE = Path(__file__).with_suffix(".c")
WATCHERS, OF_EACH, OF_A_SLOT = 250, 40, 10
ASKED_AT_ONCE = 200


@dataclass(frozen=True)
class Heard:
    """What came of it, while it was measured."""

    updates: float  # a second
    told: float
    core: float  # of the relay, for all that
    beside: float  # what went on beside it, a second
    missed: int


def token(slot: int) -> bytes:
    """What lets somebody write into it."""
    return slot.to_bytes(32, "big")


def updates(by: Sender, number: int, word: bytes) -> bytes:
    """One writer's slots, all at once."""
    slots = tuple(
        SlotUpdate(write=token(slot), blob=(word + b"%08d" % slot).ljust(64, b"."), lasts_s=600)
        for slot in range(number * OF_EACH, (number + 1) * OF_EACH)
    )
    said = Publish(call=CallId(number), pass_secret=by.pass_secret, slots=slots)
    return websocket(codec.dump([said]))


def watched_by(watcher: int, slots: int) -> list[int]:
    """Each slot by ten of them, each of them by as many."""
    return [slot for slot in range(slots) if (watcher - slot * OF_A_SLOT) % WATCHERS < OF_A_SLOT]


def watches(watcher: int, slots: int) -> bytes:
    """All that one of them watches."""
    calls = watched_by(watcher, slots)
    asked = [Watch(call=CallId(slot), slot=watch_of(token(slot))) for slot in calls]
    pieces = [asked[at : at + ASKED_AT_ONCE] for at in range(0, len(asked), ASKED_AT_ONCE)]
    return b"".join(websocket(codec.dump(piece)) for piece in pieces)


def plan(people: list[Sender]) -> bytes:
    """As the generator reads it; each of these writes into slots of its own."""
    slots = len(people) * OF_EACH
    key = b64encode(os.urandom(16)).decode()
    coming = (
        b"GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        + f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        + websocket(handshake.hello(os.urandom))
    )
    said = [coming, b"welcome", websocket(codec.dump([Ping(call=CallId(slots))]))]
    for number, by in enumerate(people):
        said += [updates(by, number, word) for word in (b"HERE", b"LAST")]
    said += [watches(watcher, slots) for watcher in range(WATCHERS)]
    numbers = (len(people), WATCHERS, slots, slots * OF_A_SLOT // WATCHERS)
    pieces = (struct.pack("<I", len(each)) + each for each in said)
    return struct.pack("<4I", *numbers) + b"".join(pieces)


def measure(
    program: Path, port: int, relay: int, plan: bytes, seconds: float, beside: Callable[[], float]
) -> Heard:
    """Measure for so long; then do what is to be done beside it, and look who missed what."""
    with subprocess.Popen(
        [program, str(port), str(seconds)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(plan)
        running.stdin.flush()

        def hear(word: str) -> list[float]:
            assert running.stdout is not None
            first, *numbers = running.stdout.readline().decode().split() or [""]
            if first != word:
                raise GeneratorFailed(word)
            return [float(number) for number in numbers]

        hear("watching")
        hear("measuring")
        before = cpu_s(relay)
        noted, told, took = hear("measured")
        core = (cpu_s(relay) - before) / took
        went = beside()
        running.stdin.write(b"\n")
        running.stdin.close()
        missed, _, _ = hear("missed")
    return Heard(noted * OF_EACH / took, told / took, core, went, int(missed))
