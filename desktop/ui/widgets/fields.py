"""Fields: one line to write in, with an icon before and something after, and its own error."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.ui import strings
from desktop.ui.theme import Theme
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
        self._mark = QAction(self)
        self._mark.triggered.connect(self._toggle)
        self._good = ""
        self._has_eye = True
        self.setEchoMode(QLineEdit.EchoMode.Password)
        self.setInputMethodHints(
            Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.addAction(self._mark, QLineEdit.ActionPosition.TrailingPosition)
        theme.changed.connect(self._dress)
        self._dress()

    def share_eye_with(self, twin: PassphraseField) -> None:
        """``twin`` shows and hides with this one; its end is free for a mark."""
        self._twin = twin
        twin.removeAction(twin._mark)
        twin._has_eye = False

    def set_good(self, why: str) -> None:
        """Put a tick at the end of a field that has no eye; nothing when ``why`` is empty."""
        if why == self._good:
            return
        self._good = why
        if why:
            self._mark.setIcon(self.theme.icon("check", 20, "ok"))
            self._mark.setText(why)
            self.addAction(self._mark, QLineEdit.ActionPosition.TrailingPosition)
        else:
            self.removeAction(self._mark)

    def show_letters(self, shown: bool) -> None:
        mode = QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password
        self.setEchoMode(mode)
        if self._twin is not None:
            self._twin.setEchoMode(mode)
        self._dress()

    def _toggle(self) -> None:
        if self._has_eye:
            self.show_letters(self.echoMode() is QLineEdit.EchoMode.Password)

    def _dress(self) -> None:
        if self._good:
            self._mark.setIcon(self.theme.icon("check", 20, "ok"))
        elif self._has_eye:
            hidden = self.echoMode() is QLineEdit.EchoMode.Password
            self._mark.setIcon(self.theme.icon("eye" if hidden else "eye-off", 20))
            self._mark.setText(strings.SHOW_PASSPHRASE if hidden else strings.HIDE_PASSPHRASE)


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
