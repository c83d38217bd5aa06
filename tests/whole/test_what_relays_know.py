"""The one list of what relays hear, say and keep has all that can be heard, said and kept."""

from __future__ import annotations

from pathlib import Path

from protocol.wire.frames import FRAMES, Request
from protocol.wire.packet import CARRIED
from relay.store import database
from tests.whole.what_relays_know import HEARD, IN_PACKETS, KEPT, SAID, every
from tests.whole.what_rooms_know import FROM_HOSTS, FROM_SEATS, OF_ROOMS, TO_SEATS

ALL_HEARD = (*HEARD, FROM_HOSTS, FROM_SEATS)
ALL_SAID = (*SAID, TO_SEATS)

# From both sides: how a conversation begins is a request and its answer without a number.
BOTH = {"hello"}


def test_every_frame_is_in_the_list_with_every_field() -> None:
    fields = {name: set(frame.__struct_encode_fields__) for name, frame in FRAMES.items()}
    assert every(*ALL_HEARD, *ALL_SAID) == fields
    asked = {name for name, frame in FRAMES.items() if issubclass(frame, Request)}
    assert every(*ALL_HEARD).keys() == asked | BOTH
    assert every(*ALL_SAID).keys() == fields.keys() - asked - BOTH
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
    known = {
        (table, column) for table, columns in every(*KEPT, OF_ROOMS).items() for column in columns
    }
    assert set(found) == known
