"""A relay answers at another address: the same relay, with the same key."""

from __future__ import annotations

from desktop.core.models import Relay
from desktop.ui.context import Context
from desktop.ui.settings import strings as words
from desktop.ui.widgets.field_dialog import FieldDialog
from desktop.ui.widgets.fields import Field


class MoveDialog(FieldDialog):
    """One field for the address or the link that whoever runs the relay gave."""

    def __init__(self, ctx: Context, relay: Relay) -> None:
        field = Field(ctx.theme, words.ADDRESS, hint=words.ADDRESS)
        text = words.new_address_text(relay.host)
        super().__init__(ctx.theme, ctx.window, words.NEW_ADDRESS, text, field, width=480)
        self._ctx = ctx
        self._relay_id = relay.relay_id
        self.save.setEnabled(False)
        field.textChanged.connect(self._changed)

    def ask(self, text: str) -> None:
        self._ctx.ask(
            self._ctx.facade.relay_move,
            self._relay_id,
            text.strip(),
            ok=self.saved,
            failed=self.refused,
        )

    def saved(self, _: None) -> None:
        super().saved(None)
        self._ctx.tell(words.MOVED)

    def _changed(self, text: str) -> None:
        self.save.setEnabled(bool(text.strip()))
