"""The machine's own port: what it says, what it counts, and that it names nobody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import trio
import trio.testing
from prometheus_client.parser import text_string_to_metric_families
from sqlcipher3 import dbapi2 as sqlite
from trio.testing import MockClock

from protocol.wire import codec, frames
from protocol.wire.codec import UnknownFrame
from protocol.wire.frames import FRAMES, Reason, Stored
from relay import unfinished
from relay.counters import Greeting, Pattern, Turned
from relay.monitor import strings
from relay.monitor.metrics import PREFIX, TOTALS_S, Metrics
from relay.monitor.port import MOST_BYTES, PATIENCE_S, Monitor
from relay.neighbours import NEWCOMERS, place_of
from relay.rules.clock import Now
from relay.rules.limits import House, Limits, Terms
from relay.rules.store import Store
from relay.store import database
from relay.store.ballast import Ballast
from relay.store.committing import CommittingThread
from relay.store.group import Group
from relay.store.memory import MemoryStore
from relay.store.sqlite import SqliteStore
from relay.store.storage import Inline
from tests.relay.caller import RELAY_SEED, Line, World, open_world

BOB_MAY = b"alice gave this to bob".ljust(32)
T = TypeVar("T")
HOUSE = House(open=True, terms=Terms(stored_bytes=1 << 30))


def watch(world: World) -> Monitor:
    return Monitor(world.relay, Metrics(world.relay, lambda: 12_345))


async def ask(watched: Monitor, request: bytes) -> bytes:
    """All that is answered to these bytes."""
    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watched.serve_stream, theirs)
        await ours.send_all(request)
        said = b""
        while data := await ours.receive_some():
            said += data
    return said


async def get(watched: Monitor, path: str) -> tuple[int, str]:
    """Status and text."""
    said = await ask(watched, f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    head, _, body = said.partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}\r\n" in head.decode().lower() + "\r\n"
    return int(head.split(b" ", 2)[1]), body.decode()


async def metrics_of(world: World) -> dict[tuple[str, str], float]:
    """Every sample by its name and its one label's value."""
    status, text = await get(watch(world), "/metrics")
    assert status == 200
    found: dict[tuple[str, str], float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            label = next(iter(sample.labels.values()), "")
            found[sample.name.removeprefix(PREFIX), label] = sample.value
    return found


async def test_health_readiness_and_metrics(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        watched = watch(world)
        assert await get(watched, "/healthz") == (200, f"{strings.HEALTHY}\n")
        assert await get(watched, "/readyz?verbose") == (200, f"{strings.READY}\n")
        assert (await get(watched, "/metrics"))[0] == 200
        assert (await get(watched, "/"))[0] == 404
        said = await ask(watched, b"POST /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert said.startswith(b"HTTP/1.1 405 ")
        assert b"Allow: GET, HEAD\r\n" in said
        head = await ask(watched, b"HEAD /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        assert head.endswith(b"\r\n\r\n"), "a head has no body"


@pytest.mark.parametrize(
    "junk",
    [b"\x00\xff\xfe canary\r\n\r\n", b"GET /healthz\r\n\r\n", b"GET /" + b"a" * MOST_BYTES],
)
async def test_what_is_no_request_gets_little(junk: bytes, autojump_clock: MockClock) -> None:
    async with open_world() as world:
        said = await ask(watch(world), junk)
        assert b"canary" not in said
        assert not said or said.startswith((b"HTTP/1.1 414 ", b"HTTP/1.1 431 "))


async def test_a_silent_caller_is_not_waited_for(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        began = trio.current_time()
        assert await ask(watch(world), b"GET /healthz HTT") == b""
        assert trio.current_time() - began == pytest.approx(PATIENCE_S)


async def test_draining_is_not_ready(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        await world.caller(1)
        watched = watch(world)
        world.nursery.start_soon(world.relay.stop)
        await trio.testing.wait_all_tasks_blocked()
        assert (await get(watched, "/readyz"))[0] == 503
        assert (await get(watched, "/healthz"))[0] == 200


class Stuck(Inline):
    """A disk that never comes back with an answer."""

    def errand(self, work: Callable[[Store], T], done: Callable[[T | None], None]) -> None:
        return


async def test_a_store_that_does_not_answer_is_not_ready(autojump_clock: MockClock) -> None:
    async with open_world(storage=Stuck(MemoryStore())) as world:
        assert (await get(watch(world), "/readyz"))[0] == 503


def moment_on_disk(path: Path) -> int:
    """Read by somebody else, so only what was committed counts."""
    beside = sqlite.connect(path)
    try:
        return int(beside.execute("SELECT wall_ms FROM moment").fetchone()[0])
    finally:
        beside.close()


async def test_ready_means_that_something_was_really_written(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    async with open_world(HOUSE, CommittingThread(path)) as world:
        watched = watch(world)
        assert (await get(watched, "/readyz"))[0] == 200
        before = moment_on_disk(path)
        await trio.sleep(0.01)
        assert (await get(watched, "/readyz"))[0] == 200
        assert moment_on_disk(path) > before


def write(group: Group, wall_ms: int) -> tuple[bool, bool]:
    """Whether that went well, and whether envelopes would be taken now."""

    def work(store: Store) -> bool:
        store.save_moment(Now(wall_ms, 1))
        return True

    return group.errand(work) is True, group.takes


def test_a_disk_that_takes_nothing_is_not_ready(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    store = SqliteStore(path)
    group = Group(store, HOUSE, Ballast(tmp_path / "ballast", size=4096))
    try:
        assert write(group, 1) == (True, True)
        store.database.execute("PRAGMA query_only = ON")
        assert write(group, 2) == (False, False)
        store.database.execute("PRAGMA query_only = OFF")
        assert write(group, 3) == (True, True), "and it comes back"
    finally:
        store.close()
    assert moment_on_disk(path) == 3


async def test_a_full_store_is_not_ready(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    store = SqliteStore(path)
    ballast = Ballast(tmp_path / "ballast", size=1 << 60)
    group = Group(store, HOUSE, ballast)
    try:
        # No room for the ballast is no room for envelopes, though deletes go on.
        assert write(group, 1) == (True, False)
    finally:
        store.close()


async def test_what_happens_is_counted(autojump_clock: MockClock) -> None:
    async with open_world(HOUSE) as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        for number in range(3):
            assert isinstance(await bob.deposit(BOB_MAY, number), Stored)
        await bob.deposit(b"a guess".ljust(32), 9)
        await bob.say(frames.Ping(call=bob.call()))
        await bob.line.say(b"\x91\x82\xa1t\xa5dance\xa4call\x07")
        for _ in range(2):
            await bob.next()
        found = await metrics_of(world)
        assert found["connections", ""] == 2
        assert found["open_mailboxes", ""] == 1
        assert found["handshakes_total", "done"] == 2
        assert found["requests_total", "deposit"] == 4
        assert found["requests_total", "unknown"] == 1
        assert found["replies_total", "stored"] == 3
        assert found["refused_total", "unknown"] == 1
        assert found["suspicious_total", "failed_attempt"] == 1
        assert found["envelopes", ""] == 3
        assert found["envelope_bytes", ""] == 3 * 2048
        assert found["received_bytes_total", ""] > 4 * 2048
        assert found["sent_bytes_total", ""] > 3 * 2048
        assert found["disk_free_bytes", ""] == 12_345
        assert found["takes_envelopes", ""] == 1


async def test_the_store_is_counted_once_a_minute(autojump_clock: MockClock) -> None:
    async with open_world(HOUSE) as world:
        watched = watch(world)
        alice = await world.caller(1)
        await alice.move_in(BOB_MAY)
        await get(watched, "/metrics")
        await alice.deposit(BOB_MAY, 1)
        assert f"\n{PREFIX}envelopes 0.0\n" in (await get(watched, "/metrics"))[1]
        await trio.sleep(TOTALS_S)
        assert f"\n{PREFIX}envelopes 1.0\n" in (await get(watched, "/metrics"))[1]


async def test_commits_are_timed(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    async with open_world(HOUSE, CommittingThread(path)) as world:
        alice = await world.caller(1)
        await alice.move_in(BOB_MAY)
        await alice.deposit(BOB_MAY, 1)
        found = await metrics_of(world)
        assert found["commit_seconds_count", ""] >= 5
        assert found["commit_seconds_bucket", "+Inf"] == found["commit_seconds_count", ""]
        assert found["commit_requests_sum", ""] == 5
        assert found["commit_failures_total", ""] == 0


# Suspicious patterns, each as somebody would show it


async def junk_first(world: World) -> None:
    stream = world.stream()
    await stream.send_all(b"\x16\x03\x01 not what was expected\r\n\r\n")
    assert await stream.receive_some() == b""


async def junk_later(world: World) -> None:
    bob = await world.caller(2)
    await bob.line.say(b"\xc1")
    assert await bob.next() is None


async def bad_websocket_frame(world: World) -> None:
    bob = await world.caller(2)
    await bob.line.stream.send_all(b"\xff\xff\xff\xff")
    assert await bob.next() is None


async def one_guess(world: World) -> None:
    bob = await world.caller(2)
    await bob.deposit(b"a guess".ljust(32), 1)


async def many_guesses(world: World) -> None:
    bob = await world.caller(2)
    for number in range(120):
        await bob.say(bob.deposit_frame(b"a guess".ljust(32), number))
    assert await bob.farewell() is not None


async def many_lines(world: World) -> None:
    for _ in range(3):
        ours, theirs = trio.testing.memory_stream_pair()
        world.nursery.start_soon(world.relay.serve_stream, theirs, place_of("192.0.2.1"))
        await trio.testing.wait_all_tasks_blocked()
        del ours


async def many_newcomers(world: World) -> None:
    ours, theirs = trio.testing.memory_stream_pair()
    world.nursery.start_soon(world.relay.serve_stream, theirs, place_of("192.0.2.1"))
    carol = await world.caller(3, ours)
    for number in range(NEWCOMERS + 1):
        secret = number.to_bytes(32, "big")
        await carol.ask(frames.Redeem(call=carol.call(), code=b"", pass_secret=secret))


async def stalled_reader(world: World) -> None:
    alice, bob = await world.caller(1, world.narrow_stream()), await world.caller(2)
    await alice.move_in(BOB_MAY)
    await bob.deposit(BOB_MAY, 1)
    await trio.sleep(200)


async def half_messages(world: World) -> None:
    for seed in range(unfinished.MOST_HEARD // codec.MAX_MESSAGE + 2):
        line: Line = (await world.caller(seed % 200 + 1)).line
        line.websocket.send_binary(bytes(codec.MAX_MESSAGE - 1))
        await line.stream.send_all(b"".join(line.websocket.data_to_send())[:-1])
    await trio.testing.wait_all_tasks_blocked()


PATTERNS: dict[Pattern, Callable[[World], Awaitable[None]]] = {
    Pattern.JUNK_BEFORE_HANDSHAKE: junk_first,
    Pattern.JUNK_AFTER_HANDSHAKE: junk_later,
    Pattern.FAILED_ATTEMPT: one_guess,
    Pattern.TOO_MANY_FAILED_ATTEMPTS: many_guesses,
    Pattern.MANY_FROM_ONE_ADDRESS: many_lines,
    Pattern.MANY_NEWCOMERS_OF_ONE_ADDRESS: many_newcomers,
    Pattern.SLOW_READER: stalled_reader,
    Pattern.UNFINISHED_MESSAGES: half_messages,
}


@pytest.mark.parametrize("pattern", Pattern)
async def test_a_suspicious_pattern_is_counted(pattern: Pattern, autojump_clock: MockClock) -> None:
    limits = Limits(connections_per_address=2)
    async with open_world(House(open=True, terms=Terms(stored_bytes=1 << 30), limits=limits)) as w:
        before = await metrics_of(w)
        assert before["suspicious_total", str(pattern)] == 0, "it is there before the first"
        await PATTERNS[pattern](w)
        found = await metrics_of(w)
        assert found["suspicious_total", str(pattern)] >= 1
        risen = {label for (name, label), n in found.items() if name == "suspicious_total" and n}
        others = risen - {str(pattern)}
        assert others <= {"failed_attempt"}


async def test_a_websocket_frame_that_is_none_is_junk(autojump_clock: MockClock) -> None:
    async with open_world(HOUSE) as world:
        await bad_websocket_frame(world)
        found = await metrics_of(world)
        assert found["suspicious_total", "junk_after_handshake"] == 1


# Nobody is named

LABELS = {
    "why": set(map(str, Turned)),
    "outcome": set(map(str, Greeting)),
    "pattern": set(map(str, Pattern)),
    "reason": set(map(str, Reason)),
    "frame": {*FRAMES, "unknown"},
}


async def test_no_label_tells_people_apart(autojump_clock: MockClock) -> None:
    async with open_world(HOUSE) as world:
        alice, bob = await world.caller(1), await world.caller(2)
        await alice.move_in(BOB_MAY)
        await bob.deposit(BOB_MAY, 1)
        for pattern in (junk_first, one_guess, many_newcomers):
            await pattern(world)
        _, text = await get(watch(world), "/metrics")
        families = {family.name: family for family in text_string_to_metric_families(text)}
        own = {name: family for name, family in families.items() if name.startswith(PREFIX)}
        assert {name.removeprefix(PREFIX) for name in own} == set(strings.METRICS)
        for family in own.values():
            for sample in family.samples:
                if family.type == "histogram":
                    assert set(sample.labels) <= {"le"}
                else:
                    for label, value in sample.labels.items():
                        assert value in LABELS[label]
        for family in families.values():
            if not family.name.startswith(PREFIX):
                assert family.name.startswith("process_")
                assert all(not sample.labels for sample in family.samples)
        for secret in (alice.mailbox, alice.secret, BOB_MAY, RELAY_SEED):
            assert bytes(secret).hex() not in text


def test_an_unknown_frame_has_one_name() -> None:
    from relay.counters import tag_of

    assert tag_of(UnknownFrame) == "unknown"
    assert tag_of(frames.Deposit) == "deposit"


def test_the_port_is_for_this_machine_only() -> None:
    from relay.config import read
    from relay.errors import WrongSetting

    assert read('[metrics]\nlisten = "127.0.0.1:7444"').watched_at == ("127.0.0.1", 7444)
    assert read('[metrics]\nlisten = "[::1]:7444"').watched_at == ("::1", 7444)
    assert read("").watched_at is None
    for elsewhere in (
        "0.0.0.0:7444",
        "192.0.2.1:7444",
        "relay.example:7444",
        "127.0.0.1:0",
        "7444",
    ):
        with pytest.raises(WrongSetting):
            read(f'[metrics]\nlisten = "{elsewhere}"')
