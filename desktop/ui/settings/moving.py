"""A relay answers at another address: the same relay, with the same key."""

from __future__ import annotations

from desktop.core.errors import AsideError
from desktop.core.models import Relay
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.settings import strings as words
from desktop.ui.widgets.busy import Busy
from desktop.ui.widgets.buttons import Button
from desktop.ui.widgets.dialog import Dialog
from desktop.ui.widgets.fields import Field, Problem
from desktop.ui.widgets.layout import row
from desktop.ui.widgets.plain import Plain


class MoveDialog(Dialog):
    """One field for the address or the link that whoever runs the relay gave."""

    def __init__(self, ctx: Context, relay: Relay) -> None:
        super().__init__(ctx.theme, ctx.window, words.NEW_ADDRESS, width=480)
        px = ctx.theme.px
        self._ctx = ctx
        self._relay_id = relay.relay_id
        self.address = Field(ctx.theme, words.ADDRESS, hint=words.ADDRESS)
        self.problem = Problem(ctx.theme, self.address)
        self.save = Button(ctx.theme, strings.SAVE, "filled", clicked=self._save)
        self.save.setEnabled(False)
        self._busy = Busy(self, self.address, self.save)
        self.address.textChanged.connect(self._changed)
        self.address.returnPressed.connect(self._save)
        text = words.new_address_text(relay.host)
        self.body.addWidget(Plain(ctx.theme, text, "body", "text_2", wrap=True))
        self.body.addSpacing(px(16))
        self.body.addWidget(self.address)
        self.body.addSpacing(px(6))
        self.body.addWidget(self.problem)
        self.body.addSpacing(px(14))
        cancel = Button(ctx.theme, strings.CANCEL, "quiet", clicked=self.close_dialog)
        self.body.addLayout(row(None, cancel, px(8), self.save))

    def _changed(self, text: str) -> None:
        self.save.setEnabled(bool(text.strip()))

    def _save(self) -> None:
        address = self.address.text().strip()
        if address and self.save.isEnabled():
            self._busy.begin()
            self._ctx.ask(
                self._ctx.facade.relay_move,
                self._relay_id,
                address,
                ok=self._saved,
                failed=self._refused,
            )

    def _saved(self, _: None) -> None:
        self.close_dialog()
        self._ctx.tell(words.MOVED)

    def _refused(self, error: AsideError) -> None:
        self._busy.end(self.address)
        self.problem.tell(strings.sentence(error))
        self.fit()
