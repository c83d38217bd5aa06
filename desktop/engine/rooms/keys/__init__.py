"""Who has which key of a room: of its epochs and of its desk."""
