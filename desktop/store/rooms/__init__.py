"""Tables of rooms: what of them is in the vault."""
