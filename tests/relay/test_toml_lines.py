"""A mistake in relay.toml is told with its line, however the line is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from relay import config, strings
from relay.config import Settings
from relay.errors import OperatorError
from relay.toml_lines import line_of

TEXT = """\
# One comment
[relay]
name = '''
a long
listen = "no setting, only text"
'''
listen = [
  "three",  # with a comment
  "lines",
]
"pub\\u006cic_url" = 1

[ tls ] # spaced
certificate="a";
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("relay",), 2),
        (("relay", "name"), 3),
        (("relay", "listen"), 7),
        (("relay", "public_url"), 11),
        (("relay", "other"), 0),
        (("tls",), 13),
    ],
)
def test_a_line_is_where_the_value_begins(path: tuple[str, ...], line: int) -> None:
    assert line_of(TEXT.replace(";", ""), path) == line


def test_dotted_keys_and_inline_tables() -> None:
    assert line_of("\nrelay.name = 3\n", ("relay", "name")) == 2
    assert line_of("a = 1\nrelay = { b = 2, name = 3 }\n", ("relay", "name")) == 2
    assert line_of("relay = 1\n", ("relay", "name")) == 0


@pytest.mark.parametrize(
    ("wrong", "line", "allowed"),
    [
        ("connections = 0", 3, "from 1 to"),
        ('connections = "many"', 3, "a whole number"),
        ("conections = 5", 3, "connections"),
        ("\n\nkeep_days = 1.5", 5, "a whole number"),
    ],
)
def test_a_mistake_names_its_line_and_what_is_allowed(wrong: str, line: int, allowed: str) -> None:
    with pytest.raises(OperatorError) as caught:
        config.read(f"# Mine\n[limits]\n{wrong}\n")
    sentence = strings.sentence(caught.value)
    assert sentence.startswith(f"relay.toml, line {line}: ")
    assert allowed in sentence
    assert "\n" not in sentence


def test_a_part_that_does_not_exist() -> None:
    with pytest.raises(OperatorError) as caught:
        config.read("[relay]\n[limit]\nconnections = 3\n")
    assert "line 2" in strings.sentence(caught.value)
    assert "[limits]" in strings.sentence(caught.value)


def test_what_is_not_toml_has_a_line_as_well() -> None:
    with pytest.raises(OperatorError) as caught:
        config.read("[relay]\nname = \n")
    assert "line 2" in strings.sentence(caught.value)


NAMES = [
    (part.name, each.name)
    for part in fields(Settings)
    for each in fields(getattr(Settings(), part.name))
]


@given(st.sampled_from(NAMES), st.lists(st.sampled_from(["", "# a\n", "\n"]), max_size=3))
def test_every_setting_has_the_line_it_was_written_on(
    name: tuple[str, str], before: list[str]
) -> None:
    text = "".join(before) + config.write(Settings())
    lines = text.splitlines()
    start = lines.index(f"[{name[0]}]")
    expected = next(
        number
        for number, line in enumerate(lines[start:], start + 1)
        if line.startswith(f"{name[1]} = ")
    )
    assert line_of(text, name) == expected
