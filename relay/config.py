"""relay.toml: written with every setting, its meaning and its default; read without mercy.

The settings are the fields of the classes below and of the rules' limits; nothing is declared
twice.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from msgspec import Struct, field
from msgspec.structs import fields, replace

from protocol.errors import MalformedLink
from protocol.ids import HASH_BYTES, Fingerprint
from protocol.wire.address import RelayAddress, bytes_of, is_loopback, parse_address
from relay import strings
from relay.errors import NeedsCertificate, UnknownSetting, UnreadableSettings, WrongSetting
from relay.logs import JSON, PLAIN
from relay.practices import Community
from relay.rules.federation import Federation, Openness
from relay.rules.limits import House, Limits, Terms
from relay.toml_lines import line_of
from relay.toml_values import Value, toml_of, value_of
from relay.two_hops.calling import is_proxy

INVITE, OPEN = "invite", "open"
DEFAULT_LISTEN = "0.0.0.0:7443"
DEFAULT_TLS_PORT = 443
# How tomllib says where.
_AT = re.compile(r"\((?:at line (?P<line>\d+), column \d+|at end of document)\)")

T = TypeVar("T", "RelayPart", "TlsPart", "FederationPart", "MetricsPart", "LogPart", Terms, Limits)


class RelayPart(Struct, frozen=True):
    """[relay]"""

    name: str = "Aside relay"
    listen: str = DEFAULT_LISTEN
    public_url: str = ""
    admission: str = INVITE
    about: str = ""


class TlsPart(Struct, frozen=True):
    """[tls]"""

    certificate: str = "certificate.pem"
    key: str = "certificate.key"
    seen: str = ""


class MetricsPart(Struct, frozen=True):
    """[metrics]"""

    listen: str = ""


class LogPart(Struct, frozen=True):
    """[log]"""

    form: str = PLAIN


class FederationPart(Struct, frozen=True):
    """[federation]"""

    policy: str = Openness.OPEN.value
    relays: tuple[str, ...] = ()
    private: bool = False
    proxy: str = ""


class Settings(Struct, frozen=True):
    """All of relay.toml."""

    relay: RelayPart = field(default_factory=RelayPart)
    tls: TlsPart = field(default_factory=TlsPart)
    passes: Terms = field(default_factory=Terms)
    limits: Limits = field(default_factory=Limits)
    federation: FederationPart = field(default_factory=FederationPart)
    metrics: MetricsPart = field(default_factory=MetricsPart)
    log: LogPart = field(default_factory=LogPart)

    @property
    def house(self) -> House:
        """What the rules need of it."""
        part = self.federation
        federation = Federation(
            Openness(part.policy),
            frozenset(map(_fingerprint, part.relays)),
            part.private or self._for_this_machine,
        )
        return House(self.relay.admission == OPEN, self.passes, self.limits, federation=federation)

    @property
    def _for_this_machine(self) -> bool:
        """Whether nobody elsewhere reaches it; a proxy in front would."""
        url = self.relay.public_url
        return is_loopback(public_place(url)[0] if url else self.listen[0])

    @property
    def community(self) -> Community:
        """What its operator says of it."""
        return Community(self.relay.name, self.relay.about)

    @property
    def listen(self) -> tuple[str, int]:
        """Host and port to listen on. Raises WrongSetting."""
        return host_and_port("relay.listen", self.relay.listen)

    @property
    def watched_at(self) -> tuple[str, int] | None:
        """Where this machine is told how the relay does; None for nowhere. Raises WrongSetting."""
        if not self.metrics.listen:
            return None
        return loopback_place("metrics.listen", self.metrics.listen)

    def address(self, host_name: str, port: int, fingerprint: Fingerprint) -> RelayAddress:
        """How others reach the relay that listens on this port of the machine ``host_name``."""
        tls = bool(self.tls.certificate or self.tls.seen)
        if self.relay.public_url:
            _, port = public_place(self.relay.public_url)
        return RelayAddress(self.host(host_name), port, fingerprint, tls)

    def host(self, host_name: str) -> str:
        """By which name or number others reach it on the machine ``host_name``."""
        if self.relay.public_url:
            return public_place(self.relay.public_url)[0]
        host, _ = self.listen
        everywhere = host in ("0.0.0.0", "::")  # noqa: S104
        return host_name if everywhere else host


def host_and_port(setting: str, text: str) -> tuple[str, int]:
    """Read ``HOST:PORT``. Raises WrongSetting."""
    try:
        parts = urlsplit(f"//{text}")
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise WrongSetting(setting, strings.BAD_LISTEN) from exc
    if not host or port is None or parts.path or parts.username is not None:
        raise WrongSetting(setting, strings.BAD_LISTEN)
    return host, port


def loopback_place(setting: str, text: str) -> tuple[str, int]:
    """Read ``HOST:PORT`` on this machine. Raises WrongSetting."""
    host, port = host_and_port(setting, text)
    if not is_loopback(host) or not port:
        raise WrongSetting(setting, strings.BAD_LOOPBACK)
    return host, port


def public_place(url: str) -> tuple[str, int]:
    """Host and port of a public URL. Raises WrongSetting."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, DEFAULT_TLS_PORT if parts.port is None else parts.port
    except ValueError as exc:
        raise WrongSetting("relay.public_url", strings.BAD_URL) from exc
    plain = parts.scheme == "ws" and host is not None and is_loopback(host)
    if not host or not port or parts.path not in ("", "/") or not (parts.scheme == "wss" or plain):
        raise WrongSetting("relay.public_url", strings.BAD_URL)
    return host, port


def write(settings: Settings) -> str:
    """The text of relay.toml."""
    lines = [strings.TOML_HEAD]
    for part in fields(settings):
        lines += ["", f"[{part.name}]"]
        values = getattr(settings, part.name)
        for each in fields(values):
            meaning = strings.SETTINGS[f"{part.name}.{each.name}"]
            lines += [f"# {line}" for line in meaning.splitlines()]
            lines.append(f"{each.name} = {toml_of(getattr(values, each.name))}")
    return "\n".join(lines) + "\n"


def read(text: str) -> Settings:
    """Raises UnreadableSettings, UnknownSetting, WrongSetting, NeedsCertificate: with the line."""
    try:
        return _read(text)
    except UnknownSetting as exc:
        exc.line, exc.expected = _line(text, exc.about), ", ".join(_allowed(exc.about))
        raise
    except WrongSetting as exc:
        exc.line = _line(text, exc.about)
        raise
    except NeedsCertificate as exc:
        exc.line = _line(text, "relay.listen") or _line(text, "tls.certificate")
        raise


def _line(text: str, setting: str) -> int:
    part, _, key = setting.partition(".")
    return line_of(text, (part, key) if key else (part,))


def _allowed(setting: str) -> list[str]:
    """What may stand where this does not."""
    part, _, key = setting.partition(".")
    if not key:
        return [f"[{each.name}]" for each in fields(Settings)]
    return [each.name for each in fields(getattr(Settings(), part))]


def _read(text: str) -> Settings:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as exc:
        raise _unreadable(str(exc)) from exc
    for name in found.keys() - {part.name for part in fields(Settings)}:
        raise UnknownSetting(name)
    default = Settings()
    settings = Settings(
        _part("relay", found.get("relay", {}), default.relay),
        _part("tls", found.get("tls", {}), default.tls),
        _part("passes", found.get("passes", {}), default.passes),
        _part("limits", found.get("limits", {}), default.limits),
        _part("federation", found.get("federation", {}), default.federation),
        _part("metrics", found.get("metrics", {}), default.metrics),
        _part("log", found.get("log", {}), default.log),
    )
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    if not settings.relay.name.strip() or not settings.relay.name.isprintable():
        raise WrongSetting("relay.name", strings.BAD_LINE)
    if settings.relay.admission not in (INVITE, OPEN):
        raise WrongSetting("relay.admission", strings.BAD_ADMISSION)
    if settings.federation.policy not in list(Openness):
        raise WrongSetting("federation.policy", strings.BAD_POLICY)
    for relay in settings.federation.relays:
        _fingerprint(relay)
    if settings.log.form not in (PLAIN, JSON):
        raise WrongSetting("log.form", strings.BAD_FORM)
    if settings.federation.proxy and not is_proxy(settings.federation.proxy):
        raise WrongSetting("federation.proxy", strings.BAD_SOCKS)
    host, _ = settings.listen
    if settings.metrics.listen:
        loopback_place("metrics.listen", settings.metrics.listen)
    plain = not (settings.tls.certificate or settings.tls.seen)
    if settings.tls.seen and not settings.relay.public_url:
        raise WrongSetting("relay.public_url", strings.BAD_PROXY)
    if settings.relay.public_url:
        public_place(settings.relay.public_url)
        if plain == settings.relay.public_url.startswith("wss:"):
            raise WrongSetting("relay.public_url", strings.BAD_PLAIN)
    if not settings.tls.certificate and not is_loopback(host):
        raise NeedsCertificate


def _unreadable(said: str) -> UnreadableSettings:
    """Where it stands is said in front, as of every other mistake."""
    at = _AT.search(said)
    error = UnreadableSettings((said[: at.start()] if at else said).strip().rstrip("."))
    error.line = int(at["line"] or 0) if at else 0
    return error


def _part(name: str, found: object, default: T) -> T:
    if not isinstance(found, dict):
        raise UnknownSetting(name)
    known = {each.name for each in fields(default)}
    values: dict[str, Value] = {}
    for key, value in cast("dict[str, Any]", found).items():
        setting = f"{name}.{key}"
        if key not in known:
            raise UnknownSetting(setting)
        values[key] = value_of(setting, value, getattr(default, key))
    return replace(default, **cast("dict[str, Any]", values))


def _fingerprint(text: str) -> Fingerprint:
    """Of a relay named by its fingerprint or its address. Raises WrongSetting."""
    try:
        raw = parse_address(text).fingerprint if "#" in text else bytes_of(text)
    except MalformedLink as exc:
        raise WrongSetting("federation.relays", strings.BAD_RELAYS) from exc
    if len(raw) != HASH_BYTES:
        raise WrongSetting("federation.relays", strings.BAD_RELAYS)
    return Fingerprint(raw)
