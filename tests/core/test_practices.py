"""What a relay keeps, compared with what it kept when the member joined."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from desktop.core.practices import Change, Changed, Kept, Told, compare
from desktop.ui.settings.kept.strings import change_words, how_long, kept_words, who_reads
from protocol.wire.frames import Practice
from relay.practices import practices as declared
from relay.rules.limits import House

DAY_S = 86_400
MAIL = Kept("envelope", on_disk=True, sealed=True, longest_s=30 * DAY_S)
SEEN = Kept("address", on_disk=False, sealed=False, longest_s=DAY_S)
BEFORE = Told("Lindenhof", "Neighbours.", open=False, kept=(MAIL, SEEN))

KEPT = st.builds(
    Kept,
    st.sampled_from(["envelope", "address", "pass", "blob"]),
    st.booleans(),
    st.booleans(),
    st.none() | st.integers(0, 10**10),
)
TOLD = st.builds(
    Told,
    st.text(max_size=3),
    st.text(max_size=3),
    st.booleans(),
    st.lists(KEPT, max_size=4, unique_by=lambda one: one.what).map(tuple),
)


def changes(**kept: Kept | None) -> list[tuple[str, str]]:
    """How it reads where these are told otherwise."""
    after = tuple(kept.get(one.what, one) for one in BEFORE.kept)
    now = replace(BEFORE, kept=tuple(one for one in after if one is not None))
    return [(one.what, one.how.value) for one in compare(BEFORE, now)]


def test_each_difference_has_its_word() -> None:
    assert changes() == []
    assert changes(envelope=replace(MAIL, longest_s=60 * DAY_S)) == [("envelope", "longer")]
    assert changes(envelope=replace(MAIL, longest_s=None)) == [("envelope", "longer")]
    assert changes(envelope=replace(MAIL, longest_s=7 * DAY_S)) == [("envelope", "shorter")]
    assert changes(envelope=replace(MAIL, sealed=False)) == [("envelope", "readable")]
    assert changes(address=replace(SEEN, on_disk=True)) == [("address", "disk")]
    assert changes(address=None) == [("address", "gone")]
    both = replace(SEEN, on_disk=True, longest_s=90 * DAY_S)
    assert changes(address=both) == [("address", "disk"), ("address", "longer")]
    now = replace(
        BEFORE, about="A company.", open=True, kept=(*BEFORE.kept, replace(MAIL, what="x"))
    )
    told = [(one.what, one.how.value) for one in compare(BEFORE, now)]
    assert told == [("about", "other"), ("open", "other"), ("x", "new")]


@given(TOLD, TOLD)
def test_nothing_changed_exactly_where_the_same_is_told(one: Told, other: Told) -> None:
    same = replace(one, kept=()) == replace(other, kept=()) and set(one.kept) == set(other.kept)
    found = compare(one, other)
    assert (not found) == same
    for changed in found:
        assert change_words(changed, other).endswith(".")


def test_every_word_of_a_relay_is_said_in_plain_words() -> None:
    for practice in declared(House()):
        words = " ".join(kept_words(kept(practice)))
        assert "_" not in words
        assert "newer kind" not in words


def test_how_long_and_who() -> None:
    assert how_long(MAIL) == "30 days at most; until this computer has them"
    assert who_reads(MAIL) == "Only whom it is for"
    assert who_reads(SEEN) == "Whoever runs the relay, in memory only"
    unknown = Kept("newer_thing", on_disk=True, sealed=True, longest_s=None)
    assert kept_words(unknown)[0] == "newer_thing."
    longer = Changed("envelope", Change.LONGER)
    assert change_words(longer, BEFORE).endswith("kept longer now, 30 days at most.")


def kept(practice: Practice) -> Kept:
    """A relay's line as the desktop has it."""
    return Kept(practice.what, practice.on_disk, practice.sealed, practice.longest_s)
