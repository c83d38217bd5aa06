"""A real window, a real keyboard, and no mouse: unlock, move about, write, lock."""

from __future__ import annotations

from pathlib import Path

from desktop.core.errors import WrongPassphrase
from desktop.ui import strings
from desktop.ui.conversation import strings as conversation_words
from desktop.ui.conversations import strings as conversations_words
from desktop.ui.start import strings as start_words
from tests.windows.cast import field, has_focus, screen, somebody

WRITE = f"{conversation_words.MESSAGE_TO} Hana Okafor"
SAID = "Two shelves, and tea for everybody."


async def test_everything_from_unlocking_to_locking_without_a_mouse(tmp_path: Path) -> None:
    clara = somebody(tmp_path, "fake")
    async with screen() as virtual, clara.at_the_desk(virtual.environment):
        await field(clara, start_words.PASSPHRASE_LABEL)
        await has_focus(clara, start_words.PASSPHRASE_LABEL)

        await virtual.write(clara, "three kilns")
        await virtual.press(clara, "Return")
        await clara.reads(strings.sentence(WrongPassphrase()))
        await has_focus(clara, start_words.PASSPHRASE_LABEL)
        await virtual.press(clara, "Ctrl+A")
        await virtual.write(clara, clara.passphrase)
        await virtual.press(clara, "Return")
        await clara.reads("Hana Okafor")

        # To somebody by the beginning of their name.
        await virtual.press(clara, "Ctrl+K")
        await has_focus(clara, conversations_words.SEARCH)
        await virtual.write(clara, "Hana")
        await clara.thing(conversations_words.SEARCH, text="Hana")
        await virtual.press(clara, "Return")
        await has_focus(clara, WRITE)

        await virtual.write(clara, SAID)
        await virtual.press(clara, "Return")
        await clara.row(SAID, True, virtual.shows)

        # Around the window, and back to writing.
        for pane in (
            strings.CONVERSATIONS,
            conversations_words.SEARCH,
            conversation_words.FIND_HERE,
        ):
            await virtual.press(clara, "F6")
            await has_focus(clara, pane)
        await virtual.press(clara, "Esc")
        await has_focus(clara, WRITE)

        await virtual.press(clara, "Ctrl+L")
        await field(clara, start_words.PASSPHRASE_LABEL)
        await clara.wait_for("a window without messages", lambda sight: not sight.rows or None)
        locked = await clara.look()
        assert not [t for t in locked.things if SAID in t.name or "Hana" in t.name]
        await virtual.close(clara)
