"""Copies of a whole relay: making one while it serves, checking it, putting it back."""
