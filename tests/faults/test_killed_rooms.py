"""A real relay is killed while people talk in a room: they are back in time, and nothing that was
confirmed is gone, changed, doubled or out of order."""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import pytest
import trio

from protocol.wire.address import parse_address, parse_relay_invitation
from protocol.wire.frames import Done, Redeem, Redeemed, Refused
from protocol.wire.frames.room_entries import Fetched, FetchEntries, Lane, Said, SayEntry
from protocol.wire.frames.room_orders import GiveOrder
from protocol.wire.frames.rooms import Entered, OpenRoom
from protocol.wire.handshake import agree, hello
from protocol.wire.rooms.entering import sign_opening
from protocol.wire.rooms.heads import follow
from protocol.wire.rooms.items import EntryBody, entry_hash, parse_item, sign_entry
from protocol.wire.rooms.orders import Scope, What
from protocol.wire.rooms.policy import MAX_SEATS
from protocol.wire.rooms.signed import SeatKey
from relay.commands.invite import invite
from relay.folder import Folder
from tests.faults.program import Command
from tests.faults.relays import RELEASED, RelayProcess, a_relay
from tests.relay.caller import Caller, Line
from tests.relay.rooms_cast import ALICE, BOB, CAROL, ROOM, entering, grant, order, policy

pytestmark = pytest.mark.xdist_group("faults")

FORGETS: Command = ("tests.faults.mutants.relay_forgets_entries",)
BACK_S = 10.0
AT_ONCE = 8
FAR_MS = 4_000_000_000_000
Where = tuple[int, int]


@asynccontextmanager
async def a_caller(relay: RelayProcess) -> AsyncGenerator[Caller]:
    """A line of one's own, under TLS where the relay has a certificate."""
    address, certificate = parse_address(relay.address), b""
    stream: trio.abc.Stream = await trio.open_tcp_stream(address.host, address.port)
    if address.tls:
        stream = trio.SSLStream(stream, _trusting(), server_hostname=address.host)
        await stream.do_handshake()
        certificate = sha256(stream.getpeercert(binary_form=True) or b"").digest()
    async with stream:
        line = Line(stream)
        await line.upgrade()
        said = hello(os.urandom)
        await line.say(said)
        heard = await line.hear()
        assert heard is not None
        yield Caller(line, agree(said, heard, address.fingerprint, certificate), 1)


def _trusting() -> ssl.SSLContext:
    """What is shown is compared with what the relay's key signs."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


@dataclass
class Speaker:
    """Keeps what it said until it is told where that stands, and offers it again."""

    key: SeatKey
    items: list[bytes] = field(default_factory=list[bytes])
    said: dict[int, Where] = field(default_factory=dict[int, Where])
    back: trio.Event = field(default_factory=trio.Event)
    refused: list[str] = field(default_factory=list[str])

    def item(self, counter: int) -> bytes:
        while len(self.items) < counter:
            previous = entry_hash(ROOM.room, self.items[-1]) if self.items else b""
            number = len(self.items) + 1
            body = EntryBody(Lane.STAGE, self.key.seat, 1, number, previous, os.urandom(200))
            self.items.append(sign_entry(self.key, ROOM.room, body))
        return self.items[counter - 1]

    async def talk(self, relay: RelayProcess) -> None:
        """On and on, until the relay is gone."""
        try:
            async with a_caller(relay) as caller:
                await self._talk(caller)
        except (OSError, trio.BrokenResourceError):
            pass

    async def _talk(self, caller: Caller) -> None:
        entered = await caller.ask(entering(self.key, transcript=caller.agreed.transcript))
        assert isinstance(entered, Entered), entered
        while True:
            first = len(self.said) + 1
            calls = {caller.call(): first + n for n in range(AT_ONCE)}
            await caller.say(*(SayEntry(call=call, item=self.item(n)) for call, n in calls.items()))
            while calls:
                frame = await caller.next()
                if frame is None:
                    return
                if isinstance(frame, Refused):
                    self.refused.append(f"refused after {len(self.said)}: {frame.reason}")
                    self.back.set()
                    return
                if isinstance(frame, Said):
                    self.said[calls.pop(frame.call)] = (frame.run, frame.number)
            self.back.set()


async def a_room(relay: RelayProcess, speakers: list[Speaker]) -> None:
    """Alice's, on a pass that the relay's owner gave her; who speaks may say a lot."""
    link = invite(Folder(relay.folder), 1, "1h", lambda: time.time_ns() // 10**6, os.urandom).text
    async with a_caller(relay) as host:
        secret, code = os.urandom(32), bytes(parse_relay_invitation(link.strip()).code)
        taken = await host.ask(Redeem(call=host.call(), code=code, pass_secret=secret))
        assert isinstance(taken, Redeemed), taken
        signed = policy(1, per_address=MAX_SEATS)
        opening = OpenRoom(
            call=host.call(),
            pass_secret=secret,
            policy=signed,
            signature=sign_opening(ROOM, host.agreed.transcript, signed),
        )
        assert isinstance(await host.ask(opening), Done)
        for key in (ALICE, *(each.key for each in speakers)):
            scope = Scope.HOST if key is ALICE else Scope.SPEAK
            given = grant(key, scope, expires_ms=FAR_MS)
            item = order(What.GRANT, given=given, expires_ms=FAR_MS)
            reply = await host.ask(GiveOrder(call=host.call(), room=ROOM.room, item=item))
            assert isinstance(reply, Said), reply


async def kept(relay: RelayProcess) -> dict[Where, bytes]:
    """All that the host can fetch, run by run; the running hash holds from the first on."""
    found: dict[Where, bytes] = {}
    async with a_caller(relay) as host:
        entered = await host.ask(entering(ALICE, transcript=host.agreed.transcript))
        assert isinstance(entered, Entered), entered
        for run in range(1, entered.run + 1):
            at, running, over = 0, None, False
            while not over and not (run == entered.run and at >= entered.number):
                asked = FetchEntries(call=host.call(), run=run, after=at, limit=256)
                page = await host.ask(asked)
                assert isinstance(page, Fetched), page
                assert page.first == at + 1
                assert running in (None, page.before)
                running = page.before
                for number, item in enumerate(page.items, page.first):
                    running = follow(running, number, item)
                    found[run, number] = item
                at, over = at + len(page.items), page.over
                assert page.items or over
    return found


def faults_of(found: dict[Where, bytes], speakers: list[Speaker]) -> list[str]:
    """What is wrong with it for those who spoke."""
    wrong: list[str] = []
    said: dict[bytes, list[int]] = {each.key.seat: [] for each in speakers}
    for where in sorted(found):
        entry = parse_item(found[where])
        if isinstance(entry, EntryBody):
            said[entry.seat].append(entry.counter)
    for each in speakers:
        if said[each.key.seat] != list(range(1, len(said[each.key.seat]) + 1)):
            wrong.append("doubled, missing or out of order")
        for counter, where in each.said.items():
            if found.get(where) != each.item(counter):
                wrong.append(f"confirmed and not there: {counter} at {where}")
    return wrong


async def through_kills(
    folder: Path, command: Command, kills: int, at_least: int, *, tls: bool = False
) -> list[str]:
    """Talk, kill, come back, again and again; what was wrong in the end."""
    async with a_relay(folder, command, tls=tls) as relay:
        speakers = [Speaker(BOB), Speaker(CAROL)]
        await a_room(relay, speakers)
        killed_s = trio.current_time()
        for kill in range(kills + 1):
            before = sum(len(each.said) for each in speakers)
            with trio.fail_after(60):
                async with trio.open_nursery() as nursery:
                    for each in speakers:
                        each.back = trio.Event()
                        nursery.start_soon(each.talk, relay)
                    with trio.fail_at(killed_s + BACK_S):
                        for each in speakers:
                            await each.back.wait()
                    while sum(len(each.said) for each in speakers) < before + at_least:
                        if refused := [why for each in speakers for why in each.refused]:
                            nursery.cancel_scope.cancel()
                            return refused
                        await trio.sleep(0.01)
                    if kill == kills:
                        nursery.cancel_scope.cancel()
                    killed_s = trio.current_time()
                    await relay.kill()
            await relay.start()
        found = await kept(relay)
        assert max(run for run, _ in found) == kills + 1
        return faults_of(found, speakers)


async def test_a_room_goes_on_after_every_kill_with_all_that_was_confirmed(
    tmp_path: Path,
) -> None:
    assert await through_kills(tmp_path, RELEASED, kills=1, at_least=200, tls=True) == []


async def test_mutant_a_relay_that_confirms_before_its_commit_is_caught(tmp_path: Path) -> None:
    assert await through_kills(tmp_path, FORGETS, kills=1, at_least=200) != []
