"""All that reads bytes which somebody else may have written."""

from __future__ import annotations

from tests.faults.fuzzing import inside, outside, own, packets, rooms

PARSERS = {
    each.name: each
    for each in (*outside.PARSERS, *packets.PARSERS, *inside.PARSERS, *rooms.PARSERS, *own.PARSERS)
}
