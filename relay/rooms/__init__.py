"""Rooms at work: who sits where, what everybody is told, and what is being written beside."""
