"""Where a link leads: what looks like another name is said in letters that cannot."""

from __future__ import annotations

import pytest

from desktop.ui.messages.hosts import safe
from desktop.ui.messages.words import links

APPLE = "https://аррӏе.com"


@pytest.mark.parametrize(
    ("written", "leads_to"),
    [
        (APPLE, "https://xn--80ak6aa92e.com"),
        (f"{APPLE}:8443/a?b#c", "https://xn--80ak6aa92e.com:8443/a?b#c"),
        ("https://раypal.com/", "https://xn--ypal-43d9g.com/"),
        ("https://gооgle.com", "https://xn--ggle-55da.com"),
        ("https://wıkipedia.org", "https://xn--wkipedia-tkb.org"),
        ("https://%D0%B0pple.com", "https://xn--pple-43d.com"),
        ("https://сосӧ.com", "https://xn--n1afb87d.com"),  # Cyrillic for coco, with a sign
        ("https://ցօօցլ.com", "https://xn--99a5bapa.com"),  # Armenian
        ("https://סוסו.com", "https://xn--9dba8ab.com"),  # Hebrew
        ("https://ꭰꮯꮯ.com", "https://xn--58d0ka.com"),  # Cherokee
    ],
)
def test_look_alike_letters_are_said_plainly(written: str, leads_to: str) -> None:
    (link,) = links(f"See {written} today")
    assert link.url == leads_to
    assert not link.as_written
    assert link.span.length == len(written)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/ünïcode?é",
        "https://münchen.de/",
        "https://пример.рф",
        "https://россия.рф/путь",
        "https://例え.jp",
        "https://한국.kr",
        "https://ελλάδα.gr",
    ],
)
def test_names_in_one_alphabet_stay_as_they_are(url: str) -> None:
    assert safe(url) == url


@pytest.mark.parametrize(
    "text",
    [
        "https://www.bank.example@evil.example/",
        "https://user:secret@host.example",
        "http://",
        "https:///etc",
    ],
)
def test_what_hides_its_host_is_no_link(text: str) -> None:
    assert links(text) == []
