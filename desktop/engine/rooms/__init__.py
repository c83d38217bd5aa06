"""Rooms: sitting in them, hosting them, and taking somebody aside."""
