"""mosquitto without anything kept: QoS 0, everybody let in, nothing thrown away when many wait."""

from __future__ import annotations

from pathlib import Path

from tests.bench.peers.running import Recipe
from tests.bench.senders import Step

TOPIC = b"\x00\x04room"


def _files(folder: Path, port: int) -> dict[str, str]:
    settings = f"""
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
set_tcp_nodelay true
log_type error
"""
    return {"mosquitto.conf": settings}


PLAIN = Recipe(
    name="mosquitto, QoS 0",
    package="mosquitto",
    arguments=("mosquitto", "-c", "{folder}/mosquitto.conf"),
    files=_files,
)


def packet(kind: int, body: bytes) -> bytes:
    """With its length in as many bytes as that takes."""
    head, left = bytearray([kind]), len(body)
    while left >= 128:
        head.append(left & 127 | 128)
        left >>= 7
    return bytes([*head, left]) + body


def come(number: int) -> list[Step]:
    """Connect without an end to silence, and subscribe."""
    name = b"seat%06d" % number
    connect = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2, "big") + name
    return [
        Step(packet(0x10, connect), b"\x20\x02\x00\x00"),
        Step(packet(0x82, b"\x00\x01" + TOPIC + b"\x00"), b"\x90\x03\x00\x01\x00"),
    ]


def connect(number: int) -> list[Step]:
    """Only to say something."""
    return come(number)[:1]


def publish(entry: bytes) -> bytes:
    return packet(0x30, TOPIC + entry)
