"""relay.toml: written with every setting, read without mercy."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from protocol.ids import CallId, Fingerprint
from protocol.keys import Secret, public_key
from protocol.wire import codec
from protocol.wire.address import RelayAddress, text_of
from protocol.wire.frames import BlobShown, Frame, Redeem, Side, Stocked
from protocol.wire.handshake import fingerprint
from protocol.wire.practices import read_practices
from relay import strings
from relay.config import FederationPart, RelayPart, Settings, TlsPart, read, write
from relay.errors import (
    NeedsCertificate,
    OperatorError,
    StoreError,
    UnknownSetting,
    UnreadableSettings,
    WrongSetting,
)
from relay.practices import Community, declare
from relay.rules.admission import Admission
from relay.rules.clock import Now
from relay.rules.limits import Limits, Terms
from relay.store.memory import MemoryStore

FINGERPRINT = Fingerprint(bytes(32))
SEED = Secret(b"s" * 32)


def test_what_is_written_is_read() -> None:
    settings = Settings(RelayPart(about='Käthe\'s "relay"\n\\'), passes=Terms(mailboxes=3))
    assert read(write(settings)) == settings
    assert read("") == Settings()


def test_relays_are_named_by_fingerprint_or_address() -> None:
    one, other = Fingerprint(b"1" * 32), Fingerprint(b"2" * 32)
    address = str(RelayAddress("relay.example", 7443, other))
    settings = Settings(
        federation=FederationPart(policy="allow", relays=(text_of(one), address), private=True)
    )
    assert read(write(settings)) == settings
    federation = settings.house.federation
    assert federation.relays == {one, other}
    assert federation.meets(one) and not federation.meets(Fingerprint(b"3" * 32))


@pytest.mark.parametrize(
    ("listen", "url", "private"),
    [
        ("127.0.0.1:1", "", True),
        ("[::1]:1", "", True),
        ("127.0.0.1:1", "ws://localhost:1", True),
        ("127.0.0.1:1", "wss://relay.example:1", False),
        ("0.0.0.0:1", "", False),
    ],
)
def test_only_a_relay_for_this_machine_calls_this_machine(
    listen: str, url: str, private: bool
) -> None:
    settings = Settings(RelayPart(listen=listen, public_url=url))
    assert settings.house.federation.private is private


def test_every_setting_is_explained_and_nothing_else() -> None:
    parts = Settings()
    names = {
        f"{part.name}.{each.name}"
        for part in fields(parts)
        for each in fields(getattr(parts, part.name))
    }
    assert strings.SETTINGS.keys() == names
    text = write(parts)
    assert all(f"\n{name.split('.')[1]} = " in text for name in names)


@pytest.mark.parametrize(
    ("text", "error", "about"),
    [
        ("[relay", UnreadableSettings, ""),
        ("[relay]\nname = ", UnreadableSettings, "Invalid value"),
        ('[relay]\nname = " "', WrongSetting, "relay.name"),
        ('[relay]\nname = "a\\nb"', WrongSetting, "relay.name"),
        ('[relay]\npublic_url = "wss://a.example:0"', WrongSetting, "relay.public_url"),
        (f"[passes]\nforwards = {2**31}", WrongSetting, "passes.forwards"),
        ("[limits]\nkeep_days = 3651", WrongSetting, "limits.keep_days"),
        ("[limits]\nblob_days = 9007199254740991", WrongSetting, "limits.blob_days"),
        ("[ralay]\n", UnknownSetting, "ralay"),
        ("relay = 3", UnknownSetting, "relay"),
        ("[limits]\nconections = 3", UnknownSetting, "limits.conections"),
        ('[limits]\nconnections = "3"', WrongSetting, "limits.connections"),
        ("[limits]\nconnections = 0", WrongSetting, "limits.connections"),
        ("[limits]\nconnections = true", WrongSetting, "limits.connections"),
        ("[limits]\nconnections = 1.5", WrongSetting, "limits.connections"),
        ("[relay]\nname = 3", WrongSetting, "relay.name"),
        ('[relay]\nlisten = "here"', WrongSetting, "relay.listen"),
        ('[relay]\nlisten = "host:99999"', WrongSetting, "relay.listen"),
        ('[relay]\nadmission = "some"', WrongSetting, "relay.admission"),
        ('[relay]\npublic_url = "http://x"', WrongSetting, "relay.public_url"),
        ('[relay]\npublic_url = "ws://relay.example:1"', WrongSetting, "relay.public_url"),
        ('[tls]\ncertificate = ""', NeedsCertificate, ""),
        ('[federation]\npolicy = "some"', WrongSetting, "federation.policy"),
        ('[federation]\nrelays = "some"', WrongSetting, "federation.relays"),
        ("[federation]\nrelays = [3]", WrongSetting, "federation.relays"),
        ('[federation]\nrelays = ["some"]', WrongSetting, "federation.relays"),
        ('[federation]\nrelays = ["wss://a.example:1"]', WrongSetting, "federation.relays"),
        ("[federation]\nprivate = 1", WrongSetting, "federation.private"),
        ('[federation]\nproxy = "http://a:1"', WrongSetting, "federation.proxy"),
        ('[federation]\nproxy = "socks5://a"', WrongSetting, "federation.proxy"),
    ],
)
def test_a_mistake_is_one_sentence(text: str, error: type[OperatorError], about: str) -> None:
    with pytest.raises(error) as caught:
        read(text)
    assert about in caught.value.about
    sentence = strings.sentence(caught.value)
    assert about in sentence
    assert "\n" not in sentence


NUMBERS = [
    f"{part}.{each.name}"
    for part, values in (("passes", Terms()), ("limits", Limits()))
    for each in fields(values)
]


@given(st.sampled_from(NUMBERS), st.integers(2**31 - 9, 2**31 + 9) | st.integers(0, 2**63))
def test_whatever_number_is_accepted_can_be_told(setting: str, number: int) -> None:
    part, name = setting.split(".")
    try:
        settings = read(f"[{part}]\n{name} = {number}")
    except WrongSetting as exc:
        assert exc.line == 2 and "a whole number from" in strings.sentence(exc)
        return
    house = msgspec.structs.replace(settings.house, open=True)
    asked = Redeem(call=CallId(1), code=b"", pass_secret=bytes(32))
    most = house.limits
    said: list[Frame] = [
        Admission(MemoryStore().passes, house).redeem(asked, Now(0, 0)),
        Stocked(call=CallId(1), bundles=most.bundles),
        BlobShown(call=CallId(1), chunks=1, there=b"", stay_s=most.blob_days * 86_400),
    ]
    assert codec.load(codec.dump(said), Side.RELAY) == said
    practices = declare(SEED, house, Community("x" * 100, "\U0001f6aa" * 2000))
    assert read_practices(practices.body, practices.signature, fingerprint(public_key(SEED))).kept


@given(st.text(max_size=200))
def test_any_text_is_settings_or_a_known_mistake(text: str) -> None:
    try:
        read(text)
    except OperatorError as exc:
        assert strings.sentence(exc)


@given(st.text(max_size=60))
def test_any_text_survives(about: str) -> None:
    settings = Settings(RelayPart(about=about))
    try:
        about.encode()
    except UnicodeEncodeError:
        return
    assert read(write(settings)) == settings


@pytest.mark.parametrize(
    ("listen", "public_url", "plain", "address"),
    [
        ("127.0.0.1:7443", "", True, "ws://127.0.0.1:5#"),
        ("0.0.0.0:7443", "", False, "wss://machine:5#"),
        ("[::]:7443", "", False, "wss://machine:5#"),
        ("[2001:db8::1]:7443", "", False, "wss://[2001:db8::1]:5#"),
        ("0.0.0.0:7443", "wss://relay.example", False, "wss://relay.example:443#"),
        ("0.0.0.0:7443", "wss://relay.example:99", False, "wss://relay.example:99#"),
    ],
)
def test_an_address_is_where_others_reach_it(
    listen: str, public_url: str, plain: bool, address: str
) -> None:
    tls = TlsPart("", "") if plain else TlsPart()
    settings = Settings(RelayPart(listen=listen, public_url=public_url), tls)
    assert read(write(settings)) == settings
    assert str(settings.address("machine", 5, FINGERPRINT)).startswith(address)


def test_every_error_has_a_sentence() -> None:
    def below(cls: type[OperatorError]) -> set[type[OperatorError]]:
        subclasses = set(cls.__subclasses__())
        return subclasses.union(*(below(each) for each in subclasses))

    assert below(OperatorError) - {StoreError} == strings.SENTENCES.keys()
