"""Whether the relay can be reached, as far as that can be seen from its own machine.

Reached means more than a port that is open: whoever answers must prove to be this relay.
"""

from __future__ import annotations

import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from ipaddress import ip_address

from msgspec.structs import replace
from websockets.exceptions import WebSocketException
from websockets.sync.client import connect

from protocol.errors import NoCommonVersion, RemoteProtocolError, WrongRelay
from protocol.wire.address import RelayAddress, is_loopback
from protocol.wire.handshake import agree, hello
from relay.doctor.findings import Finding, Grade

LISTENING = "listening"
PUBLIC = "public address"
PATIENCE_S = 5.0
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


def look_stopped(host: str, port: int) -> Iterator[Finding]:
    """Whether the port could be had."""
    facts: dict[str, object] = {"host": host, "port": port}
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, number, _, place = found[0]
        with socket.socket(family, kind, number) as tried:
            if os.name == "posix":
                tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(place)
    except PermissionError:
        yield Finding(LISTENING, Grade.WRONG, "port_forbidden", facts)
    except OSError:
        yield Finding(LISTENING, Grade.WRONG, "port_taken", facts)
    else:
        yield Finding(LISTENING, Grade.WARNING, "not_running", facts)


def look_running(here: RelayAddress, listen_host: str, listen_port: int) -> Iterator[Finding]:
    """``here`` is what is handed out as the relay's address."""
    near = replace(here, host=_EVERYWHERE.get(listen_host, listen_host), port=listen_port)
    facts: dict[str, object] = {"host": listen_host, "port": listen_port}
    kind = reach(near)
    grade = Grade.OK if kind == "reached" else Grade.WRONG
    yield Finding(LISTENING, grade, f"here_{kind}", facts)
    yield from _look_public(here)


def _look_public(here: RelayAddress) -> Iterator[Finding]:
    facts: dict[str, object] = {"host": here.host, "port": here.port}
    if is_loopback(here.host):
        yield Finding(PUBLIC, Grade.WARNING, "public_loopback", facts)
        return
    try:
        found = socket.getaddrinfo(here.host, here.port, type=socket.SOCK_STREAM)
    except OSError:
        yield Finding(PUBLIC, Grade.WRONG, "public_unknown", facts)
        return
    addresses = {ip_address(str(place[0]).partition("%")[0]) for *_, place in found}
    if not any(address.is_global for address in addresses):
        yield Finding(PUBLIC, Grade.WARNING, "public_private", facts)
    kind = reach(here)
    # A router may not lead its own network back to itself, so not reached is not proved wrong.
    grade = {"reached": Grade.OK, "silent": Grade.UNKNOWN}.get(kind, Grade.WRONG)
    yield Finding(PUBLIC, grade, f"public_{kind}", facts)


def reach(address: RelayAddress) -> str:
    """``reached``, ``silent`` (nobody answers), ``strange`` (no relay), ``other`` (another one)."""
    context: ssl.SSLContext | None = None
    if address.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    scheme = "wss" if address.tls else "ws"
    host = f"[{address.host}]" if ":" in address.host else address.host
    try:
        with connect(
            f"{scheme}://{host}:{address.port}/",
            ssl=context,
            proxy=None,
            compression=None,
            open_timeout=PATIENCE_S,
            close_timeout=PATIENCE_S,
            max_size=1 << 16,
        ) as line:
            certificate = b""
            if isinstance(line.socket, ssl.SSLSocket):
                certificate = sha256(line.socket.getpeercert(binary_form=True) or b"").digest()
            said = hello(os.urandom)
            line.send(said)
            heard = line.recv(timeout=PATIENCE_S)
            if not isinstance(heard, bytes):
                return "strange"
            agree(said, heard, address.fingerprint, certificate)
            # How the other side parts is its own affair.
            with suppress(WebSocketException, OSError):
                line.close()
    except WrongRelay:
        return "other"
    except (RemoteProtocolError, NoCommonVersion, WebSocketException, ssl.SSLError):
        return "strange"
    except OSError:
        # Also where nothing came in time.
        return "silent"
    return "reached"
