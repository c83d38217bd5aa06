"""What an operator sees of rooms: how many, how full, how much is told; never whose or what."""

from __future__ import annotations

import json
from pathlib import Path

from trio.testing import MockClock

from protocol.wire.frames.room_entries import Entries
from protocol.wire.rooms.orders import Scope, What
from relay.commands.du import du
from relay.commands.status import status
from relay.folder import Folder
from relay.rules.limits import House, Terms
from relay.store.sqlite import SqliteStore
from tests.relay.caller import open_world
from tests.relay.rooms_cast import ALICE, BOB, CAROL, Stage, letter, order
from tests.relay.rules_cast import ALICE as ALICES_MAILBOX
from tests.relay.rules_cast import Office
from tests.relay.test_hall import come, heard, host, say
from tests.relay.test_monitor import metrics_of

HOUSE = House(open=True, terms=Terms())


def fill(folder: Path) -> None:
    """Alice's room, in which bob spoke and wrote to her; it has ended."""
    store = SqliteStore(folder / "store.db")
    office = Office(store, HOUSE)
    office.admit()
    office.create(ALICES_MAILBOX)
    stage = Stage(office)
    for each in (ALICE, BOB, CAROL):
        stage.sit(each)
    stage.make(ALICE, Scope.HOST)
    assert stage.say(BOB, 1) == (0, 2)
    sent = letter(BOB, ALICE)
    left = stage.letters.leave(stage.letters.read(sent), sent, stage.now)
    assert isinstance(left, tuple)
    stage.keep((left[1],))
    stage.order(order(What.END))
    stage.keep()
    store.close()


def test_status_and_du_count_rooms_and_name_nobody(folder: Path) -> None:
    fill(folder)
    said = status(Folder(folder))
    assert "0 rooms (1 ended) with 3 seats and 3 entries" in said.text
    assert said.facts["ended_rooms"] == 1
    assert said.facts["room_items"] == 3
    assert said.facts["room_letters"] == 1
    assert said.facts["rooms_at_hand"] is None, "nobody serves it"
    used = du(Folder(folder))
    rooms = used.facts["rooms"]
    assert isinstance(rooms, dict)
    assert rooms["room_items"]["count"] == 3
    assert rooms["room_orders"]["count"] == 2
    assert rooms["room_items"]["bytes"] == said.facts["room_bytes"]
    assert "entries of rooms, sealed (3)" in used.text
    everything = json.dumps([said.facts, used.facts]) + said.text + used.text
    for each in (ALICE, BOB, CAROL):
        assert each.seat.hex() not in everything


async def test_a_relay_at_work_counts_who_sits_and_what_is_told(
    autojump_clock: MockClock,
) -> None:
    async with open_world(HOUSE) as world:
        await host(world)
        bob, _ = await come(world, BOB, 1)
        carol, _ = await come(world, CAROL, 2)
        before = world.relay.premises.hall.delivered
        await say(bob, BOB, 1)
        await heard(carol, Entries)
        found = await metrics_of(world)
        assert found["rooms_at_hand", ""] == found["rooms", ""] == 1
        assert found["seated", ""] == found["room_seats", ""] == 2
        assert found["room_messages_delivered_total", ""] >= before + 2
