"""The one style sheet, made from the tokens. ``sheet.qss`` says how each kind of widget looks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Template

from desktop.ui.tokens import Tokens


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("sheet.qss").read_text(encoding="utf-8"))


def mixed(one: str, other: str, share: float) -> str:
    """``one`` with a share of ``other`` in it: the hovered and pressed tones of the accent."""
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def sheet(tokens: Tokens, scale: int) -> str:
    """The style sheet for these colours at this size in per cent."""
    template = _template()
    towards = tokens.text if tokens.dark else "#000000"
    colours = {
        name: value for name in tokens.__slots__ if isinstance(value := getattr(tokens, name), str)
    }
    sizes = {
        name: str(round(int(name[1:]) * scale / 100))
        for name in template.get_identifiers()
        if re.fullmatch(r"p\d+", name)
    }
    return template.substitute(
        colours,
        **sizes,
        field=tokens.bg,
        accent_hover=mixed(tokens.accent, towards, 0.12),
        accent_press=mixed(tokens.accent, towards, 0.22),
        focus_filled=tokens.text,
    )
