"""What desktops and relays must agree on. Pure: no sockets, no clock, no disk, no Qt."""
