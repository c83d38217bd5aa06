"""Links: what each kind of bad one gets, who comes in by a good one, and what is kept meanwhile."""

from __future__ import annotations

from typing import ClassVar

import pytest
import trio
from msgspec.structs import replace
from sqlcipher3 import Connection
from trio.testing import MockClock

from desktop.core.errors import (
    AsideError,
    InvitationExpired,
    InvitationIsMine,
    InvitationMalformed,
    InvitationNewer,
    InvitationSpent,
    JoinNotAllowed,
    NoRelayToAnswer,
    NoRelayToInvite,
    NotAPersonsLink,
    NotARelaysLink,
    OutOfBounds,
    RelayFull,
    RelayKeyWrong,
    RelayRefused,
    RelayUnavailable,
    TextTooLong,
    TooManyRelays,
)
from desktop.core.models import Cause, CommunityInvitation, PersonInvitation, RelayState, Trouble
from desktop.engine.pairing import invitations
from desktop.engine.relays import mailbox
from desktop.ui.strings import sentence
from protocol.e2e.link import ContactLink, parse_contact_link
from protocol.keys import Secret
from protocol.wire.address import RelayInvitation, parse_relay_invitation, text_of
from protocol.wire.frames import Redeem
from relay.rules.admission import code_hash
from relay.rules.clock import Now
from relay.rules.limits import House, Limits, Terms
from relay.rules.office import AnyRequest
from relay.rules.records import Code
from relay.store.storage import Answered, Inline
from tests.whole.breaking import BreaksOff, breaking
from tests.whole.mutant import the_story_fails
from tests.whole.world import Desktop, Place, World, befriend, member

WEEK_MS = 7 * 24 * 3600 * 1000


TABLES = (
    *("contact", "contact_device", "conversation", "outbox", "copy", "session", "relay"),
    *("capability", "invitation", "message", "setting"),
)


async def everything(desktop: Desktop) -> list[tuple[object, ...]]:
    """All that a failed call must leave as it was."""

    def dump(db: Connection) -> list[tuple[object, ...]]:
        return [
            (table, *row)
            for table in TABLES
            for row in db.execute(f"SELECT * FROM {table}").fetchall()
        ]

    return await desktop.ground.vault.read(dump)


async def refused(desktop: Desktop, link: str, error: type[AsideError]) -> None:
    before = await everything(desktop)
    with pytest.raises(error) as caught:
        await desktop.engine.contact_accept(link, "hello")
    assert type(caught.value) is error
    assert await everything(desktop) == before


async def test_each_bad_link_gets_its_own_error_and_changes_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with (
        world.desktop("Alice", at=relay) as alice,
        world.desktop("Bob", at=relay) as bob,
        world.desktop("Carol", at=relay) as carol,
    ):
        await trio.sleep(5)
        good = await alice.engine.contact_invite()
        link = parse_contact_link(good)

        for text in ("", "hello", good[:-9], good.replace("aside://", "https://"), good[:40]):
            await refused(bob, text, InvitationMalformed)
        await refused(bob, newer(link), InvitationNewer)
        await refused(alice, good, InvitationIsMine)
        invitation = RelayInvitation(relay.address, Secret(bytes(16)))
        await refused(bob, str(invitation), NotAPersonsLink)
        nobody = replace(link, address=replace(link.address, host="nowhere.example"))
        await refused(bob, str(nobody), RelayUnavailable)
        other = type(link.address.fingerprint)(bytes(32))
        impostor = replace(link, address=replace(link.address, fingerprint=other))
        await refused(bob, str(impostor), RelayUnavailable)  # his own relay does not say why
        somebody = replace(link, member_id=await member(carol))
        await refused(bob, str(somebody), InvitationMalformed)
        await refused(bob, str(replace(link, secret=Secret(bytes(16)))), InvitationSpent)
        old = replace(link, expires_ms=world.now() - 1)
        await refused(bob, str(old), InvitationExpired)
        with pytest.raises(InvitationExpired):
            await bob.engine.look_at(str(old))

        await bob.engine.contact_accept(good)
        await trio.sleep(10)
        await refused(carol, good, InvitationSpent)
        assert len(await alice.engine.contact_list()) == 1
        with pytest.raises(NotARelaysLink):
            await bob.engine.relay_add(good)


def newer(link: ContactLink) -> str:
    """A link of the next version."""
    address, _, payload = str(link).partition("#")
    return f"{address}#{text_of(bytes([2]) + bytes(80))}" if payload else ""


async def test_what_a_link_says_before_anything_connects(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        link = await alice.engine.contact_invite()
        said = await bob.engine.look_at(f"Here you are:\n  «{link}».")
        assert said == PersonInvitation(
            name="Alice",
            member_id=await member(alice),
            relay_host=relay.host,
            expires_ms=parse_contact_link(link).expires_ms,
            brings_relay=False,
            known_as=None,
        )
        await bob.engine.contact_accept(link)
        again = await bob.engine.look_at(link)
        assert isinstance(again, PersonInvitation) and again.known_as == "Alice"
        code = RelayInvitation(relay.address, Secret(bytes(16)))
        here = CommunityInvitation(relay.host, relay.address.fingerprint, known=True)
        assert await bob.engine.look_at(str(code)) == here


async def test_without_a_relay_a_plain_link_is_kept_until_there_is_one(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob") as bob:
        link = await alice.engine.contact_invite()
        with pytest.raises(NoRelayToAnswer):
            await bob.engine.contact_accept(link)
        assert await bob.engine.kept_link() == link
        with pytest.raises(NoRelayToInvite):
            await bob.engine.contact_invite()
        await bob.engine.relay_add(str(relay.address))
        kept = await bob.engine.kept_link()
        assert kept is not None
        accepted = await bob.engine.contact_accept(kept)
        assert await bob.engine.kept_link() is None
        await bob.engine.message_send(accepted.conversation_id, "here I am")
        await trio.sleep(20)
        assert "here I am" in await alice.texts(accepted.conversation_id)


def invite_by_operator(relay: Place, invites: int) -> str:
    """What ``aside-relay invite`` prints."""
    code = relay.world.random.randbytes(16)
    expires_ms = relay.world.now() + WEEK_MS
    relay.store.passes.save_code(Code(code_hash(code), 1, expires_ms, invites))
    return str(RelayInvitation(relay.address, Secret(code)))


@pytest.mark.parametrize("open_house", [True, False], ids=["open", "by invitation"])
async def test_nothing_but_a_link_that_carries_the_relay_ends_in_writing(
    world: World, autojump_clock: MockClock, open_house: bool
) -> None:
    relay = await world.relay(house=House(open=open_house))
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        await alice.engine.relay_add(invite_by_operator(relay, invites=2))
        assert (await alice.engine.relay_list())[0].may_invite
        link = await alice.engine.contact_invite(join=True)
        seen = await bob.engine.look_at(link)
        assert isinstance(seen, PersonInvitation) and seen.brings_relay
        accepted = await bob.engine.contact_accept(link, "I only had your link")
        await trio.sleep(20)
        conversation = accepted.conversation_id
        assert "I only had your link" in await alice.texts(conversation)
        assert await bob.states(conversation) == ["delivered"]
        [his] = await bob.engine.relay_list()
        assert his.state is RelayState.ONLINE
        assert not his.may_invite, "who comes by a member's code may not invite in turn"


async def greeting_with_a_further_link(world: World) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        conversation = await befriend(world, alice, bob)
        link = await alice.engine.contact_invite()
        again = await bob.engine.contact_accept(link, "it is me again")
        assert again.conversation_id == conversation
        assert await bob.states(conversation) == ["queued"], "on disk when it is answered"
        await bob.engine.contact_accept(link)
        await bob.engine.contact_accept(link, " \n")
        await trio.sleep(20)
        assert (await alice.texts(conversation))[1:] == ["it is me again"]
        assert await bob.states(conversation) == ["delivered"]
        assert len(await alice.engine.contact_list()) == 1
        async with world.desktop("Carol", at=relay) as carol:
            await carol.engine.contact_accept(link)  # it was not spent


async def test_what_is_said_with_the_further_link_of_a_contact_is_said(
    world: World, autojump_clock: MockClock
) -> None:
    await greeting_with_a_further_link(world)


async def test_mutant_that_keeps_the_greeting_to_itself(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(*_: object) -> None:
        return None

    monkeypatch.setattr(invitations, "_say", nothing)
    with the_story_fails():
        await greeting_with_a_further_link(world)


async def test_who_may_not_invite_makes_no_link_that_carries_the_relay(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay(house=House(open=False))
    async with world.desktop("Alice") as alice:
        with pytest.raises(RelayRefused):
            await alice.engine.relay_add(str(relay.address))
        with pytest.raises(InvitationMalformed):
            await alice.engine.relay_add(str(relay.address), "x" * 200)
        assert await alice.engine.relay_list() == []
        link = invite_by_operator(relay, invites=0)
        await alice.engine.relay_add(link)
        before = len(relay.store.mailboxes.capabilities)
        with pytest.raises(JoinNotAllowed):
            await alice.engine.contact_invite(join=True)
        await trio.sleep(5)
        live = [c for c in relay.store.mailboxes.capabilities.values() if not c.revoked]
        assert len(live) == before, "what the relay was told of it is taken back"
        await alice.engine.contact_invite()
        async with world.desktop("Bob") as bob:
            with pytest.raises(InvitationSpent):
                await bob.engine.relay_add(link)


async def test_each_bad_link_of_a_relay_gets_its_own_error_and_changes_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay(house=House(open=False))
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        spent = invite_by_operator(relay, invites=2)
        await alice.engine.relay_add(spent)
        join = await alice.engine.contact_invite(uses=2, join=True)
        old = invite_by_operator(relay, invites=0)
        good = parse_relay_invitation(invite_by_operator(relay, invites=0))
        other = type(good.address.fingerprint)(bytes(32))
        bad = {
            str(good)[:-9]: InvitationMalformed,
            str(good).replace("join.", "joyn."): InvitationMalformed,
            str(replace(good, code=Secret(bytes(16)))): RelayRefused,
            str(replace(good, address=replace(good.address, port=7444, host="no.example"))): (
                RelayUnavailable
            ),
            str(replace(good, address=replace(good.address, fingerprint=other))): RelayKeyWrong,
            join: NotARelaysLink,
            spent: InvitationSpent,
        }
        before = await everything(bob)

        async def is_refused(link: str, error: type[AsideError]) -> None:
            with pytest.raises(error) as caught:
                await bob.engine.relay_add(link)
            assert type(caught.value) is error
            assert await everything(bob) == before

        for link, error in bad.items():
            await is_refused(link, error)
        world.ahead_ms[relay.host] = WEEK_MS
        await relay.off()
        await relay.on()
        await is_refused(old, InvitationExpired)
        await refused(bob, join, InvitationExpired)  # the relay's clock is the one it goes by
        assert await bob.engine.relay_list() == []
        assert len({sentence(error()) for error in bad.values()}) == len(set(bad.values()))


async def test_a_link_is_promised_only_when_its_relay_knows_it(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay(house=House(open=True, limits=Limits(capabilities=1)))
    async with world.desktop("Alice", at=relay) as alice:
        await alice.engine.contact_invite()
        with pytest.raises(RelayFull):
            await alice.engine.contact_invite()
        await relay.off()
        await trio.sleep(1)
        with pytest.raises(RelayUnavailable):
            await alice.engine.contact_invite()
        assert await alice.count("invitation") == 1
        with pytest.raises(RelayUnavailable):
            await alice.engine.relay_add(
                str(replace(relay.address, host="nowhere.example")).replace(
                    text_of(relay.address.fingerprint), text_of(bytes(32))
                )
            )


async def test_a_full_relay_says_so_to_who_wants_to_join(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay(house=House(open=True, terms=Terms(mailboxes=0)))
    async with world.desktop("Alice") as alice:
        with pytest.raises(RelayFull):
            await alice.engine.relay_add(str(relay.address))
        assert await alice.engine.relay_list() == []
        with pytest.raises(RelayFull):
            await alice.engine.relay_add(invite_by_operator(relay, invites=0))
        await trio.sleep(1)
        [mine] = await alice.engine.relay_list()
        assert mine.trouble is Trouble.FULL, "the code is spent on it: it is tried again"


class ForgetsToAnswer(Inline):
    """Lets people in and does not say so."""

    mute: ClassVar[bool] = True

    def submit(self, asked: AnyRequest, now: Now, answered: Answered) -> None:
        silent = self.mute and isinstance(asked, Redeem)
        super().submit(asked, now, (lambda _: None) if silent else answered)


async def test_who_stops_coming_in_when_the_code_is_spent_already_is_in(
    world: World, autojump_clock: MockClock
) -> None:
    ForgetsToAnswer.mute = True
    relay = await world.relay(storage=ForgetsToAnswer)
    async with world.desktop("Alice") as alice:
        with trio.move_on_after(2) as stopped:
            await alice.engine.relay_add(str(relay.address))
        assert stopped.cancelled_caught
        ForgetsToAnswer.mute = False
        await trio.sleep(100)
        [mine] = await alice.engine.relay_list()
        assert mine.state is RelayState.ONLINE


async def broken_off(alice: Desktop, link: str, *, done: bool = True) -> None:
    """She asks to come in, and the line breaks just before she is in, or just after."""
    with breaking(Redeem, alice.wire.die, done=done), pytest.raises(RelayUnavailable):
        await alice.engine.relay_add(link)


async def coming_in_again(world: World) -> None:
    relay = await world.relay(house=House(open=False), storage=BreaksOff)
    async with world.desktop("Alice") as alice:
        link = invite_by_operator(relay, invites=0)
        await broken_off(alice, link)
        assert await alice.count("relay") == 1, "the code is spent, and this is all there is of it"
        alice.wire.on()
        assert await alice.engine.relay_add(link) == relay.address.fingerprint
        await trio.sleep(1)
        [mine] = await alice.engine.relay_list()
        assert mine.state is RelayState.ONLINE
        assert len(relay.store.passes.all) == 1


async def test_a_code_is_not_lost_when_the_line_breaks_before_the_answer(
    world: World, autojump_clock: MockClock
) -> None:
    await coming_in_again(world)


async def test_mutant_that_takes_a_broken_line_for_a_refusal(
    world: World, autojump_clock: MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "REFUSALS", (Exception,))
    with the_story_fails():
        await coming_in_again(world)


async def test_a_code_that_somebody_else_used_meanwhile_gives_way_to_a_further_one(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay(house=House(open=False), storage=BreaksOff)
    async with world.desktop("Alice") as alice, world.desktop("Bob") as bob:
        link = invite_by_operator(relay, invites=0)
        await broken_off(alice, link, done=False)
        await bob.engine.relay_add(link)
        alice.wire.on()
        await trio.sleep(100)
        [mine] = await alice.engine.relay_list()
        assert mine.state is RelayState.REFUSED
        await alice.engine.relay_add(invite_by_operator(relay, invites=0))
        await trio.sleep(1)
        [mine] = await alice.engine.relay_list()
        assert mine.state is RelayState.ONLINE


async def test_three_relays_and_no_more(world: World, autojump_clock: MockClock) -> None:
    places = [await world.relay(f"{name}.example") for name in ("one", "two", "three", "four")]
    async with world.desktop("Alice") as alice:
        for place in places[:3]:
            await alice.engine.relay_add(str(place.address))
        with pytest.raises(TooManyRelays):
            await alice.engine.relay_add(str(places[3].address))
        assert await alice.engine.relay_add(str(places[0].address)) == places[0].address.fingerprint
        assert len(await alice.engine.relay_list()) == 3


async def test_a_link_for_two_is_shut_after_two(world: World, autojump_clock: MockClock) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        link = await alice.engine.contact_invite(uses=2)
        for name in ("Bob", "Carol", "Dave"):
            async with world.desktop(name, at=relay) as other:
                await trio.sleep(5)
                if name == "Dave":
                    await refused(other, link, InvitationSpent)
                else:
                    await other.engine.contact_accept(link)
                await trio.sleep(10)
        assert [one.name for one in await alice.engine.contact_list()] == ["Bob", "Carol"]


async def test_too_late_by_a_moment_is_told_and_what_was_written_fails_with_a_reason(
    world: World, autojump_clock: MockClock
) -> None:
    """Two take the last use of a link while its maker is away: one hears that it is over."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        link = await alice.engine.contact_invite()
    async with world.desktop("Bob", at=relay) as bob, world.desktop("Carol", at=relay) as carol:
        conversations = [
            (await one.engine.contact_accept(link, "hello")).conversation_id for one in (bob, carol)
        ]
        await trio.sleep(20)
        async with world.desktop("Alice") as alice:
            await trio.sleep(60)
            [known] = await alice.engine.contact_list()
            lost, conversation = (
                (carol, conversations[1]) if known.name == "Bob" else (bob, conversations[0])
            )
            [mine] = [m for m in await lost.engine.message_list(conversation) if m.mine]
            assert (mine.state.value, mine.cause) == ("failed", Cause.INVITATION_SPENT)
            assert await alice.count("outbox") == 0
            again = await alice.engine.contact_invite()
            await lost.engine.contact_accept(again)
            await lost.engine.message_resend(mine.message_id)
            await trio.sleep(60)
            assert await lost.states(conversation) == ["delivered"]
            assert "hello" in await alice.texts(conversation)


async def test_both_use_each_others_link_at_the_same_moment(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        hers = await alice.engine.contact_invite()
        his = await bob.engine.contact_invite()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(alice.engine.contact_accept, his, "from Alice")
            nursery.start_soon(bob.engine.contact_accept, hers, "from Bob")
        await trio.sleep(20)
        [conversation] = await alice.engine.conversation_list()
        for desktop in (alice, bob):
            found = await desktop.texts(conversation.conversation_id)
            assert sorted(found) == ["<notice became_contacts>", "from Alice", "from Bob"]
            assert not (await desktop.engine.contact_list())[0].pending
            for number in range(4):
                await desktop.engine.message_send(
                    conversation.conversation_id, f"{number} {desktop.name}"
                )
        await trio.sleep(20)
        for desktop in (alice, bob):
            states = await desktop.states(conversation.conversation_id)
            assert states == ["delivered"] * 5


async def test_contacts_at_two_relays(world: World, autojump_clock: MockClock) -> None:
    here, there = await world.relay("here.example"), await world.relay("there.example")
    async with world.desktop("Alice", at=here) as alice, world.desktop("Bob", at=there) as bob:
        conversation = await befriend(world, alice, bob)
        await alice.engine.message_send(conversation, "from here")
        await bob.engine.message_send(conversation, "from there")
        await trio.sleep(20)
        for desktop in (alice, bob):
            assert await desktop.states(conversation) == ["delivered"]


async def test_a_greeting_that_a_relay_lost_goes_again_after_an_hour(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        link = await alice.engine.contact_invite()
    async with world.desktop("Bob", at=relay) as bob:
        conversation = (await bob.engine.contact_accept(link, "first words")).conversation_id
        await trio.sleep(10)
        assert relay.waiting_for(alice)
        relay.waiting_for(alice).clear()
        async with world.desktop("Alice") as alice:
            await trio.sleep(2 * 3600)
            assert not (await bob.engine.contact_list())[0].pending
            await bob.engine.message_send(conversation, "second words")
            await trio.sleep(60)
            found = await alice.texts(conversation)
            assert {"first words", "second words"} <= set(found), found
            assert await bob.states(conversation) == ["delivered"] * 2


async def test_words_that_are_too_long_cost_the_link_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice, world.desktop("Bob", at=relay) as bob:
        link = await alice.engine.contact_invite()
        for _ in range(6):  # one more than there are bundles
            with pytest.raises(TextTooLong):
                await bob.engine.contact_accept(link, "x" * 60_000)
        accepted = await bob.engine.contact_accept(link, "shorter")
        await trio.sleep(10)
        assert "shorter" in await alice.texts(accepted.conversation_id)


async def test_a_life_or_a_count_out_of_bounds_makes_no_link(
    world: World, autojump_clock: MockClock
) -> None:
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        day_ms, now = 24 * 3600 * 1000, world.now("Alice")
        for wrong in (0, now - 1, now, now + 91 * day_ms, 2**53 - 1):
            with pytest.raises(OutOfBounds) as caught:
                await alice.engine.contact_invite(expires_ms=wrong)
            assert caught.value.field == "expires_ms"
        for uses in (0, 101):
            with pytest.raises(OutOfBounds) as caught:
                await alice.engine.contact_invite(uses)
            assert caught.value.field == "uses"
        assert await alice.count("invitation") == 0
        for life in (1000, 90 * day_ms):
            link = await alice.engine.contact_invite(100, world.now("Alice") + life)
            assert parse_contact_link(link).expires_ms == world.now("Alice") + life


async def test_who_comes_after_the_links_end_is_told_and_leaves_nothing(
    world: World, autojump_clock: MockClock
) -> None:
    """The link was good when it was used, and over when its maker came back."""
    relay = await world.relay()
    async with world.desktop("Alice", at=relay) as alice:
        link = await alice.engine.contact_invite(expires_ms=world.now() + 3600_000)
    async with world.desktop("Bob", at=relay) as bob:
        conversation = (await bob.engine.contact_accept(link, "hello")).conversation_id
        await trio.sleep(2 * 3600)
        async with world.desktop("Alice") as alice:
            await trio.sleep(60)
            assert await alice.engine.contact_list() == []
            assert await bob.states(conversation) == ["failed"]
            for table in ("session", "contact_device", "outbox"):
                assert await alice.count(table) == 0, f"{table}: nothing of him is kept"
