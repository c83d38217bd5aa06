"""The same story with one part broken on purpose must fail."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import pytest


@contextmanager
def the_story_fails() -> Generator[None]:
    """By what it asserts, and by nothing else."""
    failure = pytest.RaisesGroup(AssertionError, allow_unwrapped=True, flatten_subgroups=True)
    with failure:
        yield
