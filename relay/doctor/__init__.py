"""What can honestly be told of a relay's health from the machine it is on, and what to do."""
