"""A room's limits by address, over real addresses in a network of the test's own."""

from __future__ import annotations

import functools
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.program import ROOT

ALONE = ["unshare", "--user", "--map-root-user", "--net"]


@functools.cache
def may_be_alone() -> bool:
    """Whether this system lets anybody make namespaces; in some containers nobody may."""
    try:
        return subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def in_a_network_of_its_own(folder: Path, *more: str) -> tuple[int, str]:
    if not may_be_alone():
        pytest.skip("needs user namespaces")
    done = subprocess.run(
        [*ALONE, sys.executable, "-m", "tests.faults.addresses", str(folder), *more],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    return done.returncode, done.stderr


def test_a_thousand_joins_of_one_address_and_a_removal_concern_no_second(tmp_path: Path) -> None:
    code, said = in_a_network_of_its_own(tmp_path)
    assert code == 0, said


def test_mutant_a_relay_to_which_everybody_is_at_home_is_caught(tmp_path: Path) -> None:
    code, said = in_a_network_of_its_own(tmp_path, "exempt")
    assert code != 0
    assert "a_thousand_joins" in said
