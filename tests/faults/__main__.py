"""The long run: ``python -m tests.faults [--messages N] [--pace N] [--kill-relay S] ...``.

Both write at a steady pace, the relay and both desktops are killed again and again until the last
message is composed; within two minutes of the last kill everything is there, once and in order,
and nothing that the relay keeps says a word. Exit 0 only then.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import trio

from tests.faults.desktops import CHEAP
from tests.faults.house import a_house, make_pair
from tests.faults.knowing import Findings, secrets_of
from tests.faults.relays import RELEASED
from tests.faults.storm import Storm, Weather, rage


def say(line: str) -> None:
    """One line, at once."""
    print(line, flush=True)


def tell(storm: Storm, findings: Findings) -> None:
    """The figures."""
    composed = sum(len(texts) for texts in storm.composed.values())
    say(
        f"composed       {composed} in {storm.seconds:.0f} s; {storm.unsure} answers taken by kills"
    )
    say("kills          " + ", ".join(f"{name} {count}" for name, count in storm.kills.items()))
    say(f"all there      {storm.settled_s:.1f} s after the last kill")
    say(f"no receipt     {storm.undelivered}")
    for name, way in storm.verdicts.items():
        say(
            f"{name:15}{way.composed} composed, {way.lost} lost, {way.doubled} doubled,"
            f" {way.disordered} out of order, {way.unasked} that nobody wrote,"
            f" {way.repaired} asked for again"
        )
    say(f"envelopes      {findings.sizes}")
    say(f"relay knows    {', '.join(sorted(findings.found)) or 'nothing'}")


async def run(asked: argparse.Namespace, folder: Path) -> bool:
    """The whole story; whether it ended well."""
    weather = Weather(
        messages=asked.messages,
        pace=asked.pace,
        kill_relay_s=asked.kill_relay,
        kill_desktop_s=asked.kill_desktop,
        seed=asked.seed,
        dies_at=asked.dies_at,
    )
    relay, desktop = tuple(asked.relay.split()), tuple(asked.desktop.split())
    pair = await make_pair(folder / "pair", desktop)
    async with a_house(pair, folder / "house", relay=relay, alice=desktop, bob=desktop) as house:
        findings = Findings(await secrets_of(house))
        storm = await rage(house, weather, say)
        await findings.look(house)
        findings.search(house)
        code = await house.relay.terminate()
        findings.search(house)
    tell(storm, findings)
    well = storm.well and findings.well and storm.undelivered == 0 and code == 0
    say("WELL" if well else "NOT WELL")
    return well


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000, help="in all, both ways")
    parser.add_argument("--pace", type=float, default=40.0, help="messages a second, both ways")
    parser.add_argument("--kill-relay", type=float, default=2.0, metavar="S", help="on average")
    parser.add_argument("--kill-desktop", type=float, default=10.0, metavar="S", help="each")
    parser.add_argument("--dies-at", type=int, default=0, metavar="N", help="transaction, up to")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--relay", default=" ".join(RELEASED), help="the module that serves")
    parser.add_argument(
        "--desktop",
        default=" ".join(CHEAP),
        help="the module behind the pipes, with its arguments before the folder's; the released"
        " one, at its real cost of a passphrase: 'desktop rpc --profile'",
    )
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="aside-faults-"))
    well = trio.run(run, asked, folder)
    if well:
        shutil.rmtree(folder)
    else:
        say(f"everything is kept in {folder}")
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
