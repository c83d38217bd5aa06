"""Versions, files that may be open, and a certificate that fits."""

from __future__ import annotations

import platform
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path

from sqlcipher3 import dbapi2 as sqlite

from protocol.wire.address import is_loopback
from relay import certificate
from relay.doctor.findings import Finding, Grade
from relay.errors import BadCertificate, MismatchedCertificate
from relay.release import release
from relay.rules.clock import DAY_MS
from relay.store.database import SOUND_SQLITE

VERSIONS = "versions"
FILES = "open files"
CERTIFICATE = "certificate"
SOON_DAYS = 14
# What a relay has open beside its connections.
OTHER_FILES = 128


def look_at_versions() -> Iterator[Finding]:
    """What this relay runs on."""
    facts: dict[str, object] = {
        "aside": release(),
        "python": platform.python_version(),
        "sqlite": sqlite.sqlite_version,
        "openssl": ssl.OPENSSL_VERSION,
        "sound": ".".join(map(str, SOUND_SQLITE)),
    }
    sound = sqlite.sqlite_version_info >= SOUND_SQLITE
    grade = Grade.OK if sound else Grade.WRONG
    yield Finding(VERSIONS, grade, "versions" if sound else "versions_unsound", facts)


def look_at_files(connections: int) -> Iterator[Finding]:
    """Whether the system lets the relay have as many connections as its settings promise."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415

    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    facts: dict[str, object] = {"files": most, "connections": connections}
    if most in (resource.RLIM_INFINITY, -1) or most >= connections + OTHER_FILES:
        yield Finding(FILES, Grade.OK, "files_enough", facts)
    else:
        yield Finding(FILES, Grade.WARNING, "files_few", facts)


def look_at_certificate(public: Path, key: Path, host: str, now_ms: int) -> Iterator[Finding]:
    """Whether it is whole, in its time, and for this host."""
    facts: dict[str, object] = {"path": str(public), "host": host}
    try:
        certificate.load(public, key)
        starts_ms, ends_ms = certificate.lasts(public)
        fits = certificate.covers(public, host)
    except MismatchedCertificate:
        yield Finding(CERTIFICATE, Grade.WRONG, "certificate_mismatched", facts)
        return
    except BadCertificate:
        yield Finding(CERTIFICATE, Grade.WRONG, "certificate_bad", facts)
        return
    facts["days"] = (ends_ms - now_ms) // DAY_MS
    if now_ms > ends_ms:
        yield Finding(CERTIFICATE, Grade.WRONG, "certificate_expired", facts)
    elif now_ms < starts_ms:
        yield Finding(CERTIFICATE, Grade.WRONG, "certificate_early", facts)
    elif ends_ms - now_ms < SOON_DAYS * DAY_MS:
        yield Finding(CERTIFICATE, Grade.WARNING, "certificate_soon", facts)
    else:
        yield Finding(CERTIFICATE, Grade.OK, "certificate_good", facts)
    if not fits and not is_loopback(host):
        yield Finding(CERTIFICATE, Grade.WARNING, "certificate_unfit", facts)
