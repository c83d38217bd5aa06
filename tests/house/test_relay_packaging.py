"""The relay's unit, container and package say what the program does."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from relay.__main__ import WRONG_USE
from relay.connection import FLUSH_S
from relay.server import PARTING_S
from tests.house.tree import ROOT

FOLDER = ROOT / "packaging" / "relay"
UNIT = FOLDER / "aside-relay.service"
DOCKERFILE = FOLDER / "Dockerfile"
NO_EXPOSURE = 2.0
SHUT = {
    *("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "PrivateUsers", "ProtectHome"),
    *(
        "ProtectControlGroups",
        "ProtectKernelModules",
        "ProtectKernelTunables",
        "RestrictNamespaces",
    ),
    *("RestrictSUIDSGID", "LockPersonality", "MemoryDenyWriteExecute"),
}


def unit(section: str = "Service") -> configparser.SectionProxy:
    read = configparser.RawConfigParser(strict=False, comment_prefixes=("#",))
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(UNIT.read_text())
    return read[section]


def test_the_unit_serves_as_the_program_does() -> None:
    service = unit()
    program, *arguments = service["ExecStart"].split()
    assert program == "aside-relay", "wherever it was installed"
    assert arguments == ["serve", f"/var/lib/{service['StateDirectory']}"]
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"] == str(WRONG_USE)
    assert unit("Unit")["StartLimitIntervalSec"] == "0", "else it stays down after five"
    assert "time-sync.target" in unit("Unit")["After"].split()
    assert int(service["TimeoutStopSec"]) > PARTING_S + FLUSH_S
    assert "-HUP" in service["ExecReload"]
    assert f"u {service['User']} " in (FOLDER / "aside-relay.sysusers").read_text()


def test_the_unit_is_exposed_to_little() -> None:
    service = unit()
    shut = {name for name, value in service.items() if value == "yes"}
    assert shut >= SHUT
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == service["AmbientCapabilities"] == ""
    if shutil.which("systemd-analyze") is None:
        return
    asked = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(UNIT)]
    said = subprocess.run(asked, capture_output=True, text=True, timeout=30, check=False)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", said.stdout)
    # An old one looks at running units only.
    assert found is None or float(found[1]) <= NO_EXPOSURE


def test_the_container_takes_what_is_there() -> None:
    text = DOCKERFILE.read_text()
    copied = re.findall(r"^COPY (?!--from)(\S+) ", text, re.MULTILINE)
    assert copied
    assert all((ROOT / source).exists() for source in copied)
    let_in = (FOLDER / "Dockerfile.dockerignore").read_text()
    assert all(f"!{source}\n" in let_in for source in copied)
    last_user = re.findall(r"^USER (\S+)", text, re.MULTILINE)[-1]
    assert last_user not in ("root", "0")
    assert "--require-hashes" in text
    assert '\nCMD ["serve", "/data"]' in text


def test_the_installed_command_is_the_program(tmp_path: Path) -> None:
    library = tmp_path / "lib" / "aside"
    library.mkdir(parents=True)
    for house in ("relay", "protocol"):
        (library / house).symlink_to(ROOT / house)
    binary = tmp_path / "bin" / "aside-relay"
    binary.parent.mkdir()
    shutil.copy(FOLDER / "aside-relay.py", binary)
    said = subprocess.run(
        [sys.executable, "-EsP", str(binary), "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert said.returncode == 0, said.stderr
    assert "usage: aside-relay" in said.stdout


@pytest.mark.parametrize("name", ["postinst", "prerm"])
def test_what_the_package_runs_can_be_read(name: str) -> None:
    recipe = (FOLDER / "build-deb.sh").read_text()
    (text,) = re.findall(rf"<< '{name.upper()}'\n(.*?)\n{name.upper()}\n", recipe, re.DOTALL)
    subprocess.run(["sh", "-n"], input=text, text=True, check=True, timeout=30)
    # What the one compiles the other takes away: otherwise a removed package leaves its folders.
    assert ("compileall" if name == "postinst" else "-name __pycache__ -exec rm") in text


@pytest.mark.parametrize("script", sorted(FOLDER.glob("*.sh")), ids=lambda path: path.name)
def test_scripts_can_be_read(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=30)
    assert script.stat().st_mode & 0o111
