"""The engine without a face: JSON-RPC 2.0 over a pair of byte streams, one object a line.

``serve`` is where to start reading; ``methods`` is the contract.
"""
