"""Rooms and requests of ``aside rpc``. ``registry`` is where to start reading."""
