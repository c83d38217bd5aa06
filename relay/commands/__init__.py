"""What an operator can do. Each command returns what is to be printed."""
