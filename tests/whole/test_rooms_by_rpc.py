"""Bots host, enter, ask, moderate and go aside through ``aside rpc``, over a real relay."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import trio
from trio.testing import MockClock

from desktop.rpc.shapes import text_of
from tests.rpc.client import Client, a_client, request
from tests.rpc.test_room_faults import UNKNOWN, full, in_rooms
from tests.whole.world import World


async def until(
    bot: Client, kind: str, holds: Callable[[dict[str, Any]], object] = lambda _: True
) -> dict[str, Any]:
    """The next event of this kind that is as wanted; what comes before it is skipped."""
    with trio.fail_after(60):
        while True:
            event = await bot.event()
            if event["type"] == kind and holds(event):
                return event


@asynccontextmanager
async def bots(world: World, *names: str) -> AsyncGenerator[list[Client]]:
    """A relay, and a bot for each name."""
    relay = await world.relay()
    async with AsyncExitStack() as stack:
        desktops = [
            await stack.enter_async_context(world.desktop(name, at=relay)) for name in names
        ]
        clients = [await stack.enter_async_context(a_client(one.engine)) for one in desktops]
        yield clients


async def test_a_bot_hosts_and_others_come_speak_and_ask(
    world: World, autojump_clock: MockClock
) -> None:
    async with bots(world, "Alice", "Bob") as (host, bob):
        opened = await host.result(
            "room.open", title="Office hours", name="Marta", rules="Be kind."
        )
        here = {"room_id": opened["room_id"]}
        door = await bob.result("room.look", link=opened["link"])
        assert (door["title"], door["host"], door["rules"]) == ("Office hours", "Marta", "Be kind.")
        entered = await bob.result("room.enter", link=opened["link"], pseudonym="Otter")
        assert entered["room_id"] == opened["room_id"]
        said = [await bob.result("room.say", **here, text=f"{number}") for number in range(10)]
        for bot in (host, bob):
            heard = [(await until(bot, "room.entry"))["entry"] for _ in range(10)]
            assert [entry["text"] for entry in heard] == [f"{number}" for number in range(10)]
            assert [entry["entry_id"] for entry in heard] == [one["entry_id"] for one in said]
            assert {entry["seat_id"] for entry in heard} == {entered["seat_id"]}
            assert {entry["mine"] for entry in heard} == {bot is bob}

        asked = await bob.result("room.ask", **here, text="Which clay?", anonymous=True)
        told = (await until(host, "room.question"))["question"]
        assert (told["name"], told["seat_name"], told["mine"]) == ("", "Otter", False)
        await host.result("room.vote", **here, **asked)
        await until(bob, "room.question", lambda event: event["question"]["votes"] == 1)
        await host.result("room.answer", **here, **asked)
        await until(bob, "room.question", state_is("answering"))
        await host.result("room.done", **here, **asked)
        await until(bob, "room.question", state_is("answered"))
        again = await bob.result("room.ask", **here, text="When?")
        await until(host, "room.question", lambda event: event["question"]["text"] == "When?")
        await host.result("room.decline", **here, **again, reason="Another time.")
        declined = await until(bob, "room.question", state_is("declined"))
        assert declined["question"]["reason"] == "Another time."

        first = {"entry_id": said[0]["entry_id"]}
        await bob.result("room.react", **here, **first, sign="🔥")
        await until(host, "room.entry_changed", lambda event: counts(event["entry"]) == [("🔥", 1)])
        await host.result("room.pin", **here, **first)
        await until(bob, "room.entry_changed", lambda event: event["entry"]["pinned_ms"])
        assert (await bob.result("room.list", **here))["pinned"]["entry_id"] == first["entry_id"]


def state_is(state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: bool(event["question"]["state"] == state)


def counts(entry: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["sign"], one["count"]) for one in entry["reactions"]]


async def test_what_a_bot_says_without_waiting_is_said_in_the_order_of_asking(
    world: World, autojump_clock: MockClock
) -> None:
    texts = [f"line {number}" for number in range(40)]
    async with bots(world, "Alice") as (host,):
        opened = await host.result("room.open", title="Office hours")
        here = {"room_id": opened["room_id"]}
        said = [request("room.say", text, **here, text=text) for text in texts]
        for first in range(0, len(said), 5):
            await host.say(b"[" + b",".join(said[first : first + 5]) + b"]")
        answers = [one for _ in range(0, len(said), 5) for one in await host.hear()]
        ids = {one["id"]: one["result"]["entry_id"] for one in answers}
        heard = [(await until(host, "room.entry"))["entry"] for _ in texts]
        assert [entry["text"] for entry in heard] == texts
        assert [entry["entry_id"] for entry in heard] == [ids[text] for text in texts]


async def test_a_bot_keeps_order(world: World, autojump_clock: MockClock) -> None:
    async with bots(world, "Alice", "Bob") as (host, bob):
        opened = await host.result("room.open", title="Office hours")
        here = {"room_id": opened["room_id"]}
        entered = await bob.result("room.enter", link=opened["link"], pseudonym="Otter")
        await bob.result("room.say", **here, text="buy this")
        bad = (await until(host, "room.entry"))["entry"]
        seat = {"seat_id": bad["seat_id"]}
        assert bad["seat_id"] == entered["seat_id"]

        for reason in ("x" * 481, "é" * 241):  # as much as an order holds, and everybody reads it
            too_long = seat | {"action": "mute", "reason": reason}
            error = (await host.ask("room.act", **here, **too_long))["error"]
            assert (error["code"], error["data"]["field"]) == (-32602, "reason")
        mute = await host.result("room.act", **here, **seat, action="mute", reason="Links.")
        await until(bob, "room.state", lambda event: event["muted"])
        undo = {"undo_id": mute["undo"]["undo_id"]}
        await host.result("room.undo", **here, **undo)
        await until(bob, "room.state", lambda event: not event["muted"])
        await trio.sleep(11)
        assert await host.error("room.undo", **here, **undo) == (-32000, "UndoTooLate")

        hide = seat | {"entry_id": bad["entry_id"], "action": "hide"}
        await host.result("room.act", **here, **hide)
        gone = await until(bob, "room.entry_gone")
        assert gone["entry_id"] == bad["entry_id"]
        await bob.result("room.hand", **here)
        desk = await until(host, "room.desk", lambda event: event["items"])
        assert [(one["kind"], one["name"]) for one in desk["items"]] == [("hand", "Otter")]

        assert await bob.error("room.act", **here, **seat, action="mute") == (
            -32000,
            "RoomNotAllowed",
        )
        await host.result("room.act", **here, **seat, action="remove", reason="Links again.")
        removed = await until(bob, "room.removed")
        assert removed == here | {"type": "room.removed", "reason": "Links again."}


async def test_a_bot_goes_aside(world: World, autojump_clock: MockClock) -> None:
    async with bots(world, "Alice", "Bob") as (host, bob):
        opened = await host.result("room.open", title="Office hours", name="Marta")
        here = {"room_id": opened["room_id"]}
        await bob.result("room.enter", link=opened["link"], pseudonym="Otter")
        said = await bob.result("room.say", **here, text="How do I glaze?")
        await until(host, "room.entry")
        aside = said | {"text": "Come, I show you", "purpose": "mentoring"}
        await host.result("room.aside", **here, **aside)
        request = await until(bob, "request.received")
        assert (request["from"]["name"], request["words"]) == ("Marta", "Come, I show you")
        assert request["card"]["quoted"]["text"] == "How do I glaze?"
        assert request["card"]["quoted"]["proof"] == "signed"
        [listed] = (await bob.result("request.list"))["requests"]
        assert listed == {name: value for name, value in request.items() if name != "type"}
        accepted = await bob.result("request.accept", request_id=request["request_id"])
        theirs = (await until(host, "contact.added"))["conversation_id"]
        mine = accepted["conversation_id"] or (await until(bob, "contact.added"))["conversation_id"]
        await bob.result("message.send", conversation_id=mine, text="Thank you")
        message = (await until(host, "message.received"))["message"]
        assert (message["conversation_id"], message["text"]) == (theirs, "Thank you")
        for bot, where in ((host, theirs), (bob, mine)):
            card = (await bot.result("conversation.card", conversation_id=where))["card"]
            assert (card["room"], card["purpose"]) == ("Office hours", "mentoring")
            assert card["quoted"]["text"] == "How do I glaze?"
        assert await bob.result("request.list") == {"requests": []}


async def test_a_bot_that_was_away_asks_for_what_came(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        async with a_client(alice.engine) as host:
            opened = await host.result("room.open", title="Office hours")
            here = {"room_id": opened["room_id"]}
            await host.result("room.say", **here, text="before")
            last = (await until(host, "room.entry"))["entry"]["place"]
        async with a_client(bob.engine) as guest:
            await guest.result("room.enter", link=opened["link"], pseudonym="Otter")
            for number in range(3):
                await guest.result("room.say", **here, text=f"away {number}")
            await trio.sleep(5)
            async with a_client(alice.engine) as host:
                missed = (await host.result("room.list", **here, after=last))["entries"]
                assert [one["text"] for one in missed] == [f"away {number}" for number in range(3)]
                await guest.result("room.say", **here, text="back")
                event = await until(host, "room.entry")
                assert event["entry"]["text"] == "back"
                assert event["entry"]["place"] > missed[-1]["place"]


async def test_what_the_engine_does_not_know_it_says_so(
    world: World, autojump_clock: MockClock
) -> None:
    async with bots(world, "Alice") as (host,):
        opened = await host.result("room.open", title="Office hours")
        for method in in_rooms():
            for name in ("", "%%%", "AA", text_of(bytes(32))):
                got = await host.error(method, **full(method, name))
                assert got == (-32000, "RoomUnknown"), (method, name)
            params = full(method, opened["room_id"])
            for kind in [kind for field, kind in UNKNOWN.items() if field in params]:
                assert await host.error(method, **params) == (-32000, kind), method
        for method in ("request.accept", "request.decline", "request.block"):
            assert await host.error(method, request_id="AA") == (-32000, "RequestUnknown")


async def test_a_closed_room_by_bots(world: World, autojump_clock: MockClock) -> None:
    async with bots(world, "Alice", "Bob") as (host, bob):
        opened = await host.result("room.open", title="Office hours", entry="approval")
        here = {"room_id": opened["room_id"]}
        entered = await bob.result("room.enter", link=opened["link"], pseudonym="Otter")
        [row] = (await bob.result("room.rooms"))["rooms"]
        assert (row["standing"], row["inside"]) == ("knocking", False)
        desk = await until(host, "room.desk", lambda event: event["items"])
        [item] = desk["items"]
        assert (item["kind"], item["name"]) == ("door", "Otter")
        done = {"desk_id": item["desk_id"], "verdict": "granted"}
        await host.result("room.desk_done", **here, **done)
        assert (await until(host, "room.desk"))["gone"] == [item["desk_id"]]
        await until(bob, "room.rooms", lambda event: any(one["inside"] for one in event["rooms"]))
        said = await host.result("room.say", **here, text="Welcome")
        heard = (await until(bob, "room.entry", of_kind("text")))["entry"]
        assert (heard["entry_id"], heard["text"]) == (said["entry_id"], "Welcome")
        await bob.result("room.report", **here, **said, text="Too kind")
        desk = await until(host, "room.desk", lambda event: event["items"])
        assert [(one["kind"], one["words"]) for one in desk["items"]] == [("report", "Too kind")]
        assert desk["items"][0]["entry"]["text"] == "Welcome"
        assert desk["items"][0]["seat_id"] == entered["seat_id"]
        assert await bob.error("room.end", **here) == (-32000, "RoomNotAllowed")
        await host.result("room.end", **here)
        await until(bob, "room.state", lambda event: event["ended"])
        assert await bob.error("room.say", **here, text="too late") == (-32000, "RoomEnded")


def of_kind(kind: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: bool(event["entry"]["kind"] == kind)
