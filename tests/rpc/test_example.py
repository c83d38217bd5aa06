"""The bot of the README, as it stands there."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from pathlib import Path

from tests.rpc.readme import code

ROOT = Path(__file__).parents[2]


def test_the_bot_of_the_readme_says_the_time(tmp_path: Path) -> None:
    script = tmp_path / "clock.py"
    script.write_text(code("python"), "utf-8")
    command = [sys.executable, str(script), sys.executable, "-m", "tests.rpc.talking_child"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as bot:
        assert bot.stdin is not None
        assert bot.stdout is not None
        assert bot.stderr is not None
        patience = threading.Timer(60, bot.kill)
        patience.start()
        bot.stdin.write("four kilns\n")
        bot.stdin.flush()
        assert bot.stdout.readline().startswith("Passphrase: Come in: aside://")
        said = next(line for line in bot.stderr if line.startswith("to "))
        assert re.fullmatch(r"to Otter, who said !time: It is [0-2]\d:[0-5]\d UTC.\n", said)
        patience.cancel()
        bot.kill()  # with its pipe the engine ends
        rest = bot.stderr.read()
    assert "Traceback" not in rest
    assert not [line for line in rest.splitlines() if line.startswith("to ")]
