"""What a desktop writes to its log names nobody and nothing, also when things go wrong."""

from __future__ import annotations

import logging
from base64 import b64encode, urlsafe_b64encode

import pytest
import trio
from trio.testing import MockClock

from protocol.e2e.link import parse_contact_link
from tests.whole.malice import Mallory
from tests.whole.mutant import the_story_fails
from tests.whole.world import PASSPHRASE, World, befriend, member

SECRET_WORDS = "the kiln is behind the old mill"


def spellings(secret: bytes) -> list[str]:
    return [
        secret.hex(),
        repr(secret)[2:-1],
        b64encode(secret).decode().rstrip("="),
        urlsafe_b64encode(secret).decode().rstrip("="),
    ]


async def an_eventful_day(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """Pairing, talk, a lost relay, junk of every kind, a lock; then the log is searched."""
    caplog.set_level(logging.DEBUG, logger="desktop")
    relay = await world.relay()
    async with (
        world.desktop("Alice Moreau", at=relay) as alice,
        world.desktop("Mallory", at=relay) as mallory,
    ):
        link = parse_contact_link(await alice.engine.contact_invite())
        conversation = await befriend(world, alice, mallory)
        harm = Mallory(mallory, await member(alice))
        message = await alice.engine.message_send(conversation, SECRET_WORDS)
        await trio.sleep(10)
        await harm.leave(world.random.randbytes(2048))
        await harm.say(SECRET_WORDS.encode())
        await harm.say(await harm.text(SECRET_WORDS, counter=2**31, previous=bytes(32)))
        await trio.sleep(10)
        await relay.off()
        await trio.sleep(60)
        await relay.on()
        await trio.sleep(60)
        secrets = [await member(alice), await member(mallory), message, conversation, link.secret]
        secrets += [alice.ground.me.device.device_id, alice.mailbox_at(relay)]
        secrets += [relay.address.fingerprint]
        await alice.engine.profile_lock()
    said = "\n".join(
        caplog.handler.format(record)
        for record in caplog.records
        if record.name.startswith("desktop")
    )
    words = [SECRET_WORDS, "Alice", "Moreau", "Mallory", PASSPHRASE, relay.host]
    words += [spelled for secret in secrets for spelled in spellings(secret)]
    assert [word for word in words if word in said] == []


async def test_a_log_names_nobody(
    world: World, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    await an_eventful_day(world, caplog)


async def test_mutant_that_says_what_it_could_not_read(
    world: World,
    autojump_clock: MockClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def chatty(data: bytes) -> object:
        logging.getLogger("desktop.engine.receiving.receive").info("cannot read %r", data)
        return load(data)

    from protocol.e2e import contents

    load = contents.load
    monkeypatch.setattr(contents, "load", chatty)
    with the_story_fails():
        await an_eventful_day(world, caplog)
