"""The control socket: who may open it, what is said over it, what commands make of it."""

from __future__ import annotations

import json
import socket
import stat
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
import trio
import trio.testing
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import frames
from protocol.wire.address import parse_relay_invitation
from protocol.wire.frames import Reason, Redeemed, Refused, Stored
from relay.control import calling
from relay.control.calling import call
from relay.control.listening import CALLERS, PATIENCE_S, answering, converse, open_socket
from relay.control.words import (
    MOST_BYTES,
    Answer,
    AnyOrder,
    Ask,
    Done,
    Drain,
    ForgetCode,
    ForgetCodes,
    Pulse,
    Quota,
    Wrong,
    line_of,
    read_answer,
    read_order,
)
from relay.folder import Folder
from tests.relay.processes import Relays, mistake, open_caller, run

BOB_MAY = b"alice gave this to bob".ljust(32)
END = "aside-relay drain"
PULSE = Pulse(connections=1, serving_s=2, draining=False)


@given(
    st.one_of(
        st.builds(Ask),
        st.builds(Drain, on=st.booleans()),
        st.builds(ForgetCodes),
        st.builds(ForgetCode, code_hash=st.binary(min_size=32, max_size=32).map(bytes.hex)),
        st.builds(
            Quota,
            handle=st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=8, max_size=16),
            mailboxes=st.none() | st.integers(0, 2**31 - 1),
            stored_bytes=st.none() | st.integers(0, 2**53 - 1),
        ),
    )
)
def test_an_order_comes_back(order: AnyOrder) -> None:
    line = line_of(order)
    assert line.endswith(b"\n") and line.count(b"\n") == 1
    assert read_order(line[:-1]) == order


@given(st.binary(max_size=300) | st.text(max_size=100).map(str.encode))
def test_any_line_is_an_order_or_unreadable(line: bytes) -> None:
    found = read_order(line)
    assert found == Wrong(kind="unreadable") or not isinstance(found, Wrong)
    with pytest.raises(ValueError, match="no answer"):
        read_answer(line)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b'{"ask":"pulse","aside_control":2}', "version"),
        (b'{"ask":"dance"}', "unreadable"),
        (b'{"ask":"drain"}', "unreadable"),
        (b'{"ask":"drain","on":"yes"}', "unreadable"),
        (b'{"ask":"quota","handle":"mfrggzdf","mailboxes":-1}', "unreadable"),
        (b'{"ask":"quota","handle":"mfrggzdf","rooms":2147483648}', "unreadable"),
        (b'{"ask":"quota","handle":"MFRGGZDF"}', "unreadable"),
        (b'{"ask":"quota","handle":"../../et"}', "unreadable"),
        (b"[" * 4000, "unreadable"),
        (b"\xff\xfe", "unreadable"),
    ],
)
def test_what_is_not_understood_is_not_done(line: bytes, kind: str) -> None:
    found = read_order(line)
    assert isinstance(found, Wrong)
    assert found.kind == kind


@asynccontextmanager
async def conversation(heard: list[AnyOrder]) -> AsyncGenerator[trio.abc.Stream]:
    async def handle(order: AnyOrder) -> Answer:
        heard.append(order)
        await trio.lowlevel.checkpoint()
        return PULSE

    ours, theirs = trio.testing.memory_stream_pair()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(converse, theirs, handle)
        yield ours
        nursery.cancel_scope.cancel()


async def test_orders_in_pieces_and_in_one() -> None:
    heard = list[AnyOrder]()
    async with conversation(heard) as line:
        for byte in line_of(Ask()):
            await line.send_all(bytes([byte]))
        assert read_answer(bytes(await line.receive_some())) == PULSE
        await line.send_all(line_of(Ask()) + line_of(Drain(on=True)))
        said = b""
        while said.count(b"\n") < 2:
            said += await line.receive_some()
    assert heard == [Ask(), Ask(), Drain(on=True)]


@pytest.mark.parametrize("junk", [b"hello\n", b"x" * (MOST_BYTES + 2), b"y" * 9000 + b"\n"])
async def test_junk_is_answered_once_and_ends_it(junk: bytes) -> None:
    heard = list[AnyOrder]()
    async with conversation(heard) as line:
        await line.send_all(junk + line_of(Ask()))
        assert read_answer(bytes(await line.receive_some())) == Wrong(kind="unreadable")
        await trio.testing.wait_all_tasks_blocked()
    assert heard == []


async def test_who_says_nothing_is_not_waited_for(autojump_clock: trio.testing.MockClock) -> None:
    async def never(order: AnyOrder) -> Answer:
        raise AssertionError

    ours, theirs = trio.testing.memory_stream_pair()
    started = trio.current_time()
    await ours.send_all(b'{"ask":')
    await converse(theirs, never)
    assert trio.current_time() - started == PATIENCE_S


def test_an_order_that_a_hung_relay_has_may_still_be_carried_out(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "PATIENCE_S", 0.05)
    with Folder(folder).lock():
        assert "still does" not in mistake(run("drain", folder))
        with open_socket(folder):
            said = mistake(run("drain", folder))
    assert "does not answer; once it goes on it still does what it was told" in said


def test_status_of_a_hung_relay_says_so_and_is_not_well(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calling, "PULSE_S", 0.05)
    assert json.loads(run("status", folder, "--json").stdout)["hangs"] is False
    with Folder(folder).lock(), open_socket(folder):
        said = run("status", folder)
        facts = run("status", folder, "--json")
    assert (said.returncode, facts.returncode) == (1, 1)
    assert f"The relay in {folder} runs and does not answer; " in said.stdout
    now = json.loads(facts.stdout)
    assert (now["running"], now["hangs"], now["connections"]) == (True, True, None)


async def test_the_socket_is_for_its_user_and_its_path_may_be_long(tmp_path: Path) -> None:
    folder = tmp_path / ("a folder with a long name " * 6)
    folder.mkdir()
    assert len(str(folder)) > 107
    (folder / "control").write_text("left by one that was killed")
    where = Path.cwd()

    async def handle(order: AnyOrder) -> Answer:
        await trio.lowlevel.checkpoint()
        return Done()

    with open_socket(folder) as made:
        assert Path.cwd() == where
        mode = (folder / "control").stat().st_mode
        assert stat.S_ISSOCK(mode)
        assert mode & 0o777 == 0o600
        async with answering(made, handle):
            answers = [await trio.to_thread.run_sync(call, folder, Ask()) for _ in range(3)]
            assert answers == [Done()] * 3
    assert not (folder / "control").exists()
    assert Path.cwd() == where


async def test_callers_that_do_not_hang_up_hold_up_nobody_for_long(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async def handle(order: AnyOrder) -> Answer:
        await trio.lowlevel.checkpoint()
        return Done()

    with open_socket(tmp_path) as made:
        async with answering(made, handle):
            sleepers = [socket.socket(socket.AF_UNIX) for _ in range(CALLERS)]
            for each in sleepers:
                each.setblocking(False)
                each.connect(str(tmp_path / "control"))
            async with await trio.open_unix_socket(str(tmp_path / "control")) as line:
                await line.send_all(line_of(Ask()))
                started = trio.current_time()
                # A virtual clock and real sockets: the sleepers' patience is what passes.
                assert read_answer(bytes(await line.receive_some())) == Done()
                assert trio.current_time() - started <= PATIENCE_S + 1
            for each in sleepers:
                each.close()


async def test_bounds_and_codes_change_under_a_relay_at_work(
    tmp_path: Path, relays: Relays
) -> None:
    folder = tmp_path / "relay"
    run("init", folder, "--listen", "127.0.0.1:0", "--open")
    serving = relays.serve(folder)
    async with open_caller(serving.address, 1) as alice, open_caller(serving.address, 2) as bob:
        await alice.move_in(BOB_MAY)
        assert isinstance(await bob.deposit(BOB_MAY, 1), Stored)

        async def ask(*arguments: object) -> dict[str, object]:
            done = await trio.to_thread.run_sync(run, *arguments, "--json")
            assert done.returncode == 0, done.stderr
            return msgspec.json.decode(done.stdout, type=dict[str, object])

        status = await ask("status", folder)
        assert (status["running"], status["connections"], status["draining"]) == (True, 2, False)
        shown = (await ask("passes", folder))["passes"]
        [held] = msgspec.convert(shown, list[dict[str, object]])
        assert held["used_mailboxes"] == 1
        handle = str(held["handle"])
        changed = await ask("quota", folder, handle, "--mailboxes", "3", "--forwards", "7")
        assert (changed["mailboxes"], changed["forwards"]) == (3, 7)
        await ask("block", folder, handle)
        refused = await bob.deposit(BOB_MAY, 2)
        assert isinstance(refused, Refused)
        assert refused.reason is Reason.QUOTA
        assert (await alice.delivery()).sequence == 1

        link = (await trio.to_thread.run_sync(run, "invite", folder, "--uses", "5")).stdout.strip()
        await ask("block", folder, link)
        code = parse_relay_invitation(link).code
        redeem = frames.Redeem(call=bob.call(), code=code, pass_secret=b"n" * 32)
        late = await bob.ask(redeem)
        assert isinstance(late, Refused)
        assert late.reason is Reason.SPENT

        link = (await trio.to_thread.run_sync(run, "invite", folder)).stdout.strip()
        ended = await ask("block", folder, "--invitations")
        assert ended == {"blocked": "codes", "count": 1}
        code = parse_relay_invitation(link).code
        late = await bob.ask(frames.Redeem(call=bob.call(), code=code, pass_secret=b"o" * 32))
        assert isinstance(late, Refused)
        assert late.reason is Reason.SPENT
    assert await trio.to_thread.run_sync(serving.stop) == 0
    # The same commands on the store of one that is stopped.
    again = run("quota", folder, handle, "--invites", "1", "--json")
    assert json.loads(again.stdout)["invites"] == 1
    assert json.loads(run("passes", folder, "--json").stdout)["passes"][0]["mailboxes"] == 0


async def test_a_drain_lets_nobody_in_and_lasts(tmp_path: Path, relays: Relays) -> None:
    folder = tmp_path / "relay"
    run("init", folder, "--listen", "127.0.0.1:0", "--open")
    serving = relays.serve(folder)

    async def knock(number: int) -> object:
        async with open_caller(serving.address, number) as stranger:
            return await stranger.ask(
                frames.Redeem(call=stranger.call(), code=b"", pass_secret=bytes([number]) * 32)
            )

    async with open_caller(serving.address, 1) as alice, open_caller(serving.address, 2) as bob:
        await alice.move_in(BOB_MAY)
        drained = await trio.to_thread.run_sync(run, "drain", folder, "--json")
        assert json.loads(drained.stdout)["mailboxes"] == 1
        assert "nobody new" in (await trio.to_thread.run_sync(run, "status", folder)).stdout
        refused = mistake(await trio.to_thread.run_sync(run, "invite", folder))
        assert f"no link was made; to end that: {END} {folder} --stop" in refused
        assert isinstance(await knock(7), Refused)
        assert isinstance(await bob.deposit(BOB_MAY, 1), Stored)
        assert (await alice.delivery()).sequence == 1
    assert await trio.to_thread.run_sync(serving.stop) == 0
    serving = relays.serve(folder)
    assert isinstance(await knock(8), Refused)
    assert (await trio.to_thread.run_sync(run, "drain", folder, "--stop")).returncode == 0
    assert (await trio.to_thread.run_sync(run, "invite", folder)).returncode == 0
    assert isinstance(await knock(9), Redeemed)
    assert await trio.to_thread.run_sync(serving.stop) == 0
    assert run("drain", folder).returncode == 0
    serving = relays.serve(folder)
    assert isinstance(await knock(10), Refused)


def test_mistakes_are_one_sentence(folder: Path, relays: Relays) -> None:
    nobody = "aaaaaaaa"
    wrong: list[tuple[tuple[object, ...], str]] = [
        (("quota", folder, nobody), "at least one"),
        (("quota", folder, nobody, "--mailboxes", "-1"), "whole number"),
        (("quota", folder, nobody, "--forwards", str(2**31)), "2147483647"),
        (("quota", folder, nobody, "--mailboxes", "many"), "no whole number"),
        (("quota", folder, nobody, "--mailboxes", "1"), nobody),
        (("quota", folder, "shor", "--mailboxes", "1"), "shor"),
        (("block", folder, nobody), nobody),
        (("block", folder, "aside://x"), "invitation link"),
        (("block", folder, "wss://relay.example:7443#" + "A" * 43), "[federation]"),
        (("block", folder, "A" * 43), "[federation]"),
    ]
    for arguments, expected in wrong:
        assert expected in mistake(run(*arguments))
    relays.serve(folder)
    assert nobody in mistake(run("block", folder, nobody))
    (folder / "control").unlink()
    assert "does not answer" in mistake(run("block", folder, nobody))
    assert "does not answer" in mistake(run("drain", folder))
