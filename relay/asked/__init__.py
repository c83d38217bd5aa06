"""What one connection may ask beyond its mailboxes: of packets, of chunks, of what is fleeting.

Each kind of question is one class, made for one connection and gone with it; what they share is
counted in ``calls.py``. Which states they are for is told in ``relay.requests``.
"""
