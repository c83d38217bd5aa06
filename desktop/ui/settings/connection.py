"""Connection: a proxy that everything goes through, or none."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from desktop.core.errors import AsideError
from desktop.core.proxy import ProxyShown
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.settings import strings as words
from desktop.ui.settings.parts import Section, choice, together
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.fields import Field, PassphraseField, Problem
from desktop.ui.widgets.layout import card, column, row
from desktop.ui.widgets.notes import Dot
from desktop.ui.widgets.plain import Plain


class Connection(Section):
    """What is in force above, and below it what to put in its place."""

    def __init__(self, ctx: Context) -> None:
        super().__init__(
            ctx.theme, words.CONNECTION, words.CONNECTION_TEXT, words.PROXY, "Tor SOCKS5"
        )
        self._ctx = ctx
        self._off = False
        theme, px = ctx.theme, ctx.theme.px
        self._dot = Dot(theme, "text_2")
        self.state = Plain(theme, "", "control-medium", wrap=True)
        self.consequence = Plain(theme, "", "small", "text_2", wrap=True)
        self.address = Field(theme, words.PROXY_ADDRESS, hint=words.PROXY_HINT)
        self.name = Field(theme, words.PROXY_NAME)
        self.password = PassphraseField(theme, words.PROXY_WORD)
        self.problem = Problem(theme, self.address)
        self.use = Button(theme, words.PROXY_USE, "filled", clicked=self._use)
        self.none = Button(theme, words.PROXY_NONE, "outline", clicked=self._use_none)
        self.use.setEnabled(False)
        self.address.textChanged.connect(self._changed)
        for field in (self.address, self.name, self.password):
            field.returnPressed.connect(self._use)
        self._busy = Busy(self, self.address, self.name, self.password, self.use, self.none)
        line = row(column(px(6), self._dot, None), px(10), column(self.state, self.consequence))
        line.setStretch(2, 1)
        line.setContentsMargins(px(16), px(14), px(16), px(14))
        self.add(card(line))
        who = row(
            _labelled(ctx, words.PROXY_NAME, self.name),
            px(12),
            _labelled(ctx, words.PROXY_WORD, self.password),
        )
        who.setStretch(0, 1)
        who.setStretch(2, 1)
        self.add(
            card(
                column(
                    Plain(theme, words.PROXY, "control-medium"),
                    px(1),
                    Plain(theme, together(words.PROXY_TEXT), "small", "text_2", wrap=True),
                    px(16),
                    _labelled(ctx, words.PROXY_ADDRESS, self.address),
                    px(6),
                    self.problem,
                    px(12),
                    who,
                    px(6),
                    Plain(theme, together(words.PROXY_NAME_TEXT), "small", "text_2", wrap=True),
                    px(16),
                    row(self.use, px(8), self.none, None),
                    margins=(px(16), px(12), px(16), px(16)),
                )
            )
        )
        self.add(choice(theme, words.BROWSER, words.BROWSER_TEXT))
        self._read()

    def _read(self) -> None:
        self._ctx.ask(self._ctx.facade.proxy_show, ok=self._have)

    def _have(self, proxy: ProxyShown | None) -> None:
        # Filled either way, since something is in force: a hollow one looks like a choice not made.
        self._dot.show_tone("text_2" if proxy is None else "ok")
        lead, text = words.way_out(proxy)
        self.state.say(lead)
        self.consequence.say(together(text))
        self.none.setVisible(proxy is not None)
        if proxy is not None:
            self.address.setText(proxy.address)
            self.name.setText(proxy.name)

    def _changed(self, text: str) -> None:
        self.use.setEnabled(bool(text.strip()))

    def _use(self) -> None:
        if self.use.isEnabled():
            self._set(self.address.text(), self.name.text(), self.password.text())

    def _use_none(self) -> None:
        self._set("", "", "")

    def _set(self, address: str, name: str, password: str) -> None:
        self._busy.begin()
        self._off = not address
        self._ctx.ask(
            self._ctx.facade.proxy_set, address, name, password, ok=self._done, failed=self._refused
        )

    def _done(self, _: None) -> None:
        self._busy.end(self.address)
        self.password.clear()
        if self._off:
            self.address.clear()
            self.name.clear()
        self._changed(self.address.text())
        self._ctx.tell(words.PROXY_UNSET if self._off else words.PROXY_SET)
        self._read()

    def _refused(self, error: AsideError) -> None:
        self._busy.end(self.address)
        self.problem.tell(strings.sentence(error))
        self._changed(self.address.text())


def _labelled(ctx: Context, text: str, field: Field) -> QVBoxLayout:
    return column(Plain(ctx.theme, text, "small-strong"), ctx.theme.px(5), field)
