"""What was said again for a device that asked: each message once in a span, and so many in all."""

from __future__ import annotations

from collections.abc import Iterable

from sqlcipher3 import Connection

from protocol.ids import DeviceId, MessageId


def allow(
    db: Connection,
    device_id: DeviceId,
    wanted: Iterable[MessageId],
    now_ms: int,
    span_ms: int,
    most: int,
) -> set[MessageId]:
    """Those of the messages that may be said again now; they count as said from here on."""
    db.execute(
        "DELETE FROM said_again WHERE device_id = ? AND abs(? - said_ms) >= ?",
        (device_id, now_ms, span_ms),
    )
    found = db.execute("SELECT message_id FROM said_again WHERE device_id = ?", (device_id,))
    said = {MessageId(message_id) for (message_id,) in found}
    allowed = [each for each in wanted if each not in said][: max(0, most - len(said))]
    db.executemany(
        "INSERT INTO said_again (device_id, message_id, said_ms) VALUES (?, ?, ?)",
        [(device_id, message_id, now_ms) for message_id in allowed],
    )
    return set(allowed)
