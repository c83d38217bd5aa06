"""Whatever answers in place of a relay costs the line and nothing else: no answer is our bug."""

from __future__ import annotations

import random
import struct

import pytest
import trio
from trio.testing import MockClock

from desktop.engine.lines.dial import open_line
from desktop.engine.lines.line import LineLost
from desktop.engine.timings import Timings
from protocol.ids import CallId, CapabilityHash, EnvelopeId, MailboxId
from protocol.wire import codec
from protocol.wire.frames import Delivery, Done, Farewell, Ping, Reason, Welcome
from tests.engine.hostile import (
    ADDRESS,
    RNG,
    Behaviour,
    Stranger,
    answers,
    first_says,
    frame,
    then_says,
    upgrades_with,
)

JUNK = random.Random(4).randbytes
SWITCHING = b"HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"

NO_UPGRADE = {
    "nothing": b"",
    "junk": JUNK(300),
    "a page": b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "a captive portal": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n",
    "chunks": b"HTTP/1.1 404 Not\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
    "no chunks": b"HTTP/1.1 404 Not\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
    "an encoding": b"HTTP/1.1 404 Not\r\nTransfer-Encoding: gzip\r\n\r\n",
    "two lengths": b"HTTP/1.1 404 N\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc",
    "cut short": b"HTTP/1.1 404 Not\r\nContent-Length: 100\r\n\r\nabc",
    "hints": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\n\r\n",
    "no proof": SWITCHING + b"\r\n",
    "a wrong proof": SWITCHING + b"Sec-WebSocket-Accept: xx\r\n\r\n",
    "a proof that is no text": SWITCHING + b"Sec-WebSocket-Accept: \xff\r\n\r\n",
    "another protocol": b"HTTP/1.1 101 S\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nabc",
    "an upgrade that is no text": b"HTTP/1.1 101 S\r\nUpgrade: \xff\r\nConnection: Upgrade\r\n\r\n",
    "a connection that is no text": b"HTTP/1.1 101 S\r\nConnection: \xff\r\n\r\n",
    "an old version": b"HTTP/1.0 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
    "a new version": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
}
HEADERS = {
    "no text": b"X-A: \xff\xfe\r\n",
    "an extension": b"Sec-WebSocket-Extensions: permessage-deflate\r\n",
    "an extension that is no text": b"Sec-WebSocket-Extensions: \xff\xff\r\n",
    "a subprotocol": b"Sec-WebSocket-Protocol: x\r\n",
    "a subprotocol that is no text": b"Sec-WebSocket-Protocol: \xff\r\n",
    "endless": b"X: " + b"a" * 200_000 + b"\r\n",
    "folded": b"X: a\r\n b\r\n",
    "a zero": b"X: a\0b\r\n",
}
FRAMES = {
    "text": [frame(1, b"hello")],
    "no text": [frame(1, b"\xff\xff")],
    "half a character": [frame(1, b"\xe2\x82", fin=False), frame(0, b"")],
    "a farewell of WebSocket": [frame(8, b"\x03\xe8")],
    "data behind it": [frame(8, b"\x03\xe8"), frame(2, b"x")],
    "a reason that is no text": [frame(8, b"\x03\xe8\xff\xff")],
    "half a code": [frame(8, b"\x03")],
    "code 0": [frame(8, b"\0\0")],
    "code 1005": [frame(8, struct.pack(">H", 1005))],
    "code 65535": [frame(8, b"\xff\xff")],
    "reserved bits": [frame(2, b"x", reserved=4)],
    "opcode 3": [frame(3, b"x")],
    "opcode 11": [frame(11, b"x")],
    "masked": [bytes([0x82, 0x81, 1, 2, 3, 4, 5])],
    "goes on with nothing": [frame(0, b"x")],
    "one in another": [frame(2, b"x", fin=False), frame(2, b"y")],
    "half a ping": [frame(9, b"x", fin=False)],
    "a long ping": [bytes([0x89, 126, 0, 200]) + b"x" * 200],
    "length 2**63": [bytes([0x82, 127]) + b"\xff" * 8],
    "length 2**62": [bytes([0x82, 127]) + b"\x3f" + b"\xff" * 7],
    "a length too long": [bytes([0x82, 127]) + struct.pack(">Q", 1) + b"x"],
    "too much": [frame(2, bytes(codec.MAX_MESSAGE + 1))],
    "too much in parts": [
        frame(2 if part == 0 else 0, bytes(100_000), fin=False) for part in range(12)
    ],
    "pongs": [frame(10, b"abc"), frame(10, b"")],
    "many pings": [frame(9, b"x" * 125) * 2000],
    "junk": [frame(2, JUNK(100))],
    "deep": [frame(2, b"\x91" * 100_000)],
    "deep maps": [frame(2, b"\x81\xa1t" * 100_000)],
    "welcome again": [frame(2, codec.dump([Welcome(statement=b"", signature=bytes(64))]))],
    "nothing": [frame(2, b"")],
    "no frames": [frame(2, b"\x90")],
    "an answer to nothing": [frame(2, codec.dump([Done(call=CallId(5))]))],
    "an answer to another question": [frame(2, codec.dump([Done(call=CallId(1))]))],
    "no WebSocket": [JUNK(1000)],
} | {f"noise {n}": [random.Random(n).randbytes(1 + n)] for n in range(60)}

BEHAVIOURS: dict[str, Behaviour] = {
    **{f"answers with {name}": answers(said) for name, said in NO_UPGRADE.items()},
    **{f"a header with {name}": upgrades_with(more) for name, more in HEADERS.items()},
    **{f"first says {name}": first_says(b"".join(said)) for name, said in FRAMES.items()},
    **{f"then says {name}": then_says(*said) for name, said in FRAMES.items()},
    "farewell": then_says(
        frame(2, codec.dump([Farewell(reason=Reason.QUOTA, retry_ms=2**31 - 1)]))
    ),
}


async def asked(behaviour: Behaviour, *, pace: float = 0.0, often: int = 1) -> BaseException | None:
    """What a user of a line to somebody like this has to expect."""
    found: BaseException | None = None
    async with trio.open_nursery() as nursery:
        try:
            with trio.fail_after(200):
                stranger = Stranger(nursery, behaviour, pace)
                async with open_line(stranger, ADDRESS, Timings(), RNG) as line:
                    for _ in range(often):
                        line.submit(Ping(call=line.call()))
                        await trio.sleep(0.01)
                    await trio.sleep(100)
        except Exception as exc:  # noqa: BLE001 -- that is what is looked at
            found = exc
        nursery.cancel_scope.cancel()
    return found


async def test_every_answer_that_is_none_is_the_loss_of_a_line(autojump_clock: MockClock) -> None:
    found = {name: await asked(behaviour) for name, behaviour in BEHAVIOURS.items()}
    assert {name: exc for name, exc in found.items() if not isinstance(exc, LineLost)} == {}


async def test_a_violation_while_we_speak_is_the_loss_of_a_line(
    autojump_clock: MockClock,
) -> None:
    found = {
        name: await asked(then_says(*said), pace=0.05, often=200) for name, said in FRAMES.items()
    }
    assert {name: exc for name, exc in found.items() if not isinstance(exc, LineLost)} == {}


@pytest.mark.parametrize("message", [b"", b"\x90"])
async def test_only_the_type_of_what_was_raised_reaches_the_log(
    message: bytes, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    canary = b"HTTP/1.1 101 S\r\nUpgrade: canary\xff\r\nConnection: canary\r\n\r\n" + message
    assert isinstance(await asked(answers(canary)), LineLost)
    ours = [one.getMessage() for one in caplog.records if one.name.startswith("desktop")]
    assert ours
    assert "canary" not in "".join(ours)


@pytest.mark.parametrize("collects", [False, True])
async def test_deliveries_that_nobody_takes_keep_no_answer_from_being_read(
    collects: bool, autojump_clock: MockClock
) -> None:
    delivery = Delivery(
        mailbox=MailboxId(bytes(32)),
        sequence=1,
        envelope_id=EnvelopeId(bytes(16)),
        capability=CapabilityHash(bytes(32)),
        body=bytes(2048),
    )
    flood = [frame(2, codec.dump([delivery] * 100)) for _ in range(6)]
    async with trio.open_nursery() as nursery:
        stranger = Stranger(nursery, then_says(*flood))
        with pytest.raises(LineLost), trio.fail_after(300):
            async with open_line(stranger, ADDRESS, Timings(), RNG, collects=collects) as line:
                await line.ask(Ping(call=line.call()))
        nursery.cancel_scope.cancel()
    assert trio.current_time() < 1, "at once: the relay itself never hangs up before that"
