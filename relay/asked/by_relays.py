"""What another relay may ask: to know who it is, and to take packets that are sealed to this one.

A packet goes no further than here: what may stand in one cannot be carried on. Nothing is known of
its sender, so what a packet asks wrongly is not held against the relay that brings it.
"""

from __future__ import annotations

from functools import partial

from protocol.errors import BadSignature
from protocol.ids import CallId, Fingerprint
from protocol.wire.card import check_introduction
from protocol.wire.frames import (
    Card,
    Carried,
    Carry,
    Done,
    GetChunk,
    Introduce,
    Noted,
    PutChunk,
    Reason,
    Refused,
    Reply,
    ShowCard,
    Signal,
    Watch,
    WatchRoom,
)
from protocol.wire.packet import FLEETING, Packet, seal_answer
from relay.asked.calls import Calls
from relay.asked.fleeting import Fleeting
from relay.premises import Premises
from relay.rules.records import room_for

NO_CALL = CallId(0)


class Carrying:
    """ShowCard, Introduce and Carry on one connection."""

    def __init__(self, premises: Premises, calls: Calls, fleeting: Fleeting) -> None:
        self._premises = premises
        self._calls = calls
        self._fleeting = fleeting
        self._relay: Fingerprint | None = None

    def show_card(self, asked: ShowCard) -> None:
        """Anybody may see it."""
        sealing = self._premises.sealing
        self._calls.say(
            Card(call=asked.call, body=sealing.card_body, signature=sealing.card_signature)
        )

    def introduce(self, asked: Introduce) -> None:
        """Once on a connection, by a relay that is met."""
        if self._relay is not None:
            self._calls.refuse(asked, Reason.WRONG_STATE)
            return
        try:
            relay = check_introduction(asked.relay, asked.signature, self._calls.transcript)
        except BadSignature:
            self._calls.refuse(asked, Reason.BAD_SIGNATURE)
            return
        if not self._premises.house.federation.meets(relay):
            self._calls.refuse(asked, Reason.NOT_ALLOWED)
            return
        self._relay = relay
        self._calls.most_in_flight = self._premises.house.limits.relay_calls_in_flight
        self._fleeting.for_a_relay()
        self._premises.peers.come(relay, self._replaced)
        self._premises.forwarder.wake(relay)
        self._calls.say(Done(call=asked.call))

    def carry(self, asked: Carry) -> None:
        """Open it when its turn comes, and have the store answer what is asked in it."""
        if self._relay is None:
            self._calls.refuse(asked, Reason.WRONG_STATE)
            return
        self._calls.begin(room_for(len(asked.packet)))
        self._premises.opener.open(self, asked.packet, partial(self._opened, asked))

    def end(self) -> None:
        """The connection is over."""
        self._premises.opener.forget(self)
        self._premises.blobs.forget(self)
        if self._relay is not None:
            self._premises.peers.leave(self._relay, self._replaced)

    def _opened(self, asked: Carry, packet: Packet | None) -> None:
        call, size = asked.call, room_for(len(asked.packet))
        if packet is None:
            self._calls.finish(Refused(call=call, reason=Reason.UNKNOWN), size, fault=False)
            return
        carried = partial(self._carried, call, size, packet)
        if asked.fleeting and not isinstance(packet.asked, FLEETING):
            # Its carrier counted it against nobody's quota.
            carried(Refused(call=NO_CALL, reason=Reason.NOT_ALLOWED))
            return
        match packet.asked:
            case Watch() as watch:
                carried(self._fleeting.watch_sealed(call, packet, watch))
            case WatchRoom() as watch_room:
                carried(self._fleeting.watch_room_sealed(call, packet, watch_room))
            case Signal() as signal:
                self._fleeting.signal_sealed(signal)
                carried(Noted(call=NO_CALL))
            case PutChunk() | GetChunk() as chunk:
                self._premises.blobs.submit(self, chunk, carried)
            case _:
                self._premises.storage.submit(packet.asked, self._premises.now(), carried)

    def _carried(self, call: CallId, size: int, packet: Packet, reply: Reply) -> None:
        if isinstance(reply, Refused) and reply.reason is Reason.TRY_LATER:
            # Not the sender's affair yet: the relay that brings it keeps it, and comes again.
            self._calls.finish(Refused(call=call, reason=Reason.TRY_LATER), size)
            return
        answer = seal_answer(packet, reply, self._premises.rng)
        self._calls.finish(Carried(call=call, answer=answer), size)

    def _replaced(self) -> None:
        self._calls.stop(Reason.WRONG_STATE, 0)
