"""The rooms' generator finds what a server does wrong, and reads each framing however it is cut."""

from __future__ import annotations

import random
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from protocol.ids import CallId
from protocol.wire import codec
from protocol.wire.frames.room_entries import Entries, Said
from protocol.wire.frames.rooms import SeatsChanged
from protocol.wire.rooms.items import sign_order
from protocol.wire.rooms.orders import What
from tests.bench.rooms.cases import RELAY, Run, bounds, wrong
from tests.bench.rooms.generator import (
    SOURCES,
    Found,
    Hall,
    Load,
    Publisher,
    Request,
    Seat,
    measure,
)
from tests.bench.rooms.rows import held
from tests.bench.rooms.signed import chain
from tests.bench.senders import CompilerMissing, generator
from tests.protocol.room_cast import BOB, CAROL, RNG, ROOM, order

SEATS, PUBLISHERS, ENTRIES, LENGTH = 4, 2, 120, 40
VICTIM, AT = 2, 50  # the seat that is wronged, and the entry
NONE = dict.fromkeys(
    ("missing", "again", "order", "number", "changed", "length", "unknown", "broken", "ended"), 0
)


def resp(entry: bytes) -> bytes:
    return b"*3\r\n$7\r\nmessage\r\n$4\r\nroom\r\n$%d\r\n%s\r\n" % (len(entry), entry)


def nats(entry: bytes) -> bytes:
    return b"PING\r\nMSG room 1 %d\r\n%s\r\n" % (len(entry), entry)


def mqtt(entry: bytes) -> bytes:
    size = 6 + len(entry)
    length = bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])
    return b"\xd0\x00\x30" + length + b"\x00\x04room" + entry


def xmpp(entry: bytes) -> bytes:
    return (
        b"<presence from='a&gt;b'/>\n<message to='x' type='chat'><body>no</body></message>"
        b"<message from='a>\"<' type='groupchat'><x a='</body>'><body>no</body></x>"
        b"<body>%s</body><y/></message>" % entry
    )


def aside(entries: list[bytes], *, skipped: int = 0) -> bytes:
    """In bursts of several frames, with what else a relay says among them. ``skipped``: the number
    that no entry has."""
    said: list[bytes] = []
    items = [*entries[:5], AN_ORDER, *entries[5:]]
    for at in range(0, len(items), 7):
        first = at + 1 + (0 < skipped < at)
        frames = [
            Entries(run=1, first=first, items=tuple(items[at : at + 3])),
            SeatsChanged(seats=SEATS, came=(BOB.seat,)),
            Entries(run=1, first=first + 3, items=tuple(items[at + 3 : at + 7])),
            Said(call=CallId(at), run=1, number=at + 1),
        ]
        whole = codec.dump([each for each in frames if getattr(each, "items", True)])
        head = bytes((0x82, 126)) if len(whole) < 1 << 16 else bytes((0x82, 127))
        said += [
            b"\x89\x02hi",
            head + len(whole).to_bytes(2 if head[1] == 126 else 8, "big") + whole,
        ]
    return b"".join(said)


def each(framed: Callable[[bytes], bytes]) -> Callable[[list[bytes]], bytes]:
    """One after the other."""
    return lambda entries: b"".join(map(framed, entries))


AN_ORDER = sign_order(ROOM, ROOM.room, order(What.MUTE, about=CAROL.seat))
SPEAKERS = (BOB, CAROL)
FRAMINGS: dict[str, Callable[[list[bytes]], bytes]] = {
    "resp": each(resp),
    "nats": each(nats),
    "mqtt": each(mqtt),
    "xmpp": each(xmpp),
    "aside": aside,
}


def dropped(entries: list[bytes]) -> None:
    del entries[AT]


def doubled(entries: list[bytes]) -> None:
    entries.insert(AT, entries[AT])


def turned_round(entries: list[bytes]) -> None:
    entries[AT : AT + 2] = reversed(entries[AT : AT + 2])


def late(entries: list[bytes]) -> None:
    entries.insert(AT, entries.pop(AT + PUBLISHERS))


def changed(entries: list[bytes]) -> None:
    entries[AT] = entries[AT][:-1] + bytes([entries[AT][-1] ^ 1])


def shorter(entries: list[bytes]) -> None:
    entries[AT] = entries[AT][:-1]


def made_up(entries: list[bytes]) -> None:
    entries.insert(AT, b"%04d%012d" % (PUBLISHERS, 0) + entries[AT][16:])


@dataclass
class Fake:
    """A server that hears what it is to hear, wrongs one seat, and tells it all in pieces."""

    hear: list[socket.socket]
    said: list[list[Request]]
    tell: list[socket.socket]
    framed: Callable[[list[bytes]], bytes]
    spoil: Callable[[list[bytes]], None] | None
    to_victim: Callable[[list[bytes]], bytes]

    def __call__(self) -> None:
        for line, requests in zip(self.hear, self.said, strict=True):
            wanted, heard = b"".join(request.said for request in requests), b""
            while len(heard) < len(wanted):
                heard += line.recv(65536)
            assert heard == wanted
        entries = [each.entry for turn in zip(*self.said, strict=True) for each in turn]
        streams: list[bytes] = []
        for number in range(len(self.tell)):
            told = list(entries)
            if self.spoil and number == VICTIM:
                self.spoil(told)
            streams.append((self.to_victim if number == VICTIM else self.framed)(told))
        chance = random.Random(4)
        at = 0
        while at < max(map(len, streams)):
            size = chance.randrange(1, 700)
            for line, stream in zip(self.tell, streams, strict=True):
                line.sendall(stream[at : at + size])
            at += size


@pytest.fixture(scope="module")
def program() -> Iterator[Path | None]:
    """None where there is no compiler: it comes with the bench's peers."""
    if shutil.which("cc") is None:
        with pytest.raises(CompilerMissing), generator(*SOURCES):
            pass
        yield None
        return
    with generator(*SOURCES) as made:
        yield made


def filled_in(publisher: int) -> list[Request]:
    """What the generator is to make of a request with room for a number."""
    body = bytes(range(ord("A"), ord("A") + LENGTH - 16))
    entries = [b"%04d%012d" % (publisher, n) + body for n in range(ENTRIES // PUBLISHERS)]
    return [Request(entry, entry) for entry in entries]


def found(
    program: Path,
    framing: str = "resp",
    spoil: Callable[[list[bytes]], None] | None = None,
    to_victim: Callable[[list[bytes]], bytes] | None = None,
    *,
    stalled: int = 0,
) -> Found:
    """What the generator says of a fake server."""
    framed = FRAMINGS[framing]
    with ExitStack() as closing:

        def pairs(count: int) -> list[tuple[socket.socket, socket.socket]]:
            made = [socket.socketpair() for _ in range(count)]
            for line in (line for pair in made for line in pair):
                closing.enter_context(line)
            return made

        seats, saying = pairs(SEATS), pairs(PUBLISHERS)
        if framing == "aside":
            said = [chain(by, ROOM.room, ENTRIES // PUBLISHERS, LENGTH, RNG) for by in SPEAKERS]
            publishers = [
                Publisher(requests, line, signed=True, name=by.seat)
                for requests, (line, _), by in zip(said, saying, SPEAKERS, strict=True)
            ]
        else:
            said = [filled_in(number) for number in range(PUBLISHERS)]
            publishers = [
                Publisher(requests[:1], line)
                for requests, (line, _) in zip(said, saying, strict=True)
            ]
        hall = Hall(framing, [Seat(line) for line, _ in seats], publishers)
        load = Load(2, ENTRIES, warm_up=0, silence=1, most=ENTRIES, stalled=stalled)
        fake = Fake(
            [line for _, line in saying],
            said,
            [line for _, line in seats],
            framed,
            spoil,
            to_victim or framed,
        )
        server = threading.Thread(target=fake)
        server.start()
        try:
            return measure(program, hall, load, None)
        finally:
            server.join()


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_sound_server_has_no_faults_in_any_framing(program: Path | None, framing: str) -> None:
    if program is None:
        return
    heard = found(program, framing)
    assert heard.faults == NONE
    assert heard.sent == heard.entries == ENTRIES
    assert heard.deliveries == ENTRIES * SEATS
    assert 0 < heard.p50_ms <= heard.p99_ms <= heard.last_p99_ms


@pytest.mark.parametrize(
    ("spoil", "faults"),
    [
        (dropped, {"missing"}),
        (doubled, {"again"}),
        (turned_round, {"order"}),
        (late, {"order", "again", "missing"}),
        (changed, {"changed"}),
        (shorter, {"changed", "length"}),
        (made_up, {"unknown"}),
    ],
)
def test_what_is_done_to_one_seat_is_found(
    program: Path | None, spoil: Callable[[list[bytes]], None], faults: set[str]
) -> None:
    if program is None:
        return
    assert set(wrong(found(program, spoil=spoil), one_order=True)) == faults


def test_a_relay_that_changes_or_skips_what_was_signed_is_found(program: Path | None) -> None:
    if program is None:
        return
    spoilt = found(program, "aside", changed)
    assert set(wrong(spoilt, one_order=True)) == {"changed"}
    skipping = found(program, "aside", to_victim=partial(aside, skipped=AT))
    assert set(wrong(skipping, one_order=True)) == {"number"}


def test_a_seat_that_does_not_read_is_not_asked(program: Path | None) -> None:
    if program is None:
        return
    assert found(program, stalled=1).faults == NONE


def ended(**figures: float) -> Found:
    """A run without a fault."""
    known = {"per_second": 100.0, "cpu_us": 2.0, "p50_ms": 4.0, "p99_ms": 8.0} | figures
    deliveries = round(known["per_second"])
    return Found(
        seconds=1.0,
        deliveries=deliveries,
        entries=1,
        sent=1,
        generator_s=0.25,
        server_s=known["cpu_us"] * deliveries / 1e6,
        p50_ms=known["p50_ms"],
        p99_ms=known["p99_ms"],
        last_p50_ms=1.0,
        last_p99_ms=2.0,
        late_p99_ms=0.0,
        faults=NONE | {"order": 3},
    )


def test_an_order_is_held_against_those_only_who_promise_one() -> None:
    assert wrong(ended(), one_order=True) == {"order": 3}
    assert wrong(ended(), one_order=False) == {}
    assert wrong(replace(ended(), faults=NONE | {"missing": 2}), one_order=False) == {"missing": 2}


def test_bounds_of_its_own_hold_whatever_peers_do() -> None:
    slow = [Run(ended(p99_ms=501), 61, 41, 0)]
    assert [figure > most for _, figure, most in bounds("many", slow, [])] == [True] * 3
    calm = [Run(ended(p99_ms=10), 1, 1, 0)]
    late = [Run(ended(p99_ms=13), 1, 1, 0)]
    ((_, times, most),) = bounds("stalled", late, calm)
    assert (times, most) == (1.3, 1.2)
    assert list(bounds("stalled", late, [])) == list(bounds("full", late, calm)) == []


def test_what_is_missed_is_said_to_be() -> None:
    ours = ended(per_second=1000)
    theirs = {"redis": ended(per_second=501), "nats": ended(per_second=250)}
    runs = {name: [Run(each, 0, 0, 0)] for name, each in ({RELAY: ours} | theirs).items()}
    assert list(held("full", runs)) == [
        "  relay: per_second 2.00x redis, aim >= 2x: MISSED",
        "  relay: per_second 4.00x nats, aim >= 4x: holds",
    ]
    steady = {RELAY: [Run(ended(cpu_us=2.6), 0, 0, 0)], "redis": [Run(ended(cpu_us=2), 0, 0, 0)]}
    assert list(held("steady", steady)) == ["  relay: cpu_us 1.30x redis, aim <= 1.25x: MISSED"]
    assert list(held("steady", {"redis": runs["redis"]})) == []
