"""What one desktop may ask in which state. The rest is for the rules.

An owner's word counts after the mailbox's key has signed for this connection, and until another
connection takes over. Answers go into the outbox when they are true.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, TypeAlias

import trio

from protocol.errors import BadSignature, RemoteProtocolError
from protocol.ids import CapabilityHash, MailboxId
from protocol.keys import Domain, verify
from protocol.wire import frames
from protocol.wire.codec import Heard, UnknownFrame
from protocol.wire.frames import Opened, Pong, Reason, Refused, Reply
from relay.asked.blobs import Keeping
from relay.asked.boxes import Boxes
from relay.asked.by_relays import Carrying
from relay.asked.calls import Calls
from relay.asked.fleeting import Fleeting
from relay.asked.hosting import Hosting
from relay.asked.packets import Handing
from relay.asked.seated import Seated
from relay.collector import Collector
from relay.counters import Pattern
from relay.neighbours import Neighbour, Place, mark_of
from relay.outbox import Outbox
from relay.premises import Premises
from relay.rules.clock import Now
from relay.rules.deposits import capability_hash
from relay.rules.office import AnyRequest

MOST_TURNED_AWAY = 64

_Owned: TypeAlias = frames.Stock | frames.EmptyDrawer | frames.DeleteMailbox | frames.Acknowledge


class Requests:
    """Takes one connection's frames; collects its open mailboxes in ``nursery``."""

    def __init__(
        self,
        premises: Premises,
        outbox: Outbox,
        neighbour: Neighbour,
        stop: Callable[[Reason, int], None],
        cut_off: Callable[[], None],
        place: Place | None = None,
    ) -> None:
        self._premises = premises
        self._outbox = outbox
        self._neighbour = neighbour
        self._mark = partial(mark_of, place)
        self._cut_off = cut_off
        # Mailboxes whose key has signed for this connection, with the cursor it asked for.
        self._proven: dict[MailboxId, int] = {}
        self._collectors: dict[MailboxId, Collector] = {}
        self._turned_away: set[CapabilityHash] = set()
        self._carrying: Carrying | None = None
        self._handing: Handing | None = None
        self._keeping: Keeping | None = None
        self._fleeting: Fleeting | None = None
        self._seated: Seated | None = None
        self._boxes: Boxes | None = None
        self.calls = Calls(premises, outbox, stop)
        self.nursery: trio.Nursery | None = None

    def take(self, heard: Heard, now: Now) -> None:
        """One frame, heard now. Raises RemoteProtocolError for one that has no place here."""
        handler = self._HANDLERS.get(type(heard)) or _ROOMS.get(type(heard))
        if handler is None:
            raise RemoteProtocolError("not now")
        self.calls.now = now
        self._premises.counters.requests[type(heard)] += 1
        handler(self, heard)

    def end(self) -> None:
        """Collect nothing any more; answers that come now go nowhere."""
        self.nursery = None
        for collector in self._collectors.values():
            self._premises.switchboard.leave(collector)
        for each in (self._carrying, self._handing, self._keeping, self._fleeting):
            if each is not None:
                each.end()
        for part in (self._seated, self._boxes):
            if part is not None:
                part.end()
        for capability in self._turned_away:
            self._premises.switchboard.forget(capability, self)

    def _ping(self, asked: frames.Ping) -> None:
        self._outbox.put(Pong(call=asked.call))

    def _practices(self, asked: frames.ShowPractices) -> None:
        said = self._premises.declared
        self.calls.say(frames.Practices(call=asked.call, body=said.body, signature=said.signature))

    def _unknown(self, heard: UnknownFrame) -> None:
        if heard.call is not None:
            name = heard.name
            self._outbox.put(Refused(call=heard.call, reason=Reason.UNSUPPORTED, name=name))

    def _anybody(self, asked: AnyRequest) -> None:
        self.calls.submit(asked)

    def _deposit(self, asked: frames.Deposit) -> None:
        self.calls.submit(asked, partial(self._deposited, asked))

    def _deposited(self, asked: frames.Deposit, reply: Reply) -> None:
        self.calls.finish(reply)
        if isinstance(reply, Refused) and reply.reason is Reason.QUOTA and self.nursery is not None:
            capability = capability_hash(asked.capability)
            if capability in self._turned_away or len(self._turned_away) < MOST_TURNED_AWAY:
                self._turned_away.add(capability)
                self._premises.switchboard.wait_room(capability, self)

    def may_go_on(self, capability: CapabilityHash) -> None:
        """There is room again in a queue that refused this connection."""
        self._turned_away.discard(capability)
        self._outbox.put(frames.Continue(capability=capability))

    def _redeem(self, asked: frames.Redeem) -> None:
        codeless = self._premises.house.open and not asked.code
        if codeless and self._neighbour.newcomers.another(self.calls.now.age_ms):
            newcomers = Pattern.MANY_NEWCOMERS_OF_ONE_ADDRESS
            self._premises.counters.suspicious[newcomers] += 1
            self.calls.refuse(asked, Reason.QUOTA)
        else:
            self.calls.submit(asked)

    def _create(self, asked: frames.CreateMailbox) -> None:
        if self._signed(asked, Domain.CREATE_MAILBOX):
            self.calls.submit(asked)

    def _open(self, asked: frames.OpenMailbox) -> None:
        most = self._premises.house.limits.open_mailboxes
        if asked.mailbox not in self._proven and len(self._proven) >= most:
            self.calls.refuse(asked, Reason.QUOTA)
        elif self._signed(asked, Domain.OPEN_MAILBOX):
            self._proven[asked.mailbox] = asked.after
            self.calls.submit(asked, partial(self._opened, asked))

    def _opened(self, asked: frames.OpenMailbox, reply: Reply) -> None:
        self.calls.finish(reply)
        if not isinstance(reply, Opened):
            self._proven.pop(asked.mailbox, None)
        elif self.nursery is not None:
            storage, mailbox = self._premises.storage, asked.mailbox
            collector = Collector(mailbox, reply.after, storage, self._outbox, self.nursery)
            self._premises.switchboard.take_over(collector)
            self._collectors[mailbox] = collector
            collector.ring()

    def _owner(self, asked: _Owned) -> None:
        if not self._owns(asked.mailbox):
            self.calls.refuse(asked, Reason.WRONG_STATE)
        else:
            self.calls.submit(asked)

    def _delete(self, asked: frames.DeleteMailbox) -> None:
        if not self._owns(asked.mailbox):
            self.calls.refuse(asked, Reason.WRONG_STATE)
        else:
            self.calls.submit(asked, partial(self._deleted, asked))

    def _deleted(self, asked: frames.DeleteMailbox, reply: Reply) -> None:
        self.calls.finish(reply)
        # Only now: one that is still there is collected on.
        if isinstance(reply, frames.Done):
            collector = self._collectors.pop(asked.mailbox, None)
            if collector is not None:
                self._premises.switchboard.leave(collector)

    def _acknowledge(self, asked: frames.Acknowledge) -> None:
        collector = self._collectors.get(asked.mailbox)
        known = self._proven.get(asked.mailbox, 0) if collector is None else collector.delivered
        if asked.up_to > known:
            self.calls.refuse(asked, Reason.WRONG_STATE)
            return
        if collector is not None:
            collector.acknowledged(asked.up_to)
        self._owner(asked)

    def _policy(self, asked: frames.Grant | frames.Revoke) -> None:
        if not self._owns(asked.mailbox):
            self.calls.refuse(asked, Reason.WRONG_STATE)
        else:
            self.calls.submit(asked, partial(self._changed, asked.capability))

    def _changed(self, capability: CapabilityHash, reply: Reply) -> None:
        self._premises.signals.forget(capability)
        self.calls.finish(reply)

    def _owns(self, mailbox: MailboxId) -> bool:
        """Whether its key signed here, and nobody has taken over since."""
        collector = self._collectors.get(mailbox)
        if collector is not None and not self._premises.switchboard.collects(collector):
            return False
        return mailbox in self._proven

    def _signed(self, asked: frames.CreateMailbox | frames.OpenMailbox, domain: Domain) -> bool:
        try:
            verify(asked.mailbox, asked.signature, domain, self.calls.transcript)
        except BadSignature:
            self.calls.refuse(asked, Reason.BAD_SIGNATURE)
            return False
        return True

    def _relays(self) -> Carrying:
        """For what relays say; few connections need it."""
        if self._carrying is None:
            self._carrying = Carrying(self._premises, self.calls, self._passes_by())
        return self._carrying

    def _forwards(self) -> Handing:
        if self._handing is None:
            assert self.nursery is not None, "frames are heard while it is open"
            self._handing = Handing(self._premises, self.calls, self._outbox, self.nursery)
        return self._handing

    def _chunks(self) -> Keeping:
        if self._keeping is None:
            self._keeping = Keeping(self._premises, self.calls)
        return self._keeping

    def _passes_by(self) -> Fleeting:
        """For what is never stored."""
        if self._fleeting is None:
            self._fleeting = Fleeting(self._premises, self.calls, self._outbox, self._neighbour)
        return self._fleeting

    def in_room(self, asked: frames.Request[Any]) -> None:
        """For who came for a room."""
        if self._seated is None:
            neighbour, mark = self._neighbour, self._mark
            self._seated = Seated(
                self._premises, self.calls, self._outbox, neighbour, mark, self._cut_off
            )
        self._seated.take(asked)

    def as_host(self, asked: frames.Request[Any]) -> None:
        """For who has a room's key, or looks at it from outside."""
        Hosting(self._premises, self.calls).take(asked)

    def at_box(self, asked: frames.Request[Any]) -> None:
        """For letters between seats."""
        if self._boxes is None:
            self._boxes = Boxes(self._premises, self.calls, self._outbox, self.in_room)
        self._boxes.take(asked)

    _HANDLERS: ClassVar[dict[type[Heard], Callable[[Requests, Any], None]]] = {
        UnknownFrame: _unknown,
        frames.Ping: _ping,
        frames.ShowPractices: _practices,
        frames.Redeem: _redeem,
        frames.Invite: _anybody,
        frames.Deposit: _deposit,
        frames.TakeBundle: _anybody,
        frames.CreateMailbox: _create,
        frames.OpenMailbox: _open,
        frames.Acknowledge: _acknowledge,
        frames.DeleteMailbox: _delete,
        frames.Grant: _policy,
        frames.Revoke: _policy,
        frames.Stock: _owner,
        frames.EmptyDrawer: _owner,
        frames.Forward: lambda self, asked: self._forwards().forward(asked),
        frames.FindCard: lambda self, asked: self._forwards().find_card(asked),
        frames.FetchAnswers: lambda self, asked: self._forwards().fetch(asked),
        frames.ForgetAnswers: lambda self, asked: self._forwards().forget(asked),
        frames.OpenBlob: _anybody,
        frames.ShowBlob: _anybody,
        frames.PutChunk: lambda self, asked: self._chunks().put(asked),
        frames.GetChunk: lambda self, asked: self._chunks().get(asked),
        frames.DeleteBlob: lambda self, asked: self._chunks().delete(asked),
        frames.Publish: lambda self, asked: self._passes_by().publish(asked),
        frames.Watch: lambda self, asked: self._passes_by().watch(asked),
        frames.WatchRoom: lambda self, asked: self._passes_by().watch_room(asked),
        frames.LetGo: lambda self, asked: self._passes_by().let_go(asked),
        frames.Signal: lambda self, asked: self._passes_by().signal(asked),
        frames.PassOn: lambda self, asked: self._passes_by().pass_on(asked),
        frames.ShowCard: lambda self, asked: self._relays().show_card(asked),
        frames.Introduce: lambda self, asked: self._relays().introduce(asked),
        frames.Carry: lambda self, asked: self._relays().carry(asked),
    }


_ROOMS: dict[type[Heard], Callable[[Requests, Any], None]] = {
    **dict.fromkeys(Hosting.HANDLERS, Requests.as_host),
    **dict.fromkeys(Seated.HANDLERS, Requests.in_room),
    **dict.fromkeys(Boxes.HANDLERS, Requests.at_box),
}
