"""A screen without anybody before it: Xvfb, a window manager, and xdotool for keyboard and mouse.

Law: what counts as shown is read from the X server's own frame buffer, not from the window.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import trio
from PySide6.QtGui import QImage

from desktop.demo import strings
from desktop.demo.person import NotSeen, Person
from desktop.demo.pixels import inked_at
from desktop.demo.sight import Box, Clip, Row, Sight, Thing

NEEDED: Final = ("Xvfb", "xdotool")
WIDTH, HEIGHT = 2640, 900
PLACES = ((20, 50), (1330, 50), (20, 950), (1330, 950))  # two, or four on one twice as high
ASIDE = (1315, HEIGHT - 1)  # between the windows
KEY_MS = 4
START_S = 20.0
MANAGER_S = 5.0
TOOL_S = 60.0
CALM_S = 0.12
_XWD_FIELDS: Final = {"header": 0, "width": 16, "height": 20, "line": 48, "colours": 76}
_XWD_COLOUR = 12
_NAMES: Final = {"Esc": "Escape", "Ctrl": "ctrl", "Alt": "alt", "/": "slash", ",": "comma"}


class MissingProgram(Exception):
    """A program of the virtual screen is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__(program)
        self.program = program


class Virtual:
    """One running virtual screen."""

    alone = True

    def __init__(self, environment: Mapping[str, str], memory: Path, *, managed: bool) -> None:
        self.environment = environment
        self._memory = memory
        self._managed = managed

    # hands

    async def arrange(self, person: Person, place: int, width: int, height: int) -> None:
        sight = await person.look()
        number, (x, y) = str(sight.number), PLACES[place]
        await self._tool("windowsize", number, str(width), str(height))
        await self._tool("windowmove", number, str(x), str(y))
        await person.wait_for(
            strings.A_SIZE.format(width=width, height=height),
            lambda now: (now.at.width, now.at.height) == (width, height) or None,
        )

    async def click(self, person: Person, thing: Thing) -> None:
        sight = await self._in_front(person)
        x, y = thing.box.moved(sight.at.x, sight.at.y).middle
        await self._tool("mousemove", str(x), str(y), "click", "1")

    async def press(self, person: Person, keys: str) -> None:
        await self._in_front(person)
        await self._tool("key", "+".join(_key(name) for name in keys.split("+")))

    async def write(self, person: Person, text: str) -> None:
        """Letter by letter; what this keyboard has no keys for is pasted."""
        await self._in_front(person)
        if text.isascii():
            await self._tool("type", "--delay", str(KEY_MS), "--", text)
        else:
            await person.ask(Clip(text))
            await self.paste(person)

    async def empty(self, person: Person, letters: int) -> None:
        await self._in_front(person)
        await self._tool("key", "--delay", str(KEY_MS), "End", *["BackSpace"] * letters)

    async def copy(self, person: Person, button: Thing, text: str) -> None:
        await self.click(person, button)

    async def paste(self, person: Person) -> None:
        await self.press(person, "Ctrl+V")

    async def close(self, person: Person) -> None:
        if self._managed:
            await self.press(person, "Alt+F4")
        else:
            await person.shut()
        await person.wait_closed()

    async def breathe(self) -> None:
        """Nobody watches."""

    async def _in_front(self, person: Person) -> Sight:
        sight = await person.look()
        if sight.active:
            return sight
        number = str(sight.number)
        if self._managed:
            await self._tool("windowactivate", number)
        else:
            await self._tool("windowraise", number, "windowfocus", number)
        return await person.wait_for(strings.IN_FRONT, lambda now: now if now.active else None)

    async def _tool(self, *arguments: str) -> None:
        with trio.move_on_after(TOOL_S):
            done = await trio.run_process(
                ["xdotool", *arguments],
                env=self.environment,
                check=False,
                capture_stdout=True,
                capture_stderr=True,
            )
            if done.returncode == 0:
                return
        raise NotSeen(strings.TOOL_FAILED.format(what=arguments[0]))

    # eyes

    def shows(self, row: Row, window: Box) -> bool:
        return inked_at(self._screen(), row.words.moved(window.x, window.y))

    async def picture(self, person: Person, file: Path) -> None:
        """Once the window stands still, without the pointer on it."""
        await self._tool("mousemove", *(str(place) for place in ASIDE))
        before = QImage()
        for _ in range(25):
            at = (await person.look()).at
            now = self._screen().copy(at.x, at.y, at.width, at.height)
            if now == before:
                break
            before = now
            await trio.sleep(CALM_S)
        before.save(str(file))

    def _screen(self) -> QImage:
        """The frame buffer: a picture in XWD's format that the X server keeps up to date."""
        data = self._memory.read_bytes()

        def number(field: str) -> int:
            at = _XWD_FIELDS[field]
            return int.from_bytes(data[at : at + 4], "big")

        begin = number("header") + number("colours") * _XWD_COLOUR
        return QImage(
            data[begin:],
            number("width"),
            number("height"),
            number("line"),
            QImage.Format.Format_RGB32,
        ).copy()


def _key(name: str) -> str:
    """From Qt's name of a key to the X server's."""
    return _NAMES.get(name, name.lower() if len(name) == 1 else name)


@asynccontextmanager
async def open_virtual(folder: Path, height: int = HEIGHT) -> AsyncGenerator[Virtual]:
    """A screen of its own on a free display. Raises MissingProgram."""
    for program in NEEDED:
        if shutil.which(program) is None:
            raise MissingProgram(program)
    memory = folder / "screen"
    runtime = folder / "runtime"
    memory.mkdir()
    runtime.mkdir(mode=0o700)
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", f"{WIDTH}x{height}x24"]
    command += ["-fbdir", str(memory), "-nolisten", "tcp", "-noreset"]
    try:
        screen = await trio.lowlevel.open_process(
            command,
            pass_fds=(writing,),
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    finally:
        os.close(writing)
    manager: trio.Process | None = None
    try:
        environment = _environment(await _display(reading), runtime)
        if shutil.which("openbox") is not None:
            manager = await trio.lowlevel.open_process(
                ["openbox", "--sm-disable"],
                env=environment,
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        managed = manager is not None and await _managed(environment)
        yield Virtual(environment, memory / "Xvfb_screen0", managed=managed)
    finally:
        with trio.CancelScope(shield=True):
            for process in (manager, screen):
                if process is not None:
                    process.terminate()
                    with trio.move_on_after(START_S):
                        await process.wait()
                        continue
                    process.kill()
                    await process.wait()


async def _display(reading: int) -> str:
    async with trio.lowlevel.FdStream(reading) as stream:
        said = b""
        with trio.move_on_after(START_S):
            while not said.endswith(b"\n"):
                came = await stream.receive_some()
                if not came:
                    break
                said += came
    if not said.endswith(b"\n"):
        raise NotSeen(strings.NO_SCREEN)
    return f":{said.decode().strip()}"


def _environment(display: str, runtime: Path) -> dict[str, str]:
    at_home = {"WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS", "SESSION_MANAGER"}
    mine = {name: value for name, value in os.environ.items() if name not in at_home}
    return mine | {
        "DISPLAY": display,
        "QT_QPA_PLATFORM": "xcb",
        "XDG_RUNTIME_DIR": str(runtime),
    }


async def _managed(environment: Mapping[str, str]) -> bool:
    """Whether the window manager came up: it answers how many desktops it has."""
    with trio.move_on_after(MANAGER_S):
        while True:
            asked = await trio.run_process(
                ["xdotool", "get_num_desktops"],
                env=environment,
                check=False,
                capture_stdout=True,
                capture_stderr=True,
            )
            if asked.returncode == 0:
                return True
            await trio.sleep(CALM_S)
    return False
