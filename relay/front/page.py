"""The page at the public address: what this community is, how to come in, what is kept.

Plain HTML in light and dark; no script, nothing from elsewhere, and whatever an operator typed is
text. ``/practices.json`` is what the relay's key has signed, for programs.
"""

from __future__ import annotations

import json
from base64 import b64encode
from hashlib import sha256
from html import escape

import msgspec

from protocol.wire.address import RelayAddress
from protocol.wire.frames import Practice, PracticesBody
from relay.front import strings
from relay.pages import HTML, Page
from relay.practices import DAY_S, Declared

_JSON = "application/json"
_STYLE = """
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 0 auto; padding: 2rem 1rem;
       color: #1d2327; background: #fbfaf8; }
h1 { font-size: 1.7rem; margin: 0 0 .5rem; } h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
.about { white-space: pre-line; } code { overflow-wrap: anywhere; font-size: .9rem; }
table { border-collapse: collapse; width: 100%; } caption { text-align: start; margin: 0 0 .5rem; }
th, td { text-align: start; vertical-align: top; padding: .45rem .75rem .45rem 0;
         border-top: 1px solid #d9d5cf; } thead th { border-top: 0; }
tbody th { font-weight: 600; } td span, th span { display: block; font-weight: 400; }
a { color: #0b5a7a; }
@media (prefers-color-scheme: dark) {
  body { color: #e8e6e3; background: #17191b; } th, td { border-color: #3a3e42; }
  a { color: #7cc4e6; } }
"""
_STYLE_HASH = f"'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"


class Front:
    """Pages of one relay; made once, since nothing on them changes while it serves."""

    def __init__(self, declared: Declared, address: RelayAddress) -> None:
        body = msgspec.msgpack.decode(declared.body, type=PracticesBody)
        self._pages = {
            "/": Page(_document(body, str(address)).encode(), HTML, style=_STYLE_HASH),
            "/practices.json": Page(_signed(body, declared, address).encode(), _JSON),
        }

    def __call__(self, path: str) -> Page | None:
        """What is to be read there."""
        return self._pages.get(path)


def _document(body: PracticesBody, address: str) -> str:
    name = escape(body.name)
    come = strings.PAGE_OPEN if body.open else strings.PAGE_INVITED
    rows = "\n".join(_row(practice) for practice in body.kept)
    heads = "".join(f'<th scope="col">{escape(each)}</th>' for each in strings.PAGE_COLUMNS)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{name}</title>
<style>{_STYLE}</style>
</head>
<body>
<main>
<h1>{name}</h1>
{f'<p class="about">{escape(body.about)}</p>' if body.about else ""}
<p>{escape(strings.PAGE_WHAT)}</p>
<h2>{escape(strings.PAGE_COME_IN)}</h2>
<p>{escape(come)}</p>
<p><code>{escape(address)}</code></p>
<h2>{escape(strings.PAGE_PRACTICES)}</h2>
<table>
<caption>{escape(strings.PAGE_KEPT)}</caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
<p>{escape(strings.PAGE_NOTHING_ELSE)}</p>
<p>{escape(strings.PAGE_SIGNED)} <a href="/practices.json">practices.json</a></p>
</main>
</body>
</html>
"""


def _row(practice: Practice) -> str:
    name, meaning, end = strings.KEPT[practice.what]
    longest = practice.longest_s
    lasts = end if longest is None else strings.PAGE_AT_MOST.format(time=_time(longest), end=end)
    if practice.sealed:
        reader = strings.PAGE_SEALED
    else:
        reader = strings.PAGE_READABLE if practice.on_disk else strings.PAGE_MEMORY
    return (
        f'<tr><th scope="row">{escape(name)}<span>{escape(meaning)}</span></th>'
        f"<td>{escape(lasts)}</td><td>{escape(reader)}</td></tr>"
    )


def _time(seconds: int) -> str:
    if seconds < DAY_S:
        minutes = -(-seconds // 60)
        return (
            strings.PAGE_A_MINUTE if minutes == 1 else strings.PAGE_MINUTES.format(minutes=minutes)
        )
    days = -(-seconds // DAY_S)
    return strings.PAGE_A_DAY if days == 1 else strings.PAGE_DAYS.format(days=days)


def _signed(body: PracticesBody, declared: Declared, address: RelayAddress) -> str:
    said = {
        "address": str(address),
        "practices": msgspec.to_builtins(body),
        "body": b64encode(declared.body).decode(),
        "signature": b64encode(declared.signature).decode(),
    }
    return json.dumps(said, indent=2) + "\n"
