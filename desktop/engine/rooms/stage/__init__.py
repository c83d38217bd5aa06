"""What is said in a room: heard in its order, verified, said, and read."""
