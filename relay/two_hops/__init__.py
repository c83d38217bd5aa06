"""Packets on their way to other relays, and the keys that those for this one are sealed to.

Law: one connection to each destination, whatever there is to carry, and only once both sides have
proved their keys.
"""
