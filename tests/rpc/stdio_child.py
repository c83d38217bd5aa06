"""``run_rpc`` around an engine in memory, as a process. It says ``closed`` on stderr at the end."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from desktop.rpc.stdio import run_rpc
from tests.fakes.facade import FakeFacade


@asynccontextmanager
async def opened() -> AsyncGenerator[FakeFacade]:
    engine = FakeFacade()
    engine.befriend("Bob")
    print("this must not reach the client", flush=True)
    try:
        yield engine
    finally:
        print("closed", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(run_rpc(opened()))
