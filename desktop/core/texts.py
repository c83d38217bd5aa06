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
