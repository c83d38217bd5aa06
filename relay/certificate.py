"""The relay's certificate. No authority has to sign it: the relay's key does, in the handshake,
over the hash of the one that the connection is really served with.

The files may be replaced while the relay serves. Each connection gets context and hash from one
moment, so the two never part; what cannot be served is told and changes nothing.
"""

from __future__ import annotations

import logging
import os
import ssl
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

import trio
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from msgspec import Struct

from relay import strings
from relay.errors import BadCertificate, MismatchedCertificate, NotAllowed

_log = logging.getLogger(__name__)

LOOK_S = 60.0
GOOD_FOR = timedelta(days=20 * 365)
# What OpenSSL calls a key that belongs to another certificate.
_MISMATCHED = "KEY_VALUES_MISMATCH"


def make(host: str, now_ms: int) -> tuple[bytes, bytes]:
    """A self-signed certificate for this host, and its private key, both in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "aside-relay")])
    start = datetime.fromtimestamp(now_ms / 1000, UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + GOOD_FOR)
        .add_extension(x509.SubjectAlternativeName([_name_of(host)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return certificate.public_bytes(serialization.Encoding.PEM), secret


def load(certificate: Path, key: Path) -> tuple[ssl.SSLContext, bytes]:
    """What to serve it with, and its hash for the handshake.

    Raises BadCertificate, MismatchedCertificate, NotAllowed.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    # By a ticket the same desktop would be known again on its next line.
    context.num_tickets = 0
    try:
        context.load_cert_chain(certificate, key)
        return context, sha256(_served_by(context)).digest()
    except ssl.SSLError as exc:
        wrong = MismatchedCertificate if exc.reason == _MISMATCHED else BadCertificate
        raise wrong(str(certificate)) from exc
    except PermissionError as exc:
        raise NotAllowed(str(key if os.access(certificate, os.R_OK) else certificate)) from exc
    except (OSError, ValueError) as exc:
        raise BadCertificate(str(certificate)) from exc


def lasts(certificate: Path) -> tuple[int, int]:
    """From when until when, in milliseconds since 1970 UTC. Raises BadCertificate."""
    found = _read(certificate)
    ends = (found.not_valid_before_utc, found.not_valid_after_utc)
    return int(ends[0].timestamp() * 1000), int(ends[1].timestamp() * 1000)


def covers(certificate: Path, host: str) -> bool:
    """Whether it names this host. Raises BadCertificate."""
    try:
        names = _read(certificate).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except (x509.ExtensionNotFound, ValueError):
        return False
    wanted = _name_of(host)
    if isinstance(wanted, x509.IPAddress):
        return wanted.value in names.value.get_values_for_type(x509.IPAddress)
    name = str(wanted.value).lower()
    _, _, parent = name.partition(".")
    known = {found.lower() for found in names.value.get_values_for_type(x509.DNSName)}
    return name in known or (bool(parent) and f"*.{parent}" in known)


class Served(Struct, frozen=True):
    """What a connection is served with: TLS or not, and the hash that the relay signs."""

    context: ssl.SSLContext | None = None
    hash: bytes = b""


class Certificates:
    """The files in use. ``seen`` is the certificate of a proxy in front, where there is one:
    then it is what desktops receive, and its hash is signed. Raises BadCertificate.
    """

    def __init__(self, certificate: Path | None, key: Path | None, seen: Path | None) -> None:
        self._certificate = certificate
        self._key = key
        self._seen = seen
        self._files = [path for path in (certificate, key, seen) if path is not None]
        self._stamp = self._stamps()
        self._served = self._load()

    def current(self) -> Served:
        """For one connection."""
        return self._served

    def look(self) -> None:
        """Take what is new in the files, if it can be served. Never raises."""
        stamp = self._stamps()
        if stamp == self._stamp:
            return
        # Also where it turns out to be bad: it is told once, and looked at when it changes again.
        self._stamp = stamp
        try:
            self._served = self._load()
            _log.info(strings.LOG_CERTIFICATE)
        except (BadCertificate, NotAllowed):
            _log.error(strings.LOG_BAD_CERTIFICATE)

    async def watch(self) -> None:
        """Look once a minute until cancelled."""
        while True:
            await trio.sleep(LOOK_S)
            await trio.to_thread.run_sync(self.look)

    def _load(self) -> Served:
        context, hashed = None, b""
        if self._certificate is not None and self._key is not None:
            context, hashed = load(self._certificate, self._key)
        if self._seen is not None:
            hashed = sha256(_read(self._seen).public_bytes(serialization.Encoding.DER)).digest()
        return Served(context, hashed)

    def _stamps(self) -> list[tuple[int, int, int]]:
        found: list[tuple[int, int, int]] = []
        for path in self._files:
            with suppress(OSError):
                at = path.stat()
                found.append((at.st_mtime_ns, at.st_size, at.st_ino))
        return found


def _served_by(context: ssl.SSLContext) -> bytes:
    """The certificate that a client of this context receives: asked, not read from a file that
    may have been replaced since."""
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname = False
    asking.verify_mode = ssl.CERT_NONE
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = asking.wrap_bio(to_client, to_server)
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for end in (client, server, client, server):
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    received = client.getpeercert(binary_form=True)
    if received is None:
        raise ValueError("no certificate")
    return received


def _read(certificate: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes())
    except PermissionError as exc:
        raise NotAllowed(str(certificate)) from exc
    except (OSError, ValueError, UnsupportedAlgorithm) as exc:
        raise BadCertificate(str(certificate)) from exc


def _name_of(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())
