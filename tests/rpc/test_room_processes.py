"""The bot of the README as it would be run: a real relay, and two programs that know no more."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import trio

from tests.faults.desktops import CHEAP, PASSPHRASE, DesktopProcess
from tests.faults.program import ROOT, kill
from tests.faults.relays import a_relay
from tests.rpc.readme import code


async def test_the_bot_of_the_readme_hosts_a_room_at_a_real_relay(tmp_path: Path) -> None:
    script = tmp_path / "clock.py"
    script.write_text(code("python"), "utf-8")
    async with a_relay(tmp_path) as relay, trio.open_nursery() as nursery:
        alice, bob = (DesktopProcess(name, tmp_path) for name in ("alice", "bob"))
        for one in (alice, bob):
            await one.start(nursery)
            await one.ask("profile.create", name=one.name, passphrase=PASSPHRASE)
            await one.ask("relay.add", address=relay.address)
        await alice.end()
        bot = await trio.lowlevel.open_process(
            [sys.executable, str(script), sys.executable, "-m", *CHEAP, str(alice.folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )
        try:
            assert bot.stdin is not None
            assert bot.stdout is not None
            await bot.stdin.send_all(PASSPHRASE.encode() + b"\n")
            said = b""
            while not said.endswith(b"\n"):
                said += await bot.stdout.receive_some()
            link = said.decode().removeprefix("Passphrase: Come in: ").strip()
            door = await bob.ask("room.look", link=link)
            assert (door["title"], door["host"]) == ("What time is it?", "Clock")
            room = await bob.ask("room.enter", link=link)
            said_by_me = [
                await bob.ask("room.say", room_id=room["room_id"], text=text)
                for text in ("hello", "what is !time", "!time")
            ]
            for said_one in said_by_me:
                heard = (await bob.wait_event("room.entry"))["entry"]
                assert (heard["entry_id"], heard["mine"]) == (said_one["entry_id"], True)
            asked = said_by_me[-1]
            answer = (await bob.wait_event("room.entry"))["entry"]
            assert re.fullmatch(r"It is [0-2]\d:[0-5]\d UTC\.", answer["text"])
            assert (answer["name"], answer["role"]) == ("Clock", "host")
            assert answer["reply"]["entry_id"] == asked["entry_id"]
        finally:
            await kill(bot)
        await bob.end()
