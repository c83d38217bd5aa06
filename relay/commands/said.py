"""What a command has to say, once for people and once for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping

from msgspec import Struct


class Said(Struct, frozen=True):
    """``facts`` are what ``--json`` prints; ``well`` decides between exit 0 and 1."""

    text: str
    facts: Mapping[str, object]
    well: bool = True

    def printed(self, *, as_json: bool) -> str:
        """What goes to stdout."""
        return json.dumps(self.facts, indent=2) if as_json else self.text
