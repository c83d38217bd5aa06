"""The bundle for when the drawer is empty."""

from __future__ import annotations

from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.engine.pairing import drawers
from desktop.store import me as mine
from desktop.store import relays
from protocol.e2e import account, session
from protocol.e2e.bundle import open_bundle
from tests.whole.world import World


async def test_what_begins_from_a_last_resort_bundle_can_be_answered_by_the_vault(
    world: World, autojump_clock: MockClock
) -> None:
    """Twice, since it serves several: its key is in the vault before it leaves."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        ground = alice.ground

        def make(db: Connection) -> bytes:
            [here] = relays.every(db)
            return drawers.make_last_resort(db, ground.me, here, ground.now(), ground.rng)

        made = await ground.vault.transact(make)
        [here] = await ground.vault.read(relays.every)
        opened = open_bundle(made, here.drawer_key, ground.me.member_id)
        assert opened.bundle.last_resort
        for words in (b"the drawer was empty", b"and it still is"):
            theirs = account.new_account()
            state = session.start(theirs, opened.bundle.olm, opened.bundle.one_time_key)
            _, olm = session.encrypt(state, words)
            hers = await ground.vault.read(mine.account)
            assert session.accept(hers, account.identity_key(theirs), olm)[2] == words
