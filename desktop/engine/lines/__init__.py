"""How a relay is reached: streams, proxy, handshake, one connection."""
