"""How two members become contacts, keep sessions, and stop being reached."""
