"""What a relay says of itself and of all it keeps, in plain words, with what changed marked."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from desktop.core.practices import Changed, Kept, Practices, Told
from desktop.ui.context import Context
from desktop.ui.settings.kept import strings as words
from desktop.ui.theme import Theme
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.layout import area, card, column, row, rule
from desktop.ui.widgets.notes import Note, Tag
from desktop.ui.widgets.plain import Plain
from desktop.ui.widgets.scrolled import Scrolled


class PracticesDialog(Dialog):
    """A list to read; it scrolls with the arrow keys."""

    def __init__(self, ctx: Context, host: str, practices: Practices) -> None:
        super().__init__(ctx.theme, ctx.window, words.ALL_IT_KEEPS, width=640)
        theme, px = ctx.theme, ctx.theme.px
        told = practices.now
        assert told is not None, "opened where there is something to read"
        self.body.addWidget(Plain(theme, words.told_by(host), "body", "text_2", wrap=True))
        self.body.addSpacing(px(12))
        # All the rest scrolls: large letters in a small window leave little room beside it.
        lines = column(margins=(px(14), px(12), px(14), px(12)))
        news = words.news(practices)
        if news is not None:
            note = Note(theme, "triangle-alert", news[0], "")
            note.words.say(news[1], lead=news[0])
            lines.addWidget(note)
            lines.addSpacing(px(12))
        lines.addLayout(_lines(theme, told, practices.changed))
        lines.addWidget(rule())
        lines.addSpacing(px(10))
        lines.addWidget(Plain(theme, words.NOT_PROVED, "small", "text_2", wrap=True))
        list_ = Scrolled(area(lines))
        list_.read_with_keys(words.ALL_IT_KEEPS)
        list_.setMinimumHeight(px(160))
        self.list = list_
        self._room = px(520)
        self.body.addWidget(card(column(list_, margins=(1, 1, 1, 1)), "flat"))
        self._fit_list()

    def _fit_list(self) -> None:
        room = self.over.height() - self.theme.px(200)
        self.list.setFixedHeight(max(self.theme.px(160), min(self._room, room)))


def _lines(theme: Theme, told: Told, changed: tuple[Changed, ...]) -> QVBoxLayout:
    px = theme.px
    box = column()
    for title, text in ((told.name, told.about), words.who_may_join(told)):
        if text:
            box.addWidget(Plain(theme, title, "control-medium", wrap=True))
            box.addWidget(Plain(theme, text, "small", "text_2", wrap=True))
            box.addSpacing(px(12))
    for one in told.kept:
        box.addWidget(rule())
        box.addSpacing(px(10))
        box.addLayout(_kept(theme, one, [each for each in changed if each.what == one.what]))
        box.addSpacing(px(10))
    return box


def _kept(theme: Theme, kept: Kept, changed: list[Changed]) -> QVBoxLayout:
    px = theme.px
    title: list[QWidget | int | None] = [Plain(theme, words.kept_name(kept.what), "control-medium")]
    if changed:
        title += [px(8), Tag(theme, words.mark(changed), tone="warn")]
    facts = row(
        _fact(theme, words.HOW_LONG, words.how_long(kept)),
        px(16),
        _fact(theme, words.WHO_READS, words.who_reads(kept)),
    )
    facts.setStretch(0, 1)
    facts.setStretch(2, 1)
    return column(
        row(*title, None),
        Plain(theme, words.kept_what(kept.what), "small", "text_2", wrap=True),
        px(4),
        facts,
    )


def _fact(theme: Theme, title: str, text: str) -> QVBoxLayout:
    return column(
        Plain(theme, title, "caption-strong", "text_2"),
        Plain(theme, text, "small", wrap=True),
        None,
    )
