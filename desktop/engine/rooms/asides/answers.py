"""Answers to what I asked: each link that came is used until it led to a conversation or cannot."""

from __future__ import annotations

from desktop.engine.ground import Bell, Ground
from desktop.store.rooms import requests


async def keep_coming(ground: Ground) -> None:
    """Now, whenever an answer comes, and again after a while."""
    while True:
        accepted = await ground.vault.read(requests.accepted)
        if accepted:
            from desktop.engine.rooms.asides import coming  # noqa: PLC0415 - few starts need it

            for asked in accepted:
                await coming.come(ground, asked)
        await ground.bells[Bell.ASIDES].wait(ground.timings.letters_again)
