"""What of a text can be seen.

Law: what is blank is the same for whoever writes it, sends it and shows it.
"""

from __future__ import annotations

import re

# White space, controls, and what Unicode calls default ignorable; the blanks of Braille and Hangul,
# which are letters by name alone. Format characters that are drawn, as some Arabic ones, are not.
_UNSEEN = re.compile(
    "[\\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202f\u205f-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]*"
)


def is_blank(text: str) -> bool:
    """Whether there is nothing to see in it."""
    return _UNSEEN.fullmatch(text) is not None


# What is not drawn but changes how its neighbours are: each is shown as a mark of its own, so that
# a name or a text of a stranger says on screen what it is made of. Joiners and the marks of
# direction that stand in ordinary Arabic, Persian and Hebrew are left alone, as are line breaks.
_TRICKS = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (9, 10, 11, 12, 13)},
    **{code: 0xFFFD for code in range(0x80, 0xA0) if code != 0x85},
    **dict.fromkeys((*range(8234, 8239), *range(8294, 8298)), 65533),
    0x7F: 0x2421,
}
_TRICK = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")
_IN_A_NAME = re.compile("[\xad\u034f\u115f\u1160\u180e\u200b\u2060-\u2064\ufeff\u3164\uffa0]")


def harmless(text: str) -> str:
    """A stranger's text as it can be shown: controls and changes of direction are seen as such."""
    return text.translate(_TRICKS) if _TRICK.search(text) else text


def harmless_name(name: str) -> str:
    """The same for a name: in one line, and with nothing in it that cannot be seen."""
    return " ".join(harmless(_IN_A_NAME.sub("\ufffd", name)).split())
