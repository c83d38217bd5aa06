"""Who sits in a room, under which name."""
