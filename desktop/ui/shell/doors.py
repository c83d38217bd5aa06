"""The dialogs that open from anywhere: inviting, being invited, the keys. Loaded when opened."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.widgets.menu import Menu


class Doors(QObject):
    """Opens them, and names in a menu the ways to somebody new."""

    accepted = Signal(object)  # ConversationId

    def __init__(self, ctx: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx

    def offer(self, menu: Menu) -> None:
        """Fill the menu of what is new."""
        menu.offer("user-round-plus", strings.INVITE, self.invite)
        menu.offer("ticket", strings.HAVE_INVITATION, self.enter_invitation)

    def invite(self) -> None:
        from desktop.ui.invitations.invite import InviteDialog  # noqa: PLC0415

        dialog = InviteDialog(self._ctx)
        dialog.open_dialog(dialog.first)

    def enter_invitation(self) -> None:
        from desktop.ui.invitations.enter import EnterDialog  # noqa: PLC0415

        dialog = EnterDialog(self._ctx)
        dialog.accepted.connect(self.accepted)
        dialog.open_dialog(dialog.link.first)

    def show_keys(self) -> None:
        from desktop.ui.keys import KeysDialog  # noqa: PLC0415

        dialog = KeysDialog(self._ctx)
        dialog.open_dialog(dialog.keys)
