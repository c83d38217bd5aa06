"""A real relay is killed, ended and started twice while others deposit."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import trio

from tests.faults.depositing import missing, promised, senders, until_promised
from tests.faults.program import Command, run_command
from tests.faults.relays import RELEASED, a_relay

pytestmark = pytest.mark.xdist_group("faults")

ANSWERS_FIRST: Command = ("tests.faults.mutants.relay_answers_first",)


async def stored_but_gone(folder: Path, command: Command, kills: int) -> int:
    """Kill it under load, again and again: how much of what it called stored is not there."""
    random = Random(7)
    async with a_relay(folder, command) as relay:
        everybody = await senders(relay, 8)
        for _ in range(kills):
            before = promised(everybody)
            async with trio.open_nursery() as nursery:
                for sender in everybody:
                    nursery.start_soon(sender.keep_depositing, relay, 16)
                await until_promised(everybody, before + 500)
                await trio.sleep(random.uniform(0, 0.2))
                await relay.kill()
            assert promised(everybody) > before
            gone = missing(relay, everybody)
            if gone:
                return gone
            await relay.start()
    return 0


async def test_what_was_stored_survives_every_kill(tmp_path: Path) -> None:
    assert await stored_but_gone(tmp_path, RELEASED, kills=2) == 0


async def test_mutant_a_relay_that_answers_before_its_commit_is_caught(tmp_path: Path) -> None:
    assert await stored_but_gone(tmp_path, ANSWERS_FIRST, kills=20) > 0


async def test_under_load_a_second_serve_is_refused_and_sigterm_ends_the_first(
    tmp_path: Path,
) -> None:
    async with a_relay(tmp_path) as relay:
        everybody = await senders(relay, 8)
        async with trio.open_nursery() as nursery:
            for sender in everybody:
                nursery.start_soon(sender.keep_depositing, relay, 16)
            log = tmp_path / "second.log"
            code, said = await run_command(RELEASED, "serve", str(relay.folder), log=log)
            assert (code, said) == (2, "")
            assert len(log.read_text("utf-8").splitlines()) == 1
            await until_promised(everybody, promised(everybody) + 500)
            assert await relay.terminate() == 0
        assert missing(relay, everybody) == 0
