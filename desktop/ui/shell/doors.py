"""The dialogs that open from anywhere: inviting, being invited, the keys. Loaded when opened."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from desktop.core.models import CommunityInvitation, PersonInvitation, RoomInvitation
from desktop.ui import strings
from desktop.ui.context import Context
from desktop.ui.rooms.doors import RoomDoors
from desktop.ui.widgets.menu import Menu

if TYPE_CHECKING:
    from desktop.ui.conversations.column import ListColumn
    from desktop.ui.shell.contents import Contents


class Doors(QObject):
    """Opens them, and names in a menu the ways to somebody new."""

    accepted = Signal(object)  # ConversationId
    room_wanted = Signal(object)  # RoomId
    rooms_wanted = Signal()  # somebody knocked at one, and it waits in the list

    def __init__(self, ctx: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.rooms = RoomDoors(ctx, ctx.facade, parent)
        self.rooms.room_wanted.connect(self.room_wanted)
        self.rooms.list_wanted.connect(self.rooms_wanted)
        self.rooms.relay_wanted.connect(self.enter_invitation)

    def serve(self, conversations: ListColumn, contents: Contents) -> None:
        """Open what is wanted there, and what a link leads to that somebody followed."""
        conversations.new_wanted.connect(self.offer)
        contents.invite_wanted.connect(self.invite)
        contents.keys_wanted.connect(self.show_keys)
        contents.open_room_wanted.connect(self.rooms.open_room)
        contents.room_found.connect(self.rooms.enter)
        self._ctx.invited.connect(self.follow)

    def offer(self, menu: Menu) -> None:
        """Fill the menu of what is new."""
        menu.offer("user-round-plus", strings.INVITE, self.invite)
        menu.offer("ticket", strings.HAVE_INVITATION, self.enter_invitation)
        menu.addSeparator()
        menu.offer("link", strings.ENTER_ROOM, self.enter_room)
        menu.offer("messages-square", strings.OPEN_ROOM, self.rooms.open_room)

    def invite(self) -> None:
        from desktop.ui.invitations.invite import InviteDialog  # noqa: PLC0415

        dialog = InviteDialog(self._ctx)
        dialog.open_dialog(dialog.first)

    def enter_invitation(self) -> None:
        self._enter("")

    def enter_room(self) -> None:
        self._enter("", to_room=True)

    def follow(self, link: str) -> None:
        """A link of ours that stood in a text. What it says is read here; nothing connects."""
        self._ctx.ask(self._ctx.facade.look_at, link, ok=partial(self._seen, link), owner=self)

    def show_keys(self) -> None:
        from desktop.ui.keys import KeysDialog  # noqa: PLC0415

        dialog = KeysDialog(self._ctx)
        dialog.open_dialog(dialog.keys)

    # inside

    def _seen(
        self, link: str, found: PersonInvitation | CommunityInvitation | RoomInvitation
    ) -> None:
        if isinstance(found, RoomInvitation) and found.known:
            self.rooms.enter(link)
        else:
            self._enter(link)

    def _enter(self, link: str, *, to_room: bool = False) -> None:
        from desktop.ui.invitations.enter import EnterDialog  # noqa: PLC0415

        dialog = EnterDialog(self._ctx, to_room=to_room)
        dialog.accepted.connect(self.accepted)
        dialog.room_found.connect(self.rooms.enter)
        if link:
            dialog.link.look_at(link)
        dialog.open_dialog(dialog.link.first)
