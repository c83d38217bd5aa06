-- reads_from: 3
-- Who was put out of a room, so that a restart does not let them in again from the same place. A mark
-- is two bytes under a key that is not here: the token that the room's link holds.
CREATE TABLE room_heat (
    row INTEGER PRIMARY KEY,
    room INTEGER NOT NULL,
    seat INTEGER NOT NULL,
    mark BLOB NOT NULL
) STRICT;

CREATE INDEX room_heat_by_room ON room_heat (room);
