"""What a person reads about requests and where a conversation began. No Qt."""

from __future__ import annotations

from typing import Final

from desktop.core.requests import BridgeCard, Proof, Purpose
from desktop.core.texts import harmless_name

PURPOSES: Final = {
    Purpose.MENTORING: "Mentoring",
    Purpose.COLLABORATION: "Collaboration",
    Purpose.FEEDBACK: "Feedback",
    Purpose.SUPPORT: "Support",
    Purpose.OWN: "Something else",
}
WHAT_FOR: Final = "What for"
OWN_WORD: Final = "In a word of your own"
FIRST_WORDS: Final = "First words"
WORDS_HINT: Final = (
    "They see this and the entry above before they answer. Links are shown as text, and nothing is "
    "told to you before they accept."
)


def purpose(card: BridgeCard) -> str:
    if card.purpose is Purpose.OWN:
        return harmless_name(card.word)[:40] or PURPOSES[Purpose.OWN]
    return PURPOSES[card.purpose]


PROOFS: Final = {
    Proof.SIGNED: "Signature checked",
    Proof.CLAIMED: "As they quote it",
    Proof.UNKNOWN: "Not checked",
}
