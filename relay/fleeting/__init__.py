"""What is in memory only: who watches which slot, and signals. A restart forgets all of it."""
