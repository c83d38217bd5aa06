"""Where a long text is cut that is shown in part. No Qt: the sentences need it, too."""

from __future__ import annotations

import re
from itertools import islice

_LINE_BREAK = re.compile("[\n\v\f\x85\u2028\u2029]")
LONG = 50  # with more lines than this a text is a long one, shown in part at first
_LETTERS = 4000  # more than the lines of a long text that are shown take in any script


def beginning(text: str) -> tuple[str, bool]:
    """As much of a text as a long one may need to be shown in part, and whether there is more."""
    end = min(len(text), _LETTERS)
    breaks = islice(_LINE_BREAK.finditer(text, 0, end), LONG, LONG + 1)
    end = next((found.start() for found in breaks), end)
    return text[:end], end < len(text)
