"""My relays: their lines kept, my mailboxes there, and the ways to others."""
