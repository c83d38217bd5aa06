"""Telling host and moderators of an entry. What was written stays until it is on disk."""

from __future__ import annotations

from desktop.core.room_facade import Rooms
from desktop.core.rooms import Entry, Room
from desktop.ui.context import Context
from desktop.ui.rooms import desk_words as words
from desktop.ui.rooms import stage_words
from desktop.ui.widgets.field_dialog import FieldDialog
from desktop.ui.widgets.fields import Field

MOST = 400


class ReportDialog(FieldDialog):
    """One field; it may stay empty."""

    def __init__(self, ctx: Context, rooms: Rooms, room: Room, entry: Entry) -> None:
        field = Field(ctx.theme, words.REPORT_WORDS, hint=words.REPORT_WORDS)
        field.setMaxLength(MOST)
        said = stage_words.content(entry)[:200]
        text = f"{stage_words.name(entry)}: “{said}”\n\n{words.REPORT_TEXT}"
        super().__init__(ctx.theme, ctx.window, words.REPORT_TITLE, text, field, width=480)
        self._ctx, self._rooms, self._room, self._entry = ctx, rooms, room, entry
        self.save.say(words.SEND)

    def ask(self, text: str) -> None:
        self._ctx.ask(
            self._rooms.room_report,
            self._room.room_id,
            self._entry.entry_id,
            text.strip(),
            ok=self._reported,
            failed=self.refused,
            owner=self,
        )

    def _reported(self, _: None) -> None:
        self.close_dialog()
        self._ctx.tell(words.REPORTED)
