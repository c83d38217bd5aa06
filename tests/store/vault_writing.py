"""A process that writes notes until it is killed, and says each number once it is safe.

``python -m tests.store.vault_writing FOLDER SEED``; ``--unsafe`` as a third word says it before.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from random import Random

import trio

from desktop.store.vault import Vault
from tests.store.vault_cast import KEY, STEPS, numbers, write_note


async def write_until_killed(folder: Path, random: Random, unsafe: bool) -> None:
    vault = Vault.open(folder, KEY, steps=STEPS[:1])
    number = max(await vault.read(numbers), default=0)

    def say(number: int) -> None:
        os.write(1, f"{number}\n".encode())

    async def one(number: int) -> None:
        if unsafe:
            say(number)
        await vault.transact(write_note(number, f"{number} " + "x" * random.randrange(4000)))
        if not unsafe:
            say(number)

    while True:
        async with trio.open_nursery() as nursery:
            for _ in range(random.randrange(1, 12)):
                number += 1
                nursery.start_soon(one, number)


if __name__ == "__main__":
    trio.run(
        write_until_killed, Path(sys.argv[1]), Random(int(sys.argv[2])), "--unsafe" in sys.argv
    )
