"""What only desktops read of rooms: what is said, under which keys, and what is worth a quote."""
