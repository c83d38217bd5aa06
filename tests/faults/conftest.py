"""Two people who have met, once for all stories of a run."""

from __future__ import annotations

import pytest
import trio

from tests.faults.house import Pair, make_pair


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Pair:
    """At rest, in a folder to be copied."""
    return trio.run(make_pair, tmp_path_factory.mktemp("pair"))
