"""Contact links, and the one field that takes any invitation however it was pasted."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.e2e import names
from protocol.e2e.link import ContactLink, parse_contact_link, parse_invitation
from protocol.errors import LinkError, MalformedLink, NewerLink
from protocol.ids import Fingerprint, MemberId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress, RelayInvitation, bytes_of, text_of
from tests.protocol.cast import NOW_MS, dice, person
from tests.protocol.test_address import ADDRESSES

RNG = dice("links")
ALICE = person("alice")
ADDRESS = RelayAddress("relay.example", 7443, Fingerprint(RNG(32)))
LINK = ContactLink(ADDRESS, ALICE.member.member_id, Secret(RNG(16)), NOW_MS, "Alice")
RELAYS = RelayInvitation(ADDRESS, Secret(RNG(16)))
TEXT = str(LINK)

NAMES = st.text(max_size=64).map(names.clean)
LINKS = st.builds(
    ContactLink,
    ADDRESSES,
    st.binary(min_size=32, max_size=32).map(MemberId),
    st.binary(min_size=16, max_size=16).map(Secret),
    st.integers(0, 2**53 - 1),
    NAMES,
    st.booleans(),
)


@given(LINKS)
def test_a_link_comes_back(link: ContactLink) -> None:
    assert parse_contact_link(str(link)) == link
    assert parse_invitation(str(link)) == link


@given(ADDRESSES, st.binary(min_size=16, max_size=32).map(Secret))
def test_one_field_takes_a_relays_invitation_too(address: RelayAddress, code: Secret) -> None:
    invitation = RelayInvitation(address, code)
    assert parse_invitation(str(invitation)) == invitation


@pytest.mark.parametrize("invitation", [LINK, RELAYS], ids=["contact", "relay"])
@pytest.mark.parametrize(
    "pasted",
    [
        "  {}\n",
        "<{}>",
        "«{}»",
        '"{}".',
        "Write to me: {}, please!",
        "({})",
        "[my link]({})",
        "> {}",
        "{}\nsee you there",
        "first https://example.org/#x then {} ok?",
        "\u200b{}\u200b\ufeff",
        "\u2068{}\u2069",
    ],
)
def test_a_link_is_found_in_what_was_pasted(
    invitation: ContactLink | RelayInvitation, pasted: str
) -> None:
    assert parse_invitation(pasted.format(invitation)) == invitation


@pytest.mark.parametrize("invitation", [LINK, RELAYS], ids=["contact", "relay"])
def test_a_mailers_way_of_writing_the_fragment_is_read(
    invitation: ContactLink | RelayInvitation,
) -> None:
    pasted = str(invitation).replace("#", "%23")
    assert parse_invitation(f"Here: <{pasted}>") == invitation


@given(st.data())
def test_a_link_broken_over_lines_is_put_together(data: st.DataObject) -> None:
    invitation = data.draw(st.sampled_from([LINK, RELAYS]))
    text = str(invitation)
    places = data.draw(st.sets(st.integers(9, len(text) - 1), max_size=4))
    for place in sorted(places, reverse=True):
        text = text[:place] + data.draw(st.sampled_from(["\n", "\r\n", "\n  "])) + text[place:]
    assert parse_invitation(text) == invitation


def test_the_scheme_may_be_shouted() -> None:
    assert parse_invitation(TEXT.replace("aside://", "Aside://")) == LINK


@given(st.integers(0, len(TEXT) - 1))
def test_a_link_cut_short_is_known_for_it(end: int) -> None:
    with pytest.raises(MalformedLink):
        parse_invitation(TEXT[:end])


FRAGMENT = TEXT.index("#") + 1


@given(
    st.integers(0, len(TEXT) - 1),
    st.sampled_from("ABCXYZabcxyz0123456789-_.:/#"),
)
def test_a_changed_letter_is_seen(at: int, letter: str) -> None:
    changed = TEXT[:at] + letter + TEXT[at + 1 :]
    try:
        found = parse_invitation(changed)
    except LinkError:
        return
    assert found == LINK


def test_another_relay_cannot_be_put_in_front() -> None:
    """Whoever edits the address would lead the newcomer to a relay of their own."""
    other = RelayAddress("relay.example", 7443, Fingerprint(RNG(32)))
    with pytest.raises(MalformedLink):
        parse_invitation(other.link(TEXT[FRAGMENT:]))


def test_a_link_of_a_newer_version_is_told_from_a_broken_one() -> None:
    raw = b"\x02" + bytes_of(TEXT[FRAGMENT:])[1:]
    with pytest.raises(NewerLink):
        parse_invitation(ADDRESS.link(text_of(raw)))
    with pytest.raises(MalformedLink):
        parse_invitation(ADDRESS.link(text_of(b"\x00" + raw[1:])))


@pytest.mark.parametrize("name", ["x" * 65, "two\nlines", "\x1b[31mred"])
def test_a_name_that_no_app_would_write_is_refused(name: str) -> None:
    with pytest.raises(MalformedLink):
        parse_invitation(str(ContactLink(ADDRESS, LINK.member_id, LINK.secret, NOW_MS, name)))


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "hello",
        "aside://",
        "https://example.org",
        "aside://h:1/#",
        "aside://h:1/x#" + "A" * 5000,
        "x" * 100_000,
    ],
)
def test_what_is_no_link_is_said_to_be_none(text: str) -> None:
    with pytest.raises(MalformedLink):
        parse_invitation(text)


@given(st.text(max_size=200))
def test_any_text_is_an_invitation_or_is_not(text: str) -> None:
    with pytest.raises(LinkError):
        parse_invitation(text)


def test_all_that_is_secret_stands_after_the_hash() -> None:
    before, _, _ = TEXT.partition("#")
    assert text_of(LINK.secret) not in before
    assert text_of(LINK.member_id) not in before
    assert TEXT.startswith("aside://relay.example:7443/")


def test_a_link_stays_out_of_logs() -> None:
    assert repr(LINK) == "<ContactLink>"


def test_everything_is_derived_from_the_secret_and_nothing_twice() -> None:
    with_join = ContactLink(ADDRESS, LINK.member_id, LINK.secret, NOW_MS, "", True)
    code = with_join.join_code()
    assert LINK.join_code() is None
    assert code is not None
    derived = {LINK.capability(), LINK.drawer_key(), bytes(LINK.drawer_id()), code}
    assert len(derived) == 4
    assert with_join.capability() == LINK.capability()
    assert [len(LINK.capability()), len(LINK.drawer_key())] == [32, 32]
    assert [len(LINK.drawer_id()), len(code)] == [16, 16]


def test_a_link_fits_a_message_and_a_qr_code() -> None:
    longest = ContactLink(
        RelayAddress("x" * 253, 65535, ADDRESS.fingerprint), LINK.member_id, LINK.secret, NOW_MS
    )
    assert len(TEXT) < 200
    assert len(str(longest)) < 500


def test_a_name_in_a_link_turns_nothing_around() -> None:
    link = ContactLink(ADDRESS, LINK.member_id, LINK.secret, NOW_MS, "\u202eecila")
    found = parse_invitation(str(link))
    assert isinstance(found, ContactLink)
    assert found.name == "ecila"
