"""Names under which people sit in a room, and when one of them looks like another's.

A pseudonym is nobody's: two people may choose alike. What must not happen is that somebody passes
for the host; so whatever looks like the name of somebody with a role is shown with a warning.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from protocol.e2e import names

MAX_PSEUDONYM = 32
_KEPT: Final = 2048
"""Names of which is remembered what was found: each entry of somebody brings the same one."""

# Signs that are taken for Latin letters and that no normalisation makes the same: what people are
# fooled with, not Unicode's whole table. The second of each pair is what the first is taken for;
# what looks alike among Latin letters and digits is one of them.
_LOOKS: Final = (
    "аa вb гr еe ёe зe иu іi їi јj кk мm нh оo пn рp сc тt уy хx ѕs ԁd ԛq ԝw ьb һh "
    "αa βb γy εe ζz ηn ιi κk νv οo ρp τt υu χx ωw "
    "0o 1i 3e 4a 5s 7t 8b 9g |i !i li $s @a €e ıi ɩi ɑa ɡg ɴn ʏy ʀr øo đd ħh ŧt łi þp"
)
_ALIKE: Final = {ord(pair[0]): pair[1] for pair in _LOOKS.split()}
_PAIRS: Final = (("rn", "m"), ("vv", "w"), ("ci", "d"))
_ROLES: Final = frozenset(
    {"host", "moderator", "mod", "admin", "official", "staff", "team", "owner", "real", "the"}
)


@lru_cache(maxsize=_KEPT)
def clean(name: str) -> str:
    """A pseudonym as it may be shown; empty where nothing is left of it."""
    return names.clean(names.clean(name)[:MAX_PSEUDONYM])


def imitates(name: str, others: Iterable[str]) -> bool:
    """Whether it looks like one of these names, or says nothing but that it has a role."""
    if _says_a_role_alone(name):
        return True
    looks = skeletons(name)
    return any(looks & skeletons(other) for other in others)


@lru_cache(maxsize=_KEPT)
def skeletons(name: str) -> frozenset[str]:
    """What a name looks like at a glance: without case, accents, gaps and look-alikes, as a whole
    and without the words of roles in it. Empty where there is nothing to see."""
    words = _words(name)
    return frozenset(look for look in (_look("".join(words)), _look("".join(_own(words)))) if look)


@lru_cache(maxsize=_KEPT)
def _says_a_role_alone(name: str) -> bool:
    words = _words(name)
    return bool(words) and not _own(words)


def _words(name: str) -> list[str]:
    spelt = unicodedata.normalize("NFKC", name).casefold()
    return "".join(one if one.isalnum() or one in _SIGNS else " " for one in spelt).split()


def _own(words: list[str]) -> list[str]:
    return [word for word in words if _look(word) not in _ROLE_LOOKS]


def _look(word: str) -> str:
    bare = "".join(
        one for one in unicodedata.normalize("NFKD", word) if not unicodedata.combining(one)
    )
    look = bare.casefold().translate(_ALIKE)
    for pair, one in _PAIRS:
        look = look.replace(pair, one)
    return "".join(one for at, one in enumerate(look) if one != look[at - 1 : at])


_SIGNS: Final = "|!$@€\u0300\u0301\u0308"
_ROLE_LOOKS: Final = frozenset(_look(role) for role in _ROLES)
