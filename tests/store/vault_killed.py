"""Kill a process between any two lines of making a profile, and of changing its passphrase.

Run as a program of its own, since it forks: ``python -m tests.store.vault_killed FOLDER``.
Prints how many deaths of each kind the vault has survived.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any

from desktop.core.errors import WrongPassphrase
from desktop.store import beginnings, durable, header, vault
from desktop.store.vault import Vault
from tests.store.vault_cast import CHEAP, KEY, PASSPHRASE, SEED, STEPS, numbers, write_note

WATCHED = {module.__file__ for module in (beginnings, durable, header, vault)}
NEW = "another one"


def dies_at(line: int, act: Callable[[], None]) -> bool:
    """Do ``act`` in a process that is killed before the ``line``-th line of ours; did it die?"""
    child = os.fork()
    if child == 0:
        left = line

        def trace(frame: FrameType, event: str, _: Any) -> Any:
            nonlocal left
            if frame.f_code.co_filename not in WATCHED:
                return None
            if event == "line":
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)
            return trace

        sys.settrace(trace)
        act()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if status != 0:
        raise RuntimeError("the act failed by itself")
    return False


def create(folder: Path) -> None:
    """As the engine does: the vault, what stands in it, and the header last."""
    made = Vault.create(folder, KEY, steps=STEPS[:1])
    made.write(write_note(1))
    header.create(folder, PASSPHRASE, CHEAP, Random(1).randbytes, identity_seed=SEED, db_key=KEY)
    made.close()


def check_opens(folder: Path, passphrase: str) -> None:
    """Keys and content are there, whole."""
    key = header.unlock(folder, passphrase).db_key
    opened = Vault.open(folder, key, steps=STEPS[:1])
    header.settle(folder)
    assert opened.write(numbers) == [1]
    opened.close()
    assert header.identity_seed(folder, passphrase) == SEED


def killed_while_creating(root: Path) -> tuple[int, int]:
    """Either there is no profile and one can be made, or the whole of it is there."""
    before = after = 0
    line = 1
    while dies_at(line, lambda: create(root / "alice")):
        if header.exists(root / "alice"):
            after += 1
        else:
            create(root / "alice")
            before += 1
        check_opens(root / "alice", PASSPHRASE)
        assert not (root / "alice" / beginnings.BEGUN_FILE).exists()
        shutil.rmtree(root / "alice")
        line += 1
    shutil.rmtree(root / "alice")
    return before, after


def killed_while_changing(root: Path) -> tuple[int, int]:
    """Exactly one of the two passphrases opens."""
    create(root / "made")
    before = after = 0
    line = 1

    def change() -> None:
        header.change_passphrase(root / "alice", PASSPHRASE, NEW, Random(2).randbytes)

    while True:
        shutil.copytree(root / "made", root / "alice")
        died = dies_at(line, change)
        opening, refused = (PASSPHRASE, NEW) if opens(root / "alice") else (NEW, PASSPHRASE)
        before, after = (before + 1, after) if opening == PASSPHRASE else (before, after + 1)
        try:
            header.unlock(root / "alice", refused)
        except WrongPassphrase:
            pass
        else:
            raise AssertionError("both passphrases open")
        check_opens(root / "alice", opening)
        assert not list((root / "alice").glob(header.HEADER_FILE + ".*"))
        shutil.rmtree(root / "alice")
        if not died:
            return before, after
        line += 1


def opens(folder: Path) -> bool:
    """Whether the first passphrase is the one that counts."""
    try:
        header.unlock(folder, PASSPHRASE)
    except WrongPassphrase:
        return False
    return True


if __name__ == "__main__":
    where = Path(sys.argv[1])
    print(*killed_while_creating(where), *killed_while_changing(where))
