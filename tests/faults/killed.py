"""``kill -9`` of the relay and both desktops, again and again, while both people write.

Both write at a steady pace until the last message is composed; within two minutes of the last kill
everything is there, once and in order, and nothing that the relay keeps says a word.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.faults import desktops, relays
from tests.faults.house import a_house, make_pair
from tests.faults.knowing import Findings, secrets_of
from tests.faults.program import Command
from tests.faults.storm import CALM_S, Storm, Weather, rage
from tests.faults.table import Figures

Say = Callable[[str], None]


@dataclass(frozen=True)
class Cast:
    """The programs; the released desktop costs a second of work for each start."""

    relay: Command = relays.RELEASED
    desktop: Command = desktops.CHEAP


async def run(weather: Weather, cast: Cast, folder: Path, say: Say) -> Figures:
    """The whole story."""
    pair = await make_pair(folder / "pair", cast.desktop)
    async with a_house(
        pair, folder / "house", relay=cast.relay, alice=cast.desktop, bob=cast.desktop
    ) as house:
        findings = Findings(await secrets_of(house))
        storm = await rage(house, weather, say)
        await findings.look(house)
        findings.search(house)
        code = await house.relay.terminate()
        findings.search(house)
    _tell(storm, findings, say)
    whole = storm.well and findings.well and storm.undelivered == 0 and code == 0
    well = whole and storm.settled_s <= CALM_S  # who is given longer is watched, not let off
    ways = storm.verdicts.values()
    kills = ", ".join(f"{name} {count}" for name, count in storm.kills.items())
    return Figures(
        done=f"killed {sum(storm.kills.values())} times ({kills}) at random moments",
        messages=sum(len(texts) for texts in storm.composed.values()),
        lost=sum(way.lost for way in ways) + storm.undelivered,
        doubled=sum(way.doubled for way in ways),
        disordered=sum(way.disordered for way in ways),
        worst=f"all there {storm.settled_s:.1f} s after the last kill",
        well=well,
        times=sum(storm.kills.values()),
    )


def _tell(storm: Storm, findings: Findings, say: Say) -> None:
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
