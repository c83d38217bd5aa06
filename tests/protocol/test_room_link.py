"""A room's link, and what somebody sees who holds it and has not entered yet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from protocol.e2e.link import parse_invitation
from protocol.e2e.rooms import words
from protocol.e2e.rooms.epochs import EpochKey, held
from protocol.e2e.rooms.front import Front, open_front, seal_front, shown, web
from protocol.e2e.rooms.link import RoomLink, find_room_link, is_room_link, parse_room_link
from protocol.errors import Damaged, LinkError, LocalProtocolError, MalformedLink, NewerLink
from protocol.ids import Fingerprint, RoomId
from protocol.keys import Secret
from protocol.wire.address import RelayAddress, bytes_of, text_of
from tests.protocol.cast import dice
from tests.protocol.room_cast import ALICE, BOB, OTHER_ROOM, ROOM
from tests.protocol.test_address import ADDRESSES
from tests.protocol.test_link import TEXT as A_CONTACTS

RNG = dice("room links")
ADDRESS = RelayAddress("relay.example", 7443, Fingerprint(RNG(32)))
LINK = RoomLink(ADDRESS, ROOM.room, Secret(RNG(16)))
INVITED = replace(LINK, invitation=Secret(RNG(16)))
TEXT = str(LINK)
SECRETS = st.binary(min_size=16, max_size=16).map(Secret)
FRONT = Front(
    title="Making things", about="One\ntwo", rules="Be kind", where="https://video.example/x"
)


@given(
    ADDRESSES,
    st.binary(min_size=32, max_size=32).map(RoomId),
    SECRETS,
    st.one_of(st.none(), SECRETS),
)
def test_a_link_comes_back(
    address: RelayAddress, room: RoomId, secret: Secret, invitation: Secret | None
) -> None:
    link = RoomLink(address, room, secret, invitation)
    assert parse_room_link(str(link)) == link
    assert find_room_link(f"Come: <{link}>!") == link
    assert repr(link) == "<RoomLink>"


@given(st.integers(0, len(TEXT) - 1), st.sampled_from("ABCXYZabcxyz0123456789-_.:/#"))
def test_a_changed_letter_is_seen(at: int, letter: str) -> None:
    try:
        found = find_room_link(TEXT[:at] + letter + TEXT[at + 1 :])
    except LinkError:
        return
    assert found == LINK


@given(st.integers(0, len(TEXT) - 1))
def test_a_link_cut_short_is_known_for_it(end: int) -> None:
    with pytest.raises(MalformedLink):
        find_room_link(TEXT[:end])


def test_kinds_of_links_are_told_apart() -> None:
    with pytest.raises(MalformedLink):
        parse_invitation(TEXT)
    with pytest.raises(MalformedLink):
        find_room_link(A_CONTACTS)
    assert is_room_link(TEXT.replace("#", "%23"))
    assert not is_room_link(A_CONTACTS)


def test_a_newer_link_and_a_wrong_one() -> None:
    raw = bytes_of(TEXT.partition("#room.")[2])
    with pytest.raises(NewerLink):
        find_room_link(ADDRESS.link("room." + text_of(b"\2" + raw[1:])))
    other = RelayAddress("relay.example", 7443, Fingerprint(RNG(32)))
    with pytest.raises(MalformedLink):
        parse_room_link(other.link(TEXT.partition("#")[2]))
    with pytest.raises(MalformedLink):  # says it has an invitation, and has none
        parse_room_link(ADDRESS.link("room." + text_of(raw[:1] + b"\1" + raw[2:])))


def test_everything_is_derived_by_itself() -> None:
    made = {bytes(LINK.token()), bytes(LINK.front_key()), bytes(LINK.first_epoch())}
    elsewhere = replace(LINK, room=OTHER_ROOM.room)
    made |= {bytes(elsewhere.token()), bytes(elsewhere.front_key()), bytes(INVITED.token())}
    assert len(made) == 6
    assert INVITED.front_key() == LINK.front_key()
    assert LINK.proof(ALICE.seat) == b""
    assert len({INVITED.proof(ALICE.seat), INVITED.proof(BOB.seat), bytes(INVITED.token())}) == 3


def test_only_an_open_rooms_link_is_its_key() -> None:
    key = EpochKey(ROOM.room, 1, LINK.first_epoch())
    assert held(key, key.commitment()) == key
    with pytest.raises(Damaged):
        held(key, RNG(32))


def test_a_front_is_for_who_holds_the_link() -> None:
    sealed = seal_front(FRONT, LINK.front_key(), ROOM.room, RNG)
    assert open_front(sealed, LINK.front_key(), ROOM.room) == FRONT
    assert b"Making" not in sealed
    for key, room in ((LINK.token(), ROOM.room), (LINK.front_key(), OTHER_ROOM.room)):
        with pytest.raises(Damaged):
            open_front(sealed, key, room)
    with pytest.raises(LocalProtocolError):
        seal_front(replace(FRONT, about="\U0001f642" * 1000), LINK.front_key(), ROOM.room, RNG)


HOSTILE = '\u202eGood\x07 <img src="file:///etc/passwd">\u2066 http://evil.example'


def test_what_a_stranger_wrote_is_shown_harmlessly_for_what_it_is() -> None:
    front = shown(Front(title=HOSTILE, about=HOSTILE + "\n" * 500 + "x", rules=HOSTILE))
    plain = 'Good <img src="file:///etc/passwd"> http://evil.example'
    assert (front.title, front.rules) == (plain, plain)
    assert front.about.count("\n") <= words.MOST_BREAKS


@pytest.mark.parametrize(
    ("told", "opened"),
    [
        ("https://video.example/room?x=1#y", True),
        ("http://192.0.2.1:8000/", True),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("https://", False),
        ("https://bank.example@evil.example/", False),
        ("https://b\u0430nk.example/", False),  # a Cyrillic letter
        ("https://x.example/\u202etxt", False),
        ("https://x.example/ and more", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_an_address_of_the_web_is_offered_to_be_opened(told: str, opened: bool) -> None:
    assert web(told) == (told if opened else "")


@given(st.text(max_size=300), st.integers(1, 100))
def test_words_stay_within_their_bounds(text: str, most: int) -> None:
    line, lines = words.line(text, most), words.lines(text, most)
    assert len(line) <= most
    assert len(lines) <= most
    assert words.line(line, most) == line
    assert "\n" not in line
