"""What a relay may read: frames, their encoding, the handshake, addresses."""
