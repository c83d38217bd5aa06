"""The doctor says what can be told, and where nothing can be told it says that."""

from __future__ import annotations

import json
import re
import shutil
import socket
from collections.abc import Callable, Iterable
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.wire import frames
from protocol.wire.address import RelayAddress
from relay import certificate
from relay.commands import worded
from relay.commands.worded import sized
from relay.doctor import clock, disk, machine, ports, strings
from relay.doctor.clock import EARLIEST_MS, Kept
from relay.doctor.findings import Finding, Grade
from relay.errors import MismatchedCertificate
from relay.rules.clock import DAY_MS, HOUR_MS, Clock, Now
from relay.rules.limits import House
from relay.server import wall_ms
from relay.store import database
from relay.store.sqlite import SqliteStore
from relay.store.standing import standing_of
from relay.store.usage import read_usage
from tests.relay.processes import Operator, Relays, run
from tests.relay.rules_cast import ALICE, DRAWER, FROM_BOB, Office, call, deposit, grant
from tests.relay.test_forwarding import forward, settle

NOW_MS = EARLIEST_MS + 400 * DAY_MS
NANO = 1_000


def kinds(findings: Iterable[Finding]) -> list[str]:
    return [found.kind for found in findings]


def test_every_finding_has_a_sentence_that_says_what_to_do() -> None:
    """Read from the modules, so that none is forgotten."""
    folder = Path(disk.__file__).parent
    modules = set(folder.glob("*.py")) - {folder / "strings.py"}
    source = "".join(path.read_text() for path in modules)
    source += Path(worded.__file__).with_name("doctor.py").read_text()
    subjects = "clock|disk|fsync|port|certificate|files|secrets|store"
    said = set(re.findall(rf'"((?:{subjects})_[a-z]+)"', source))
    said |= {"not_running", "versions", "versions_unsound"}
    outcomes = ("reached", "silent", "strange", "other")
    said |= {f"{where}_{outcome}" for where in ("here", "public") for outcome in outcomes}
    said |= {"public_loopback", "public_private", "public_unknown", "moved"}
    assert said == strings.DOCTOR.keys()


@pytest.mark.parametrize(
    ("now_ms", "last", "newest_ms", "expected"),
    [
        (NOW_MS, None, 0, "clock_plausible"),
        (NOW_MS, Now(NOW_MS - DAY_MS, 5), NOW_MS - 1, "clock_plausible"),
        (NOW_MS, Now(NOW_MS + HOUR_MS, 5), 0, "clock_plausible"),
        (NOW_MS, Now(NOW_MS + HOUR_MS + 1, 5), 0, "clock_disbelieved"),
        (NOW_MS, Now(NOW_MS + 9 * HOUR_MS, 5), NOW_MS + 9 * HOUR_MS, "clock_behind"),
        (NOW_MS, None, NOW_MS + 3 * DAY_MS, "clock_behind"),
        (EARLIEST_MS - 1, None, 0, "clock_early"),
        (0, Now(NOW_MS, 5), 0, "clock_early"),
    ],
)
def test_a_clock_is_held_against_what_was_written(
    now_ms: int, last: Now | None, newest_ms: int, expected: str
) -> None:
    found = kinds(clock.look(now_ms, last, newest_ms, Kept.YES))
    assert found == [expected, "clock_kept"]


def test_whether_a_clock_is_kept_right_may_be_unknown() -> None:
    assert kinds(clock.look(NOW_MS, None, 0, Kept.NO))[1] == "clock_alone"
    unknown = list(clock.look(NOW_MS, None, 0, Kept.UNKNOWN))[1]
    assert unknown.grade is Grade.UNKNOWN
    assert clock.kept_right() in Kept


def test_a_clock_that_was_ahead_is_left_behind_when_the_operator_says_so(
    operator: Operator, stopped: Path
) -> None:
    def found() -> str:
        said = json.loads(operator.either("doctor", stopped, "--json"))
        return str(said["findings"][0]["kind"])

    ahead = wall_ms() + 3650 * DAY_MS
    store = database.open_writer(stopped / "store.db")
    store.execute("INSERT INTO moment (row, wall_ms, age_ms) VALUES (1, ?, 60000)", (ahead,))
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    assert found() == "clock_disbelieved"
    operator("doctor", stopped, "--believe-clock")
    assert found() == "clock_plausible"
    standing = standing_of(stopped / "store.db")
    assert standing is not None
    assert standing.age_ms == 60_000
    now_ms = wall_ms()
    believed = Clock(Now(standing.wall_ms, standing.age_ms), now_ms, 0).read(now_ms, 0)
    assert believed.wall_ms == now_ms


def ticking(nanoseconds: int) -> Callable[[], int]:
    return count(0, nanoseconds).__next__


@pytest.mark.parametrize(
    ("nanoseconds", "expected"),
    [
        (1_000, "fsync_lies"),
        (7_900, "fsync_lies"),
        (8_100, "fsync_honest"),
        (190_000, "fsync_honest"),
        (30_000_000, "fsync_slow"),
    ],
)
def test_a_sync_that_no_disk_can_do_is_a_lie(
    tmp_path: Path, nanoseconds: int, expected: str
) -> None:
    took = disk.measure(tmp_path, ticking(nanoseconds))
    assert len(took) == disk.SYNCS
    assert disk.judge(took).kind == expected
    assert list(tmp_path.iterdir()) == []


def test_it_is_the_middle_that_counts() -> None:
    """A cache hits now and then, and a disk is busy now and then."""
    assert disk.judge([1.0] * 90 + [200.0] * 110).kind == "fsync_honest"
    assert disk.judge([200.0] * 110 + [90_000.0] * 90).kind == "fsync_honest"
    assert disk.judge([1.0] * 110 + [200.0] * 90).kind == "fsync_lies"


MOUNTS = """\
22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:25 / /run rw,nosuid - tmpfs tmpfs rw
31 22 0:26 / /srv rw,nosuid shared:5 - nfs4 far:/srv rw
32 31 0:27 / /srv/near\\040by rw - xfs /dev/sdb1 rw
33 22 0:28 / /run rw - ext4 /dev/sdc1 rw
"""


@pytest.mark.parametrize(
    ("folder", "expected"),
    [
        ("/var/lib/aside", "ext4"),
        ("/srv/aside", "nfs4"),
        ("/srv/near by/aside", "xfs"),
        ("/srvice", "ext4"),
        ("/run/aside", "ext4"),
    ],
)
def test_a_folder_is_on_the_mount_that_is_nearest(
    tmp_path: Path, folder: str, expected: str
) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    assert disk.filesystem(Path(folder), table) == expected
    assert disk.filesystem(Path(folder), tmp_path / "missing") == ""


def test_room_is_told_against_what_is_kept_free(tmp_path: Path) -> None:
    def look(min_free: int) -> str:
        return kinds(disk.look(tmp_path, min_free, ticking(100_000)))[0]

    free = shutil.disk_usage(tmp_path).free
    assert look(2 * free) == "disk_full"
    assert look(free * 2 // 3) == "disk_little"
    if free > 4 * disk.LITTLE_FREE:
        assert look(0) == "disk_free"


def test_it_is_the_room_of_the_settings_that_is_looked_for(
    stopped: Path, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = shutil.disk_usage(stopped)._replace(free=(1 << 40) - 1)  # however large this disk is

    def usage(_: Path) -> object:
        return most

    monkeypatch.setattr(shutil, "disk_usage", usage)
    toml = stopped / "relay.toml"
    toml.write_text(re.sub(r"(?m)^#? ?min_free = .*$", f"min_free = {1 << 40}", toml.read_text()))
    found = json.loads(operator.either("doctor", stopped, "--json"))["findings"]
    [room] = [one for one in found if "min_free" in one.get("facts", {})]
    assert (room["kind"], room["facts"]["min_free"]) == ("disk_full", 1 << 40)


def made(folder: Path, name: str, host: str, now_ms: int) -> tuple[Path, Path]:
    public, secret = certificate.make(host, now_ms)
    (folder / f"{name}.pem").write_bytes(public)
    (folder / f"{name}.key").write_bytes(secret)
    return folder / f"{name}.pem", folder / f"{name}.key"


def test_a_certificate_is_held_against_time_host_and_key(tmp_path: Path) -> None:
    public, key = made(tmp_path, "one", "relay.example", NOW_MS)
    _, other = made(tmp_path, "two", "relay.example", NOW_MS)
    ends = NOW_MS - DAY_MS + certificate.GOOD_FOR // timedelta(milliseconds=1)

    def look(host: str = "relay.example", now_ms: int = NOW_MS, with_key: Path = key) -> list[str]:
        return kinds(machine.look_at_certificate(public, with_key, host, now_ms))

    assert look() == ["certificate_good"]
    assert look(now_ms=ends - 13 * DAY_MS) == ["certificate_soon"]
    assert look(now_ms=ends + 1000) == ["certificate_expired"]
    assert look(now_ms=NOW_MS - 2 * DAY_MS) == ["certificate_early"]
    assert look(host="other.example") == ["certificate_good", "certificate_unfit"]
    assert look(with_key=other) == ["certificate_mismatched"]
    with pytest.raises(MismatchedCertificate):
        certificate.load(public, other)
    key.write_text("nothing")
    assert look() == ["certificate_bad"]


@pytest.mark.parametrize(
    ("made_for", "host", "covered"),
    [
        ("relay.example", "RELAY.example", True),
        ("*.example", "relay.example", True),
        ("*.example", "a.relay.example", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("relay.example", "127.0.0.1", False),
    ],
)
def test_a_certificate_covers(tmp_path: Path, made_for: str, host: str, covered: bool) -> None:
    public, _ = made(tmp_path, "one", made_for, NOW_MS)
    assert certificate.covers(public, host) is covered


def test_a_port_that_another_has(tmp_path: Path) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        assert kinds(ports.look_stopped("127.0.0.1", port)) == ["port_taken"]
        # An address kept for documentation, which no machine has.
        assert kinds(ports.look_stopped("192.0.2.1", 7443)) == ["port_taken"]
    assert kinds(ports.look_stopped("127.0.0.1", port)) == ["not_running"]


def test_reached_means_that_this_relay_proves_itself(
    folder: Path, tmp_path: Path, relays: Relays
) -> None:
    here = relays.serve(folder).address
    assert ports.reach(here) == "reached"
    second = tmp_path / "second"
    run("init", second, "--listen", "0.0.0.0:0")
    there = relays.serve(second).address
    near = RelayAddress("127.0.0.1", there.port, there.fingerprint, tls=True)
    assert ports.reach(near) == "reached"
    assert ports.reach(RelayAddress("127.0.0.1", there.port, here.fingerprint)) == "other"
    assert ports.reach(RelayAddress("127.0.0.1", here.port, here.fingerprint)) == "strange"
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        assert ports.reach(RelayAddress("127.0.0.1", port, here.fingerprint, tls=False)) == "silent"


def test_the_doctor_running_and_stopped(folder: Path, relays: Relays) -> None:
    def grades(done: str) -> dict[str, str]:
        return {found["kind"]: found["grade"] for found in json.loads(done)["findings"]}

    stopped = grades(run("doctor", folder, "--json").stdout)
    assert stopped["not_running"] == "warning"
    relays.serve(folder)
    said = run("doctor", folder, "--json")
    running = grades(said.stdout)
    assert running["here_reached"] == "ok"
    assert running["public_loopback"] == "warning"
    assert "not_running" not in running
    assert {"versions", "files_enough", "secrets_closed"} <= running.keys()
    assert said.returncode == (0 if "wrong" not in running.values() else 1)
    (folder / "relay.key").chmod(0o644)
    worse = run("doctor", folder)
    assert worse.returncode == 1
    assert "WRONG" in worse.stdout
    assert "chmod 600" in worse.stdout


def test_what_is_shown_by_kind_is_what_the_quota_counts(tmp_path: Path, house: House) -> None:
    database.create(tmp_path / "store.db")
    store = SqliteStore(tmp_path / "store.db")
    office = Office(store, house)
    office.admit()
    office.create()
    office.ask(grant())
    for number in range(9):
        assert office.stored(deposit(number))
    office.acknowledge(4)
    office.ask(
        frames.Stock(
            call=call(),
            mailbox=ALICE,
            drawer=DRAWER,
            bundles=(b"1" * 700, b"2" * 700),
            last_resort=b"3" * 700,
        )
    )
    office.ask(frames.TakeBundle(call=call(), capability=FROM_BOB))
    for number in range(3):
        assert isinstance(office.ask(forward(number)), frames.Accepted)
    settle(office, 1)
    usage = read_usage(store.database)
    assert {kind: each.count for kind, each in usage.items()} == {
        "envelopes": 5,
        "ids": 9,
        "bundles": 1,
        "bundle_digests": 2,
        "last_resort_bundles": 1,
        "packets": 2,
        "answers": 1,
    }
    assert sum(each.bytes for each in usage.values()) == store.held_bytes
    store.close()


def test_du_running_and_stopped(folder: Path) -> None:
    said = json.loads(run("du", folder, "--json").stdout)
    assert said["counted_bytes"] == 0
    assert said["limit_bytes"] == 50 * 1024**3
    assert said["files"]["store.db"] > 0
    assert said["free_bytes"] > 0
    assert "free on this disk" in run("du", folder).stdout


@given(st.integers(0, 2**60))
def test_sizes_are_read_by_people(size: int) -> None:
    number, unit = sized(size).split()
    assert unit in ("bytes", "KiB", "MiB", "GiB", "TiB")
    assert float(number) < 1024.1 or unit == "TiB"
