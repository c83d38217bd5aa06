"""A certificate of the relay's own making. No authority signs it: the relay's key does, in the
handshake, over the hash that this module computes."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from relay.errors import BadCertificate, MismatchedCertificate

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

    Raises BadCertificate, MismatchedCertificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(certificate, key)
        return context, sha256(_read(certificate).public_bytes(serialization.Encoding.DER)).digest()
    except ssl.SSLError as exc:
        wrong = MismatchedCertificate if exc.reason == _MISMATCHED else BadCertificate
        raise wrong(str(certificate)) from exc
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


def _read(certificate: Path) -> x509.Certificate:
    try:
        return x509.load_pem_x509_certificate(certificate.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm) as exc:
        raise BadCertificate(str(certificate)) from exc


def _name_of(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host.encode("idna").decode())
