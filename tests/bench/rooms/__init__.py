"""Rooms: how fast one entry comes to all seats, beside Redis, NATS, mosquitto and ejabberd's MUC.

``python -m tests.bench.rooms [--seconds N] [--rounds N] [--cases ...] [--servers ...]``. The seats
come with a small client in Python; the generator in C takes over their sockets (``generator.py``)
and holds every entry at every seat against what was sent. A figure with a fault is none.
"""

from tests.bench.rooms.rows import main

__all__ = ["main"]
