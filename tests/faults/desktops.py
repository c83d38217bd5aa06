"""A real desktop without a face, asked over its pipes, killed and started again."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import trio

from tests.faults.program import PATIENCE_S, Command, Died, kill, open_command

CHEAP: Command = ("tests.faults.desktop_main",)
PASSPHRASE = "four kilns and a slow river"
PAGE = 1000


class Refusal(Exception):
    """The desktop answered with an error of the contract."""

    def __init__(self, kind: str, sentence: str) -> None:
        super().__init__(f"{kind}: {sentence}")
        self.kind = kind
        self.sentence = sentence


class DesktopProcess:
    """Somebody's desktop; the command may be another one at each start."""

    def __init__(self, name: str, folder: Path, command: Command = CHEAP) -> None:
        self.name = name
        self.folder = folder / name
        self.log = folder / f"{name}.log"
        self.command = command
        self._process: trio.Process | None = None
        self._calls = 0
        self._answers: dict[int, trio.MemorySendChannel[dict[str, Any]]] = {}
        self._tell, self.events = trio.open_memory_channel[dict[str, Any]](math.inf)
        self.gone = trio.Event()

    async def start(self, nursery: trio.Nursery, *death: str) -> None:
        """Run it, locked."""
        process = await open_command(self.command, str(self.folder), *death, log=self.log)
        self._process = process
        self.gone = trio.Event()
        self._answers = {}
        nursery.start_soon(self._listen, process, self._answers, self.gone)

    async def kill(self) -> None:
        """SIGKILL, if it runs."""
        (process, self._process), gone = (self._process, None), self.gone
        if process is not None:
            await kill(process)
            await gone.wait()

    async def end(self) -> int:
        """End its stdin, as a well-behaved client does; its exit code."""
        process, self._process = self._process, None
        assert process is not None
        assert process.stdin is not None
        try:
            await process.stdin.aclose()
            with trio.fail_after(PATIENCE_S):
                return await process.wait()
        finally:
            await kill(process)

    async def ask(self, method: str, /, **params: object) -> dict[str, Any]:
        """The result. Raises Refusal; Died if no answer will come."""
        if self._process is None:
            raise Died(self.name)
        self._calls += 1
        send, receive = trio.open_memory_channel[dict[str, Any]](1)
        self._answers[self._calls] = send
        line = {"jsonrpc": "2.0", "id": self._calls, "method": method, "params": params}
        assert self._process.stdin is not None
        try:
            await self._process.stdin.send_all(json.dumps(line).encode() + b"\n")
            answer = await receive.receive()
        except (trio.EndOfChannel, trio.BrokenResourceError, trio.ClosedResourceError) as exc:
            raise Died(self.name) from exc
        if "error" in answer:
            raise Refusal(answer["error"]["data"]["kind"], answer["error"]["message"])
        result: dict[str, Any] = answer["result"]
        return result

    async def unlock(self) -> None:
        """Open the profile that is there."""
        await self.ask("profile.unlock", passphrase=PASSPHRASE)

    async def history(self, conversation: str) -> list[dict[str, Any]]:
        """All rows of a conversation, oldest first."""
        found: list[dict[str, Any]] = []
        before: dict[str, str] = {}
        while True:
            said = await self.ask(
                "message.list", conversation_id=conversation, limit=PAGE, **before
            )
            page: list[dict[str, Any]] = said["messages"]
            found = page + found
            if len(page) < PAGE:
                return found
            before = {"before": page[0]["message_id"]}

    async def wait_event(self, kind: str, **fields: object) -> dict[str, Any]:
        """The next event of this kind with these fields; what comes before it is skipped."""
        async for event in self.events:
            if event["type"] == kind and all(event[key] == fields[key] for key in fields):
                return event
        raise AssertionError("nobody tells of events any more")

    async def _listen(
        self,
        process: trio.Process,
        answers: dict[int, trio.MemorySendChannel[dict[str, Any]]],
        gone: trio.Event,
    ) -> None:
        assert process.stdout is not None
        rest = b""
        try:
            async for chunk in process.stdout:
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    self._hear(json.loads(line), answers)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            pass
        finally:
            for waiting in answers.values():
                waiting.close()
            gone.set()

    def _hear(
        self, said: dict[str, Any], answers: dict[int, trio.MemorySendChannel[dict[str, Any]]]
    ) -> None:
        if said.get("method") == "event":
            self._tell.send_nowait(said["params"])
        else:
            answers.pop(said["id"]).send_nowait(said)
