"""The entries of one room, read as they are wanted and as knocks come.

Laws: one reading at a time, twenty a second at most; who follows the end and is left behind by more
than a page sees the last entries, and the others on the way up; what a screen reader hears of them
is said at most once in two seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Qt, Signal

from desktop.core.errors import AsideError
from desktop.core.room_facade import Rooms
from desktop.core.rooms import Entries, Entry, EntryKind
from desktop.ui import strings as common
from desktop.ui.context import Context, Handle, Knocker
from desktop.ui.rooms import stage_words, strings
from desktop.ui.rooms.polite import Polite
from desktop.ui.rooms.stage import Stage
from protocol.ids import EntryId, RoomId

PAGE = 100
LAST = 60  # more than a screen holds: who is left behind sees the last ones


class StageFeed(QObject):
    """Keeps one :class:`Stage` up to date."""

    pinned = Signal(object)  # the pinned entry, or None

    def __init__(self, ctx: Context, rooms: Rooms, stage: Stage, polite: Polite) -> None:
        super().__init__(stage)
        self._ctx, self._rooms, self._stage, self._polite = ctx, rooms, stage, polite
        self._room: RoomId | None = None
        self._begun = False
        self._behind = False  # there was more than a page, and the end is followed
        self._sought: EntryId | None = None
        self._handles: list[Handle] = []
        self._changed: set[EntryId] = set()
        self._unsaid: list[Entry] = []
        self._knocker = Knocker(self._read, self)
        polite.free.connect(self.say_news)
        view = stage.view
        view.older_wanted.connect(self._older)
        view.newer_wanted.connect(self.knock)
        view.entries.appended.connect(self._heard)
        stage.newest_wanted.connect(self.begin)
        stage.retry_wanted.connect(self.begin)

    def open(self, room_id: RoomId) -> None:
        self._room = room_id
        self.begin()

    def begin(self) -> None:
        """From the newest entries on."""
        self._cancel()
        self._changed.clear()
        self._begun = self._behind = False
        self._stage.show_loading()
        self.knock()

    def go_to(self, entry_id: EntryId) -> None:
        """Bring an entry into sight, also one that is far above, if it is known here."""
        self._sought = entry_id
        if self._begun:
            self._seek()

    def close(self) -> None:
        self._cancel()
        self._room = self._sought = None
        self._polite.forget()
        self._unsaid.clear()

    def knock(self, changed: Sequence[EntryId] = ()) -> None:
        self._changed.update(changed)
        self._knocker.knock()

    # inside

    def _read(self) -> None:
        room = self._room
        if room is None:
            self._knocker.done()
            return
        entries = self._stage.view.entries
        if not self._begun:
            self._ask_stage(room, None, PAGE)
            return
        some = [one for one in self._changed if entries.row_of(one) is not None]
        self._changed.clear()
        if some:
            self._keep(
                self._ctx.ask(
                    self._rooms.stage_some,
                    room,
                    some,
                    ok=entries.update,
                    failed=self._ignore,
                    owner=self,
                )
            )
        if self._behind and self._stage.view.following:
            self._ask_stage(room, None, LAST)
        else:
            self._ask_stage(room, entries.last_place, PAGE)

    def _ask_stage(self, room: RoomId, after: int | None, limit: int) -> None:
        self._keep(
            self._ctx.ask(
                self._rooms.stage,
                room,
                limit,
                None,
                after,
                ok=self._have,
                failed=self._failed,
                owner=self,
            )
        )

    def _have(self, read: Entries) -> None:
        stage, again = self._stage, False
        last, following = stage.view.entries.last_place, stage.view.following
        behind, self._behind = self._behind, False
        if not self._begun:
            self._begun = True
            stage.show_entries(read)
        elif read.newer and following:
            self._behind = again = True
        elif behind and not following:
            again = True  # who reads above goes on from there
        elif behind and _leaves_out(read, last):
            self._behind = True
            stage.show_entries(read)
            self._heard(read.entries)
        else:
            stage.add(read)
        self.pinned.emit(read.pinned)
        self._knocker.done()
        if again:
            self.knock()
        else:
            self._seek()

    def _seek(self) -> None:
        sought, room, stage = self._sought, self._room, self._stage
        if sought is None or room is None:
            return
        self._sought = None
        if stage.view.go_to(sought):
            stage.view.setFocus(Qt.FocusReason.OtherFocusReason)
            return

        def around(read: Entries) -> None:
            if self._room == room:
                stage.show_entries(read)
                if stage.view.go_to(sought):
                    stage.view.setFocus(Qt.FocusReason.OtherFocusReason)

        def found(entries: Sequence[Entry]) -> None:
            if entries and self._room == room:
                self._cancel()  # what was asked for before stands elsewhere
                behind = entries[0].place + PAGE // 2
                self._keep(
                    self._ctx.ask(
                        self._rooms.stage,
                        room,
                        PAGE,
                        behind,
                        None,
                        ok=around,
                        failed=self._ignore,
                        owner=self,
                    )
                )

        self._keep(
            self._ctx.ask(
                self._rooms.stage_some,
                room,
                [sought],
                ok=found,
                failed=self._ignore,
                owner=self,
            )
        )

    def _cancel(self) -> None:
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
        self._knocker.done()

    def _older(self) -> None:
        room, first = self._room, self._stage.view.entries.first_place
        if room is not None and first is not None:
            self._keep(
                self._ctx.ask(
                    self._rooms.stage,
                    room,
                    PAGE,
                    first,
                    None,
                    ok=self._stage.add_older,
                    failed=self._ignore,
                    owner=self,
                )
            )

    def _failed(self, error: AsideError) -> None:
        if not self._begun:
            self._stage.show_error(common.sentence(error))
        self._knocker.done()

    def _ignore(self, error: AsideError) -> None:
        """What is shown stays; the next knock asks again."""

    def _keep(self, handle: Handle) -> None:
        self._handles = [*self._handles[-8:], handle]

    def _heard(self, entries: Sequence[Entry]) -> None:
        if not self._begun or not self._stage.isVisible():
            return
        self._unsaid += [one for one in entries if not one.mine and one.kind is EntryKind.TEXT]
        if self._polite.is_free:
            self.say_news()

    def say_news(self) -> None:
        """Say what came since it was said last."""
        some, self._unsaid = self._unsaid, []
        if not some:
            return
        named = any(one.mention for one in some)
        who, said = stage_words.name(some[-1]), stage_words.content(some[-1])
        self._polite.say(self._stage.view, strings.announced(len(some), who, said, of_me=named))


def _leaves_out(read: Entries, last: int | None) -> bool:
    """Whether there may be entries between the last one that is shown and these."""
    return bool(read.entries) and (last is None or read.entries[0].place > last)
