"""A contact who means harm: everything an honest desktop would never put into an envelope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from sqlcipher3 import Connection

from desktop.core.ways import Direct
from desktop.engine.ground import Bell, Said
from desktop.engine.pairing import bundles, greet
from desktop.engine.relays.visit import visit
from desktop.engine.sending import compose
from desktop.store import contacts, copies, outbox, sessions
from desktop.store.contacts import ContactDevice, ContactMailbox
from desktop.store.copies import Copy
from desktop.store.outbox import Purpose
from desktop.store.sessions import KeptSession
from protocol.e2e import contents, session
from protocol.e2e.bundle import open_bundle
from protocol.e2e.contents import Content, Header, Text
from protocol.e2e.envelope import Inside, olm_hash, seal
from protocol.e2e.link import ContactLink
from protocol.e2e.olm_message import OlmBytes
from protocol.ids import ConversationId, DeviceId, EnvelopeId, MemberId
from protocol.keys import Secret
from protocol.wire.frames import BundleTaken
from tests.whole.world import Desktop


@dataclass
class Mallory:
    """Somebody's desktop in other hands, and the contact it is aimed at."""

    desktop: Desktop
    victim: MemberId

    async def begin(self, link: ContactLink) -> None:
        """A session from a bundle of the victim's link, as anybody may, and another one each time;
        nothing is said yet."""
        ground = self.desktop.ground
        capability = link.capability()
        taken = await bundles.take_through(ground, link.address, capability, ground.timings.answer)
        if isinstance(taken, Direct):
            async with visit(ground, link.address) as line:
                taken = await bundles.take(line, capability)
        assert isinstance(taken, BundleTaken)
        opened = open_bundle(taken.body, link.drawer_key(), link.member_id)

        def note(db: Connection, said: Said) -> None:
            me, now = ground.me, ground.now()
            if contacts.find(db, self.victim) is None:
                signed = opened.signed_list
                greet.add_contact(db, said, me, link.name, signed, self.victim, now, pending=True)
            device, key = DeviceId(opened.bundle.device), opened.sealing_key
            entry = ContactDevice(
                device, self.victim, opened.bundle.olm, key.public, key.made_ms, None, None
            )
            contacts.put_device(db, entry)
            box = ContactMailbox(str(link.address), capability, link.drawer_key())
            contacts.set_mailboxes(db, device, [box])
            bundles.start(db, said, opened, now)

        await ground.do(note)

    async def header(self, **changed: object) -> Header:
        """An honest header, but for what is changed."""
        ground = self.desktop.ground

        def make(db: Connection) -> Header:
            contact = contacts.find(db, self.victim)
            assert contact is not None
            [device] = contacts.devices(db, self.victim)
            made = compose.unnumbered(db, ground.me, contact, device, ground.now(), ground.rng)
            return msgspec.structs.replace(made, **changed)

        return await ground.vault.read(make)

    async def text(self, words: str, **changed: object) -> Text:
        """A text whose header says what one likes."""
        return Text(header=await self.header(**changed), text=words)

    async def say(
        self,
        content: Content | bytes,
        *,
        sender: DeviceId | None = None,
        capability: Secret | None = None,
    ) -> OlmBytes:
        """Through the session, whatever it is; what went out."""
        plain = content if isinstance(content, bytes) else contents.dump(content)

        def encrypt(db: Connection) -> OlmBytes:
            [device] = contacts.devices(db, self.victim)
            kept = sessions.of_device(db, device.device_id)[0]
            state, olm = session.encrypt(kept.state, plain)
            following = KeptSession(state, kept.their_olm, kept.generation)
            sessions.save(db, device.device_id, following, self.desktop.ground.now())
            return olm

        olm = await self.desktop.ground.vault.transact(encrypt)
        await self.post(olm, sender=sender, capability=capability)
        return olm

    async def post(
        self, olm: OlmBytes, *, sender: DeviceId | None = None, capability: Secret | None = None
    ) -> None:
        """Any Olm bytes, in any device's name."""
        ground = self.desktop.ground

        def sealed(device: bytes, public: bytes) -> bytes:
            inside = Inside(sender or ground.me.device.device_id, olm)
            return seal(inside, DeviceId(device), public)

        await self._leave(sealed, olm, capability)

    async def leave(self, envelope: bytes, *, capability: Secret | None = None) -> None:
        """Any bytes at all."""

        def made(device: bytes, public: bytes) -> bytes:
            return envelope

        await self._leave(made, OlmBytes(1, envelope[:64]), capability)

    async def _leave(
        self, made: Callable[[bytes, bytes], bytes], olm: OlmBytes, capability: Secret | None
    ) -> None:
        ground = self.desktop.ground

        def queue(db: Connection, said: Said) -> None:
            [device] = contacts.devices(db, self.victim)
            box = contacts.mailboxes(db, device.device_id)[0]
            conversation = ConversationId(bytes(16))
            entry = outbox.add(
                db, conversation, self.victim, device.device_id, Purpose.NEWS, b"", ground.now()
            )
            outbox.sealed(db, entry, olm, olm_hash(device.device_id, olm))
            envelope = made(device.device_id, device.sealing_public)
            envelope_id = EnvelopeId(ground.rng(16))
            by = capability or box.capability
            copies.add(db, Copy(envelope_id, entry, box.relay, by, envelope))
            said.bells.add(Bell.POST)

        await ground.do(queue)
