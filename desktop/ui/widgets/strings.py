"""What is read in the pieces that pages are made of."""

from __future__ import annotations

from typing import Final

SHOW_PASSPHRASE: Final = "Show the passphrase"
HIDE_PASSPHRASE: Final = "Hide the passphrase"

# Strength of a passphrase, 0 to 4; a lead and what it means

STRENGTH: Final = (
    ("Very weak.", "Make it longer: four or five unrelated words."),
    ("Weak.", "Somebody with a good computer would guess it within days."),
    ("Fair.", "Guessing it would take a determined person some weeks. A few more words help."),
    ("Good.", "Guessing it would take years on one computer."),
    ("Strong.", "Guessing it would take centuries, even with many computers."),
)
STRENGTH_REFUSED: Final = (
    "That is not taken:",
    "it would be guessed at once. Make it of four or five unrelated words.",
)
STRENGTH_NONE: Final = "Four or five words that do not belong together are a good start."
