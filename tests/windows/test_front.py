"""What is on the screen counts as read only while somebody can be looking at it."""

from __future__ import annotations

import socket
from pathlib import Path

from desktop.demo.virtual import WIDTH
from desktop.ui.conversation import strings as conversation_words
from desktop.ui.start import strings as start_words
from tests.windows.cast import field, has_focus, screen, somebody

SAID = "The keys are with me now."


async def test_unread_goes_when_the_window_comes_to_the_front(tmp_path: Path) -> None:
    clara = somebody(tmp_path, "visited")
    other = somebody(tmp_path, "fake", "Ruth")
    async with screen() as virtual, clara.at_the_desk(virtual.environment):
        await field(clara, start_words.PASSPHRASE_LABEL)
        await virtual.write(clara, clara.passphrase)
        await virtual.press(clara, "Return")
        await clara.reads("Hana Okafor")
        await virtual.press(clara, "Ctrl+1")
        await has_focus(clara, f"{conversation_words.MESSAGE_TO} Hana Okafor")
        before = (await clara.look()).title
        async with other.at_the_desk(virtual.environment):
            await virtual.arrange(other, 1, WIDTH // 2 - 40, 700)
            await virtual.click(other, await field(other, start_words.PASSPHRASE_LABEL))
            await clara.wait_for("a window behind", lambda sight: not sight.active or None)
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as door:
                door.sendto(SAID.encode(), str(clara.folder / "hana"))
            await clara.row(SAID, False, lambda row, at: True)  # to be seen, by nobody
            unread = await clara.wait_for(
                "one more unread",
                lambda sight: sight.title if sight.title != before else None,
            )
            assert (before, unread) == ("(3) Aside", "(4) Aside")
            await virtual.press(clara, "F6")  # brings her window to the front
            await clara.wait_for("nothing more unread", lambda sight: sight.title == before or None)
