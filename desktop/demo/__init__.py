"""``aside demo``: two relays and two real desktops on this machine, for a first look.

Law: a message counts as seen when its words were found painted in the other window, on the pixels
that the screen shows. What an engine or a vault says is never asked. ``command`` is where to
start reading, ``story`` is what happens.
"""
