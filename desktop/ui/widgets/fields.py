"""Fields: one line to write in, with an icon before and something after, and its own error."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui.theme import Theme
from desktop.ui.widgets import strings as words
from desktop.ui.widgets.buttons import IconButton
from desktop.ui.widgets.keycap import KeyCap
from desktop.ui.widgets.plain import Picture, Plain


class Field(QLineEdit):
    """36 high, 44 on first-run pages. ``wrong`` draws its line in the colour of danger."""

    def __init__(
        self,
        theme: Theme,
        name: str,
        *,
        hint: str = "",
        icon: str = "",
        keys: str = "",
        tall: bool = False,
        text: str = "",
    ) -> None:
        super().__init__(text)
        self.theme = theme
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setProperty("tall", tall)
        self.setProperty("wrong", False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self._before = Picture(theme, icon, 16) if icon else None
        self._after = KeyCap(theme, keys) if keys else None
        px = theme.px
        if self._before is not None:
            self._before.setParent(self)
            self._before.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        if self._after is not None:
            self._after.setParent(self)
            self._after.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._after.adjustSize()
            self.textChanged.connect(self._settle)
        self.setTextMargins(px(24) if icon else 0, 0, self._room(), 0)

    def set_wrong(self, wrong: bool) -> None:
        if wrong != bool(self.property("wrong")):
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)

    def _room(self) -> int:
        after = self._after
        return after.width() + self.theme.px(2) if after is not None and not self.text() else 0

    def _settle(self) -> None:
        if self._after is not None:
            self._after.setVisible(not self.text())
            margins = self.textMargins()
            margins.setRight(self._room())
            self.setTextMargins(margins)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        px = self.theme.px
        if self._before is not None:
            top = (self.height() - self._before.height()) // 2
            self._before.move(px(13), top)
        if self._after is not None:
            top = (self.height() - self._after.height()) // 2
            self._after.move(self.width() - self._after.width() - px(10), top)


class PassphraseField(Field):
    """Dots until asked to show; the eye at its end says which. One eye can serve two fields."""

    def __init__(self, theme: Theme, name: str, *, tall: bool = False) -> None:
        super().__init__(theme, name, tall=tall)
        self._twin: PassphraseField | None = None
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.eye = IconButton(theme, "eye", words.SHOW_PASSPHRASE, clicked=self._toggle)
        self.eye.setParent(self)
        self._tick = Picture(theme, "check", 20, "ok")
        self._tick.setParent(self)
        self._tick.hide()
        self.setTextMargins(0, 0, theme.px(32), 0)

    def share_eye_with(self, twin: PassphraseField) -> None:
        """``twin`` shows and hides with this one; its end is free for a tick."""
        self._twin = twin
        twin.eye.hide()

    def set_good(self, why: str) -> None:
        """A tick at the end of a field that has no eye; nothing when ``why`` is empty."""
        self._tick.setVisible(bool(why))
        self.setAccessibleDescription(why)

    def show_letters(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)
        if self._twin is not None:
            self._twin.setEchoMode(mode)
        self.eye.show_icon("eye-off" if shown else "eye")
        self.eye.rename(words.HIDE_PASSPHRASE if shown else words.SHOW_PASSPHRASE)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = self.eye.sizeHint().height()
        inset = (self.height() - side) // 2
        self.eye.setGeometry(self.width() - side - self.theme.px(2), inset, side, side)
        tick = self._tick.height()
        self._tick.move(self.width() - tick - self.theme.px(11), (self.height() - tick) // 2)

    def _toggle(self) -> None:
        self.show_letters(self.echoMode() is QLineEdit.EchoMode.Password)


class Problem(Plain):
    """What is wrong with a field, under it. Nothing while nothing is wrong."""

    def __init__(self, theme: Theme, field: Field) -> None:
        super().__init__(theme, "", "small", "danger", wrap=True)
        self._field = field
        field.textEdited.connect(self.clear_it)
        self.hide()

    def tell(self, sentence: str) -> None:
        self.say(sentence)
        self._field.set_wrong(True)
        self._field.setAccessibleDescription(sentence)
        self.show()
        announce(self._field, sentence)

    def clear_it(self) -> None:
        if not self.isHidden():
            self._field.set_wrong(False)
            self._field.setAccessibleDescription("")
            self.hide()


def announce(widget: QWidget, sentence: str) -> None:
    """Say something to screen readers, politely: it waits for what is being read."""
    from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent  # noqa: PLC0415

    event = QAccessibleAnnouncementEvent(widget, sentence)
    event.setPoliteness(QAccessible.AnnouncementPoliteness.Polite)
    QAccessible.updateAccessibility(event)
