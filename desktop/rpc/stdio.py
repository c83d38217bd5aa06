"""``aside rpc``: the client is whoever started this process, over stdin and stdout.

Nothing but JSON lines may reach the client: stdout is taken away from the rest of the process,
whose words go to stderr instead. The end of stdin and SIGTERM both end it, with the engine closed.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
from contextlib import AbstractAsyncContextManager

import trio

from desktop.core.facade import Facade
from desktop.rpc.serve import serve_rpc


def run_rpc(opened: AbstractAsyncContextManager[Facade]) -> int:
    """Serve the engine that ``opened`` opens; the exit code."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    logging.getLogger("desktop").setLevel(logging.INFO)
    answers = os.dup(1)
    os.dup2(2, 1)
    trio.run(_serve, opened, os.dup(0), answers)
    return 0


async def _serve(opened: AbstractAsyncContextManager[Facade], asks: int, answers: int) -> None:
    async with (
        trio.lowlevel.FdStream(asks) as incoming,
        trio.lowlevel.FdStream(answers) as outgoing,
        opened as engine,
        trio.open_nursery() as nursery,
    ):
        await nursery.start(_cancel_on_signal, nursery.cancel_scope)
        await serve_rpc(engine, incoming, outgoing.send_all)
        nursery.cancel_scope.cancel()


async def _cancel_on_signal(
    serving: trio.CancelScope, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(signal.SIGTERM, signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            serving.cancel()
