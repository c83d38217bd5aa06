"""What a contact's device lists change here, and what one that was overtaken does not."""

from __future__ import annotations

import msgspec
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.engine.pairing import learn
from desktop.store import contacts, header, sessions
from desktop.store.sealing_keys import current
from desktop.store.sessions import KeptSession
from protocol.e2e import account
from protocol.e2e.contents import Greeting, MailboxRoute, Route
from protocol.e2e.devices import enlist, read_list, sign_list
from protocol.e2e.identity import Member, new_device
from protocol.e2e.sealing import new_sealing_key, sign_sealing_key
from protocol.e2e.session import SessionState
from protocol.ids import SessionId
from protocol.keys import Secret
from tests.whole.malice import Mallory
from tests.whole.world import PASSPHRASE, World, befriend, member


async def test_a_device_that_left_the_list_is_gone_for_good(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        await befriend(world, alice, bob)
        mine = bob.ground.me
        who, first = mine.member_id, mine.device.device_id
        second = new_device(world.random.randbytes)
        listed = read_list(mine.device_list, who).devices
        olm = account.identity_key(account.new_account())
        both = [*listed, enlist(second, who, olm, world.now())]
        identity = Member(who, header.identity_seed(bob.folder, PASSPHRASE))
        two = sign_list(identity, both, mine.device_list)
        three = sign_list(identity, listed, two)

        old_key = await bob.ground.vault.read(current)
        box = MailboxRoute(
            relay=str(relay.address),
            capability=world.random.randbytes(32),
            drawer_key=world.random.randbytes(32),
        )
        here = Route(
            device=first, mailboxes=(box,), sealing_key=sign_sealing_key(mine.device, old_key)
        )
        there = Route(
            device=second.device_id,
            mailboxes=(),
            sealing_key=sign_sealing_key(second, new_sealing_key(world.now())),
        )
        head = await Mallory(bob, await member(alice)).header()
        with_both = Greeting(header=head, name="Bob", device_list=two, routes=(here, there))
        with_one = msgspec.structs.replace(with_both, device_list=three, routes=(here,))
        kept = KeptSession(SessionState(SessionId("0" * 43), Secret(b"{}")), olm, 0)

        def learn_of(db: Connection, greeting: Greeting) -> tuple[set[bytes], bool, bool]:
            learn.learn(db, who, greeting)
            known = contacts.find(db, who)
            assert known is not None
            return (
                {bytes(one.device_id) for one in contacts.devices(db, who)},
                bool(sessions.of_device(db, first)),
                bool(sessions.of_device(db, second.device_id)),
            )

        def story(db: Connection) -> None:
            assert learn_of(db, with_both) == ({first, second.device_id}, True, False)
            sessions.save(db, second.device_id, kept, world.now())
            assert learn_of(db, with_one) == ({first}, True, False), "its sessions end with it"
            assert learn_of(db, with_both) == ({first}, True, False), "an old list changes nothing"
            known = contacts.find(db, who)
            assert known is not None and known.list_version == 3
            assert known.device_list == three

        await alice.ground.vault.transact(story)
