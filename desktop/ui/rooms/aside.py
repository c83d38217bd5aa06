"""Taking somebody aside with a word: what for, and what one wants to say first."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from desktop.core.requests import Purpose
from desktop.core.rooms import Entry
from desktop.ui import strings as common
from desktop.ui.requests import strings
from desktop.ui.rooms import stage_words
from desktop.ui.rooms import strings as room_words
from desktop.ui.theme import Theme
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.plain import Plain


class AsideDialog(Dialog):
    """``done``: words, purpose, and the word of a purpose of one's own."""

    def __init__(
        self,
        theme: Theme,
        window: QWidget,
        entry: Entry,
        done: Callable[[str, Purpose, str], object],
    ) -> None:
        super().__init__(theme, window, room_words.TAKE_ASIDE)
        px = theme.px
        self._done = done
        quote = column(
            Plain(theme, stage_words.name(entry), "small-strong"),
            Plain(theme, stage_words.content(entry)[:400], "body", wrap=True),
            margins=(px(12), px(8), px(12), px(8)),
        )
        self.body.addWidget(card(quote, "flat"))
        self.body.addSpacing(px(16))
        self.body.addWidget(Plain(theme, strings.WHAT_FOR, "small-strong"))
        self.body.addSpacing(px(8))
        self.purposes: dict[Purpose, Button] = {}
        chips = row()
        for purpose in Purpose:
            said = strings.PURPOSES[purpose]
            chip = Button(theme, said, "chip", checkable=True, clicked=self._look)
            self.purposes[purpose] = chip
            chips.addWidget(chip)
            chips.addSpacing(px(4))
        chips.addStretch(1)
        self.purposes[Purpose.SUPPORT].setChecked(True)
        self.body.addLayout(chips)
        self.word = Field(theme, strings.OWN_WORD, hint=strings.OWN_WORD)
        self.word.setMaxLength(40)
        self.word.hide()
        self.body.addSpacing(px(8))
        self.body.addWidget(self.word)
        self.body.addSpacing(px(8))
        self.body.addWidget(Plain(theme, strings.FIRST_WORDS, "small-strong"))
        self.body.addSpacing(px(8))
        self.words = QPlainTextEdit()
        self.words.setProperty("field", True)
        self.words.setAccessibleName(strings.FIRST_WORDS)
        self.words.setTabChangesFocus(True)
        self.words.setFixedHeight(px(80))
        self.words.document().setDocumentMargin(px(8))
        self.body.addWidget(self.words)
        self.body.addSpacing(px(8))
        self.body.addWidget(Plain(theme, strings.WORDS_HINT, "caption", "text_2", wrap=True))
        self.body.addSpacing(px(20))
        self.cancel = Button(theme, common.CANCEL, "quiet", clicked=self.close_dialog)
        self.go = Button(theme, room_words.TAKE_ASIDE, "filled", clicked=self._go)
        self.body.addLayout(row(None, self.cancel, px(8), self.go))

    @property
    def purpose(self) -> Purpose:
        checked = (one for one, chip in self.purposes.items() if chip.isChecked())
        return next(checked, Purpose.SUPPORT)

    def _look(self) -> None:
        self.word.setVisible(self.purpose is Purpose.OWN)
        self.fit()

    def _go(self) -> None:
        words, purpose, word = self.words.toPlainText(), self.purpose, self.word.text().strip()
        self.close_dialog()
        self._done(words, purpose, word)
