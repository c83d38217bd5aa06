"""The script that asks for root: silent when it can be, honest when it cannot go on."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house.test_setup import fake
from tests.house.tree import ROOT

SCRIPT = ROOT / "packaging" / "system-packages.sh"
TOOLS = ("bash", "env", "sed", "sort", "grep", "cat", "mktemp", "rm", "sh")


class Machine:
    """A machine of fakes: what is installed, who runs the script, what was asked of apt."""

    def __init__(self, folder: Path) -> None:
        self._programs = folder / "bin"
        self._asked = folder / "asked"
        self._programs.mkdir()
        self._asked.touch()
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None
            (self._programs / tool).symlink_to(found)
        self.has("python3", "case $2 in *print*) echo python3.11-venv;; esac")

    def has(self, program: str, body: str = "true") -> None:
        fake(self._programs, program, body)

    def is_debian(self, *installed: str, uid: int, apt: str = "true") -> None:
        rows = "\n".join(f"installed {name}" for name in installed)
        self.has("dpkg-query", f"cat <<'ROWS'\n{rows}\nROWS")
        self.has("apt-get", f'echo "$@" >> {self._asked}; {apt}')
        self.has("id", f"echo {uid}")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *arguments],
            env={"PATH": str(self._programs)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def asked(self) -> list[str]:
        return self._asked.read_text().splitlines()


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def wanted(machine: Machine) -> list[str]:
    """Everything it installs on a bare machine."""
    machine.is_debian(uid=0)
    assert machine.run().returncode == 0
    update, install = machine.asked[-2:]
    assert update.startswith("update")
    names = [word for word in install.split() if not word.startswith("-")]
    return names[1:]


def test_a_bare_machine_gets_all_of_it_without_a_question(machine: Machine) -> None:
    names = wanted(machine)
    assert {"libegl1", "libxcb-cursor0", "xvfb", "openbox", "fonts-noto-cjk"} <= set(names)
    assert "redis-server" not in names
    assert "--yes" in machine.asked[-1]


def test_it_is_silent_when_nothing_is_missing(machine: Machine) -> None:
    names = wanted(machine)
    before = machine.asked
    # Newer releases call some libraries …t64.
    machine.is_debian(*(n.replace("libglib2.0-0", "libglib2.0-0t64") for n in names), uid=1000)
    run = machine.run()
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    assert machine.asked == before


def test_only_what_is_missing_is_installed(machine: Machine) -> None:
    names = wanted(machine)
    machine.is_debian(*(name for name in names if name != "xdotool"), uid=0)
    assert machine.run("--bench").returncode == 0
    assert machine.asked[-1].split()[-9:] == [
        "xdotool",
        "redis-server",
        "prosody",
        "ejabberd",
        "nats-server",
        "mosquitto",
        "gcc",
        "libc6-dev",
        "libssl-dev",
    ]


def test_without_root_it_says_what_to_run_and_stops(machine: Machine) -> None:
    machine.is_debian(uid=1000)
    run = machine.run()
    assert run.returncode == 1
    assert "As root, please: apt-get install libegl1" in run.stderr
    assert machine.asked == []


def test_with_sudo_it_asks_for_root_only_for_apt(machine: Machine) -> None:
    machine.is_debian(uid=1000)
    machine.has("sudo", 'case $1 in -n) exit 0;; esac; exec "$@"')
    assert machine.run().returncode == 0
    assert [line.split()[0] for line in machine.asked] == ["update", "install"]


def test_a_failure_of_apt_is_shown_and_stops(machine: Machine) -> None:
    machine.is_debian(uid=0, apt="echo no route to the mirror; exit 100")
    run = machine.run()
    assert run.returncode == 1
    assert "no route to the mirror" in run.stderr


def test_a_python_without_ensurepip_gets_its_package(machine: Machine) -> None:
    machine.has("python3", "case $2 in *print*) echo python3.11-venv;; *) exit 1;; esac")
    assert "python3.11-venv" in wanted(machine)


def test_elsewhere_it_names_the_packages_and_goes_on(machine: Machine) -> None:
    run = machine.run()
    assert run.returncode == 0
    assert "Not found: Xvfb" in run.stderr
    assert "dnf install" in run.stderr
    for program in ("Xvfb", "openbox", "xdotool", "dbus-daemon"):
        machine.has(program)
    assert machine.run().stderr == ""


def test_wrong_use_is_one_line(machine: Machine) -> None:
    run = machine.run("--everything")
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
