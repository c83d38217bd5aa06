"""The specification says what the declarations say: no name, field or bound may be missing."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

import protocol
from protocol.e2e import bundle, chain, devices, sealing
from protocol.e2e.contents import CONTENTS, MAX_TEXT_BYTES, Gap, Header, MailboxRoute, Route, Slot
from protocol.e2e.envelope import MAX_INSIDE
from protocol.e2e.rooms import desk, stage
from protocol.e2e.rooms.bridge import BridgeCard, Quote
from protocol.e2e.rooms.contents import STAGE, Reactions, Votes
from protocol.e2e.rooms.desk_contents import DESK, TableRow
from protocol.e2e.rooms.front import Front
from protocol.e2e.rooms.letters import LETTERS
from protocol.keys import Domain
from protocol.wire import codec
from protocol.wire.frames import (
    ANSWER_SIZES,
    CHUNK_BYTES,
    ENVELOPE_SIZES,
    FRAMES,
    MAX_CHUNKS,
    PACKET_SIZES,
    Answer,
    CardBody,
    Frame,
    Policy,
    Practice,
    PracticesBody,
    Reason,
    Request,
    SlotUpdate,
    Statement,
)
from protocol.wire.frames.letters import LETTER_SIZES, BoxedLetter
from protocol.wire.frames.room_entries import MAX_DESK_SEALED, MAX_STAGE_SEALED
from protocol.wire.frames.room_orders import MAX_WRAPS, SeatWrap, SignedEpoch
from protocol.wire.frames.rooms import (
    CardRow,
    SeatRow,
    SignedCard,
    SignedGrant,
    SignedHead,
    SignedPolicy,
)
from protocol.wire.rooms.entering import SeatCard
from protocol.wire.rooms.epochs import EpochBody
from protocol.wire.rooms.heads import HeadBody
from protocol.wire.rooms.items import EntryBody
from protocol.wire.rooms.letters import LetterBody
from protocol.wire.rooms.orders import GrantBody, OrderBody
from protocol.wire.rooms.policy import PolicyBody
from tests.protocol.notation import fields_of

FOLDER = Path(next(iter(protocol.__path__)))
TEXT = (FOLDER / "README.md").read_text()
ROWS = {
    name.strip().strip("`"): row
    for row in TEXT.splitlines()
    if row.startswith("| ")
    for name in [row.split("|")[1]]
}
STRUCTURES: list[type[msgspec.Struct]] = [
    Policy,
    Statement,
    CardBody,
    Answer,
    PracticesBody,
    Practice,
    SlotUpdate,
    devices.DeviceEntry,
    devices.DeviceList,
    devices.SignedDeviceList,
    sealing.SealingKeyCard,
    sealing.SignedSealingKey,
    bundle.Bundle,
    Header,
    MailboxRoute,
    Route,
    Slot,
    Gap,
    SignedPolicy,
    SignedGrant,
    SignedHead,
    SignedCard,
    SignedEpoch,
    SeatRow,
    CardRow,
    SeatWrap,
    BoxedLetter,
    PolicyBody,
    SeatCard,
    EntryBody,
    OrderBody,
    GrantBody,
    HeadBody,
    EpochBody,
    LetterBody,
    Votes,
    Reactions,
    TableRow,
    Front,
    Quote,
    BridgeCard,
]


def fields(cls: type[msgspec.Struct], but: str) -> str:
    return ", ".join(one for one in fields_of(cls) if not one.startswith(f"`{but}`"))


@pytest.mark.parametrize("tag", FRAMES)
def test_every_frame_stands_in_it(tag: str) -> None:
    cls: type[Frame] = FRAMES[tag]
    assert f"| {fields(cls, 'call')} |".replace("|  |", "| |") in ROWS[tag]
    if issubclass(cls, Request):
        assert f"| `{cls.reply().__struct_config__.tag}` |" in ROWS[tag]


@pytest.mark.parametrize("tag", CONTENTS)
def test_every_content_stands_in_it(tag: str) -> None:
    assert f"| {fields(CONTENTS[tag], 'header')} |" in ROWS[tag]


@pytest.mark.parametrize("cls", STRUCTURES, ids=lambda cls: cls.__name__)
def test_every_structure_stands_in_it(cls: type[msgspec.Struct]) -> None:
    assert f"| {', '.join(fields_of(cls))} |" in ROWS[cls.__name__]


OF_ROOMS: dict[str, type[msgspec.Struct]] = {
    f"{where}: {tag}": cls
    for where, said in (("stage", STAGE), ("desk", DESK), ("letter", LETTERS))
    for tag, cls in said.by_name.items()
}
BESIDE = ("`name` text", "`sent_ms`")  # what all of them have


@pytest.mark.parametrize("name", OF_ROOMS)
def test_every_content_of_rooms_stands_in_it(name: str) -> None:
    own = ", ".join(one for one in fields_of(OF_ROOMS[name]) if not one.startswith(BESIDE))
    assert f"| {own} |" in ROWS[name]


@pytest.mark.parametrize("domain", Domain)
def test_every_domain_stands_in_it(domain: Domain) -> None:
    assert f"`{domain.value.decode().removeprefix('aside/1 ')}`" in TEXT


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_stands_in_it(reason: Reason) -> None:
    assert f"`{reason.value}`" in TEXT


def test_every_part_of_the_chain_stands_in_its_order() -> None:
    named = ["`" + part + "`" for part in chain.SHARED]
    section = TEXT[TEXT.index("**content_hash**") :]
    places = [section.index(name) for name in named]
    assert places == sorted(places)


@pytest.mark.parametrize(
    "bound",
    [
        ", ".join(map(str, ENVELOPE_SIZES)),
        ", ".join(map(str, PACKET_SIZES[:-1])) + f" or {PACKET_SIZES[-1]} bytes",
        f"An answer is {ANSWER_SIZES[0]} bytes long,",
        f"to a `take_bundle` or `show_blob` {ANSWER_SIZES[1]}, to a",
        f"`get_chunk` {ANSWER_SIZES[2]}",
        f"{CHUNK_BYTES:,} bytes; {MAX_CHUNKS:,} ({CHUNK_BYTES * MAX_CHUNKS // 1024**3} GiB)",
        f"{MAX_INSIDE:,}",
        f"{MAX_TEXT_BYTES:,} bytes of UTF-8",
        f"{bundle.BUNDLE_BYTES:,} bytes long",
        f"more than {chain.MAX_JUMP:,} ahead",
        f"Above {chain.MAX_HOLES} holes",
        f"{codec.MAX_MESSAGE // 1024**2} MiB; {codec.MAX_FRAMES}",
        ", ".join(map(str, stage.SIZES[:-1])) + f" or {stage.SIZES[-1]} bytes long",
        ", ".join(map(str, desk.SIZES[:-1])) + f" or {desk.SIZES[-1]} bytes long",
        ", ".join(map(str, LETTER_SIZES[:-1])) + f" or {LETTER_SIZES[-1]} bytes long",
        f"Stage entries seal {MAX_STAGE_SEALED:,} bytes at most, desk entries {MAX_DESK_SEALED:,}",
        f"at most {MAX_WRAPS:,} in a request",
        f"{codec.MAX_BEFORE_HANDSHAKE // 1024} KiB; 10 s",
    ],
)
def test_every_bound_stands_in_it(bound: str) -> None:
    assert bound in TEXT


def test_every_test_that_the_threats_name_is_there() -> None:
    threats = (FOLDER / "THREATS.md").read_text()
    named = {word for word in threats.split("`") if word.startswith("test_")}
    assert named
    there = {path.name for path in Path(__file__).parents[1].rglob("test_*.py")}
    assert named <= there
