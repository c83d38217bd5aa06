"""Every method and event of the core contract, against an engine in memory."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import msgspec
import pytest
import trio

from desktop.core import errors
from desktop.core.errors import AsideError
from desktop.core.events import RelayPractices
from desktop.core.models import (
    Cause,
    CommunityInvitation,
    Kind,
    PersonInvitation,
    ProfileState,
    RelayState,
    State,
    Trouble,
)
from desktop.core.practices import Change, Changed, Kept, Practices, Told
from desktop.rpc.methods import METHODS
from desktop.rpc.rooms.registry import ROOM_METHODS
from desktop.rpc.shapes import id_of, text_of
from desktop.ui.settings.kept.strings import kept_words
from protocol.ids import Fingerprint, MemberId
from tests.fakes.facade import FakeFacade
from tests.rpc.client import Client, a_client
from tests.rpc.readme import named, table

CORE = [
    "profile.create",
    "profile.unlock",
    "profile.lock",
    "profile.show",
    "profile.change_passphrase",
    "relay.add",
    "relay.list",
    "relay.order",
    "relay.move",
    "relay.remove",
    "relay.practices",
    "proxy.show",
    "proxy.set",
    "contact.invite",
    "contact.accept",
    "contact.list",
    "contact.show",
    "contact.rename",
    "contact.remove",
    "contact.block",
    "contact.unblock",
    "conversation.list",
    "conversation.read",
    "conversation.writing",
    "message.send",
    "message.list",
    "outbox.settle",
    "presence.set",
]


@pytest.fixture
async def client(engine: FakeFacade) -> AsyncIterator[Client]:
    async with a_client(engine) as client:
        yield client


def test_the_contract_is_complete() -> None:
    assert sorted(METHODS) == sorted(CORE)


def test_the_readme_says_what_the_classes_say() -> None:
    told = {name.strip("`"): named(params) for name, params in table("method").items()}
    classes = {
        name: {
            (field.encode_name, "" if field.required else "?")
            for field in msgspec.structs.fields(cls)
        }
        for name, cls in (METHODS | ROOM_METHODS).items()
    }
    assert told == classes


async def test_profile() -> None:
    engine = FakeFacade(ProfileState.NONE)
    async with a_client(engine) as client:
        assert await client.error("profile.show") == (-32000, "ProfileLocked")
        made = await client.result("profile.create", name="Alice", passphrase="four kilns")
        assert made == {
            "name": "Alice",
            "member_id": text_of(engine.me.member_id),
            "device_id": text_of(engine.me.device_id),
        }
        assert await client.result("profile.show") == made
        assert await client.result("profile.lock") == {}
        assert await client.error("profile.unlock", passphrase="no") == (-32000, "WrongPassphrase")
        assert await client.result("profile.unlock", passphrase="four kilns") == made
        assert await client.result("profile.change_passphrase", old="four kilns", new="six") == {}
        assert engine.passphrase == "six"
        assert await client.error("profile.create", name="B", passphrase="x") == (
            -32000,
            "ProfileExists",
        )


async def test_relays(engine: FakeFacade, client: Client) -> None:
    engine.invitations["wss://relay.example#key"] = CommunityInvitation(
        "relay.example", Fingerprint(b"f" * 32), known=False
    )
    added = await client.result("relay.add", address="wss://relay.example#key")
    relay_id = added["relay_id"]
    assert id_of(relay_id) in engine.relays
    engine.set_relay("relay.example", RelayState.REFUSED, Trouble.OTHER_KEY)
    assert await client.event() == {
        "type": "relay.status",
        "relay_id": relay_id,
        "address": "wss://relay.example:8443",
        "status": "refused",
        "reason": "other_key",
    }
    engine.set_relay("relay.example")
    assert (await client.result("relay.list"))["relays"] == [
        {"relay_id": relay_id, "address": "wss://relay.example:8443", "status": "online"}
    ]
    other = text_of(engine.set_relay("other.example").relay_id)
    assert await client.result("relay.order", relay_ids=[other, relay_id]) == {}
    told = (await client.result("relay.list"))["relays"]
    assert [one["relay_id"] for one in told] == [other, relay_id]
    for order, kind in (
        ([relay_id], "RelayOrderUneven"),
        ([relay_id, relay_id], "RelayOrderUneven"),
        ([relay_id, other, other], "RelayOrderUneven"),
        ([relay_id, text_of(bytes(32))], "RelayUnknown"),
    ):
        assert await client.error("relay.order", relay_ids=order) == (-32000, kind)
    moved = {"relay_id": relay_id, "address": "wss://new.example:1#key"}
    assert await client.result("relay.move", **moved) == {}
    assert (await client.result("relay.list"))["relays"][1]["address"] == moved["address"]
    engine.elsewhere.add("wss://else.example:1#key")
    wrong = await client.error("relay.move", **moved | {"address": "wss://else.example:1#key"})
    assert wrong == (-32000, "RelayOther")
    assert await client.result("relay.remove", relay_id=other) == {}
    assert await client.result("relay.remove", relay_id=relay_id) == {}
    assert await client.result("relay.list") == {"relays": []}
    assert await client.error("relay.remove", relay_id=relay_id) == (-32000, "RelayUnknown")
    assert await client.error("relay.add", address="x") == (-32000, "InvitationMalformed")


async def test_what_a_relay_keeps(engine: FakeFacade, client: Client) -> None:
    relay_id = engine.set_relay("relay.example", carries=False).relay_id
    name = {"relay_id": text_of(relay_id)}
    assert (await client.result("relay.list"))["relays"][0]["carries"] is False
    assert await client.result("relay.practices", **name) == {"practices": None}
    kept = Kept("envelope", on_disk=True, sealed=True, longest_s=86_400)
    changed = (Changed("envelope", Change.SHORTER),)
    told = Told("Lindenhof", "Neighbours.", open=False, kept=(kept,))
    engine.practices[relay_id] = Practices(True, told, 1, 2, changed)
    assert (await client.result("relay.practices", **name))["practices"] == {
        "signed": True,
        "joined_ms": 1,
        "found_ms": 2,
        "changed": [{"what": "envelope", "how": "shorter"}],
        "name": "Lindenhof",
        "about": "Neighbours.",
        "open": False,
        "kept": [
            {
                "what": "envelope",
                "on_disk": True,
                "sealed": True,
                "longest_s": 86_400,
                "words": " ".join(kept_words(kept)),
            }
        ],
    }
    engine.practices[relay_id] = Practices(False, None, None, None)
    unsigned = (await client.result("relay.practices", **name))["practices"]
    assert unsigned == {"signed": False, "joined_ms": None, "found_ms": None, "changed": []}
    engine.emit(RelayPractices(relay_id, changed=True))
    assert await client.event() == name | {"type": "relay.practices", "changed": True}
    assert await client.error("relay.practices", relay_id="x") == (-32000, "RelayUnknown")


async def test_a_proxy(engine: FakeFacade, client: Client) -> None:
    assert await client.result("proxy.show") == {"address": None, "name": None}
    assert await client.result("proxy.set", address="localhost:9050") == {}
    assert await client.result("proxy.show") == {"address": "127.0.0.1:9050", "name": ""}
    named = {"address": "[::1]:1080", "name": "alice", "password": "four kilns"}
    assert await client.result("proxy.set", **named) == {}
    assert await client.result("proxy.show") == {"address": "[::1]:1080", "name": "alice"}
    wrong = await client.error("proxy.set", address="proxy.example:9050")
    assert wrong == (-32000, "ProxyMalformed")
    assert await client.result("proxy.show") == {"address": "[::1]:1080", "name": "alice"}
    assert await client.result("proxy.set", address=None) == {}
    assert await client.result("proxy.show") == {"address": None, "name": None}


async def test_contacts(engine: FakeFacade, client: Client) -> None:
    assert await client.error("contact.invite") == (-32000, "NoRelayToInvite")
    engine.set_relay("relay.example")
    link = (await client.result("contact.invite", uses=2, note="for Bob"))["link"]
    assert link.startswith("aside://relay.example")
    engine.invitations["aside://bob"] = PersonInvitation(
        "Bob", MemberId(b"b" * 32), "relay.example", 1, brings_relay=False, known_as=None
    )
    accepted = await client.result("contact.accept", link="aside://bob", greeting="Hello")
    (bob,) = engine.contacts.values()
    assert accepted == {
        "contact_id": text_of(bob.contact_id),
        "conversation_id": text_of(bob.conversation_id),
    }
    assert await client.event() == {"type": "contact.added"} | {
        "contact_id": accepted["contact_id"],
        "name": "Bob",
        "conversation_id": accepted["conversation_id"],
        "verified": False,
        "pending": True,
        "blocked": False,
        "presence": "unknown",
        "safety_number": bob.safety_number,
    }
    assert (
        await client.result("contact.rename", contact_id=accepted["contact_id"], name="Rob") == {}
    )
    shown = await client.result("contact.show", contact_id=accepted["contact_id"])
    assert (shown["name"], shown["verified"], shown["safety_number"]) == (
        "Rob",
        False,
        bob.safety_number,
    )
    assert (await client.result("contact.list"))["contacts"] == [shown]
    mine = {"contact_id": accepted["contact_id"]}
    assert await client.result("contact.block", **mine) == {}
    assert (await client.result("contact.show", **mine))["blocked"]
    [row] = (await client.result("conversation.list"))["conversations"]
    assert row["blocked"]
    sending = {"conversation_id": accepted["conversation_id"], "text": "hi"}
    assert await client.error("message.send", **sending) == (-32000, "ContactBlocked")
    assert await client.result("contact.unblock", **mine) == {}
    assert not (await client.result("contact.show", **mine))["blocked"]
    assert await client.error("contact.block", contact_id="x") == (-32000, "ContactUnknown")
    assert await client.result("contact.remove", contact_id=accepted["contact_id"]) == {}
    assert await client.result("contact.list") == {"contacts": []}
    assert await client.error("contact.show", contact_id=accepted["contact_id"]) == (
        -32000,
        "ContactUnknown",
    )


async def test_presence_and_writing(engine: FakeFacade, client: Client) -> None:
    bob = engine.befriend("Bob")
    assert await client.result("presence.set", on=False) == {"on": False, "typing": True}
    assert (engine.kept_settings.presence, engine.kept_settings.typing) == (False, True)
    assert await client.result("presence.set", typing=False) == {"on": False, "typing": False}
    assert (engine.kept_settings.presence, engine.kept_settings.typing) == (False, False)
    for wrong in ({"on": "yes"}, {}, {"online": True}, {"shown": True}, {"on": None}):
        assert (await client.error("presence.set", **wrong))[0] == -32602, wrong
    assert (engine.kept_settings.presence, engine.kept_settings.typing) == (False, False)
    where = text_of(bob.conversation_id)
    assert await client.result("conversation.writing", conversation_id=where) == {}
    engine.comes(bob)
    engine.types(bob)
    who = text_of(bob.contact_id)
    assert await client.event() == {
        "type": "presence.changed",
        "contact_id": who,
        "presence": "online",
    }
    assert await client.event() == {
        "type": "conversation.writing",
        "conversation_id": where,
        "contact_id": who,
        "writing": True,
    }
    assert (await client.result("contact.list"))["contacts"][0]["presence"] == "online"


async def test_messages(engine: FakeFacade, client: Client) -> None:
    bob = engine.befriend("Bob")
    where = text_of(bob.conversation_id)
    arrived = engine.arrive(bob, "hello שלום 🎉")
    shown = {
        "message_id": text_of(arrived.message_id),
        "conversation_id": where,
        "sender_id": text_of(bob.contact_id),
        "mine": False,
        "kind": "text",
        "text": "hello שלום 🎉",
        "sent_ms": arrived.sent_ms,
        "state": "received",
        "late": False,
    }
    assert await client.event() == {"type": "message.received", "message": shown}
    (row,) = (await client.result("conversation.list"))["conversations"]
    assert (row["conversation_id"], row["name"], row["unread"], row["last"]) == (
        where,
        "Bob",
        1,
        shown,
    )
    read = {"conversation_id": where, "up_to": shown["message_id"]}
    assert await client.result("conversation.read", **read) == {}
    (row,) = (await client.result("conversation.list"))["conversations"]
    assert row["unread"] == 0
    sent = (await client.result("message.send", conversation_id=where, text="hi"))["message_id"]
    said = (await client.result("message.list", conversation_id=where))["messages"]
    assert [(m["text"], m["mine"], m["state"]) for m in said] == [
        ("hello שלום 🎉", False, "received"),
        ("hi", True, "queued"),
    ]
    mine = engine.messages[bob.conversation_id][1]
    for state, cause in ((State.DELIVERED, None), (State.FAILED, Cause.EXPIRED)):
        engine.advance(mine, state, cause)
        event = await client.event()
        assert event.pop("reason", None) == (None if cause is None else cause.value)
        assert event == {
            "type": "message.state",
            "message_id": sent,
            "conversation_id": where,
            "state": state.value,
        }
    said = (await client.result("message.list", conversation_id=where, limit=1))["messages"]
    assert (said[0]["state"], said[0]["reason"]) == ("failed", "expired")
    assert await client.result("outbox.settle", timeout_ms=1000) == {"settled": True}


async def test_pages_of_messages(engine: FakeFacade, client: Client) -> None:
    bob = engine.befriend("Bob")
    where = text_of(bob.conversation_id)
    for number in range(120):
        kind = Kind.NOTICE if number % 3 == 0 else Kind.TEXT
        engine.arrive(bob, f"{number}", kind=kind, quiet=True)
    texts = [str(number) for number in range(120) if number % 3]
    assert len((await client.result("message.list", conversation_id=where))["messages"]) == 50
    found: list[str] = []
    before = None
    while True:
        page = await client.result("message.list", conversation_id=where, limit=7, before=before)
        if not page["messages"]:
            break
        found = [message["text"] for message in page["messages"]] + found
        before = page["messages"][0]["message_id"]
    assert found == texts


async def test_notes_of_the_app_are_no_messages(engine: FakeFacade, client: Client) -> None:
    bob = engine.befriend("Bob")
    engine.arrive(bob, "", kind=Kind.NOTICE, cause=Cause.BECAME_CONTACTS)
    (row,) = (await client.result("conversation.list"))["conversations"]
    assert row["last"] is None
    engine.arrive(bob, "hello", quiet=True)
    engine.arrive(bob, "", kind=Kind.NOTICE, cause=Cause.FRESH_SESSION)
    (row,) = (await client.result("conversation.list"))["conversations"]
    assert row["last"]["text"] == "hello"
    assert client.events == []
    engine.arrive(bob, "", kind=Kind.NOTICE, cause=Cause.WENT_ASIDE)
    (row,) = (await client.result("conversation.list"))["conversations"]
    assert row["unread"] == 1  # the message
    where = row["conversation_id"]
    assert client.events == [{"type": "conversation.aside", "conversation_id": where}]


async def test_what_cannot_be_read_is_said_to_be_so(engine: FakeFacade, client: Client) -> None:
    bob = engine.befriend("Bob")
    engine.arrive(bob, "", kind=Kind.UNREADABLE, cause=Cause.NOT_OPENABLE)
    message = (await client.event())["message"]
    assert (message["kind"], message["reason"]) == ("unreadable", "not_openable")


def leaves(cls: type[AsideError]) -> list[type[AsideError]]:
    return [leaf for sub in cls.__subclasses__() for leaf in (leaves(sub) or [sub])]


@pytest.mark.parametrize("error", leaves(AsideError), ids=lambda error: error.__name__)
async def test_every_refusal_has_its_kind_and_its_sentence(error: type[AsideError]) -> None:
    engine = FakeFacade()
    engine.failures["profile_show"] = (
        errors.TextTooLong(61_440) if error is errors.TextTooLong else error()
    )
    async with a_client(engine) as client:
        answer = (await client.ask("profile.show"))["error"]
        assert (answer["code"], answer["data"]["kind"]) == (-32000, error.__name__)
        assert re.fullmatch(r"[A-Z].*[.]", answer["message"])
        if error is errors.TextTooLong:
            assert answer["data"]["limit"] == 61_440
            assert "61,440 bytes" in answer["message"]
            assert "box" not in answer["message"]  # nobody has one here


async def test_ids_that_are_none_of_ours_are_unknown(engine: FakeFacade, client: Client) -> None:
    for name in ("", "nonsense", "%%%", "ÄÖ", "A", text_of(b"x" * 16), text_of(b"x" * 32) + "="):
        assert await client.error("contact.show", contact_id=name) == (-32000, "ContactUnknown")
        sending = {"conversation_id": name, "text": "hi"}
        assert await client.error("message.send", **sending) == (-32000, "ConversationUnknown")


async def test_an_unexpected_error_ends_nothing_and_tells_nothing(
    engine: FakeFacade, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    engine.failures["profile_show"] = RuntimeError("Alice's secret words")
    answer = (await client.ask("profile.show"))["error"]
    assert (answer["code"], answer["data"]) == (-32603, {"kind": "InternalError"})
    assert "secret" not in str(answer)
    assert "secret" not in caplog.text
    assert "RuntimeError" in caplog.text
    assert "_asked" in caplog.text
    del engine.failures["profile_show"]
    assert (await client.result("profile.show"))["name"] == "Alice"
    await trio.lowlevel.checkpoint()
