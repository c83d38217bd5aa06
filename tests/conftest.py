"""What all tests share: nothing of whoever runs them is touched, and who may be skipped."""

from __future__ import annotations

import gc
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from desktop.ui.system.garbage import collect_due

pytest_plugins = ["tests.promises"]

# Before Qt is imported anywhere: windows that tests open stay off the screen of whoever runs
# them. Tests that want a real X server start their own and give it to a process of their own.
# The screen that is not there is as large as most are.
SCREEN = Path(__file__).parent / "fakes" / "screen.json"
os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={SCREEN}"
for at_home in ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS"):
    os.environ.pop(at_home, None)
# The programs that tests start need not compile each module anew, and gather what they say as
# they do for everybody.
for habit in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
    os.environ.pop(habit, None)
# A test that forgets to say where its profile lies fails, instead of opening somebody's own.
os.environ["XDG_DATA_HOME"] = os.environ["XDG_CONFIG_HOME"] = f"{os.devnull}/nobody's"

# Nearly every test opens a vault or a relay's store, and each waits for its disk at every commit. A
# kill leaves what the kernel has, whichever file system it is; what a disk still knows after a
# power cut is asked of a disk that the test brings along (tests/faults/powercut.py).
# Whoever names a folder for what is temporary gets it there. Workers inherit what is set here.
MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3
ON_DISK = os.environ.setdefault("ASIDE_TESTS_ON_DISK", tempfile.gettempdir())
if (
    "TMPDIR" not in os.environ
    and os.access(MEMORY, os.W_OK | os.X_OK)
    and shutil.disk_usage(MEMORY).free > ROOM
):
    os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)

# Examples are found by search, not by luck: the same ones on every run of `make test`. A busy
# machine is no reason to fail.
settings.register_profile(
    "aside", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("aside")

# Every frame that they move is a line of their logs: much of the time of a story.
for talkative in ("trio-websocket", "websockets"):
    logging.getLogger(talkative).setLevel(logging.WARNING)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is loaded to be collected stays until the end: nobody need look through it for what may
    be thrown away, neither now nor during each test."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """As the window's program does: no other thread may find itself throwing away a window."""
    collect_due()


CAP_SYS_ADMIN = 1 << 21


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_root: works only as root; skipped otherwise")


@pytest.fixture
def on_disk() -> Generator[Path]:
    """A folder where the system keeps such, for what looks at its disk."""
    with tempfile.TemporaryDirectory(prefix="aside-", dir=ON_DISK) as folder:
        yield Path(folder)


def is_root() -> bool:
    """Whether we may mount and make namespaces: in a container, root is often only called so."""
    try:
        status = Path("/proc/self/status").read_text("ascii")
    except FileNotFoundError:  # not Linux, and nothing for these tests there
        return False
    effective = re.search(r"^CapEff:\s*([0-9a-f]+)$", status, re.MULTILINE)
    return effective is not None and bool(int(effective[1], 16) & CAP_SYS_ADMIN)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if is_root():
        return
    for item in items:
        if item.get_closest_marker("needs_root") is not None:
            item.add_marker(pytest.mark.skip(reason="needs root"))
