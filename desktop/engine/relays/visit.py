"""A short visit to a relay for something a person waits for: its failures are told at once."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from desktop.core.errors import (
    ProxyUnavailable,
    RelayKeyWrong,
    RelayUnavailable,
    RelayVersion,
)
from desktop.engine.ground import Ground
from desktop.engine.lines.dial import open_line
from desktop.engine.lines.line import Line, LineLost, ProxyLost
from protocol.errors import NoCommonVersion, RemoteProtocolError, WrongRelay
from protocol.wire.address import RelayAddress


@asynccontextmanager
async def visit(ground: Ground, address: RelayAddress) -> AsyncGenerator[Line]:
    """A line to this relay. Raises ProxyUnavailable, RelayUnavailable, RelayKeyWrong,
    RelayVersion."""
    try:
        async with open_line(ground.outward.beside, address, ground.timings, ground.rng) as line:
            yield line
    except ProxyLost as exc:
        raise ProxyUnavailable from exc
    except LineLost as exc:
        raise RelayUnavailable from exc
    except WrongRelay as exc:
        raise RelayKeyWrong from exc
    except NoCommonVersion as exc:
        raise RelayVersion from exc
    except RemoteProtocolError as exc:
        raise RelayUnavailable from exc
