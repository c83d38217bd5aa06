"""The vault's own fault stories, told again with a look that does not look: they must fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from desktop.store import vault
from tests.store import test_vault_files as stories


def blind(*_: object, **__: object) -> None:
    """Sees nothing wrong."""


@pytest.mark.parametrize(
    "story",
    [
        stories.test_a_newer_vault_is_not_touched,
        stories.test_a_newer_vault_is_not_touched_after_a_crash_either,
    ],
)
def test_mutant_that_opens_what_is_newer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, story: Callable[[Path], None]
) -> None:
    monkeypatch.setattr(vault, "check_not_newer", blind)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        story(tmp_path)


async def test_mutant_that_does_not_look_at_every_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vault, "_look", blind)
    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        await stories.test_a_wrong_bit_in_the_middle(tmp_path, 0.5)
