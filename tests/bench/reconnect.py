"""Everybody comes back: after a kill all at once, after a farewell as they were told.

``python -m tests.bench.reconnect [--clients N]``. Each client, over TLS, shakes hands, opens its
mailbox and collects the one envelope that waits there; only then it is served. Baseline: the same
clients, a few at a time. What the relay's memory is at its peak stands beside what it is when
everybody is there and silent.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import ssl
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

import trio

from protocol.errors import ProtocolError
from protocol.ids import CallId, CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire import codec, frames
from protocol.wire.address import RelayAddress, parse_address
from protocol.wire.frames import Delivery, Farewell, Frame, Policy, Refused, Reply, Side
from protocol.wire.handshake import Agreed, agree, hello
from relay.rules.deposits import capability_hash
from tests.bench.deposits import websocket
from tests.faults.program import run_command
from tests.faults.relays import RELEASED, RelayProcess, free_port, serving

SERVED_S = 60.0
PARTED_S = 10.0
FLAT = 1.25
AT_A_TIME = 32
PATIENCE_S = 30.0
LONGEST_BACK_OFF_S = 8.0
SILENCE_S = 25.0
BATCH = 20
BODY = bytes(2048)
PASS_SECRET = b"a pass for everybody".ljust(32)
CALL = CallId(1)
BINARY = 0x82
UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: relay\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: c2l4dGVlbiBieXRlcyEhIQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)

# The handshake proves it.
ANY_CERTIFICATE = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
ANY_CERTIFICATE.check_hostname = False
ANY_CERTIFICATE.verify_mode = ssl.CERT_NONE


class NotServed(Exception):
    """Somebody did not get what waits for them; then no figure counts."""


@dataclass
class Storm:
    """One coming back of everybody."""

    served_at: list[float] = field(default_factory=list[float])
    tries: int = 0

    def row(self, name: str, clients: int, pid: int) -> str:
        """Raises NotServed."""
        resident, peak = memory_mib(pid)
        times = sorted(self.served_at)
        if len(times) != clients:
            raise NotServed(f"{name}: {len(times)} of {clients}")
        verdict = "holds" if times[-1] <= SERVED_S and peak <= FLAT * resident else "MISSED"
        return (
            f"{name} | half served after {median(times):.1f} s | all after {times[-1]:.1f} s"
            f" | {self.tries / clients:.2f} tries and {1000 * cpu_s(pid) / clients:.1f} ms"
            f" of the relay's CPU each | resident {resident:.0f} MiB"
            f" | peak {peak:.0f} MiB, {peak / resident:.2f}x | {verdict}"
        )


def cpu_s(pid: int) -> float:
    """What the process has used."""
    words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def memory_mib(pid: int) -> tuple[float, float]:
    """Resident now, and the most there ever was."""
    words = Path(f"/proc/{pid}/status").read_text().split()
    return tuple(int(words[words.index(each) + 1]) / 1024 for each in ("VmRSS:", "VmHWM:"))  # type: ignore[return-value]


class Line:
    """The cheapest client's end of a WebSocket: fixed words out, whole messages in."""

    def __init__(self, stream: trio.SSLStream[trio.SocketStream]) -> None:
        self.stream = stream
        self._heard = bytearray()
        self._upgraded = False

    async def say(self, message: bytes, before: bytes = b"") -> None:
        await self.stream.send_all(before + websocket(message))

    async def hear(self) -> bytes | None:
        """The next message; None when the relay has ended it."""
        while (message := self._next()) is None:
            try:
                data = await self.stream.receive_some(65536)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return None
            if not data:
                return None
            self._heard += data
        return message or None

    def _next(self) -> bytes | None:
        """A whole message, if it is here; nothing in it where the relay said goodbye."""
        heard = self._heard
        if not self._upgraded:
            head, found, rest = heard.partition(b"\r\n\r\n")
            if not found:
                return None
            if not head.startswith(b"HTTP/1.1 101 "):
                return b""
            self._upgraded, heard = True, rest
            self._heard = heard
        if len(heard) < 2:
            return None
        start = {126: 4, 127: 10}.get(heard[1], 2)
        size = heard[1] if start == 2 else int.from_bytes(heard[2:start], "big")
        if len(heard) < start + size:
            return None
        message = bytes(heard[start : start + size]) if heard[0] == BINARY else b""
        del heard[: start + size]
        return message


class Client:
    """One device without a vault: a mailbox's key and a line."""

    def __init__(self, address: RelayAddress) -> None:
        self._address = address
        self._secret = Secret(os.urandom(32))
        self._line: Line | None = None
        self.mailbox = MailboxId(public_key(self._secret))

    def _signed(self, domain: Domain, agreed: Agreed) -> bytes:
        return sign(self._secret, domain, agreed.transcript)

    def moving_in(self, agreed: Agreed) -> list[Frame]:
        """What makes the mailbox, and leaves one envelope in it."""
        capability = bytes(self._secret)[::-1]
        return [
            frames.CreateMailbox(
                call=CALL,
                mailbox=self.mailbox,
                pass_secret=PASS_SECRET,
                signature=self._signed(Domain.CREATE_MAILBOX, agreed),
            ),
            self._opening(agreed),
            frames.Grant(
                call=CALL,
                mailbox=self.mailbox,
                capability=CapabilityHash(capability_hash(capability)),
                drawer=DrawerId(bytes(16)),
                policy=Policy(),
            ),
            frames.Deposit(
                call=CALL, capability=capability, envelope_id=EnvelopeId(bytes(16)), body=BODY
            ),
        ]

    def _opening(self, agreed: Agreed) -> frames.OpenMailbox:
        signature = self._signed(Domain.OPEN_MAILBOX, agreed)
        return frames.OpenMailbox(call=CALL, mailbox=self.mailbox, signature=signature)

    async def come(self) -> None:
        """Until the envelope is here. Raises OSError, ProtocolError, BrokenResourceError."""
        line, agreed = await shake_hands(self._address)
        await line.say(codec.dump([self._opening(agreed)]))
        while (message := await line.hear()) is not None:
            if any(isinstance(frame, Delivery) for frame in codec.load(message, Side.RELAY)):
                self._line = line
                return
        raise trio.BrokenResourceError

    async def stay(self) -> float:
        """Until the relay is gone; seconds after which it wants to be asked again."""
        line, self._line = self._line, None
        assert line is not None
        wanted = 0.0
        while True:
            message: bytes | None = b""
            with trio.move_on_after(SILENCE_S) as silence:
                message = await line.hear()
            if silence.cancelled_caught:
                await line.say(codec.dump([frames.Ping(call=CALL)]))
                continue
            if message is None:
                break
            for frame in codec.load(message, Side.RELAY):
                if isinstance(frame, Farewell):
                    wanted = frame.retry_ms / 1000
        await trio.aclose_forcefully(line.stream)
        return wanted


async def shake_hands(address: RelayAddress) -> tuple[Line, Agreed]:
    tcp = await trio.open_tcp_stream("127.0.0.1", address.port)
    stream = trio.SSLStream(tcp, ANY_CERTIFICATE)
    try:
        await stream.do_handshake()
        found = stream.getpeercert(binary_form=True)
        assert found is not None
        line = Line(stream)
        said = hello(os.urandom)
        await line.say(said, UPGRADE)
        heard = await line.hear() or b""
        return line, agree(said, heard, address.fingerprint, sha256(found).digest())
    except BaseException:
        await trio.aclose_forcefully(tcp)
        raise


async def move_in(address: RelayAddress, clients: list[Client]) -> None:
    """A mailbox for everybody, with one envelope in each, by one connection."""
    line, agreed = await shake_hands(address)
    await ask_all(line, [frames.Redeem(call=CALL, code=b"", pass_secret=PASS_SECRET)])
    for start in range(0, len(clients), BATCH):
        batch = clients[start : start + BATCH]
        await ask_all(line, [each for client in batch for each in client.moving_in(agreed)])
    await trio.aclose_forcefully(line.stream)


async def ask_all(line: Line, asked: list[Frame]) -> None:
    await line.say(codec.dump(asked))
    left = len(asked)
    while left:
        message = await line.hear()
        assert message is not None, "the relay ended it"
        for frame in codec.load(message, Side.RELAY):
            assert not isinstance(frame, Refused), frame.reason
            left -= isinstance(frame, Reply)


async def come_back(client: Client, storm: Storm, since: float) -> None:
    """As a desktop does: again and again, after a while that grows."""
    for attempt in range(20):
        storm.tries += 1
        try:
            with trio.fail_after(PATIENCE_S):
                await client.come()
        except (OSError, ProtocolError, trio.BrokenResourceError, trio.TooSlowError):
            longest = min(0.5 * 2**attempt, LONGEST_BACK_OFF_S)
            await trio.sleep(random.uniform(0, longest))
        else:
            storm.served_at.append(trio.current_time() - since)
            return


@asynccontextmanager
async def a_relay(
    folder: Path, clients: int, host: str = "0.0.0.0"
) -> AsyncGenerator[RelayProcess]:
    """Open to all, with room for so many mailboxes on one pass and connection; with TLS, but for
    one that serves only its own machine."""
    log, where = folder / "relay.log", folder / "relay"
    listen = f"{host}:{free_port()}"
    code, _ = await run_command(RELEASED, "init", str(where), "--listen", listen, "--open", log=log)
    assert code == 0
    settings = where / "relay.toml"
    text = settings.read_text()
    for name in ("mailboxes = 8", "open_mailboxes = 16", "stored_bytes = 268435456"):
        assert f"\n{name}\n" in text
    text = text.replace("\nmailboxes = 8\n", f"\nmailboxes = {clients}\n")
    text = text.replace("\nopen_mailboxes = 16\n", f"\nopen_mailboxes = {clients}\n")
    text = text.replace("\nstored_bytes = 268435456\n", "\nstored_bytes = 8000000000\n")
    settings.write_text(text)
    async with serving(RelayProcess(where, log)) as relay:
        yield relay


async def everybody(clients: list[Client], do: Callable[[Client], Awaitable[None]]) -> None:
    async with trio.open_nursery() as nursery:
        for client in clients:
            nursery.start_soon(do, client)


async def run(count: int, say: Callable[[str], None]) -> None:
    """Say the rows of the table. Raises NotServed."""
    with tempfile.TemporaryDirectory(prefix="aside-bench-") as made:
        async with a_relay(Path(made), count) as relay:
            address = parse_address(relay.address)
            clients = [Client(address) for _ in range(count)]
            await move_in(address, clients)
            await relay.kill()
            await relay.start()

            gently, began = Storm(), trio.current_time()
            few = trio.CapacityLimiter(AT_A_TIME)

            async def come_gently(client: Client) -> None:
                async with few:
                    await come_back(client, gently, began)

            await everybody(clients, come_gently)
            say(gently.row("baseline, a few at a time", count, await settled(relay)))

            told, began = Storm(), trio.current_time()

            async def come_as_told(client: Client) -> None:
                await trio.sleep(await client.stay())
                await come_back(client, told, began)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(everybody, clients, come_as_told)
                say(f"parting from everybody | {await part(relay):.1f} s | aim {PARTED_S:.0f} s")
                await relay.start()
            say(told.row("after a farewell, as told", count, await settled(relay)))

            at_once = Storm()
            up = trio.Event()

            async def come_at_once(client: Client) -> None:
                await client.stay()
                await up.wait()
                await come_back(client, at_once, began)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(everybody, clients, come_at_once)
                await relay.kill()
                await relay.start()
                await trio.sleep(1)
                began = trio.current_time()
                up.set()
            say(at_once.row("after a kill, all at once", count, await settled(relay)))


async def part(relay: RelayProcess) -> float:
    """SIGTERM; seconds until it is gone, however long that takes."""
    began, status = trio.current_time(), Path(f"/proc/{relay.pid}/status")
    os.kill(relay.pid, signal.SIGTERM)
    while "\tZ" not in status.read_text():
        await trio.sleep(0.05)
    gone = trio.current_time() - began
    await relay.kill()
    return gone


async def settled(relay: RelayProcess) -> int:
    """The relay's process, once everybody is there and nobody says anything."""
    await trio.sleep(3)
    return relay.pid


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=5_000)
    trio.run(run, parser.parse_args().clients, partial(print, flush=True))


if __name__ == "__main__":
    main()
