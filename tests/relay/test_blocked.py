"""A pass that its operator blocks is good for nothing from then on, whatever was known of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from protocol.wire import frames
from protocol.wire.frames import (
    CHUNK_BYTES,
    BlobShown,
    Carried,
    Noted,
    Reason,
    Refused,
    Reply,
    SlotUpdate,
    Stored,
    Told,
)
from protocol.wire.slots import watch_of
from relay.control.desk import Desk
from relay.control.words import PassIs, Quota
from relay.fleeting.passes import Vouching
from relay.fleeting.presence import Presence
from relay.folder import Folder
from relay.rules.admission import pass_hash
from relay.rules.blobs import blob_hash, writer_hash
from relay.rules.custody import handle_of
from relay.rules.records import Place
from relay.store import memory_blobs
from tests.relay.caller import Caller
from tests.relay.test_presence_two_hops import watch
from tests.relay.test_two_hops import alice_and_bob
from tests.relay.town import Post, open_town
from tests.whole.mutant import the_story_fails

NAME, WRITER = b"name".ljust(32), b"writer".ljust(32)
SLOT = b"bob's slot".ljust(32)


async def chunk(by: Caller, number: int) -> Reply:
    body = bytes([number]) * CHUNK_BYTES
    return await by.ask(frames.PutChunk(call=by.call(), writer=WRITER, number=number, body=body))


async def publish(by: Caller) -> Reply:
    slots = (SlotUpdate(write=SLOT, blob=b"b" * 64, lasts_s=300),)
    secret = bytes(by.secret)[::-1]
    return await by.ask(frames.Publish(call=by.call(), pass_secret=secret, slots=slots))


async def block(post: Post, by: Caller, folder: Path) -> None:
    relay = post.relay
    assert relay is not None
    desk = Desk(Folder(folder), relay, relay.premises.storage, post.house.door)
    nothing = Quota(
        handle=handle_of(pass_hash(bytes(by.secret)[::-1])),
        mailboxes=0,
        stored_bytes=0,
        invites=0,
        forwards=0,
        rooms=0,
        blob_bytes=0,
    )
    assert isinstance(await desk.handle(nothing), PassIs)


def why(reply: Reply) -> Reason | None:
    return reply.reason if isinstance(reply, Refused) else None


async def blocked_at_once(folder: Path) -> None:
    async with open_town() as town:
        here, there, _, bob = await alice_and_bob(town)
        secret = bytes(bob.secret)[::-1]
        opened = await bob.ask(
            frames.OpenBlob(
                call=bob.call(),
                pass_secret=secret,
                blob=blob_hash(NAME),
                writer=writer_hash(WRITER),
                chunks=3,
                stay_s=86_400,
            )
        )
        assert isinstance(opened, BlobShown)
        assert isinstance(await chunk(bob, 0), Stored)
        assert isinstance(await watch(bob, there).ask(), Carried)
        assert isinstance(await publish(bob), Noted)
        carol = await here.caller(9)
        await carol.ask(frames.Watch(call=carol.call(), slot=watch_of(SLOT)))

        await block(here, bob, folder)

        told = await carol.next()
        assert isinstance(told, Told) and told.answer == b"", "the slot is empty"
        assert why(await chunk(bob, 1)) is Reason.QUOTA
        assert why(await publish(bob)) is Reason.NOT_ALLOWED
        assert why(await watch(bob, there).ask()) is Reason.NOT_ALLOWED
        got = await bob.ask(frames.GetChunk(call=bob.call(), name=NAME, number=0))
        assert isinstance(got, frames.Chunk), "what is there may be collected"


async def test_a_pass_that_is_blocked_is_good_for_nothing_at_once(
    tmp_path: Path, autojump_clock: MockClock
) -> None:
    await blocked_at_once(tmp_path)


def _as_before(*_: object) -> None:
    """What each mutant does instead."""


def _open_still(row: int, chunks: int, digest: bytes | None, shut: bool) -> Place:
    return Place(row, chunks, digest)


@pytest.mark.parametrize(
    ("whose", "name", "instead"),
    [
        (Vouching, "forget", _as_before),
        (Presence, "drop_own", _as_before),
        (memory_blobs, "Place", _open_still),
    ],
)
async def test_mutant_that_knows_a_pass_from_before(
    tmp_path: Path,
    autojump_clock: MockClock,
    monkeypatch: pytest.MonkeyPatch,
    whose: object,
    name: str,
    instead: Callable[..., object],
) -> None:
    monkeypatch.setattr(whose, name, instead)
    with the_story_fails(), trio.fail_after(600):
        try:
            await blocked_at_once(tmp_path)
        except* trio.TooSlowError as exc:
            raise AssertionError("nothing was told") from exc
