"""``aside-relay init``: a folder with everything a relay needs."""

from __future__ import annotations

import os
import shlex
import socket

from protocol.wire.address import is_loopback
from relay.commands import strings
from relay.config import INVITE, OPEN, RelayPart, Settings, TlsPart, host_and_port
from relay.errors import WrongSetting, WrongUse
from relay.folder import Folder, plain_by_default
from relay.server import wall_ms


def init(folder: Folder, *, name: str, listen: str, public_url: str, everybody: bool) -> str:
    """The relay's address. Raises WrongUse, AlreadyARelay, NotAFolder, CannotWrite."""
    if not name.strip() or not name.isprintable():
        raise WrongUse(strings.BAD_NAME)
    try:
        return _init(folder, name, listen, public_url, everybody=everybody)
    except WrongSetting as exc:
        # It was said on the command line: nobody has a relay.toml yet.
        option = "--" + exc.about.removeprefix("relay.").replace("_", "-")
        raise WrongUse(strings.BAD_OPTION.format(option=option, expected=exc.expected)) from exc


def _init(folder: Folder, name: str, listen: str, public_url: str, *, everybody: bool) -> str:
    host, port = host_and_port("relay.listen", listen)
    plain = plain_by_default(listen, public_url)
    settings = Settings(
        relay=RelayPart(name, listen, public_url, OPEN if everybody else INVITE),
        tls=TlsPart("", "") if plain else TlsPart(),
    )
    folder.make(settings, wall_ms(), os.urandom)
    if port == 0:
        folder.note_port(_free_port(host))
    return str(folder.likely_address(settings))


def hints(folder: Folder) -> list[str]:
    """What to know of a new relay, and what to do next."""
    settings = folder.settings()
    lines: list[str] = []
    if is_loopback(settings.listen[0]) and not settings.relay.public_url:
        lines.append(strings.INIT_LOCAL)
    elif not settings.relay.public_url:
        host = folder.host(settings)
        lines.append(strings.INIT_GUESSED.format(host=host, settings=folder.settings_path))
    where = shlex.quote(str(folder.path))
    lines += [text.format(folder=where) for text in (strings.INIT_NEXT, strings.INIT_THEN)]
    return lines


def _free_port(host: str) -> int:
    """One that is free now; 0 where that cannot be told."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family) as trial:
            trial.bind((host, 0))
            return int(trial.getsockname()[1])
    except OSError:
        return 0
