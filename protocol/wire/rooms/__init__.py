"""What a relay reads of rooms, and what both sides must judge alike: bodies, signatures, rules."""
