"""Where the windows of a demo stand, and the hands that use them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import trio

from desktop.demo.person import Person
from desktop.demo.sight import Box, Click, Picture, Press, Row, Stand, Thing, Write

BREATH_S = 0.6  # after each message, for whoever watches


class Stage(Protocol):
    """A screen with a keyboard and a mouse."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What a program needs to show its window here."""
        ...

    @property
    def alone(self) -> bool:
        """Nobody sits before it: windows may be moved, closed and photographed."""
        ...

    async def arrange(self, person: Person, place: int, width: int, height: int) -> None:
        """Put a window on its place with this size."""
        ...

    async def click(self, person: Person, thing: Thing) -> None: ...

    async def press(self, person: Person, keys: str) -> None:
        """Keys as Qt writes them: ``Return``, ``Ctrl+L``."""
        ...

    async def write(self, person: Person, text: str) -> None:
        """Into what has the focus."""
        ...

    async def empty(self, person: Person, letters: int) -> None:
        """Take so many letters out of what has the focus, from its end."""
        ...

    async def copy(self, person: Person, button: Thing, text: str) -> None:
        """Take along what ``button`` copies, which is ``text``."""
        ...

    async def paste(self, person: Person) -> None: ...

    async def close(self, person: Person) -> None:
        """As the title bar's button does; the program must end well."""
        ...

    async def breathe(self) -> None:
        """Leave whoever watches a moment to see what happened."""
        ...

    async def picture(self, person: Person, file: Path) -> None: ...

    def shows(self, row: Row, window: Box) -> bool:
        """Whether the row's words are drawn on what the screen shows of the window."""
        ...


class Guest:
    """The display of whoever started the demo: their mouse and keyboard stay theirs.

    Clicks and keys are given to the windows from inside, and the pixels that count are those that
    a window gave to the screen: another program may lie over it there.
    """

    alone = False

    def __init__(self, environment: Mapping[str, str], *, watched: bool) -> None:
        self.environment = environment
        self._breath_s = BREATH_S if watched else 0.0
        self._taken = ""

    async def arrange(self, person: Person, place: int, width: int, height: int) -> None:
        """Side by side, or so that both can be seen to be there. Their size is the screen's."""
        await person.ask(Stand(place))

    async def click(self, person: Person, thing: Thing) -> None:
        await person.ask(Click(*thing.box.middle))

    async def press(self, person: Person, keys: str) -> None:
        await person.ask(Press(keys))

    async def write(self, person: Person, text: str) -> None:
        await person.ask(Write(text))

    async def empty(self, person: Person, letters: int) -> None:
        await person.ask(Press("End"))
        for _ in range(letters):
            await person.ask(Press("Backspace"))

    async def copy(self, person: Person, button: Thing, text: str) -> None:
        self._taken = text  # not by the clipboard, which is theirs too

    async def paste(self, person: Person) -> None:
        await self.write(person, self._taken)

    async def close(self, person: Person) -> None:
        await person.shut()
        await person.wait_closed()

    async def breathe(self) -> None:
        await trio.sleep(self._breath_s)

    async def picture(self, person: Person, file: Path) -> None:
        await person.ask(Picture(str(file)))

    def shows(self, row: Row, window: Box) -> bool:
        return row.inked
