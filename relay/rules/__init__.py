"""What a relay grants and refuses: plain classes that see no socket, no disk and no clock."""
