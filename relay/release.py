"""Which release of Aside this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def release() -> str:
    """As the installed package says; a bare checkout has none."""
    try:
        return version("aside")
    except PackageNotFoundError:
        return "unreleased"
