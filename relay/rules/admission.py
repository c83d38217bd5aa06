"""Who may have mailboxes: codes are redeemed for passes, and no pass leads to a name."""

from __future__ import annotations

from protocol.keys import Domain, digest
from protocol.wire.frames import Done, Invite, Reason, Redeem, Redeemed, Refused
from relay.rules.clock import DAY_MS, Now
from relay.rules.limits import House
from relay.rules.records import Code, Forwarding, Holding, Pass
from relay.rules.store import Passes

LONGEST_INVITE_MS = 90 * DAY_MS


def pass_hash(secret: bytes) -> bytes:
    """What the relay keeps of a pass."""
    return digest(Domain.PASS, secret)


def code_hash(code: bytes) -> bytes:
    """What the relay keeps of an invite code."""
    return digest(Domain.JOIN_CODE, code)


class Admission:
    """Redeem and Invite. A pass that exists is never made twice, so both may be repeated."""

    def __init__(self, passes: Passes, house: House) -> None:
        self._passes = passes
        self._house = house

    def redeem(self, asked: Redeem, now: Now) -> Redeemed | Refused:
        """A pass for a code, or for nothing where the relay is open."""
        hashed = pass_hash(asked.pass_secret)
        held = self._passes.find(hashed)
        if held is not None:
            return self._redeemed(asked, held)
        if self._house.door.shut:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        if self._passes.count() >= self._house.limits.passes:
            return Refused(call=asked.call, reason=Reason.QUOTA)
        invites, lapses_ms = self._house.terms.invites, None
        if asked.code or not self._house.open:
            code = self._passes.find_code(code_hash(asked.code))
            if code is None:
                return Refused(call=asked.call, reason=Reason.UNKNOWN)
            if code.uses <= 0:
                return Refused(call=asked.call, reason=Reason.SPENT)
            if now.wall_ms >= code.expires_ms:
                return Refused(call=asked.call, reason=Reason.EXPIRED)
            code.uses -= 1
            self._passes.save_code(code)
            invites = code.invites
        else:
            # A stranger who only takes passes takes them for a day.
            lapses_ms = now.age_ms + DAY_MS
        terms = self._house.terms
        forwarding = Forwarding(terms.forwards, terms.forward_bytes)
        new = Pass(
            hashed,
            terms.mailboxes,
            terms.stored_bytes,
            invites,
            lapses_ms,
            forwarding=forwarding,
            rooms=terms.rooms,
            holding=Holding(terms.blob_bytes),
        )
        self._passes.add(new)
        return self._redeemed(asked, new)

    def invite(self, asked: Invite, now: Now) -> Done | Refused:
        """Write down a member's code. Who comes by it may not invite in turn."""
        held = self._passes.find(pass_hash(asked.pass_secret))
        if held is None:
            return Refused(call=asked.call, reason=Reason.UNKNOWN)
        if self._passes.find_code(asked.code_hash) is not None:
            return Done(call=asked.call)
        lapsing = held.lapses_ms is not None
        if held.invites < asked.uses or lapsing or self._house.door.shut:
            return Refused(call=asked.call, reason=Reason.NOT_ALLOWED)
        held.invites -= asked.uses
        self._passes.save(held)
        expires_ms = min(asked.expires_ms, now.wall_ms + LONGEST_INVITE_MS)
        self._passes.save_code(Code(asked.code_hash, asked.uses, expires_ms, invites=0))
        return Done(call=asked.call)

    def _redeemed(self, asked: Redeem, held: Pass) -> Redeemed:
        return Redeemed(
            call=asked.call,
            mailboxes=held.mailboxes,
            stored_bytes=held.stored_bytes,
            may_invite=held.invites > 0,
            forwards=held.forwarding.forwards if self._house.federation.meets_any else 0,
            rooms=held.rooms,
            blob_bytes=held.holding.most_bytes,
        )
