"""A relay on a disk that others fill.

The disk is a small tmpfs of its own, which needs root. Each round somebody else takes all but a
little of it while envelopes are deposited, until senders are asked to wait; every other time the
relay is killed there and started again. Then the owner collects all that was called stored,
acknowledges it, the room comes back, and deposits go on. Nothing may be lost, nothing twice.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import AsyncGenerator, Callable, Generator, Iterable
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import trio

from desktop.engine.lines.connector import NetworkConnector
from desktop.engine.lines.dial import open_line
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.timings import Timings
from protocol.ids import CapabilityHash, DrawerId, EnvelopeId, MailboxId
from protocol.keys import Domain, Secret, public_key, sign
from protocol.wire.address import parse_address
from protocol.wire.frames import (
    Acknowledge,
    CreateMailbox,
    Deposit,
    Grant,
    OpenMailbox,
    Policy,
    Reason,
    Redeem,
    Refused,
    Stored,
)
from relay.rules.deposits import capability_hash
from tests.faults.relays import RelayProcess, free_port, make_relay, serving
from tests.faults.table import Figures

DISK_MIB = 96
SPARE_KIB = (40, 700)
PATIENCE_S = 20.0


class NotSo(Exception):
    """What the story tells did not happen."""


@asynccontextmanager
async def a_line(relay: RelayProcess) -> AsyncGenerator[Line]:
    """A connection of somebody who collects. Raises LineLost, also out of the body."""
    address = parse_address(relay.address)
    connector = NetworkConnector()
    async with open_line(connector, address, Timings(), os.urandom, collects=True) as line:
        yield line


@dataclass
class Owner:
    """One mailbox with one capability, and what it was promised to hold."""

    relay: RelayProcess
    seed: Secret = field(default_factory=lambda: Secret(os.urandom(32)))
    secret: Secret = field(default_factory=lambda: Secret(os.urandom(32)))
    capability: Secret = field(default_factory=lambda: Secret(os.urandom(32)))
    stored: list[EnvelopeId] = field(default_factory=list[EnvelopeId])
    cursor: int = 0
    collected: int = 0

    @property
    def mailbox(self) -> MailboxId:
        return MailboxId(public_key(self.seed))

    async def move_in(self, line: Line) -> None:
        """A pass, a mailbox, a capability without bounds."""
        signature = sign(self.seed, Domain.CREATE_MAILBOX, line.agreed.transcript)
        redeem = Redeem(call=line.call(), code=b"", pass_secret=self.secret)
        create = CreateMailbox(
            call=line.call(), mailbox=self.mailbox, pass_secret=self.secret, signature=signature
        )
        _well(isinstance(await line.ask(redeem), Refused), "no pass")
        _well(isinstance(await line.ask(create), Refused), "no mailbox")
        await self.open(line)
        grant = Grant(
            call=line.call(),
            mailbox=self.mailbox,
            capability=CapabilityHash(capability_hash(self.capability)),
            drawer=DrawerId(bytes(16)),
            policy=Policy(pending=1_000_000, pending_bytes=1 << 40),
        )
        _well(isinstance(await line.ask(grant), Refused), "no capability")

    async def open(self, line: Line) -> None:
        signature = sign(self.seed, Domain.OPEN_MAILBOX, line.agreed.transcript)
        opened = OpenMailbox(
            call=line.call(), mailbox=self.mailbox, signature=signature, after=self.cursor
        )
        _well(isinstance(await line.ask(opened), Refused), "the mailbox cannot be opened")

    async def deposit(self, line: Line) -> Reason | None:
        """One more; why it was refused."""
        envelope_id = EnvelopeId(os.urandom(16))
        answer = await line.ask(
            Deposit(
                call=line.call(),
                capability=self.capability,
                envelope_id=envelope_id,
                body=os.urandom(4096),
            )
        )
        if isinstance(answer, Stored):
            self.stored.append(envelope_id)
            return None
        return answer.reason

    async def collect(self, line: Line) -> None:
        """Everything that was called stored comes, in order, and can be acknowledged."""
        came: list[EnvelopeId] = []
        while len(came) < len(self.stored):
            delivery = await line.deliveries.receive()
            _well(delivery.sequence != self.cursor + 1, "out of order")
            self.cursor = delivery.sequence
            came.append(delivery.envelope_id)
            if self.cursor % 32 == 0 or len(came) == len(self.stored):
                asked = Acknowledge(call=line.call(), mailbox=self.mailbox, up_to=self.cursor)
                _well(isinstance(await line.ask(asked), Refused), "cannot be acknowledged")
        _well(came != self.stored, "lost or doubled")
        self.collected += len(came)
        self.stored.clear()


def _well(wrong: bool, what: str) -> None:
    if wrong:
        raise NotSo(what)


@contextmanager
def a_small_disk(folder: Path, mib: int = DISK_MIB) -> Generator[Path]:
    """A tmpfs."""
    path = folder / "small"
    path.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={mib}m", "aside", str(path)],
        check=True,
        timeout=30,
    )
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True, timeout=30)


def fill(disk: Path, but: int) -> Path:
    """Somebody else takes all but so many bytes."""
    hog, state = disk / "somebody else's", os.statvfs(disk)
    with hog.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, state.f_bavail * state.f_frsize - but)
    return hog


async def until_refused(owner: Owner, line: Line) -> None:
    """Deposits until senders are asked to wait, and a few more."""
    with trio.fail_after(PATIENCE_S):
        while (reason := await owner.deposit(line)) is None:
            pass
        _well(reason is not Reason.TRY_LATER, f"refused as {reason}")
        for _ in range(5):
            await owner.deposit(line)


async def until_taken(owner: Owner, line: Line) -> float:
    """Seconds until deposits go on."""
    began = trio.current_time()
    with trio.fail_after(PATIENCE_S):
        while await owner.deposit(line) is not None:
            await trio.sleep(0.2)
    return trio.current_time() - began


async def a_round(owner: Owner, disk: Path, spare: int, *, kill: bool) -> float:
    """The disk is full once; seconds until deposits went on. Raises LineLost after a kill."""
    async with a_line(owner.relay) as line:
        hog = fill(disk, spare)
        await until_refused(owner, line)
        if kill:
            await owner.relay.kill()
        return await _afterwards(owner, line, hog)


async def _afterwards(owner: Owner, line: Line, hog: Path) -> float:
    await owner.open(line)
    with trio.fail_after(PATIENCE_S):
        await owner.collect(line)
    hog.unlink()
    took = await until_taken(owner, line)
    with trio.fail_after(PATIENCE_S):
        await owner.collect(line)
    return took


async def a_relay_on(disk: Path, folder: Path, min_free: int) -> RelayProcess:
    """One at rest, with its log elsewhere."""
    relay = RelayProcess(disk / "relay", folder / "relay.log")
    await make_relay(relay.folder, relay.log, free_port())
    settings = relay.folder / "relay.toml"
    text = settings.read_text("utf-8")
    settings.write_text(text.replace("min_free = 67108864", f"min_free = {min_free}"))
    return relay


async def run(folder: Path, disk: Path, rounds: int, seed: int, min_free: int) -> tuple[int, float]:
    """How much was stored and collected, and how long it took at most until deposits went on.
    Raises NotSo."""
    random, took = Random(seed), list[float]()
    relay = await a_relay_on(disk, folder, min_free)
    async with serving(relay):
        owner = Owner(relay)
        async with a_line(relay) as line:
            await owner.move_in(line)
        for number in range(rounds):
            spare = min_free + 1024 * random.randrange(*SPARE_KIB)
            kill = number % 2 == 1
            try:
                took.append(await a_round(owner, disk, spare, kill=kill))
            except LineLost as exc:
                _well(not kill, f"the line was lost: {exc}")
                await relay.start()
                async with a_line(relay) as line:
                    took.append(await _afterwards(owner, line, disk / "somebody else's"))
    return owner.collected, max(took)


async def figures(
    rounds: int, seed: int, min_frees: Iterable[int], folder: Path, say: Callable[[str], None]
) -> Figures:
    """So many rounds for each of these reserves, on a disk of its own each."""
    messages, longest, wrong = 0, 0.0, ""
    for min_free in min_frees:
        below = folder / f"{min_free}"
        below.mkdir()
        with a_small_disk(below) as disk:
            try:
                collected, took = await run(below, disk, rounds, seed, min_free)
            except NotSo as exc:
                wrong = f"{exc}"
                break
        messages, longest = messages + collected, max(longest, took)
        say(f"min_free {min_free}: full {rounds} times, {collected} collected")
    return Figures(
        done=f"a disk full {rounds} times without and {rounds} times with a reserve, every other"
        " time killed there" + (f": {wrong}" if wrong else ""),
        messages=messages,
        lost=wrong.count("lost"),
        doubled=wrong.count("doubled"),
        disordered=wrong.count("order"),
        worst=f"taken again {longest:.1f} s after there was room",
        well=not wrong,
        times=rounds,
    )
