"""Who is there and who is writing, as far as this device knows at this moment. Memory only."""

from __future__ import annotations

import math
from collections.abc import Callable

import trio

from desktop.core.events import Event, PresenceChanged, TypingChanged
from desktop.core.models import Presence
from desktop.engine.doorbell import Doorbell
from protocol.ids import ConversationId, DeviceId, MemberId

TYPING_LASTS = 8.0  # a little longer than the pause between two signals
MOST_TYPING = 256


class Presences:
    """Told by who watches and hears signals; a contact is there when one device is."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._devices: dict[MemberId, dict[DeviceId, Presence]] = {}
        self._typing: dict[MemberId, tuple[ConversationId, float]] = {}
        self._heard: dict[DeviceId, int] = {}
        self._bell = Doorbell()

    def of(self, member: MemberId) -> Presence:
        """What is known of one contact."""
        known = self._devices.get(member, {}).values()
        if Presence.ONLINE in known:
            return Presence.ONLINE
        return Presence.OFFLINE if known else Presence.UNKNOWN

    def see(self, member: MemberId, device: DeviceId, presence: Presence) -> None:
        """What one of a contact's slots says; UNKNOWN when nobody can tell."""
        before = self.of(member)
        devices = self._devices.setdefault(member, {})
        devices.pop(device, None)
        if presence is not Presence.UNKNOWN:
            devices[device] = presence
        if not devices:
            del self._devices[member]
        after = self.of(member)
        if after is not before:
            self._emit(PresenceChanged(member, after))

    def writes(
        self,
        member: MemberId,
        device: DeviceId,
        conversation: ConversationId,
        made_ms: int,
        *,
        stopped: bool,
    ) -> None:
        """A signal said so. What is not later than the last one of its device is nothing."""
        if made_ms <= self._heard.get(device, -1):
            return
        self._heard[device] = made_ms
        if stopped:
            self.wrote(member)
            return
        if member not in self._typing:
            if len(self._typing) >= MOST_TYPING:
                return
            self._emit(TypingChanged(conversation, member, writing=True))
        self._typing[member] = (conversation, trio.current_time() + TYPING_LASTS)
        self._bell.ring()

    def wrote(self, member: MemberId) -> None:
        """They do not write any more, or what they wrote is here."""
        typing = self._typing.pop(member, None)
        if typing is not None:
            self._emit(TypingChanged(typing[0], member, writing=False))

    def forget_typing(self) -> None:
        """Nobody is shown as writing."""
        for member in list(self._typing):
            self.wrote(member)

    async def run(self) -> None:
        """End what was not said again in time."""
        while True:
            now = trio.current_time()
            for member, (_, until) in list(self._typing.items()):
                if until <= now:
                    self.wrote(member)
            ends = [until for _, until in self._typing.values()]
            await self._bell.wait(min(ends, default=math.inf) - now)
