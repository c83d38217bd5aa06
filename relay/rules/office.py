"""Which rule answers which request. What is not in this table is not for the store."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from protocol.wire import frames
from protocol.wire.frames import Deposit, Reason, Refused, Reply, Request
from protocol.wire.frames.rooms import OpenRoom
from relay.rules.admission import Admission
from relay.rules.blobs import BlobRules
from relay.rules.clock import Now
from relay.rules.deposits import DepositRules
from relay.rules.drawers import DrawerRules
from relay.rules.forgetting import Forgetting
from relay.rules.forwarding import ForwardRules
from relay.rules.limits import House
from relay.rules.mailboxes import MailboxRules
from relay.rules.records import (
    Bell,
    FilesGone,
    KeepChunk,
    LoseChunk,
    Settle,
    Vouch,
    Whose,
)
from relay.rules.room import Room
from relay.rules.rooms import asking
from relay.rules.rooms.keeping import RoomKeeping
from relay.rules.store import Store

AnyRequest: TypeAlias = (
    Request[Any] | Settle | KeepChunk | LoseChunk | FilesGone | Vouch | Whose | asking.RoomAsked
)
"""What the store is asked: by a desktop, by another relay, or by this relay itself."""


class PostOffice:
    """All rules over one store. Says yes or no; the answer counts once the store has committed."""

    def __init__(self, store: Store, house: House) -> None:
        self.store = store
        self._forgetting = Forgetting(store, house)
        self._room = Room(store, house)
        self._deposits = DepositRules(store, house, self._room)
        admission = Admission(store.passes, house)
        mailboxes = MailboxRules(store, house.door, self._room)
        drawers = DrawerRules(store, house)
        forwarding = ForwardRules(store, house)
        blobs = BlobRules(store, house)
        keeping = RoomKeeping(store, house)
        self._rules: dict[type[AnyRequest], Callable[[Any, Now], Reply]] = {
            frames.Redeem: admission.redeem,
            frames.Invite: admission.invite,
            frames.CreateMailbox: mailboxes.create,
            frames.OpenMailbox: mailboxes.open,
            frames.DeleteMailbox: mailboxes.delete,
            frames.Acknowledge: mailboxes.acknowledge,
            frames.Grant: self._deposits.grant,
            frames.Revoke: self._deposits.revoke,
            Deposit: self._deposits.deposit,
            frames.Stock: drawers.stock,
            frames.EmptyDrawer: drawers.empty,
            frames.TakeBundle: drawers.take,
            frames.Forward: forwarding.forward,
            frames.FindCard: forwarding.find_card,
            frames.FetchAnswers: forwarding.fetch,
            frames.ForgetAnswers: forwarding.forget,
            Settle: forwarding.settle,
            frames.OpenBlob: blobs.open,
            frames.ShowBlob: blobs.show,
            frames.DeleteBlob: blobs.delete,
            KeepChunk: blobs.keep,
            LoseChunk: blobs.lose,
            FilesGone: blobs.files_gone,
            Vouch: forwarding.vouch,
            Whose: self._deposits.whose,
            OpenRoom: keeping.open,
            asking.LoadRoom: keeping.load,
            asking.KeepRoom: keeping.keep,
            asking.ReadItems: keeping.read_items,
            asking.FindItem: keeping.find_item,
            asking.ReadCards: keeping.read_cards,
            asking.ReadBox: keeping.read_box,
            asking.FindLetter: keeping.find_letter,
        }

    def answers(self) -> frozenset[type[AnyRequest]]:
        """What there is a rule for."""
        return frozenset(self._rules)

    def answer(self, asked: AnyRequest, now: Now) -> Reply:
        """What the rules say, inside the store's transaction."""
        rule = self._rules.get(type(asked))
        if rule is None:
            return Refused(call=asked.call, reason=Reason.UNSUPPORTED)
        return rule(asked, now)

    def answer_all(self, batch: Sequence[tuple[AnyRequest, Now]]) -> list[Reply]:
        """What the rules say to each, in their order; deposits in a row go together."""
        replies: list[Reply] = []
        row: list[tuple[Deposit, Now]] = []
        for asked, now in batch:
            if isinstance(asked, Deposit):
                row.append((asked, now))
                continue
            if row:
                replies += self._deposits.deposit_all(row)
                row = []
            replies.append(self.answer(asked, now))
        if row:
            replies += self._deposits.deposit_all(row)
        return replies

    def keep_house(self, now: Now) -> bool:
        """What time does by itself, a little at each call; whether there is more to do."""
        self.store.save_moment(now)
        more = self._forgetting.forget_some(now)
        if not more:
            self._room.look_around(now)
        return more

    def rung(self) -> frozenset[Bell]:
        """Who got something, and who may come again, since this was asked last."""
        rung = frozenset[Bell](self._deposits.rung | self._room.rung)
        self._deposits.rung.clear()
        self._room.rung.clear()
        return rung
