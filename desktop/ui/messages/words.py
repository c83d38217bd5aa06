"""A message's text as Qt counts it: UTF-16 units. Where its links are, where a search hits.

Law: nothing here interprets markup. Only ``http`` and ``https`` addresses become links, and whole
links of our own: what those lead to is said before anything connects.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from desktop.ui.messages.hosts import safe

_LINK = re.compile(r"(?:https?|aside)://[^\s<>\"`{}|\\^]+", re.IGNORECASE)
_OURS = re.compile(r"aside://[a-z0-9.:\[\]-]+/[a-z0-9_-]+#[a-z0-9._-]+", re.IGNORECASE)
_TRAILING = ".,;:!?'\"»”’…。、，！？"
_BRACKETS = {")": "(", "]": "["}

_LINKS = 100  # in one text; what comes after is text
_HITS = 1000

# One character each, so that places in the shown text are places in the message.
_SHOWN = str.maketrans(
    {
        "\n": "\u2028",
        "\v": "\u2028",
        "\f": "\u2028",
        "\x85": "\u2028",
        "\u2029": "\u2028",
        "\r": "\u200b",
        "\0": "\ufffd",
    }
)


class Span(NamedTuple):
    """A stretch of a text in UTF-16 units."""

    start: int
    length: int


class Link(NamedTuple):
    """An address and where it stands in a text, which may spell it in other letters."""

    span: Span
    url: str
    as_written: bool = True


def shown(text: str) -> str:
    """The text as one paragraph with line breaks in it."""
    return text.translate(_SHOWN)


def units(text: str) -> int:
    """How many UTF-16 units a text has."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def right_to_left(text: str) -> bool:
    """The direction of a text: that of its first letter."""
    if text.isascii():
        return False
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def cut(text: str, start: int, end: int) -> str:
    """The text between two places counted in UTF-16 units."""
    if text.isascii():
        return text[start:end]
    data = text.encode("utf-16-le", "surrogatepass")
    return data[2 * start : 2 * end].decode("utf-16-le", "replace")


def links(text: str) -> list[Link]:
    """The first addresses in a text, without the punctuation that a sentence puts behind them."""
    found: list[Link] = []
    read = place = 0
    for hit in islice(_LINK.finditer(text), _LINKS):
        written = _without_trailing(hit.group())
        place, read = place + units(text[read : hit.start()]), hit.start()
        if (url := written if is_ours(written) else safe(written)) is not None:
            found.append(Link(Span(place, units(written)), url, url == written))
    return found


def is_ours(url: str) -> bool:
    """Whether it leads to a person, a relay or a room, and to no page of the web."""
    return _OURS.fullmatch(url) is not None


def hits(text: str, words: Iterable[str]) -> list[Span]:
    """Where any of ``words`` stands in the text at first, upper or lower case."""
    pattern = _any_of(tuple(words))
    if pattern is None:
        return []
    found: list[Span] = []
    read = place = 0
    for hit in islice(pattern.finditer(text), _HITS):
        place += units(text[read : hit.start()])
        found.append(Span(place, units(hit.group())))
        read, place = hit.end(), place + found[-1].length
    return found


def _without_trailing(url: str) -> str:
    while url:
        last = url[-1]
        opening = _BRACKETS.get(last)
        if last not in _TRAILING and (opening is None or url.count(opening) >= url.count(last)):
            break
        url = url[:-1]
    return url


@lru_cache(maxsize=4)
def _any_of(words: tuple[str, ...]) -> re.Pattern[str] | None:
    some = sorted((word for word in words if word), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, some)), re.IGNORECASE) if some else None
