"""The page at the public address, as a browser and as a program read it."""

from __future__ import annotations

import json
import re
import ssl
import urllib.error
import urllib.request
from base64 import b64decode, b64encode
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from desktop.core.practices import Kept
from desktop.ui.settings.kept.strings import kept_words
from protocol.ids import Fingerprint
from protocol.keys import public_key
from protocol.wire import frames
from protocol.wire.address import RelayAddress
from protocol.wire.codec import MAX_BEFORE_HANDSHAKE
from protocol.wire.handshake import fingerprint
from protocol.wire.practices import read_practices
from relay import neighbours
from relay import strings as relay_strings
from relay.front import strings
from relay.front.page import Front
from relay.practices import DAY_S, Community, declare, practices
from relay.rules.limits import House, Limits
from relay.store import database
from tests.relay.caller import RELAY_SEED, World, open_world
from tests.relay.processes import Relays, run

ADDRESS = RelayAddress("relay.example", 7443, Fingerprint(bytes(32)))
CHOIR = Community("The <i>choir</i>", "We sing.\n<script>alert('canary')</script> & more")
SPECIFICATION = Path(__file__).parents[2] / "protocol" / "README.md"


def front(house: House, community: Community = CHOIR) -> Front:
    return Front(declare(RELAY_SEED, house, community), ADDRESS)


class Reader(HTMLParser):
    """A browser that only looks."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(house: House, community: Community = CHOIR) -> Reader:
    page = front(house, community)("/")
    assert page is not None
    return Reader(page.body.decode())


def test_it_says_what_this_is_and_how_to_come_in() -> None:
    invited, everybody = read(House()), read(House(open=True))
    for page in (invited, everybody):
        assert CHOIR.name in page.text
        assert CHOIR.about in page.text, "as text, whatever stands in it"
        assert str(ADDRESS) in page.text
    assert strings.PAGE_INVITED in invited.text
    assert strings.PAGE_OPEN in everybody.text


def test_it_is_still_and_brings_nothing_from_elsewhere() -> None:
    for tag, attributes in read(House()).tags:
        assert tag not in ("script", "img", "link", "iframe", "object", "embed", "form", "base")
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("src") is None
        assert attributes.get("href") in (None, "/practices.json")
    page = front(House())("/")
    assert page is not None
    assert b"prefers-color-scheme: dark" in page.body
    assert b"url(" not in page.body


def test_it_follows_the_settings_in_force() -> None:
    week = House(limits=Limits(keep_days=7))
    by_word = {each.what: each for each in practices(week)}
    assert by_word["envelope"].longest_s == 7 * DAY_S
    assert by_word["envelope_id"].longest_s == (7 + 60) * DAY_S
    assert "7 days at most" in read(week).text
    assert "67 days at most" in read(week).text
    assert "30 days at most" in read(House()).text


def test_every_kind_of_thing_has_its_words() -> None:
    words = [each.what for each in practices(House())]
    assert words == list(strings.KEPT)
    told = SPECIFICATION.read_text().split("**Data practices.**")[1].split("\n\n")[0]
    assert set(words) <= set(re.findall(r"`(\w+)`", told))


# Where each column of the store is told of, and by which words; one without would be kept in
# secret. None: a number of the store's own that says no more than the order of things, or that
# something is over.
COLUMNS: dict[str, dict[str, tuple[str, str] | None]] = {
    "envelope": {
        "row": ("envelope_trace", "order"),
        "mailbox": ("envelope_trace", "for which device"),
        "number": ("envelope_trace", "order"),
        "capability": ("envelope_trace", "which correspondent"),
        "size": ("envelope_trace", "size"),
        "age_ms": ("envelope_trace", "when each came"),
        "id": ("envelope_id", "random ids"),
        "body": ("envelope", "sealed"),
    },
    "queued": {
        "mailbox": ("envelope_trace", "for which device"),
        "number": ("envelope_trace", "order"),
        "capability": ("envelope_trace", "which correspondent"),
        "size": ("envelope_trace", "size"),
        "envelope": ("envelope_trace", "order"),
    },
    "tail": {
        "row": ("envelope_trace", "order"),
        "mailbox": ("envelope_trace", "for which device"),
        "number": ("envelope_trace", "order"),
        "capability": ("envelope_trace", "which correspondent"),
        "size": ("envelope_trace", "size"),
        "age_ms": ("envelope_trace", "when each came"),
        "id": ("envelope_id", "random ids"),
        "deposited": ("capability", "how much of them was used"),
        "rested_ms": ("capability", "used last"),
    },
    "seen": {
        "mailbox": ("envelope_id", "for which device"),
        "id": ("envelope_id", "random ids"),
        "age_ms": ("envelope_id", "when each came"),
    },
    "mailbox": {
        "row": None,
        "id": ("mailbox", "a random key"),
        "pass": ("mailbox", "on which pass"),
        "forgotten": ("mailbox", "how many messages it ever got"),
        "ids_forgotten": ("mailbox", "how many messages it ever got"),
    },
    "capability": {
        "row": None,
        "hash": ("capability", "the hash of a secret"),
        "mailbox": ("capability", "for which device"),
        "drawer": ("bundle", "which contact"),
        "policy": ("capability", "its limits"),
        "revoked": None,
        "deposited": ("capability", "how much of them was used"),
        "taken": ("capability", "how much of them was used"),
        "granted_ms": ("capability", "when it was given first"),
        "rested_ms": ("capability", "used last"),
    },
    "bundle": {
        "row": None,
        "mailbox": ("bundle_trace", "for which device"),
        "drawer": ("bundle_trace", "which contact"),
        "digest": ("bundle_trace", "hashes"),
        "age_ms": ("bundle_trace", "when each came"),
        "size": ("bundle", "how large"),
        "body": ("bundle", "locked"),
    },
    "last_resort": {
        "mailbox": ("bundle", "for which device"),
        "drawer": ("bundle", "which contact"),
        "body": ("bundle", "locked"),
    },
    "pass": {
        "row": None,
        "hash": ("pass", "the hash of a secret"),
        "mailboxes": ("pass", "may keep"),
        "stored_bytes": ("pass", "may keep"),
        "blob_bytes": ("pass", "may keep"),
        "invites": ("pass", "how much of it is used"),
        "rooms": ("pass", "may keep"),
        "lapses_ms": ("pass", "without an end"),
        "forwards": ("pass", "send on"),
        "forward_bytes": ("pass", "send on"),
        "forward_day": ("pass", "on which day"),
        "forwarded": ("pass", "how often"),
        "reached": ("pass", "how many new ones"),
    },
    "code": {
        "hash": ("invite_code", "hashes"),
        "uses": ("invite_code", "still lets in"),
        "expires_ms": ("invite_code", "until when"),
        "invites": ("invite_code", "those may let in"),
    },
    "destination": {
        "row": None,
        "address": ("destination", "addresses of other relays"),
        "used_ms": ("destination", "when the last one did"),
    },
    "packet": {
        "row": None,
        "ticket": None,
        "destination": ("packet_trace", "to which relay"),
        "pass": ("packet_trace", "by which pass"),
        "age_ms": ("packet_trace", "when"),
        "size": ("packet_trace", "how large"),
        "body": ("packet", "sealed"),
    },
    "answer": {
        "row": None,
        "ticket": None,
        "pass": ("packet_trace", "by which pass"),
        "age_ms": ("packet_trace", "when"),
        "outcome": ("packet_trace", "whether that relay answered"),
        "size": ("packet_trace", "how large"),
        "body": ("answer", "sealed"),
    },
    "blob": {
        "row": ("blob", "pieces"),
        "hash": ("blob_trace", "two secrets"),
        "writer": ("blob_trace", "two secrets"),
        "pass": ("blob_trace", "on which pass"),
        "chunks": ("blob_trace", "how many there are"),
        "ends_ms": ("blob_trace", "when they go"),
    },
    "chunk": {
        "blob": ("blob_trace", "of the pieces"),
        "number": ("blob_trace", "of the pieces"),
        "digest": ("blob_trace", "of the pieces"),
    },
    "blob_gone": {"row": None},
    "room": {
        "row": None,
        "id": ("room", "a random key"),
        "owner": ("room", "digest that leads to no pass"),
        "policy": ("room", "its rules"),
        "policy_signature": ("room", "signed"),
        "keeps_ms": ("room", "its rules"),
        "opened_ms": ("room", "when it was opened"),
        "used_ms": ("room", "used last"),
        "ended_ms": ("room", "ended"),
        "emptied": None,
        "epoch": ("room", "its rules"),
        "epoch_signature": ("room", "signed"),
        "last_seat": ("room", "how many seats"),
    },
    "room_seat": {
        "room": None,
        "number": ("room_seat", "seats in rooms"),
        "seat": ("room_seat", "a random key"),
        "since_ms": ("room_seat", "when it was taken"),
        "waits": ("room_seat", "whether it waits"),
        "token": ("room_seat", "invitation's hash"),
        "run": ("room_seat", "when it was taken"),
        "at": ("room_seat", "when it was taken"),
        "name": ("room_seat", "sealed name"),
        "card": ("room_seat", "keys for it"),
        "card_signature": ("room_seat", "keys for it"),
        "wrap": ("room_seat", "keys for it"),
        "wrap_epoch": ("room_seat", "keys for it"),
        "stage": ("room_entry_trace", "under which counter"),
        "desk": ("room_entry_trace", "under which counter"),
        "letters": ("room_letter_trace", "to which"),
    },
    "room_heat": {
        "row": None,
        "room": None,
        "seat": ("room_seat", "put out"),
        "mark": ("room_seat", "two bytes"),
    },
    "room_order": {
        "room": None,
        "run": ("room_entry_trace", "its order"),
        "number": ("room_entry_trace", "its order"),
        "at_ms": ("room_entry_trace", "and when"),
        "under": ("room_entry_trace", "its order"),
        "item": ("room_entry_trace", "what they order"),
    },
    "room_run": {
        "room": None,
        "lane": ("room_entry_trace", "its order"),
        "run": ("room_entry_trace", "its order"),
        "number": ("room_entry_trace", "its order"),
        "running": None,
        "before_number": ("room_entry_trace", "its order"),
        "before_running": None,
    },
    "room_item": {
        "row": None,
        "room": None,
        "lane": ("room_entry_trace", "its order"),
        "run": ("room_entry_trace", "its order"),
        "number": ("room_entry_trace", "its order"),
        "seat": ("room_entry_trace", "which seat"),
        "counter": ("room_entry_trace", "under which counter"),
        "size": ("room_entry_trace", "size"),
        "before": None,
        "item": ("room_entry", "sealed"),
    },
    "room_letter": {
        "room": None,
        "seat": ("room_letter_trace", "to which"),
        "sequence": ("room_letter_trace", "to which"),
        "id": ("room_letter_trace", "random id"),
        "by": ("room_letter_trace", "from which seat"),
        "age_ms": ("room_letter_trace", "when each came"),
        "size": ("room_letter_trace", "their size"),
        "body": ("room_letter", "sealed"),
    },
    # The relay's own clock.
    "moment": {"row": None, "wall_ms": None, "age_ms": None},
}


def test_every_column_is_told_of(tmp_path: Path) -> None:
    database.create(tmp_path / "store.db")
    opened = database.open_reader(tmp_path / "store.db")
    try:
        found = opened.execute(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
            " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'"
        ).fetchall()
    finally:
        opened.close()
    assert set(found) == {(table, column) for table in COLUMNS for column in COLUMNS[table]}


def test_what_a_column_says_stands_on_the_page_and_in_the_app() -> None:
    places = [place for table in COLUMNS.values() for place in table.values() if place is not None]
    assert {what for what, _ in places} == {
        each.what for each in practices(House()) if each.on_disk
    }
    kept = {each.what: each for each in practices(House())}
    for what, words in places:
        assert words in " ".join(strings.KEPT[what]).lower(), what
        one = kept[what]
        shown = Kept(what, on_disk=one.on_disk, sealed=one.sealed, longest_s=one.longest_s)
        assert words in " ".join(kept_words(shown)).lower(), what


def test_addresses_are_forgotten_within_the_time_told() -> None:
    (told,) = [each for each in practices(House()) if each.what == "address"]
    assert not told.on_disk
    assert told.longest_s is not None
    assert told.longest_s >= neighbours.NEWCOMERS * neighbours.NEWCOMER_EACH_MS / 1000


def test_programs_read_what_the_relay_signed() -> None:
    page = front(House())("/practices.json")
    assert page is not None
    said = json.loads(page.body)
    pinned = fingerprint(public_key(RELAY_SEED))
    body = read_practices(b64decode(said["body"]), b64decode(said["signature"]), pinned)
    assert body.name == CHOIR.name
    assert said["practices"]["kept"][0]["what"] == "envelope"


async def test_a_desktop_is_told_the_same(autojump_clock: MockClock) -> None:
    house = House(open=True, limits=Limits(keep_days=3))
    async with open_world(house) as world:
        bob = await world.caller(2)
        said = await bob.ask(frames.ShowPractices(call=bob.call()))
        assert isinstance(said, frames.Practices)
        body = read_practices(said.body, said.signature, fingerprint(public_key(RELAY_SEED)))
        assert body.kept == practices(house)
        assert body.open


# At the same port as the WebSocket


async def answer(world: World, request: bytes) -> bytes:
    stream = world.stream()
    await stream.send_all(request)
    said = b""
    while data := await stream.receive_some():
        said += data
    return said


async def test_a_browser_and_a_desktop_come_to_one_port(autojump_clock: MockClock) -> None:
    async with open_world(front=front(House())) as world:
        bob = await world.caller(2)
        said = await answer(world, b"GET / HTTP/1.1\r\nHost: relay.example\r\n\r\n")
        head, _, body = said.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200 ")
        page = front(House())("/")
        assert page is not None
        assert body == page.body
        style = re.search(rb"<style>(.*)</style>", body, re.DOTALL)
        assert style is not None
        allowed = f"style-src 'sha256-{b64encode(sha256(style[1]).digest()).decode()}'"
        assert allowed.encode() in head
        assert b"default-src 'none'" in head
        assert b"Connection: close" in head
        await bob.ping()


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        (b"GET /practices.json HTTP/1.1", b"200"),
        (b"HEAD / HTTP/1.1", b"200"),
        (b"GET / HTTP/1.0", b"200"),
        (b"GET /canary HTTP/1.1", b"404"),
        (b"GET /../relay.toml HTTP/1.1", b"404"),
        (b"POST / HTTP/1.1", b"405"),
        (b"DELETE / HTTP/1.1", b"405"),
        (b"OPTIONS * HTTP/1.1", b"405"),
    ],
)
async def test_what_is_asked_in_another_way(
    request_line: bytes, status: bytes, autojump_clock: MockClock
) -> None:
    async with open_world(front=front(House())) as world:
        said = await answer(world, request_line + b"\r\nHost: x\r\n\r\n")
        assert said.split(b" ", 2)[1] == status
        assert status == b"200" or b"canary" not in said
        assert said.endswith(b"\r\n\r\n") is request_line.startswith(b"HEAD")


@pytest.mark.parametrize(
    "junk",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/2.0\r\n\r\n",
        b"GET /\r\n\r\n",
        b"POSTS / HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody",
        b"GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500,
        b"GET /" + b"a" * 3 * MAX_BEFORE_HANDSHAKE,
    ],
)
async def test_garbage_ends_the_connection(junk: bytes, autojump_clock: MockClock) -> None:
    async with open_world(front=front(House())) as world:
        said = await answer(world, junk)
        assert not said or said.split(b" ", 2)[1] in (b"431", b"414")


@pytest.mark.parametrize("method", [b"POST", b"PUT", b"DELETE"])
@pytest.mark.parametrize("body", [b"Content-Length: 4\r\n\r\nbody", b"Transfer-Encoding: chunked"])
async def test_who_brings_something_is_told_that_nothing_is_taken(
    method: bytes, body: bytes, autojump_clock: MockClock
) -> None:
    async with open_world(front=front(House())) as world:
        request = method + b" /canary HTTP/1.1\r\nHost: x\r\n" + body + b"\r\n\r\n0\r\n\r\n"
        said = await answer(world, request)
        assert said.startswith(b"HTTP/1.1 405 ") and b"\r\nAllow: GET, HEAD\r\n" in said
        assert said.count(b"HTTP/1.1") == 1 and b"canary" not in said


async def test_half_a_request_is_not_waited_for(autojump_clock: MockClock) -> None:
    async with open_world(front=front(House())) as world:
        began = trio.current_time()
        assert await answer(world, b"GET / HTTP/1.1\r\nHost:") == b""
        assert trio.current_time() - began <= 14


def test_a_real_relay_shows_it_over_tls(tmp_path: Path, relays: Relays) -> None:
    folder = tmp_path / "relay"
    assert run("init", folder, "--listen", "0.0.0.0:0", "--name", "Choir").returncode == 0
    settings = folder / "relay.toml"
    text = settings.read_text()
    settings.write_text(text.replace('about = ""', 'about = "We sing.\\nAsk Käthe."'))
    serving = relays.serve(folder)
    trusting = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
    trusting.check_hostname = False
    url = f"https://127.0.0.1:{serving.address.port}"
    with urllib.request.urlopen(f"{url}/", context=trusting, timeout=20) as page:
        told = Reader(page.read().decode())
    assert "We sing.\nAsk Käthe." in told.text
    assert str(serving.address) in told.text
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{url}/nothing", context=trusting, timeout=20)
    with refused.value:
        assert refused.value.code == 404
    assert serving.stop() == 0


def test_what_an_operator_may_say_is_bounded() -> None:
    from relay.config import read as read_settings
    from relay.errors import WrongSetting

    assert read_settings(f'[relay]\nabout = "{"a" * 2000}"').community.about == "a" * 2000
    for setting, most in (("about", 2000), ("name", 100)):
        with pytest.raises(WrongSetting) as caught:
            read_settings(f'[relay]\n{setting} = "{"a" * (most + 1)}"')
        assert str(most) in relay_strings.sentence(caught.value)
