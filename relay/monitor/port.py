"""The machine's own port: is it alive, is it ready, and its metrics. Loopback only.

    /healthz   the loop answers
    /readyz    something was really written, committed and synced, and envelopes would be taken
    /metrics   for Prometheus

Nothing here waits for a stranger: one request a line, a small one, within ten seconds.
"""

from __future__ import annotations

from http import HTTPStatus

import trio
from websockets.http11 import Request
from websockets.server import ServerProtocol

from relay.monitor import strings
from relay.monitor.metrics import KIND, Metrics
from relay.pages import Page, path_of, respond
from relay.server import Relay
from relay.websocket import silent_log

MOST_BYTES = 8 * 1024
PATIENCE_S = 10.0


class Monitor:
    """Answers what a machine asks of one relay."""

    def __init__(self, relay: Relay, metrics: Metrics) -> None:
        self._relay = relay
        self._metrics = metrics

    async def page(self, path: str) -> Page | None:
        """What is to be read there."""
        match path:
            case "/healthz":
                return Page(_line(strings.HEALTHY))
            case "/readyz":
                if await self._relay.is_ready():
                    return Page(_line(strings.READY))
                return Page(_line(strings.NOT_READY), status=HTTPStatus.SERVICE_UNAVAILABLE)
            case "/metrics":
                return Page(await self._metrics.text(), KIND)
            case _:
                return None

    async def serve_stream(self, stream: trio.abc.Stream) -> None:
        """One request and its answer; closes the stream."""
        with trio.move_on_after(PATIENCE_S):
            try:
                protocol = ServerProtocol(logger=silent_log)
                request = await _request(stream, protocol)
                if request is not None:
                    page = await self.page(path_of(request))
                    protocol.send_response(respond(request, page))
                    await stream.send_all(b"".join(protocol.data_to_send()))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                pass
        await trio.aclose_forcefully(stream)


async def _request(stream: trio.abc.Stream, protocol: ServerProtocol) -> Request | None:
    """The one request on this line; None where there is none."""
    heard = 0
    while heard <= MOST_BYTES and not protocol.eof_sent:
        data = await stream.receive_some(MOST_BYTES)
        if not data:
            return None
        heard += len(data)
        protocol.receive_data(bytes(data))
        for event in protocol.events_received():
            if isinstance(event, Request):
                return event
    return None


def _line(sentence: str) -> bytes:
    return f"{sentence}\n".encode()
