"""What somebody does with an entry: from its bar, its menu or by key.

Law: each of these is one call to the engine; what can be taken back says so for ten seconds.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut

from desktop.core.requests import Purpose
from desktop.core.room_facade import Rooms
from desktop.core.room_rights import may_act
from desktop.core.rooms import Act, Entry, EntryKind, Room, Undoable
from desktop.ui.context import Context
from desktop.ui.messages.words import links
from desktop.ui.rooms import desk_words, stage_words, strings
from desktop.ui.rooms.act_icons import DANGEROUS, ICONS
from desktop.ui.rooms.aside import AsideDialog
from desktop.ui.rooms.composer import RoomComposer
from desktop.ui.rooms.reasons import ActDialog
from desktop.ui.rooms.report import ReportDialog
from desktop.ui.rooms.stage_view import StageView
from desktop.ui.widgets.menu import Menu
from protocol.ids import EntryId

MENU_LINKS = 5
_WITH_REASON = {Act.HIDE: strings.HIDE_WITH, Act.MUTE: strings.MUTE_WITH}


class EntryActs(QObject):
    """Joins a stage's rows to the engine."""

    done = Signal(object)  # an Undoable
    act_wanted = Signal(object, object)  # entry, Act: asks for a reason first

    def __init__(self, ctx: Context, rooms: Rooms, view: StageView, composer: RoomComposer) -> None:
        super().__init__(view)
        self._ctx, self._rooms, self._view, self._composer = ctx, rooms, view, composer
        self._room: Room | None = None
        bar = view.bar
        bar.react_wanted.connect(self._offer_signs)
        bar.reply_wanted.connect(composer.answer)
        bar.pin_wanted.connect(self.pin)
        bar.mute_wanted.connect(partial(self.act_on, act=Act.MUTE))
        bar.more_wanted.connect(self._more)
        bar.aside_wanted.connect(self.take_aside)
        view.reaction_pressed.connect(self.react)
        view.menu_wanted.connect(self.open_menu)

    def show_room(self, room: Room) -> None:
        self._room = room
        self._view.room = room

    def shortcut(self, parent: QObject) -> QShortcut:
        """Ctrl+Shift+A, from anywhere in the room."""
        made = QShortcut(QKeySequence("Ctrl+Shift+A"), parent)
        made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        return made

    def aside_lit(self) -> None:
        """The entry that has the pointer or the keyboard."""
        entry = self._view.lit_entry()
        if entry is not None and entry.asidable:
            self.take_aside(entry)

    def take_aside(self, entry: Entry) -> None:
        """At once, without a word; the menu has the way with one."""
        self._aside(entry.entry_id, "", Purpose.SUPPORT, "", mine=entry.mine)

    def react(self, entry: Entry, sign: str) -> None:
        if self._room is not None:
            self._ctx.ask(self._rooms.room_react, self._room.room_id, entry.entry_id, sign)

    def pin(self, entry: Entry) -> None:
        pinned = None if entry.pinned_ms is not None else entry.entry_id
        self.pin_this(pinned)

    def pin_this(self, entry_id: EntryId | None) -> None:
        if self._room is not None:
            self._ctx.ask(self._rooms.room_pin, self._room.room_id, entry_id)

    def act_on(self, entry: Entry, *, act: Act, reason: str = "") -> None:
        """Do it at once."""
        if self._room is not None:
            self._ctx.ask(
                self._rooms.room_act,
                self._room.room_id,
                entry.seat_id,
                act,
                0,
                reason,
                entry.entry_id if act is Act.HIDE else None,
                ok=self._acted,
                owner=self,
            )

    def act_with(self, entry: Entry, *, act: Act) -> None:
        """The same, with words to say why."""

        def go(_: int, reason: str) -> None:
            self.act_on(entry, act=act, reason=reason)

        if self._room is not None:
            dialog = ActDialog(self._ctx, act, entry.name, self._room.way, go)
            dialog.open_dialog(dialog.reason)

    def report(self, entry: Entry) -> None:
        if self._room is not None:
            dialog = ReportDialog(self._ctx, self._rooms, self._room, entry)
            dialog.open_dialog(dialog.field)

    def menu(self, entry: Entry) -> Menu:
        """All that can be done with an entry."""
        menu = Menu(self._ctx.theme, self._view)
        text = entry.kind is EntryKind.TEXT
        moderates = self._room is not None and self._room.moderates
        if entry.asidable:
            menu.offer("message-square-share", strings.TAKE_ASIDE, partial(self.take_aside, entry))
            menu.offer("pencil", strings.ASIDE_WORDS, partial(self._ask_words, entry))
            menu.addSeparator()
        if text:
            menu.offer("reply", strings.REPLY, partial(self._composer.answer, entry))
        words = stage_words.content(entry)
        menu.offer("copy", strings.COPY, partial(QGuiApplication.clipboard().setText, words))
        for link in links(words)[:MENU_LINKS] if text else ():
            opens = partial(self._view.link_activated.emit, link.url)
            menu.offer("external-link", strings.open_link(link.url), opens)
        if text and not moderates and not entry.mine:
            menu.addSeparator()
            menu.offer("triangle-alert", desk_words.REPORT, partial(self.report, entry))
        if text and moderates:
            menu.addSeparator()
            pinned = entry.pinned_ms is not None
            menu.offer("pin", strings.UNPIN if pinned else strings.PIN, partial(self.pin, entry))
        if text and not entry.mine:
            self._offer_acts(menu, entry)
        return menu

    def open_menu(self, entry: Entry, at: QPoint) -> None:
        menu = self.menu(entry)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setActiveAction(menu.actions()[0])
        self._view.hold(entry, menu)
        menu.popup(at)

    # inside

    def _offer_acts(self, menu: Menu, entry: Entry) -> None:
        """What my part in the room lets me do with its author; two of them at once, as they can be
        undone, or with a reason."""
        room = self._room
        for said, act in (
            (strings.HIDE, Act.HIDE),
            (strings.MUTE, Act.MUTE),
            (strings.TIME_OUT, Act.TIME_OUT),
            (strings.REMOVE, Act.REMOVE),
            (strings.BAN, Act.BAN),
        ):
            if room is not None and may_act(room, act, entry.role):
                wanted = partial(self.act_wanted.emit, entry, act)
                if act in (Act.HIDE, Act.MUTE):
                    wanted = partial(self.act_on, entry, act=act)
                menu.offer(ICONS[act], said, wanted, danger=act in DANGEROUS)
                if act in _WITH_REASON:
                    ask = partial(self.act_with, entry, act=act)
                    menu.offer("pencil", _WITH_REASON[act], ask)

    def _more(self, entry: Entry) -> None:
        """Under its button: whoever came with the keyboard has the pointer elsewhere."""
        more = self._view.bar.more
        self.open_menu(entry, more.mapToGlobal(more.rect().bottomLeft()))

    def _offer_signs(self, entry: Entry) -> None:
        menu = Menu(self._ctx.theme, self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for sign in strings.SIGNS:
            menu.addAction(sign).triggered.connect(partial(self.react, entry, sign))
        menu.setActiveAction(menu.actions()[0])
        self._view.hold(entry, menu)
        menu.popup(self._view.bar.mapToGlobal(self._view.bar.rect().bottomLeft()))

    def _acted(self, undoable: Undoable | None) -> None:
        if undoable is not None:
            self.done.emit(undoable)

    def _ask_words(self, entry: Entry) -> None:
        def go(words: str, purpose: Purpose, word: str) -> None:
            self._aside(entry.entry_id, words, purpose, word, mine=entry.mine)

        dialog = AsideDialog(self._ctx.theme, self._ctx.window, entry, go)
        dialog.open_dialog(dialog.words)

    def _aside(
        self, entry_id: EntryId, words: str, purpose: Purpose, word: str, *, mine: bool
    ) -> None:
        if self._room is None:
            return

        def asked(_: None) -> None:
            self._ctx.tell(strings.ASKED_HOST if mine else strings.ASKED_ASIDE)

        self._ctx.ask(
            self._rooms.room_aside,
            self._room.room_id,
            entry_id,
            words,
            purpose,
            word,
            ok=asked,
            owner=self,
        )
