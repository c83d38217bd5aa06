"""What a person reads in a conversation, and about the one it is with."""

from __future__ import annotations

from typing import Final

from desktop.ui import strings

# Too long


def too_long(text: str, limit: int) -> str:
    """Of a text that is at hand: by how much, in what whoever wrote it can count."""
    fits = text.strip().encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")
    over = len(text.strip()) - len(fits)
    return (
        f"This is too long to send in one message: of its {len(text.strip()):,} characters "
        f"{len(fits):,} fit, {over:,} do not. It is still in the box; send it in parts."
    )


# Its menu


RENAME: Final = "Rename"

# Links in it

LINK_NOT_OPENED: Final = "This link did not open: no browser took it. You can copy it instead."

# A conversation

ONLINE: Final = "Online"
WRITING: Final = "Writing…"
UNVERIFIED: Final = "Not verified yet"
VERIFIED: Final = "Verified"
PENDING: Final = "Invitation used. Waiting for their first answer"
MESSAGE_TO: Final = "Write to"
KEYS_HINT: Final = "Enter sends · Shift+Enter starts a new line"
DRAFT_SAVED: Final = "Draft saved"
EMOJI: Final = "Emoji"
EMOJI_SIGNS: Final = (
    *("😀", "😄", "😂", "🙂", "😉", "😍", "🤩", "😎"),
    *("🤔", "😮", "😅", "😴", "😢", "😭", "😡", "🙈"),
    *("👍", "👎", "👏", "🙌", "🙏", "👋", "🤝", "💪"),
    *("❤️", "🔥", "✨", "🎉", "🎂", "🌈", "☀️", "🌙"),
    *("✅", "❌", "❓", "❗", "💡", "📌", "⏰", "🎵"),
    *("☕", "🍕", "🍵", "🌱", "🐈", "🐕", "🏺", "🎨"),
)
SEND: Final = "Send"
CONTACT_MENU: Final = "About this person"
FIND_HERE: Final = "Find here"
SAFETY: Final = "Safety number"
SAFETY_TEXT: Final = (
    "Compare it with the number in {name}’s Aside, face to face or on a call. If both are the "
    "same, nobody stands between you."
)
RENAME_TITLE: Final = "Rename"
RENAME_TEXT: Final = "Only you see this name."
NAME_HERE: Final = "Name"
REMOVE_ASK: Final = (
    "The conversation and its messages go from this computer, and they can no longer write to you. "
    "Nobody tells them, but they will see that what they write does not go through."
)
REMOVED: Final = "Removed."
BLOCK: Final = "Block"
UNBLOCK: Final = "Unblock"
BLOCK_ASK: Final = (
    "Nothing they write reaches you any more, and what is on its way to them is stopped where it "
    "still can be. Nobody tells them, but they will see that what they write does not go through. "
    "The conversation stays, and you can unblock them at any time."
)
BLOCKED_DONE: Final = "Blocked."
UNBLOCKED: Final = "Unblocked. You can write to each other again in a moment."
BLOCKED_TEXT: Final = "Nothing they write reaches you. They see that it does not go through."


def block_title(name: str) -> str:
    return f"Block {name}?"


def blocked_lead(name: str) -> str:
    return f"You have blocked {name}."


def announced(name: str) -> str:
    """Said politely to screen readers when something arrives."""
    return f"New message from {name}"


# Find in a conversation


FIND_OLDER: Final = "Older"
FIND_NEWER: Final = "Newer"


def find_place(at: int, count: int) -> str:
    return f"{at} of {count}" if count else strings.NOTHING_FOUND


def safety_text(name: str) -> str:
    return SAFETY_TEXT.replace("{name}", name)
