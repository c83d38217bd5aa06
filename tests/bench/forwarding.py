"""Packets a second through two relays: handed in at one, carried, stored by the other, answered.

``python -m tests.bench.forwarding [--packets N] [--rounds N]``. Both relays are real processes over
real stores. Each packet holds a deposit of 2 KiB and was sealed beforehand; it counts when its
sealed answer has come back. Each run ends with a kill -9 of both relays under full load, and counts
only if what was answered is at the destination, and what was accepted is there, or waits, or is
answered. Baseline: the same deposits straight to the destination.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import trio
from sqlcipher3 import dbapi2 as sqlite

from protocol.ids import CallId, EnvelopeId, Fingerprint
from protocol.keys import Secret
from protocol.wire import codec, handshake
from protocol.wire.address import parse_address
from protocol.wire.card import read_card
from protocol.wire.frames import (
    Accepted,
    Answered,
    Card,
    CardBody,
    Deposit,
    Forward,
    ShowCard,
    Side,
)
from protocol.wire.packet import seal_packet, ticket_of
from tests.bench.deposits import websocket
from tests.faults.depositing import SIZE, Sender, a_line, senders
from tests.faults.proxy import Messages
from tests.faults.relays import RelayProcess, free_port, generous, make_relay, serving

LINES = 8
WINDOW = 64
AIM = 2_000
WARM_UP = 0.1  # of the packets are not timed
ANSWERED = b"\xa1t\xa8answered"
STORED = b"\xa1t\xa6stored"
WELCOME = b"\xa1t\xa7welcome"
ANSWER_KEY = Secret(bytes(32))
QUOTAS = {"forwards": 2**31 - 1, "forward_bytes": 1 << 50, "stored_bytes": 1 << 50}


class Lost(Exception):
    """Something that was promised is not there: the figure counts for nothing."""


@dataclass
class Feed:
    """One connection's requests, what came back, and when the answers came."""

    said: list[bytes]
    mark: bytes
    heard: bytearray = field(default_factory=bytearray)
    came: list[float] = field(default_factory=list[float])

    async def run(self, port: int, window: int) -> None:
        """Keep ``window`` of them under way until all are answered or the relay is gone."""
        stream = await trio.open_tcp_stream("127.0.0.1", port)
        key = b64encode(os.urandom(16)).decode()
        await stream.send_all(
            b"GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
            + websocket(handshake.hello(os.urandom))
        )
        sent = 0
        try:
            # A relay takes little from whoever has not shaken hands.
            while WELCOME not in self.heard:
                await self._hear(stream)
            while len(self.came) < len(self.said):
                due = self.said[sent : len(self.came) + window]
                if due:
                    sent += len(due)
                    await stream.send_all(b"".join(due))
                await self._hear(stream)
        except trio.BrokenResourceError:
            pass
        finally:
            await trio.aclose_forcefully(stream)

    async def _hear(self, stream: trio.SocketStream) -> None:
        data = await stream.receive_some(1 << 18)
        if not data:
            raise trio.BrokenResourceError
        looked = max(len(self.heard) - len(self.mark) + 1, 0)
        self.heard += data
        now = time.monotonic()
        self.came += [now] * self.heard.count(self.mark, looked)


async def fed(feeds: list[Feed], port: int, window: int, stop_at: int, *stopped: int) -> float:
    """How many a second were answered; at ``stop_at`` of them these processes are killed."""
    async with trio.open_nursery() as nursery:
        for feed in feeds:
            nursery.start_soon(feed.run, port, window)
        while sum(len(feed.came) for feed in feeds) < stop_at:
            await trio.sleep(0.02)
        for pid in stopped:
            os.kill(pid, 9)
        if not stopped:
            nursery.cancel_scope.cancel()
    came = sorted(at for feed in feeds for at in feed.came)[int(stop_at * WARM_UP) : stop_at]
    return (len(came) - 1) / (came[-1] - came[0])


async def card_of(relay: RelayProcess) -> CardBody:
    address = parse_address(relay.address)
    async with a_line(relay) as line:
        shown = await line.ask(ShowCard(call=line.call()))
    assert isinstance(shown, Card)
    return read_card(shown.body, shown.signature, Fingerprint(address.fingerprint))


def deposits(to: list[Sender], count: int) -> Iterator[tuple[bytes, Deposit]]:
    """So many, each with the secret of its ticket."""
    for number in range(count):
        envelope = os.urandom(16)
        yield (
            envelope * 2,
            Deposit(
                call=CallId(0),
                capability=to[number % len(to)].capability,
                envelope_id=EnvelopeId(envelope),
                body=os.urandom(SIZE),
            ),
        )


def straight(to: list[Sender], count: int) -> list[Feed]:
    """The baseline: the deposits as they are."""
    said = [websocket(codec.dump([each])) for _, each in deposits(to, count)]
    return [Feed(said[number::LINES], STORED) for number in range(LINES)]


def by_two_hops(
    by: list[Sender], to: list[Sender], card: CardBody, address: str, count: int
) -> tuple[list[Feed], dict[bytes, bytes]]:
    """Sealed, and which envelope each ticket is for."""
    feeds = [Feed([], ANSWERED) for _ in range(LINES)]
    envelopes: dict[bytes, bytes] = {}
    for number, (secret, deposit) in enumerate(deposits(to, count)):
        ticket = ticket_of(secret)
        envelopes[ticket] = deposit.envelope_id
        packet = seal_packet(deposit, card, ANSWER_KEY)
        forward = Forward(
            call=CallId(number),
            pass_secret=by[number % LINES].pass_secret,
            destination=address,
            ticket=ticket,
            packet=packet,
        )
        feeds[number % LINES].said.append(websocket(codec.dump([forward])))
    return feeds, envelopes


def promised(feeds: list[Feed]) -> tuple[set[bytes], set[int]]:
    """The tickets that were answered, and the calls that were accepted."""
    answered, accepted = set[bytes](), set[int]()
    for feed in feeds:
        for message in Messages().feed(bytes(feed.heard)):
            for frame in codec.load(message, Side.RELAY):
                if isinstance(frame, Answered):
                    answered.add(frame.ticket)
                elif isinstance(frame, Accepted):
                    accepted.add(frame.call)
    return answered, accepted


def rows(store: Path, query: str) -> set[bytes]:
    with closing(sqlite.connect(store)) as database:
        return {row[0] for row in database.execute(query)}


def check(feeds: list[Feed], envelopes: dict[bytes, bytes], own: Path, other: Path) -> None:
    """Raises Lost."""
    answered, accepted = promised(feeds)
    tickets = list(envelopes)
    there = rows(other, "SELECT id FROM envelope")
    kept = rows(own, "SELECT ticket FROM packet UNION SELECT ticket FROM answer")
    lost = [each for each in answered if envelopes[each] not in there]
    lost += [tickets[call] for call in accepted if tickets[call] not in kept]
    if lost:
        raise Lost(str(len(lost)))
    with closing(sqlite.connect(other)) as database:
        twice = "SELECT count(*) - count(DISTINCT id) FROM envelope"
        assert database.execute(twice).fetchone()[0] == 0


async def measured(count: int) -> tuple[float, float]:
    """Through two relays, and straight. Raises Lost."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        folders = [Path(made, name) for name in ("own", "other")]
        relays: list[RelayProcess] = []
        for folder in folders:
            log = folder.with_suffix(".log")
            await make_relay(folder, log, free_port())
            generous(folder, QUOTAS)
            relays.append(RelayProcess(folder, log))
        async with serving(relays[0]) as own, serving(relays[1]) as other:
            to, by = await senders(other, LINES), await senders(own, LINES)
            ports = [parse_address(each.address).port for each in relays]
            baseline = await fed(straight(to, count), ports[1], WINDOW, count)
            card = await card_of(other)
            feeds, envelopes = by_two_hops(by, to, card, other.address, count)
            stop_at = int(count * 0.9)
            rate = await fed(feeds, ports[0], WINDOW, stop_at, own.pid, other.pid)
        check(feeds, envelopes, relays[0].store, relays[1].store)
    return rate, baseline


def run(count: int, rounds: int) -> str:
    """The row of the table."""
    found = [trio.run(measured, count) for _ in range(rounds)]
    rate, baseline = (median(each[n] for each in found) for n in range(2))
    return (
        f"two hops {rate:,.0f}/s (aim {AIM:,}) | straight {baseline:,.0f}/s"
        f" | {rate / baseline:.2f}x"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--packets", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    print(run(asked.packets, asked.rounds))


if __name__ == "__main__":
    main()
