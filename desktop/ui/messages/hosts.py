"""Which computer an address leads to, said so that it cannot be taken for another one.

Law: a name whose letters could be taken for those of another alphabet is said in its ASCII form, as
browsers do it; an address with a name and a password before its host is no link at all.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from PySide6.QtCore import QUrl

_AUTHORITY = re.compile(r"(https?://)([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)

# Alphabets that are written together.
_TOGETHER = (
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)
# Letters that look like Latin ones, bare or with a sign: a name of nothing else looks like a Latin
# name. Cyrillic, Greek, Armenian, Hebrew and Cherokee; by sight, of those in Unicode's list.
_LIKE_LATIN = frozenset(
    "асԁеһіјӏорԛѕԝхуъьҽпгѵѡкԍғҩҫґёїѐѝӑӓӗӧӯӱӳўй"
    "αικνρυωηοτγχϲϳϱάέίήόύώϊϋ"
    "ագզէլհյոսւօցռքղ"
    "וסןחםט"
    "ꭰꭱꭲꭺꮇꮋꮓꮖꮩꮪꮮꮯꮲꮷꮻꮃꮶꭹꮐꮢꮥꭵꮤꮁꭻꮑꮽ".casefold()
)
_ODD_LATIN = frozenset("ıȷŀſƖǀ")


def safe(url: str) -> str | None:
    """The address as it can be shown and opened; None for what must not be a link."""
    parts = _AUTHORITY.fullmatch(url)
    if parts is None:
        return None
    scheme, authority, rest = parts.groups()
    if not authority or "@" in authority:
        return None
    if authority.isascii() and "%" not in authority:
        return url
    found = QUrl(f"{scheme}{authority}")
    plain = found.host(QUrl.ComponentFormattingOption.FullyEncoded)
    if not plain:
        return None
    if "%" not in authority and not deceives(authority.rpartition(":")[0] or authority):
        return url
    port = f":{found.port()}" if found.port() >= 0 else ""
    return f"{scheme}{plain}{port}{rest}"


@lru_cache(maxsize=128)
def deceives(host: str) -> bool:
    """Whether a name could be taken for one in other letters."""
    return any(map(_label_deceives, host.casefold().split(".")))


def _label_deceives(label: str) -> bool:
    letters = [character for character in label if not character.isascii()]
    if not letters:
        return False
    if unicodedata.normalize("NFKC", label) != label or _ODD_LATIN.intersection(label):
        return True
    scripts = {_script(character) for character in label if character.isalpha()}
    if "LATIN" in scripts and any(map(_far_latin, letters)):
        return True
    if len(scripts) > 1 and not any(scripts <= together for together in _TOGETHER):
        return True
    return all(c in _LIKE_LATIN or c.isascii() for c in label)


def _script(character: str) -> str:
    return unicodedata.name(character, "?").split(" ", 1)[0].split("-", 1)[0]


def _far_latin(character: str) -> bool:
    """Phonetic letters and small capitals, not those of any language's names."""
    near = character <= "\u024f" or "\u1e00" <= character <= "\u1eff"
    return not near and _script(character) == "LATIN"
