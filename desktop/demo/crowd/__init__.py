"""A crowd: many members to a process, each with an engine and a vault, without windows.

Law: they are members like any other, over real sockets; nothing here knows more of a room than the
façade tells its client. ``__main__`` is the program, ``leading`` is how a demo leads it, ``told``
is what the two say to each other.
"""
