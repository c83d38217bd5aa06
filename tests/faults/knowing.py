"""What a relay may not know, and a search for it while messages wait and afterwards."""

from __future__ import annotations

from base64 import urlsafe_b64decode

from tests.faults.house import NAMES, House
from tests.faults.leaks import envelope_sizes, files_below, leaks, rows_of, strange_sizes
from tests.faults.storm import MARK


async def secrets_of(house: House) -> dict[str, bytes]:
    """What a relay must not know."""
    secrets = {"a text": MARK.encode()}
    for desktop in (house.alice, house.bob):
        profile = await desktop.ask("profile.show")
        secrets[f"{desktop.name}'s name"] = NAMES[desktop.name].encode()
        for kind in ("member_id", "device_id"):
            text = profile[kind]
            raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            secrets[f"{desktop.name}'s {kind}"] = raw
    return secrets


class Findings:
    """What was seen in the relay's folder and log, while messages waited and afterwards."""

    def __init__(self, secrets: dict[str, bytes]) -> None:
        self._secrets = secrets
        self.found: set[str] = set()
        self.sizes: dict[int, int] = {}

    async def look(self, house: House) -> None:
        """With messages waiting: one desktop is away while the other writes."""
        await house.bob.kill()
        for number in range(20):
            await house.say(house.alice, f"while you are away {number} {MARK} " + "x" * number * 97)
        await house.alice.ask("outbox.settle", timeout_ms=20_000)
        self.search(house)
        self.sizes = envelope_sizes(house.relay.store)
        await house.restart(house.bob)

    def search(self, house: House) -> None:
        """Files as they are now, rows, and the log."""
        log = [(house.relay.log.name, house.relay.log.read_bytes())]
        for places in (files_below(house.relay.folder), rows_of(house.relay.store), log):
            self.found |= set(leaks(self._secrets, places))

    @property
    def well(self) -> bool:
        """Whether nothing was found, and envelopes were there to be measured."""
        return not self.found and bool(self.sizes) and not strange_sizes(self.sizes)
