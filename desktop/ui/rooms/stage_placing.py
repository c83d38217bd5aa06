"""Where the parts of a stage's row stand. Numbers only; nothing is drawn.

Law: a row's height depends on the entry, the width and the theme, on nothing else.
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QFontMetricsF

from desktop.core.rooms import Entry, EntryKind, EntryState, Reaction
from desktop.core.texts import harmless_name
from desktop.ui.messages import strings
from desktop.ui.messages.strip import Size
from desktop.ui.messages.typeset import Extent, Typesetter
from desktop.ui.rooms import stage_words
from desktop.ui.theme import Theme

_NOWHERE = QRect()
_SHORT = 200  # letters
_SIGN = 8  # letters of a reaction at most: some are made of several


def sign_of(reaction: Reaction) -> str:
    return harmless_name(reaction.sign)[:_SIGN]


class PlacedEntry(Struct, frozen=True):
    """A row's parts, measured from the row's top and the view's left edge."""

    size: Size
    words: str
    extent: Extent | None  # none for a row of one line
    text: QPoint
    reply: QRect
    reactions: tuple[QRect, ...]
    foot: QRect
    fold: QRect


class StagePlacer:
    """Places rows for one theme and width."""

    def __init__(self, theme: Theme) -> None:
        self._theme = theme
        px = theme.px
        self.body = Typesetter(theme.font("body"), theme.line("body"))
        self.small = Typesetter(theme.font("small"), theme.line("small"))
        self.side, self.pad, self.face, self.gap = px(20), px(6), px(32), px(12)
        self.left = self.side + self.face + self.gap
        self.line, self.caption = theme.line("small"), theme.line("caption")
        self._most, self._least = px(720), px(120)
        self._chip, self._chip_gap = px(24), px(4)
        self._sign = QFontMetricsF(theme.font("control"))
        self._count = QFontMetricsF(theme.font("caption-strong"))
        self._fold = QFontMetricsF(theme.font("small-strong"))
        self.usual = 2 * self.pad + self.line + theme.line("body")
        self._width = 0

    def set_width(self, width: int) -> None:
        self._width = width

    def typesetter(self, entry: Entry) -> Typesetter:
        return self.body if entry.kind is EntryKind.TEXT else self.small

    def forget(self, entry: Entry) -> None:
        self.body.forget(entry.entry_id)
        self.small.forget(entry.entry_id)

    def place(
        self, entry: Entry, known: PlacedEntry | None = None, *, whole: bool = False
    ) -> PlacedEntry:
        """The parts of a row; ``known``: what was placed for it before, at any width."""
        if entry.kind in (EntryKind.ORDER, EntryKind.GAP):
            size = Size(0, self.line + 2 * self.pad)
            words = stage_words.content(entry)
            return PlacedEntry(size, words, None, QPoint(), _NOWHERE, (), _NOWHERE, _NOWHERE)
        words = stage_words.words(entry)
        if known is not None and known.words != words:
            self.forget(entry)
            known = None
        limit = max(min(self._most, self._width - self.left - self.side), self._least)
        extent = self._extent(entry, words, limit, known, whole=whole)
        y = self.pad + self.line
        reply = _NOWHERE
        if entry.reply is not None and entry.kind is EntryKind.TEXT:
            reply = QRect(self.left, y, limit, self.line)
            y += self.line
        shift = extent.width - extent.limit if extent.rtl else 0
        text = QPoint(self.left + shift, y)
        y += extent.height
        fold = _NOWHERE
        if extent.folded or whole:
            said = strings.SHOW_LESS if whole else strings.SHOW_ALL
            width = int(self._fold.horizontalAdvance(said)) + 1
            fold = QRect(self.left, y, width, self._theme.px(32))
            y += fold.height()
        chips = self._chips(entry, limit, y + self.pad)
        if chips:
            y = chips[-1].bottom() + 1
        foot = _NOWHERE
        if entry.state is EntryState.REFUSED:
            foot = QRect(self.left, y, limit, self.caption)
            y += self.caption
        return PlacedEntry(Size(0, y + self.pad), words, extent, text, reply, chips, foot, fold)

    def _extent(
        self, entry: Entry, words: str, limit: int, known: PlacedEntry | None, *, whole: bool
    ) -> Extent:
        setter = self.typesetter(entry)
        if whole:
            return replace(setter.lines(entry.entry_id, words, limit).extent, limit=limit)
        before = known.extent if known is not None else None
        if before is not None and before.fits(limit) and not known_whole(known):
            return replace(before, limit=limit)
        if len(words) <= _SHORT and words.isprintable():  # not many lines, and wanted next
            return setter.lines(entry.entry_id, words, limit).extent
        return setter.measure(words, limit)

    def _chips(self, entry: Entry, limit: int, top: int) -> tuple[QRect, ...]:
        """Reactions in as many lines as they need."""
        px, made = self._theme.px, list[QRect]()
        x, y = self.left, top
        for one in entry.reactions:
            words = self._sign.horizontalAdvance(sign_of(one))
            words += self._count.horizontalAdvance(f"{one.count:,}")
            width = round(words) + 2 * px(8) + px(4)
            if x + width > self.left + limit and x > self.left:
                x, y = self.left, y + self._chip + self._chip_gap
            made.append(QRect(x, y, width, self._chip))
            x += width + self._chip_gap
        return tuple(made)


def known_whole(placed: PlacedEntry | None) -> bool:
    """Whether all of a long text was shown."""
    if placed is None or placed.extent is None:
        return False
    return bool(placed.fold.height()) and not placed.extent.folded
