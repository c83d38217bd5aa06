"""What two relays hear, say and keep of real desktops, from moving in to parting: exactly this.

Beside ``test_observation.py``, which looks closer at one packet.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from desktop.store import relays
from protocol.keys import Secret, public_key
from protocol.wire.address import RelayInvitation
from relay.rules.admission import code_hash, pass_hash
from relay.rules.limits import House
from relay.rules.records import Code
from relay.store import database
from relay.store.chunk_files import FolderOfChunks
from relay.store.sqlite import SqliteStore
from relay.store.storage import Inline
from tests.whole.overhearing import Disk, Tap, assert_upgraded, fields_of, found_in, words
from tests.whole.test_observation import logged
from tests.whole.what_relays_know import (
    AFTERWARDS,
    BY_CHANCE,
    COLLECTED,
    FOR_OTHERS,
    FROM_A_RELAY,
    FURNITURE,
    NOT_COLLECTED,
    OF_ITS_MEMBERS,
    TO_A_RELAY,
    TO_ITS_MEMBERS,
    Fields,
)
from tests.whole.world import PASSPHRASE, Desktop, Place, World

WEEK_MS = 7 * 86_400_000
TEXTS = ("shall we fire the kiln on Sunday", "and bring the blue glaze")
GREETING = "Hello Alice, it is Bob, from the pottery"


@dataclass
class Overheard(Disk):
    """A relay of the world by invitation, with a store on disk and lines that are tapped."""

    place: Place
    store: SqliteStore
    lines: list[Tap]

    def invitation(self) -> str:
        """What ``aside-relay invite`` prints."""
        world = self.place.world
        code = world.random.randbytes(16)
        self.store.begin()
        self.store.passes.save_code(Code(code_hash(code), 1, world.now() + WEEK_MS, 2))
        self.store.commit()
        return str(RelayInvitation(self.place.address, Secret(code)))

    @property
    def of_relays(self) -> list[Tap]:
        return [tap for tap in self.lines if "introduce" in fields_of(tap.heard)]

    @property
    def of_desktops(self) -> list[Tap]:
        return [tap for tap in self.lines if "introduce" not in fields_of(tap.heard)]


async def overheard(world: World, host: str, folder: Path) -> Overheard:
    path = folder / host / "store.db"
    path.parent.mkdir()
    database.create(path)
    store = SqliteStore(path)
    files = FolderOfChunks(path.with_name("blobs"))
    place = await world.relay(host, house=House(), storage=lambda _: Inline(store, files))
    assert place.relay is not None
    found = Overheard(path, place, store, [])
    serve = place.relay.serve_stream

    async def tapped(stream: trio.abc.Stream) -> None:
        found.lines.append(Tap(stream))
        await serve(found.lines[-1])

    vars(place.relay)["serve_stream"] = tapped
    return found


async def what_is_secret(desktop: Desktop) -> dict[str, bytes]:
    """What no relay may know of somebody, wherever it is."""
    shown = await desktop.engine.profile_show()
    return {
        f"the name of {desktop.name}": desktop.name.encode(),
        f"the member {desktop.name}": shown.member_id,
        f"the device of {desktop.name}": desktop.ground.me.device.device_id,
    }


async def what_one_relay_knows(desktop: Desktop) -> dict[str, bytes]:
    """What somebody's own relay is told, and no other one."""
    (relay,) = await desktop.ground.vault.read(relays.every)
    found = {
        "the mailbox": relay.mailbox,
        "the pass's secret": relay.pass_secret,
        "the pass": pass_hash(relay.pass_secret),
    }
    given = await desktop.ground.vault.read(
        lambda db: db.execute("SELECT hash FROM capability").fetchall()
    )
    assert given
    return found | {f"capability {at}": hashed for at, (hashed,) in enumerate(given)}


async def much_is_said(world: World, alice: Desktop, bob: Desktop) -> None:
    """They meet by a link; bob writes, seen to write; and over some trouble to who is away."""
    link = await alice.engine.contact_invite(join=True)
    conversation = (await bob.engine.contact_accept(link, GREETING)).conversation_id
    await trio.sleep(60)
    await bob.engine.conversation_writing(conversation)
    await alice.engine.conversation_writing(conversation)
    await trio.sleep(2)
    await bob.engine.message_send(conversation, TEXTS[0])
    await trio.sleep(30)
    assert (await alice.texts(conversation))[1:] == [GREETING, TEXTS[0]]
    await alice.wire.off()
    await world.part(("hers.example", "his.example"))
    await bob.engine.message_send(conversation, TEXTS[1])
    await trio.sleep(3)
    await bob.wire.off()
    world.parted.clear()
    await trio.sleep(60)
    bob.wire.on()
    await trio.sleep(60)


async def desktops_are_overheard(world: World, folder: Path) -> None:
    """And each relay hears, says and keeps what is written down."""
    world.presence = True
    hers = await overheard(world, "hers.example", folder)
    his = await overheard(world, "his.example", folder)
    both = (hers, his)
    async with world.desktop("Alice Archer") as alice, world.desktop("Bob Baker") as bob:
        await alice.engine.relay_add(hers.invitation())
        await bob.engine.relay_add(his.invitation())
        await much_is_said(world, alice, bob)
        secrets = await what_is_secret(alice) | await what_is_secret(bob)
        of_hers, of_his = await what_one_relay_knows(alice), await what_one_relay_knows(bob)
        assert hers.rows_but(FURNITURE) == AFTERWARDS | NOT_COLLECTED
        assert his.rows_but(FURNITURE) == AFTERWARDS | COLLECTED
        assert set(alice.wire.asked) == {"hers.example"}
        assert set(bob.wire.asked) == {"his.example"}, "nobody connects to another's relay"

    for relay in both:
        for line in relay.lines:
            assert_upgraded(line, relay.place.address)
    of_desktops, of_relays = hers.of_desktops + his.of_desktops, hers.of_relays + his.of_relays
    assert_fields(fields_of(*(tap.heard for tap in of_desktops)), OF_ITS_MEMBERS | FOR_OTHERS)
    assert_fields(fields_of(*(tap.said for tap in of_desktops)), TO_ITS_MEMBERS)
    assert_fields(fields_of(*(tap.heard for tap in of_relays)), FROM_A_RELAY)
    assert_fields(fields_of(*(tap.said for tap in of_relays)), TO_A_RELAY)

    secrets |= {text: text.encode() for text in (GREETING, PASSPHRASE, *TEXTS)}
    for relay, own, foreign in ((hers, of_hers, of_his), (his, of_his, of_hers)):
        said = [words(tap.said, tap.heard) for tap in relay.lines]
        on_disk = relay.everything()
        assert found_in(secrets | foreign, on_disk, *said) == set()
        # The search finds what is there, on the disk and in each direction.
        assert found_in(own, on_disk) == own.keys() - {"the pass's secret"}
        heard_of_it = words(*(tap.heard for tap in relay.of_desktops))
        assert {"the mailbox", "the pass's secret"} <= found_in(own, heard_of_it)
        said_of_it = words(*(tap.said for tap in relay.of_desktops))
        assert "the mailbox" in found_in(own, said_of_it)
    for one, other in ((hers, his), (his, hers)):
        keys = {"one": public_key(one.place.seed), "other": public_key(other.place.seed)}
        assert found_in(keys, words(*(tap.said for tap in one.of_relays))) == {"one"}
        assert found_in(keys, words(*(tap.heard for tap in one.of_relays))) >= {"other"}


def assert_fields(found: Fields, known: Fields) -> None:
    """Exactly these; what comes by chance may be missing as a whole."""
    for name in BY_CHANCE & known.keys() - found.keys():
        found[name] = known[name]
    assert found == known


async def test_two_relays_of_real_desktops_hear_and_keep_and_log_exactly_this(
    world: World, autojump_clock: MockClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "relay")
    await desktops_are_overheard(world, tmp_path)
    assert logged(caplog) == []
