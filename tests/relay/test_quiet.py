"""A relay's log, metrics and page name nobody, whatever was said to it and whatever went wrong."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path

import pytest
import trio

from protocol.keys import Secret, public_key
from protocol.wire import codec, frames
from protocol.wire.frames import Stored
from relay import logs, strings
from tests.relay.caller import Line
from tests.relay.processes import ROOT, Relays, Serving, open_caller
from tests.relay.test_watching import free_port, get, watched

CANARY = "canary"
CAPABILITY = b"canary: alice gave this to bob".ljust(32)
GUESS = b"canary: nobody gave this".ljust(32)
ENVELOPE = int.from_bytes(b"cana", "big")


def spellings(secret: bytes) -> list[str]:
    return [
        secret.hex(),
        secret.hex().upper(),
        repr(bytes(secret))[2:-1],
        b64encode(secret).decode().rstrip("="),
        urlsafe_b64encode(secret).decode().rstrip("="),
    ]


async def an_eventful_day(serving: Serving) -> list[bytes]:
    """Everything carries canaries; what is secret is returned."""
    async with (
        open_caller(serving.address, 1) as alice,
        open_caller(serving.address, 2) as bob,
    ):
        await alice.move_in(CAPABILITY)
        assert isinstance(await bob.deposit(CAPABILITY, ENVELOPE), Stored)
        delivery = await alice.delivery()
        await bob.deposit(GUESS, ENVELOPE)
        for number in range(150):
            # Until the relay has had enough.
            await bob.say(bob.deposit_frame(GUESS, number))
        assert await bob.farewell() is not None
        code = frames.Redeem(call=alice.call(), code=b"canary code", pass_secret=GUESS)
        await alice.ask(code)
        await alice.say(frames.Ping(call=alice.call()))
        await alice.line.say(b"\x91\x82\xa1t\xa6canary\xa4call\x07")
        for junk in (b"\xc1 a canary", codec.dump([frames.Pong(call=alice.call())])):
            async with open_caller(serving.address, 3) as carol:
                await carol.line.say(junk)
                assert await carol.next() is None
    for raw in (
        b"canary\r\n\r\n",
        b"GET /canary?canary HTTP/1.1\r\nHost: canary\r\nCookie: canary\r\n\r\n",
        b"POST /canary HTTP/1.1\r\nContent-Length: 6\r\n\r\ncanary",
        b"\x16\x03\x01canary",
    ):
        stream = await trio.open_tcp_stream(serving.address.host, serving.address.port)
        async with stream:
            await stream.send_all(raw)
            with trio.move_on_after(5):
                while await stream.receive_some():
                    pass
    line = Line(await trio.open_tcp_stream(serving.address.host, serving.address.port))
    await line.upgrade()
    await line.say(b"a canary for a hello")
    await line.wait_end()
    await line.stream.aclose()
    return [delivery.mailbox, delivery.envelope_id, delivery.capability, alice.secret, bob.secret]


@pytest.mark.parametrize("form", [logs.PLAIN, logs.JSON])
async def test_log_metrics_and_page_name_nobody(form: str, folder: Path, relays: Relays) -> None:
    port = free_port()
    watched(folder, port)
    settings = folder / "relay.toml"
    settings.write_text(settings.read_text().replace('form = "plain"', f'form = "{form}"'))
    serving = relays.serve(folder)
    secrets = await an_eventful_day(serving)
    seed = Secret(bytes.fromhex((folder / "relay.key").read_text()))
    public = serving.address.port
    pages = [(port, "/metrics"), (port, "/readyz"), (public, "/"), (public, "/practices.json")]
    told = {path: (await trio.to_thread.run_sync(get, at, path))[1] for at, path in pages}
    assert await trio.to_thread.run_sync(serving.stop) == 0
    log = told["the log"] = serving.log.read_text()
    assert '{pattern="too_many_failed_attempts"}' in told["/metrics"]
    assert strings.LOG_STARTED in log
    assert strings.LOG_STOPPED in log
    if form == logs.JSON:
        for each in log.splitlines():
            assert {"time", "level", "event", "text"} <= json.loads(each).keys()
    words = [CANARY, "cana", "Traceback"]
    for secret in (*secrets, CAPABILITY, GUESS, seed, ENVELOPE.to_bytes(16, "big")):
        words += spellings(secret)
    for where, text in told.items():
        found = [word for word in words if word in text]
        assert not found, f"{found} in {where}"
    for where in ("the log", "/metrics", "/readyz"):
        assert not re.search(r"\d+\.\d+\.\d+\.\d+|::1", told[where]), f"an address in {where}"
        assert str(serving.address.port) not in re.sub(r"\d+\.\d+", "", told[where])
        for word in spellings(public_key(seed)) + spellings(serving.address.fingerprint):
            assert word not in told[where]


def record(message: object, *args: object, name: str = "relay.server") -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, f"/{CANARY}/server.py", 7, message, args, None)


def boom() -> logging.LogRecord:
    met = record(strings.LOG_STARTED)
    try:
        int(f"a {CANARY} in an error")
    except ValueError as exc:
        met.exc_info = (ValueError, exc, exc.__traceback__)
    return met


@pytest.mark.parametrize("form", [logs.PLAIN, logs.JSON])
def test_what_a_library_says_is_told_by_its_place_only(form: str) -> None:
    write = logs.formatter(form)
    for told in (
        record("%s connected", CANARY, name="trio.canary"),
        record(f"a {CANARY} said in a way of its own"),
        record(strings.LOG_STARTED, name="websockets.canary"),
        record(ValueError(CANARY)),
        record([CANARY]),
    ):
        line = write.format(told)
        assert CANARY not in line
        assert "server.py, line 7" in line
    assert CANARY not in write.format(boom())


def test_an_event_has_a_name_and_a_place() -> None:
    write = logs.formatter(logs.JSON)
    met = json.loads(write.format(record(strings.LOG_BUG, "KeyError in outbox.py, line 3")))
    assert met["event"] == "bug"
    assert met["level"] == "error"
    assert met["place"] == "KeyError in outbox.py, line 3"
    assert met["text"] == strings.LOG_BUG % "KeyError in outbox.py, line 3"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", met["time"])
    assert "place" not in json.loads(write.format(record(strings.LOG_STARTED)))
    plain = logs.formatter(logs.PLAIN)
    assert plain.format(record(strings.LOG_STARTED)).endswith(f" ERROR {strings.LOG_STARTED}")


SINGING = """
import gc, threading, warnings
from relay import logs
logs.start("json")
class Bird:
    def __del__(self): raise ValueError("canary")
def sing(): raise KeyError("canary")
thread = threading.Thread(target=sing, name="canary"); thread.start(); thread.join()
Bird(); gc.collect()
warnings.warn("canary")
"""


def test_errors_nobody_waits_for_are_told_by_their_place() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SINGING], cwd=ROOT, capture_output=True, text=True, check=True
    )
    events = [json.loads(line) for line in done.stderr.splitlines()]
    assert [event["event"] for event in events] == ["bug", "bug", "library"]
    assert CANARY not in done.stderr


def test_a_form_nobody_knows_is_one_sentence() -> None:
    from relay.config import read
    from relay.errors import WrongSetting

    with pytest.raises(WrongSetting) as caught:
        read('[log]\nform = "xml"')
    assert "log.form" in strings.sentence(caught.value)
