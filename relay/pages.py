"""Plain HTTP without I/O: one request, one page, and the end of the connection.

Whoever comes to the public address without asking for an upgrade is answered here, and so is the
machine's own port. What is no HTTP at all gets no answer. Nothing of a request but its method
and path is looked at.
"""

from __future__ import annotations

from http import HTTPStatus

from msgspec import Struct
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"
NOTHING_ELSE = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


class Page(Struct, frozen=True):
    """What a browser gets; ``style`` names the one style sheet it may use, by its hash."""

    body: bytes
    kind: str = TEXT
    status: HTTPStatus = HTTPStatus.OK
    style: str = ""


def path_of(request: Request) -> str:
    """Where to, without what was asked there."""
    return request.path.partition("?")[0]


def respond(request: Request, page: Page | None) -> Response:
    """The page, where there is one and it was asked for in the way pages are."""
    status = HTTPStatus.NOT_FOUND if page is None else page.status
    if request.method not in ("GET", "HEAD"):
        status = HTTPStatus.METHOD_NOT_ALLOWED
        page = None
    page = page or Page(f"{status.phrase}\n".encode(), status=status)
    allowed = f"{NOTHING_ELSE}; style-src {page.style}" if page.style else NOTHING_ELSE
    headers = Headers(
        [
            ("Content-Type", page.kind),
            ("Content-Length", str(len(page.body))),
            ("Connection", "close"),
            ("Cache-Control", "no-store"),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            (
                "Content-Security-Policy",
                allowed,
            ),
        ]
    )
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = "GET, HEAD"
    body = b"" if request.method == "HEAD" else page.body
    return Response(status.value, status.phrase, headers, body)


def wants_upgrade(request: Request) -> bool:
    """Whether it is a desktop that knocks."""
    return "Upgrade" in request.headers
