"""The one list of what relays hear, say and keep has all that can be heard, said and kept."""

from __future__ import annotations

from pathlib import Path

from protocol.wire.frames import FRAMES, Request
from protocol.wire.packet import CARRIED
from relay.store import database
from tests.whole.what_relays_know import HEARD, IN_PACKETS, KEPT, SAID, every

# Rooms are being built. What their relay hears and keeps of them comes into the list with the test
# that overhears a room; these are the modules of their frames, and how their tables begin.
OF_ROOMS = {"rooms", "room_entries", "room_orders", "letters"}
TABLES_OF_ROOMS = "room"

# From both sides: how a conversation begins is a request and its answer without a number.
BOTH = {"hello"}


def test_every_frame_is_in_the_list_with_every_field() -> None:
    frames = {
        name: frame
        for name, frame in FRAMES.items()
        if frame.__module__.rpartition(".")[2] not in OF_ROOMS
    }
    fields = {name: set(frame.__struct_encode_fields__) for name, frame in frames.items()}
    assert every(*HEARD, *SAID) == fields
    asked = {name for name, frame in frames.items() if issubclass(frame, Request)}
    assert every(*HEARD).keys() == asked | BOTH
    assert every(*SAID).keys() == fields.keys() - asked - BOTH
    assert IN_PACKETS.keys() == {str(each.__struct_config__.tag) for each in CARRIED}


def test_every_column_of_every_table_is_in_the_list(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database.create(path)
    opened = database.open_reader(path)
    try:
        found = opened.execute(
            "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c"
            " WHERE t.type = 'table'"
        ).fetchall()
    finally:
        opened.close()
    known = {(table, column) for table, columns in every(*KEPT).items() for column in columns}
    assert {one for one in found if not one[0].startswith(TABLES_OF_ROOMS)} == known
