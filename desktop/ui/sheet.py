"""The one style sheet, made from the tokens. ``sheet.qss`` says how each kind of widget looks."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from string import Template

from desktop.ui.tokens import Tokens

_SIZE = re.compile(r"([ph])(\d+)(?:_(\d))?")


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("sheet.qss").read_text(encoding="utf-8"))


def mixed(one: str, other: str, share: float) -> str:
    """``one`` with a share of ``other`` in it: the hovered and pressed tones of the accent."""
    pairs = [(int(one[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)


def _size(name: re.Match[str], scale: int) -> int:
    """What the sheet's head says; a radius of more than half the height would be none at all."""
    kind, size, less = name.groups("0")
    pixels = round(int(size) * scale / 100) - int(less)
    return pixels // 2 if kind == "h" else pixels


def sheet(tokens: Tokens, scale: int) -> str:
    """The style sheet for these colours at this size in per cent."""
    template = _template()
    towards = tokens.text if tokens.dark else "#000000"
    colours = {
        name: value
        for name in tokens.__struct_fields__
        if isinstance(value := getattr(tokens, name), str)
    }
    sizes = {
        name: str(_size(found, scale))
        for name in template.get_identifiers()
        if (found := _SIZE.fullmatch(name))
    }
    return template.substitute(
        colours,
        **sizes,
        field=tokens.bg,
        accent_hover=mixed(tokens.accent, towards, 0.12),
        accent_press=mixed(tokens.accent, towards, 0.22),
        focus_filled=tokens.text,
    )
