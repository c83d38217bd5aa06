"""Which row is where, against the plainest sum there is."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.messages.strip import Size, Strip

SIZES = st.lists(
    st.integers(1, 50).flatmap(
        lambda height: st.builds(Size, st.integers(0, height), st.just(height))
    ),
    min_size=1,
    max_size=30,
)


@given(SIZES, SIZES, st.integers(0, 300), st.data())
def test_rows_stand_where_the_sum_of_heights_says(
    first: list[Size], more: list[Size], head: int, data: st.DataObject
) -> None:
    strip = Strip()
    strip.head = head
    strip.insert(0, first)
    at = data.draw(st.integers(0, len(first)))
    strip.insert(at, more)
    sizes = first[:at] + more + first[at:]
    gone = data.draw(st.integers(0, len(sizes) - 1))
    upto = data.draw(st.integers(gone, len(sizes) - 1))
    if upto - gone + 1 < len(sizes):
        strip.remove(gone, upto)
        del sizes[gone : upto + 1]
    changed = data.draw(st.integers(0, len(sizes) - 1))
    sizes[changed] = Size(1, 99)
    strip.change(changed, [Size(1, 99)])

    y = strip.head
    for row, size in enumerate(sizes):
        assert strip.top(row) == y
        assert strip.body(row) == y + size.lead
        assert strip.row_at(y) == strip.row_at(y + size.height - 1) == row
        y += size.height
        assert strip.bottom(row) == y
    assert strip.total == y
    assert strip.row_at(-5) == 0
    assert strip.row_at(y + 5) == len(sizes) - 1
