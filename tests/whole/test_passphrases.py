"""Whoever asks with a passphrase is told the truth, and a very weak one makes no profile."""

from __future__ import annotations

from pathlib import Path

import pytest
from trio.testing import MockClock

from desktop.core import passphrases
from desktop.core.models import ProfileState
from desktop.engine.engine import open_engine
from desktop.store import header
from desktop.store.header import Keys
from protocol.keys import Secret
from tests.rpc.client import a_client
from tests.whole.mutant import the_story_fails
from tests.whole.world import PASSPHRASE, Apart, Wire, World


async def asked_while_open(world: World) -> None:
    async with world.desktop("Alice") as alice, a_client(alice.engine) as client:
        me = await client.result("profile.show")
        for wrong in ("", "not it", PASSPHRASE.upper()):
            answer = await client.ask("profile.unlock", passphrase=wrong)
            assert "error" in answer, "this is not me"
            assert answer["error"]["data"]["kind"] == "WrongPassphrase"
        assert await client.result("profile.unlock", passphrase=PASSPHRASE) == me
        assert await client.result("profile.show") == me, "and it is open all the while"


async def test_a_wrong_passphrase_is_wrong_where_the_profile_is_open_too(
    world: World, autojump_clock: MockClock
) -> None:
    await asked_while_open(world)


async def test_mutant_that_takes_whoever_asks_for_the_member(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(folder: Path, passphrase: str) -> Keys:
        return Keys(Secret(bytes(32)))

    monkeypatch.setattr(header, "unlock", unlocked)
    with the_story_fails():
        await asked_while_open(world)


async def weak_passphrases(world: World) -> None:
    world.weigh = passphrases.score
    home = world.folder / "Bob"
    composition = world.composition("Bob", Wire(world), Apart())
    async with open_engine(home, composition) as engine, a_client(engine) as client:
        for weak in ("ab", "password1", "x" * 4096):
            answer = await client.ask("profile.create", name="Bob", passphrase=weak)
            assert "error" in answer, "guessed at once"
            assert answer["error"]["data"]["kind"] == "PassphraseWeak"
            assert await engine.profile_state() is ProfileState.NONE
        await client.result("profile.create", name="Bob", passphrase="seven jugs")
        answer = await client.ask("profile.change_passphrase", old="seven jugs", new="ab")
        assert answer["error"]["data"]["kind"] == "PassphraseWeak"
        await client.result("profile.unlock", passphrase="seven jugs")
        await client.result("profile.change_passphrase", old="seven jugs", new="six pots")
        await client.result("profile.unlock", passphrase="six pots")


async def test_a_very_weak_passphrase_makes_no_profile_and_opens_none(
    world: World, autojump_clock: MockClock
) -> None:
    await weak_passphrases(world)


async def test_mutant_without_a_floor(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(score: int) -> bool:
        return False

    monkeypatch.setattr(passphrases, "is_too_weak", never)
    with the_story_fails():
        await weak_passphrases(world)
