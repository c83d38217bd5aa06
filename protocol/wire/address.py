"""Where a relay is, and who it is: addresses and the links that carry them.

    wss://HOST:PORT#FINGERPRINT                 an address, for operators and settings
    aside://HOST:PORT/FINGERPRINT               the same inside a link
    aside://HOST:PORT/FINGERPRINT#join.CODE     a relay's invitation: address and code

``ws`` stands only with a loopback host; inside a link it is said with ``?ws``. All that is secret
in a link stands after the ``#``, which no program sends anywhere by itself.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from msgspec import Struct

from protocol.errors import MalformedLink
from protocol.ids import HASH_BYTES, Fingerprint
from protocol.keys import Secret

SCHEME = "aside"
JOIN = "join."
MAX_LINK = 2048
_MAX_HOST = 253
_LABEL = re.compile(r"[A-Za-z0-9_-]{1,63}")
_NUMBER = re.compile(r"[0-9]+|0[Xx][0-9A-Fa-f]*")


class RelayAddress(Struct, frozen=True):
    """A relay as a desktop knows it: where to connect and whose key to expect there."""

    host: str
    port: int
    fingerprint: Fingerprint
    tls: bool = True

    def __str__(self) -> str:
        return f"{'wss' if self.tls else 'ws'}://{self._netloc()}#{text_of(self.fingerprint)}"

    @property
    def url(self) -> str:
        """Where the WebSocket is, without whose key to expect."""
        return f"{'wss' if self.tls else 'ws'}://{self._netloc()}/"

    def link(self, fragment: str) -> str:
        """The address as an ``aside:`` link with this fragment."""
        plain = "" if self.tls else "?ws"
        return f"{SCHEME}://{self._netloc()}/{text_of(self.fingerprint)}{plain}#{fragment}"

    def _netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class RelayInvitation(Struct, frozen=True):
    """A relay's invitation link: address and code."""

    address: RelayAddress
    code: Secret

    def __str__(self) -> str:
        return self.address.link(JOIN + text_of(self.code))


def is_loopback(host: str) -> bool:
    """Whether plain WebSocket is allowed to this host."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def text_of(raw: bytes) -> str:
    """Bytes as unpadded URL-safe base64 (RFC 4648, section 5)."""
    return urlsafe_b64encode(raw).decode().rstrip("=")


def bytes_of(text: str) -> bytes:
    """The reverse of :func:`text_of`. Raises MalformedLink."""
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError as exc:
        raise MalformedLink from exc
    if text_of(raw) != text:
        raise MalformedLink
    return raw


def parse_address(text: str) -> RelayAddress:
    """Read ``wss://HOST:PORT#FINGERPRINT``. Raises MalformedLink."""
    parts = _split(text)
    if parts.scheme not in ("ws", "wss") or parts.path not in ("", "/") or parts.query:
        raise MalformedLink
    return _address(parts, parts.fragment, tls=parts.scheme == "wss")


def parse_link(text: str) -> tuple[RelayAddress, str]:
    """The address in an ``aside:`` link, and its fragment. Raises MalformedLink."""
    parts = _split(text)
    if parts.scheme != SCHEME or parts.query not in ("", "ws"):
        raise MalformedLink
    name = parts.path.removeprefix("/")
    return _address(parts, name, tls=not parts.query), parts.fragment


def parse_relay_invitation(text: str) -> RelayInvitation:
    """Read what ``aside-relay invite`` prints. Raises MalformedLink."""
    address, fragment = parse_link(text)
    if not fragment.startswith(JOIN):
        raise MalformedLink
    code = bytes_of(fragment.removeprefix(JOIN))
    if not 16 <= len(code) <= 32:
        raise MalformedLink
    return RelayInvitation(address, Secret(code))


def _split(text: str) -> SplitResult:
    if len(text) > MAX_LINK:
        raise MalformedLink
    if "#" not in text:  # some mailers and messengers write it so; no link of ours has a "%"
        text = text.replace("%23", "#", 1)
    try:
        return urlsplit(text.strip())
    except ValueError as exc:
        raise MalformedLink from exc


def _is_host(host: str) -> bool:
    """Whether every resolver takes this name. What ends in a number is an IP address in its usual
    spelling, or nothing: some systems read ``127.1`` as one, too."""
    if len(host) > _MAX_HOST or not host.isascii() or "%" in host:
        return False
    try:
        ip_address(host)
    except ValueError:
        labels = host.split(".")
        return all(map(_LABEL.fullmatch, labels)) and not _NUMBER.fullmatch(labels[-1])
    return True


def _address(parts: SplitResult, name: str, *, tls: bool) -> RelayAddress:
    try:
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise MalformedLink from exc
    if not host or not port or not _is_host(host) or parts.username is not None:
        raise MalformedLink
    if not tls and not is_loopback(host):
        raise MalformedLink
    raw = bytes_of(name)
    if len(raw) != HASH_BYTES:
        raise MalformedLink
    return RelayAddress(host, port, Fingerprint(raw), tls)
