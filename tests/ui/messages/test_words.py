"""Links, hits and cuts, counted as Qt counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desktop.ui.messages.words import Span, cut, hits, links, right_to_left, shown, units


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("see https://example.org/a?b=1&c=2#d", ["https://example.org/a?b=1&c=2#d"]),
        ("(https://example.org/a_(b)).", ["https://example.org/a_(b)"]),
        ("HTTP://EXAMPLE.ORG, and http://b.example!", ["HTTP://EXAMPLE.ORG", "http://b.example"]),
        ("file:///etc/passwd javascript:alert(1) aside://x ftp://y", []),
        ("https:// http://", []),
        ('<a href="https://example.org/x">y</a>', ["https://example.org/x"]),
        ("https://例え.example/道。", ["https://例え.example/道"]),
    ],
)
def test_only_web_addresses_become_links(text: str, urls: list[str]) -> None:
    assert [link.url for link in links(text)] == urls


def test_a_link_behind_emoji_stands_where_qt_counts_it() -> None:
    text = "👩‍👩‍👧‍👦🎉 https://example.org"
    (link,) = links(text)
    assert link.span == Span(units("👩‍👩‍👧‍👦🎉 "), len("https://example.org"))
    assert cut(text, link.span.start, link.span.start + link.span.length) == link.url


@given(st.text(), st.text(), st.text())
def test_a_cut_is_what_stands_between(before: str, middle: str, after: str) -> None:
    start = units(before)
    assert cut(before + middle + after, start, start + units(middle)) == middle


@given(st.text())
def test_what_is_shown_has_as_many_places_as_the_message(text: str) -> None:
    assert units(shown(text)) == units(text)
    assert not set("\n\r\0\u2029") & set(shown(text))


def test_words_are_found_in_upper_and_lower_case() -> None:
    assert hits("Ash, ash and ASH", ["ash"]) == [Span(0, 3), Span(5, 3), Span(13, 3)]
    assert hits("a.b axb", ["a.b"]) == [Span(0, 3)]
    assert hits("anything", []) == hits("anything", [""]) == []


@pytest.mark.parametrize(
    ("text", "rtl"), [("نعم 12", True), ("12 שלום", True), ("Yes שלום", False), ("12 :-)", False)]
)
def test_a_text_runs_as_its_first_letter(text: str, rtl: bool) -> None:
    assert right_to_left(text) is rtl
