"""I have an invitation, or a room's link: the same field as on the first page, in a dialog."""

from __future__ import annotations

from PySide6.QtCore import Signal

from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.invitations.link_field import LinkField
from desktop.ui.widgets.dialog import Dialog
from protocol.ids import ConversationId


class EnterDialog(Dialog):
    """Takes a link of any kind."""

    accepted = Signal(object)  # ConversationId
    room_found = Signal(str)  # a room's link, to be asked at its door

    def __init__(self, ctx: Context, *, to_room: bool = False) -> None:
        title = strings.ENTER_ROOM if to_room else strings.HAVE_INVITATION
        super().__init__(ctx.theme, ctx.window, title)
        self.link = LinkField(ctx)
        if to_room:
            self.link.ask_for_room()
        self.link.accepted.connect(self._accepted)
        self.link.room_found.connect(self._room_found)
        self.link.relay_added.connect(self.close_dialog)
        self.body.addWidget(self.link)

    def _accepted(self, conversation_id: ConversationId) -> None:
        self.close_dialog()
        self.accepted.emit(conversation_id)

    def _room_found(self, link: str) -> None:
        self.close_dialog()
        self.room_found.emit(link)
