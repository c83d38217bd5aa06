"""The world of the stories, for a crowd in it."""

from tests.whole.conftest import world

__all__ = ["world"]
