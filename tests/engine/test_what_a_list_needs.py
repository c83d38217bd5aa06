"""A start is quick: what an unlocked profile's list does without is not loaded for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LATE = (
    *(
        "cryptography",
        "desktop.engine.lines.dial",
        "desktop.engine.pairing.invitations",
        "trio_websocket",
        "segno",
    ),
    "zxcvbn",
)
OPENED = """
import sys
from pathlib import Path

import trio
from msgspec.structs import replace

from desktop.engine.composition import released
from desktop.engine.engine import open_engine
from desktop.store.header import Cost

folder, new, *late = sys.argv[1:]

async def main():
    async with open_engine(Path(folder), replace(released(), cost=Cost(1, 8192))) as engine:
        if new == "new":
            await engine.profile_create("Alice", "four kilns")
        else:
            await engine.profile_unlock("four kilns")
            await engine.conversation_list()
            await engine.relay_list()
            await engine.profile_show()
            print(*(name for name in late if name in sys.modules))

trio.run(main, strict_exception_groups=True)
"""


def test_the_list_needs_no_lines_and_no_invitations(tmp_path: Path) -> None:
    for new in ("new", ""):
        said = subprocess.run(
            [sys.executable, "-c", OPENED, str(tmp_path), new, *LATE],
            capture_output=True,
            check=True,
            text=True,
            timeout=60,
        ).stdout
    assert said.split() == []
