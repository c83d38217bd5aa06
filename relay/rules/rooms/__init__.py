"""What a room's relay grants and refuses, without a socket, a clock or a disk."""
