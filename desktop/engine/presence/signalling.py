"""Signals: saying that I write, and hearing it of contacts. Nothing of it is kept or said twice.

A signal is worth a moment and nothing waits for it: where there is no way now, it is not said.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from functools import partial

import trio
from msgspec import Struct
from sqlcipher3 import Connection

from desktop.core.ways import Direct
from desktop.engine.ground import Ground
from desktop.engine.lines.line import Line, LineLost
from desktop.engine.presence.directs import Directs
from desktop.engine.relays.passing_on import passed_on
from desktop.engine.relays.ways import Via
from desktop.store import capabilities, contacts, conversations, sealing_keys, settings, slots
from desktop.store.contacts import ContactDevice, ContactMailbox, KnownContact
from protocol.e2e.signals import Signal as Content
from protocol.e2e.signals import Typing, open_signal, seal_signal, unseal
from protocol.errors import MalformedLink, RemoteProtocolError, Unopenable
from protocol.ids import CallId, ConversationId, DeviceId, MemberId
from protocol.keys import Secret
from protocol.wire.address import parse_address
from protocol.wire.frames import Signal, Signalled

log = logging.getLogger(__name__)

NO_CALL = CallId(0)
MOST_WAITING = 8


class _Said(Struct, frozen=True):
    """What is to be said in a conversation."""

    conversation: ConversationId
    stopped: bool
    at: float


class _To(Struct, frozen=True):
    """A contact's device that may be told, and where it collects."""

    device: ContactDevice
    box: ContactMailbox
    key: Secret


class Signaller:
    """Says that I write: in a moment, and then at most once in a while for each conversation.

    What was sent within that moment needs no announcement, and its message waits for none.
    """

    def __init__(self, ground: Ground, directs: Directs) -> None:
        self._ground = ground
        self._directs = directs
        self._last: dict[ConversationId, float] = {}
        self._told: set[ConversationId] = set()
        self._say, self._to_say = trio.open_memory_channel[_Said](MOST_WAITING)

    def writing(self, conversation: ConversationId, *, stopped: bool = False) -> None:
        """Somebody is at it, or is not any more. Never waits."""
        now, last = trio.current_time(), self._last.get(conversation)
        if stopped:
            if self._last.pop(conversation, None) is None:
                return
        elif last is not None and now - last < self._ground.timings.typing_again:
            return
        else:
            self._last[conversation] = now
        with suppress(trio.WouldBlock):
            self._say.send_nowait(_Said(conversation, stopped, now))

    def wrote(self, conversation: ConversationId) -> None:
        """The message says so itself."""
        self._last.pop(conversation, None)
        self._told.discard(conversation)

    async def run(self, ground: Ground) -> None:
        """Say them, one after the other."""
        async for said in self._to_say:
            if not await self._is_still_so(said):
                continue
            with trio.move_on_after(ground.timings.typing_again):
                to = await ground.vault.read(partial(_devices, conversation=said.conversation))
                typing = Typing(made_ms=ground.now(), stopped=said.stopped)
                for each in to:
                    with suppress(LineLost, MalformedLink, RemoteProtocolError, Unopenable):
                        await self._tell(each, typing)

    async def _is_still_so(self, said: _Said) -> bool:
        """Once its moment has passed; that I stopped is news only to who heard that I began."""
        if said.stopped:
            was_told = said.conversation in self._told
            self._told.discard(said.conversation)
            return was_told
        await trio.sleep_until(said.at + self._ground.timings.typing_after)
        if self._last.get(said.conversation) != said.at:
            return False
        self._told.add(said.conversation)
        return True

    async def _tell(self, to: _To, content: Content) -> None:
        ground, address = self._ground, parse_address(to.box.relay)
        me, device = ground.me.device.device_id, to.device
        body = seal_signal(content, me, device.device_id, device.sealing_public, to.key, ground.rng)
        match await ground.ways.choose(ground.vault, address):
            case Via() as via:
                asked = Signal(call=NO_CALL, capability=to.box.capability, body=body)
                async with passed_on(ground, via, address, asked):
                    # Let go of at once: nothing will be told of it.
                    pass
            case Direct():
                async with self._directs.line(address) as line:
                    said = Signal(call=line.call(), capability=to.box.capability, body=body)
                    await line.ask(said)
            case _:
                pass


def _devices(db: Connection, conversation: ConversationId) -> list[_To]:
    """Whom to tell; nobody where it is switched off or nothing reaches them."""
    member = conversations.member(db, conversation)
    contact = None if member is None else contacts.find(db, member)
    if contact is None or contact.pending or contact.blocked or contact.gone is not None:
        return []
    slot = slots.own_for(db, contact.member_id)
    if slot is None or not settings.load(db).typing:
        return []
    found: list[_To] = []
    for device in contacts.devices(db, contact.member_id):
        boxes = contacts.mailboxes(db, device.device_id)
        if boxes and device.sealing_public:
            found.append(_To(device, boxes[0], slot.key))
    return found


async def keep_hearing(ground: Ground, line: Line) -> None:
    """What comes on a line of mine, as long as it holds."""
    async for signalled in line.signals:
        heard = await ground.vault.read(partial(_open, ground=ground, signalled=signalled))
        if heard is not None:
            contact, device, typing = heard
            ground.presences.writes(
                contact.member_id,
                device,
                contact.conversation_id,
                typing.made_ms,
                stopped=typing.stopped,
            )
    await trio.sleep_forever()  # whoever keeps the line ends this


def _open(
    db: Connection, ground: Ground, signalled: Signalled
) -> tuple[KnownContact, DeviceId, Typing] | None:
    """Who says what; nothing where it does not open, or is not theirs to say."""
    if not settings.load(db).typing:
        return None
    me = ground.me.device.device_id
    given = capabilities.find(db, signalled.capability)
    try:
        sealed = unseal(signalled.body, me, sealing_keys.every(db))
        key = slots.their_key(db, sealed.sender)
        member = contacts.of_device(db, sealed.sender)
        if key is None or member is None or given is None or given.member_id != member:
            return None
        said = open_signal(sealed, me, key)
    except (Unopenable, RemoteProtocolError) as exc:
        log.info("a signal says nothing: %s", type(exc).__name__)
        return None
    contact = contacts.find(db, MemberId(member))
    if contact is None or contact.blocked or not isinstance(said, Typing):
        return None
    return contact, sealed.sender, said
