"""Who waits for another relay's card, and what they are told."""

from __future__ import annotations

from functools import partial

import trio

from protocol.ids import Fingerprint
from protocol.wire.card import read_card
from protocol.wire.frames import Card, Reason, Reply, ShowCard
from relay.two_hops.peer_line import PeerLine


class Wanted:
    """Somebody waits for it; ``said`` is the card, or why there is none."""

    def __init__(self) -> None:
        self.settled = trio.Event()
        self.said: Card | Reason = Reason.TRY_LATER

    def settle(self, said: Card | Reason) -> None:
        """The end of waiting."""
        self.said = said
        self.settled.set()


class Cards:
    """Those who wait for the card of one relay."""

    def __init__(self, pinned: Fingerprint) -> None:
        self._pinned = pinned
        self.wanted: list[Wanted] = []

    def want(self, wanted: Wanted) -> None:
        """One more."""
        self.wanted.append(wanted)

    def unwant(self, wanted: Wanted) -> None:
        """It waits no longer."""
        if wanted in self.wanted:
            self.wanted.remove(wanted)

    def ask(self, line: PeerLine) -> None:
        """Once for all who wait now."""
        wanted, self.wanted = self.wanted, []
        if wanted:
            line.ask(lambda call: ShowCard(call=call), partial(self._shown, wanted))

    def refuse(self) -> None:
        """That relay does not speak with this one."""
        self._tell(self.wanted, Reason.NOT_ALLOWED)
        self.wanted = []

    def _shown(self, wanted: list[Wanted], reply: Reply) -> None:
        """Raises WrongRelay, RemoteProtocolError: a card that lies ends the line."""
        if isinstance(reply, Card):
            read_card(reply.body, reply.signature, self._pinned)
            self._tell(wanted, reply)
        else:
            self._tell(wanted, Reason.NOT_ALLOWED)

    def _tell(self, wanted: list[Wanted], said: Card | Reason) -> None:
        for each in wanted:
            each.settle(said)
