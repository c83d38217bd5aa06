"""One line to a room: kept, lost and found again; what it brings and takes."""
