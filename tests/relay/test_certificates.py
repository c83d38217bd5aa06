"""Certificates that change while a relay serves, and a proxy's in front of it."""

from __future__ import annotations

import logging
import shutil
import signal
import ssl
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from protocol.errors import WrongRelay
from protocol.keys import public_key
from protocol.wire.address import RelayAddress
from protocol.wire.frames import Stored
from protocol.wire.handshake import agree, fingerprint, hello
from relay import certificate, strings
from relay.certificate import LOOK_S, Certificates
from relay.config import read
from relay.errors import BadCertificate, WrongSetting
from relay.server import wall_ms
from tests.relay.caller import RELAY_SEED, Line, open_world, some_bytes
from tests.relay.processes import Relays, Serving, mistake, open_caller, run

BOB_MAY = b"alice gave this to bob".ljust(32)


def put(folder: Path, name: str = "certificate") -> bytes:
    """A new pair in place of what was there; the certificate's hash."""
    public, secret = certificate.make("127.0.0.1", wall_ms())
    for path, data in ((f"{name}.pem", public), (f"{name}.key", secret)):
        beside = folder / f"{path}.new"
        beside.write_bytes(data)
        beside.replace(folder / path)
    return sha256(ssl.PEM_cert_to_DER_cert(public.decode())).digest()


def certificates(folder: Path) -> Certificates:
    return Certificates(folder / "certificate.pem", folder / "certificate.key", None)


def test_the_hash_is_that_of_what_a_client_receives(tmp_path: Path) -> None:
    hashed = put(tmp_path)
    assert certificates(tmp_path).current().hash == hashed


def test_a_chain_is_known_by_its_first(tmp_path: Path) -> None:
    put(tmp_path, "above")
    hashed = put(tmp_path)
    with (tmp_path / "certificate.pem").open("ab") as chain:
        chain.write((tmp_path / "above.pem").read_bytes())
    assert certificates(tmp_path).current().hash == hashed


def test_a_renewed_pair_is_taken(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    put(tmp_path)
    held = certificates(tmp_path)
    before = held.current()
    held.look()
    assert held.current() is before
    assert caplog.records == []
    renewed = put(tmp_path)
    held.look()
    assert held.current().hash == renewed
    assert held.current().context is not before.context, "who is served has their own still"
    assert [record.msg for record in caplog.records] == [strings.LOG_CERTIFICATE]


@pytest.mark.parametrize("what", ["junk", "missing", "another's key", "empty"])
def test_what_cannot_be_served_changes_nothing(
    what: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    hashed = put(tmp_path)
    held = certificates(tmp_path)
    match what:
        case "junk":
            (tmp_path / "certificate.pem").write_text("-----BEGIN CERTIFICATE-----\ncanary\n")
        case "missing":
            (tmp_path / "certificate.key").unlink()
        case "another's key":
            put(tmp_path, "other")
            (tmp_path / "other.pem").replace(tmp_path / "certificate.pem")
        case _:
            (tmp_path / "certificate.pem").write_bytes(b"")
    held.look()
    held.look()
    assert held.current().hash == hashed
    assert [record.msg for record in caplog.records] == [strings.LOG_BAD_CERTIFICATE], "once"
    renewed = put(tmp_path)
    held.look()
    assert held.current().hash == renewed


def test_a_pair_replaced_one_after_the_other_is_taken_when_it_fits(tmp_path: Path) -> None:
    hashed = put(tmp_path)
    held = certificates(tmp_path)
    renewed = put(tmp_path, "new")
    shutil.copy(tmp_path / "new.pem", tmp_path / "certificate.pem")
    held.look()
    assert held.current().hash == hashed
    shutil.copy(tmp_path / "new.key", tmp_path / "certificate.key")
    held.look()
    assert held.current().hash == renewed


async def test_files_are_looked_at_once_a_minute(tmp_path: Path, autojump_clock: MockClock) -> None:
    put(tmp_path)
    held = certificates(tmp_path)
    looked: list[float] = []
    honest = held.look

    def look() -> None:
        looked.append(autojump_clock.current_time())
        honest()

    held.look = look  # type: ignore[method-assign]
    began = trio.current_time()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(held.watch)
        while len(looked) < 3:
            await trio.sleep(LOOK_S)
            await trio.to_thread.run_sync(lambda: None)
        nursery.cancel_scope.cancel()
    assert looked[0] - began >= LOOK_S
    assert all(later - one >= LOOK_S for one, later in pairwise(looked))


def test_a_pair_that_is_bad_from_the_start_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadCertificate):
        certificates(tmp_path)


async def test_each_connection_signs_what_it_is_served_with(autojump_clock: MockClock) -> None:
    async with open_world() as world:
        pinned = fingerprint(public_key(RELAY_SEED))
        for number in range(3):
            served = bytes([number]) * 32
            ours, theirs = trio.testing.memory_stream_pair()
            world.nursery.start_soon(world.relay.serve_stream, theirs, None, served)
            line = Line(ours)
            await line.upgrade()
            said = hello(some_bytes(number))
            await line.say(said)
            heard = await line.hear()
            assert heard is not None
            agree(said, heard, pinned, served)
            with pytest.raises(WrongRelay):
                agree(said, heard, pinned, bytes([number + 1]) * 32)


def here(serving: Serving, tls: bool = True) -> RelayAddress:
    return RelayAddress("127.0.0.1", serving.address.port, serving.address.fingerprint, tls)


async def received(address: RelayAddress) -> bytes:
    """The hash of the certificate that this address shows."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    stream = trio.SSLStream(await trio.open_tcp_stream(address.host, address.port), context)
    await stream.do_handshake()
    await trio.aclose_forcefully(stream)
    found = stream.getpeercert(binary_form=True)
    assert found is not None
    return sha256(found).digest()


@pytest.mark.skipif(sys.platform == "win32", reason="SIGHUP is for the others")
async def test_a_serving_relay_takes_a_renewed_certificate(tmp_path: Path, relays: Relays) -> None:
    folder = tmp_path / "relay"
    assert run("init", folder, "--listen", "0.0.0.0:0", "--open").returncode == 0
    serving = relays.serve(folder)
    async with open_caller(here(serving), 1) as alice:
        await alice.move_in(BOB_MAY)
        renewed = put(folder)
        serving.process.send_signal(signal.SIGHUP)
        with trio.fail_after(20):
            while await received(here(serving)) != renewed:
                await trio.sleep(0.02)
        # Both at once: each by the certificate of its own connection.
        async with open_caller(here(serving), 2) as bob:
            assert isinstance(await bob.deposit(BOB_MAY, 1), Stored)
        assert (await alice.delivery()).sequence == 1
        (folder / "certificate.key").write_text("nothing of use")
        serving.process.send_signal(signal.SIGHUP)
        with trio.fail_after(20):
            while strings.LOG_BAD_CERTIFICATE not in serving.log.read_text():
                await trio.sleep(0.02)
        async with open_caller(here(serving), 3) as carol:
            await carol.ping()
    assert await trio.to_thread.run_sync(serving.stop) == 0


# Behind a proxy that ends TLS


@asynccontextmanager
async def open_proxy(folder: Path, to: int) -> AsyncGenerator[int]:
    """Shows the certificate in this folder, and passes bytes on."""
    context, _ = certificate.load(folder / "certificate.pem", folder / "certificate.key")

    async def serve(stream: trio.SSLStream[trio.SocketStream]) -> None:
        inner = await trio.open_tcp_stream("127.0.0.1", to)
        async with trio.open_nursery() as both:
            both.start_soon(pump, stream, inner)
            both.start_soon(pump, inner, stream)

    plain = await trio.open_tcp_listeners(0, host="127.0.0.1")
    listeners = [trio.SSLListener(each, context) for each in plain]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, serve, listeners)
        yield plain[0].socket.getsockname()[1]
        nursery.cancel_scope.cancel()


async def pump(source: trio.abc.Stream, sink: trio.abc.Stream) -> None:
    try:
        while data := await source.receive_some():
            await sink.send_all(data)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass
    finally:
        await trio.aclose_forcefully(sink)


async def test_behind_a_proxy_its_certificate_is_signed(tmp_path: Path, relays: Relays) -> None:
    folder, front, other = tmp_path / "relay", tmp_path / "proxy", tmp_path / "middleman"
    front.mkdir()
    other.mkdir()
    put(front)
    put(other)
    assert run("init", folder, "--listen", "127.0.0.1:0", "--open").returncode == 0
    settings = folder / "relay.toml"
    text = settings.read_text()
    text = text.replace('seen = ""', f'seen = "{front / "certificate.pem"}"')
    settings.write_text(text)
    assert "relay.public_url" in mistake(run("serve", folder)), "it must be known where it is"
    settings.write_text(text.replace('public_url = ""', 'public_url = "wss://relay.example"'))
    serving = relays.serve(folder)
    assert (serving.address.host, serving.address.port) == ("relay.example", 443)
    assert run("check", folder).returncode == 0
    port = int((folder / "port").read_text())
    pinned = serving.address.fingerprint
    async with (
        open_proxy(front, port) as through,
        open_caller(RelayAddress("127.0.0.1", through, pinned), 1) as alice,
    ):
        await alice.move_in(BOB_MAY)
    async with open_proxy(other, port) as through:
        with pytest.raises(WrongRelay):
            async with open_caller(RelayAddress("127.0.0.1", through, pinned), 1):
                pass
    assert await trio.to_thread.run_sync(serving.stop) == 0


def test_a_proxy_in_front_has_an_address() -> None:
    proxied = '[tls]\nseen = "proxy.pem"\n'
    with pytest.raises(WrongSetting):
        read(proxied)
    with pytest.raises(WrongSetting):
        read(
            f'{proxied}certificate = ""\n[relay]\nlisten = "127.0.0.1:1"\npublic_url = "ws://[::1]"'
        )
    behind = f'{proxied}certificate = ""\n[relay]\nlisten = "127.0.0.1:1"\npublic_url = "wss://a.b"'
    assert read(behind).address("x", 1, fingerprint(bytes(32))).tls
