"""What only desktops may read. A relay may never import this package.

Pure: states go in, states come out. Nothing here reads a clock, touches a disk or speaks; the
caller commits what it got before a byte leaves (law 1). Vodozemac and HPKE draw their own
randomness; all else takes ``rng``.
"""
