"""Memory for each idle connection: a relay beside NATS plain, and beside ejabberd under TLS.

``python -m tests.bench.idle [--connections N] [--rounds N]``. All connections come one after the
other and are silent then: a relay's with a mailbox of its own open, NATS' with one subscription,
ejabberd's logged in and seen. What counts is the server's own share of memory (PSS, all of its
processes), before and some seconds after, for each connection.
"""

from __future__ import annotations

import argparse
import os
import socket
import ssl
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

import trio

from protocol.ids import MailboxId
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire import codec, frames
from protocol.wire.address import RelayAddress, parse_address
from protocol.wire.handshake import Agreed, agree, hello
from tests.bench.deposits import websocket
from tests.bench.peers import nats, peer, xmpp
from tests.bench.reconnect import ANY_CERTIFICATE, CALL, PASS_SECRET, UPGRADE, a_relay
from tests.bench.senders import Step
from tests.faults.proxy import Messages

SETTLES_S = 5.0
PATIENCE_S = 20.0
AIMS = {"relay": ("nats", 0.9), "relay, TLS": ("ejabberd_tls", 0.75)}


def pss_kib(pid: int) -> int:
    """Of a process and all below it."""
    total = 0
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            total = int(line.split()[1])
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        total += sum(map(pss_kib, map(int, children.read_text().split())))
    return total


class Line:
    """A client that costs nothing on this side: a socket that blocks."""

    def __init__(self, port: int, context: ssl.SSLContext | None) -> None:
        self._socket: socket.socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self.certificate = b""
        if context is not None:
            wrapped = context.wrap_socket(self._socket)
            self.certificate = sha256(wrapped.getpeercert(binary_form=True) or b"").digest()
            self._socket = wrapped

    def say(self, data: bytes) -> None:
        self._socket.sendall(data)

    def hear(self, until: Callable[[bytes], bool]) -> bytes:
        heard = b""
        while not until(heard):
            data = self._socket.recv(65536)
            assert data, f"the other side ended it after {heard[-200:]!r}"
            heard += data
        return heard

    def close(self) -> None:
        self._socket.close()


def contains(part: bytes, heard: bytes) -> bool:
    return part in heard


def come(port: int, steps: list[Step], context: ssl.SSLContext | None) -> Line:
    """Somebody at a peer."""
    line = Line(port, context)
    for step in steps:
        line.say(step.said)
        line.hear(partial(contains, step.until))
    return line


class Members:
    """People at a relay, all on one pass, each with a mailbox."""

    def __init__(self, address: RelayAddress) -> None:
        self._address = address
        self._known = False

    def come(self) -> Line:
        """One more."""
        context = ANY_CERTIFICATE if self._address.url.startswith("wss") else None
        line, messages, heard = Line(self._address.port, context), Messages(), list[bytes]()

        def said(count: int) -> Callable[[bytes], bool]:
            fed = 0

            def are_there(data: bytes) -> bool:
                nonlocal fed
                heard.extend(messages.feed(data[fed:]))
                fed = len(data)
                return sum(map(replies, heard)) >= count

            return are_there

        first = hello(os.urandom)
        line.say(UPGRADE + websocket(first))
        line.hear(lambda data: bool(said(0)(data) and heard))
        agreed = agree(first, heard.pop(0), self._address.fingerprint, line.certificate)
        asked = list(self._moving_in(agreed))
        line.say(websocket(codec.dump(asked)))
        line.hear(said(len(asked)))
        return line

    def _moving_in(self, agreed: Agreed) -> Iterator[frames.Frame]:
        if not self._known:
            self._known = True
            yield frames.Redeem(call=CALL, code=b"", pass_secret=PASS_SECRET)
        secret = Secret(os.urandom(32))
        mailbox = MailboxId(public_key(secret))
        yield frames.CreateMailbox(
            call=CALL,
            mailbox=mailbox,
            pass_secret=PASS_SECRET,
            signature=sign(secret, Domain.CREATE_MAILBOX, agreed.transcript),
        )
        yield frames.OpenMailbox(
            call=CALL,
            mailbox=mailbox,
            signature=sign(secret, Domain.OPEN_MAILBOX, agreed.transcript),
        )


def replies(message: bytes) -> int:
    """How many answers a message holds. Every one of them has to be a yes."""
    found = codec.load(message, frames.Side.RELAY)
    assert not any(isinstance(each, frames.Refused) for each in found), found
    return sum(isinstance(each, frames.Reply) for each in found)


def each_kib(pid: int, count: int, somebody: Callable[[], Line]) -> float:
    """What one more connection takes."""
    with ExitStack() as staying:
        # What is loaded and laid out for the first of all is not what one more takes.
        staying.callback(somebody().close)
        time.sleep(SETTLES_S)
        before = pss_kib(pid)
        for _ in range(count):
            staying.callback(somebody().close)
        time.sleep(SETTLES_S)
        return (pss_kib(pid) - before) / count


@asynccontextmanager
async def serving(folder: Path, count: int, host: str) -> AsyncGenerator[tuple[RelayAddress, int]]:
    async with a_relay(folder, count + 1, host) as relay:
        yield parse_address(relay.address), relay.pid


async def of_a_relay(count: int, host: str) -> float:
    """Without TLS on the loopback, with it elsewhere."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        async with serving(Path(made), count, host) as (address, pid):
            members = Members(address)
            return await trio.to_thread.run_sync(each_kib, pid, count, members.come)


def of_a_peer(
    name: str, count: int, steps: list[Step], context: ssl.SSLContext | None = None
) -> float:
    with peer(name) as other:
        return each_kib(other.pid, count, lambda: come(other.port, steps, context))


def run(count: int, rounds: int) -> Iterator[str]:
    """The rows of the table."""
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        found["relay"].append(trio.run(of_a_relay, count, "127.0.0.1"))
        found["nats"].append(of_a_peer("nats", count, nats.COME))
        found["relay, TLS"].append(trio.run(of_a_relay, count, "0.0.0.0"))
        found["ejabberd_tls"].append(
            of_a_peer("ejabberd_tls", count, xmpp.be_there(), ANY_CERTIFICATE)
        )
    for ours, (theirs, aim) in AIMS.items():
        our, their = median(found[ours]), median(found[theirs])
        yield (
            f"{ours} {our:.1f} KiB | baseline {theirs} {their:.1f} KiB | {our / their:.2f}x"
            f" | aim {aim}x | {'holds' if our <= aim * their else 'MISSED'}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--connections", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    for row in run(asked.connections, asked.rounds):
        print(row, flush=True)


if __name__ == "__main__":
    main()
