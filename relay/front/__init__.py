"""What a browser gets at the public address."""
