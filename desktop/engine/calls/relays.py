"""My relays: adding, listing, ordering, moving, removing one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import trio
from sqlcipher3 import Connection

from desktop.core.errors import (
    InvitationMalformed,
    InvitationNewer,
    NotARelaysLink,
    RelayOrderUneven,
    RelayOther,
    RelayUnknown,
    TooManyRelays,
)
from desktop.core.models import Relay
from desktop.core.practices import Practices
from desktop.core.proxy import ProxyShown, parse_proxy
from desktop.engine.calls.profile import ProfileCalls
from desktop.engine.ground import Ground, Said
from desktop.store import relays, settings
from desktop.store.relays import MyRelay
from protocol.e2e.link import ContactLink, parse_invitation
from protocol.errors import MalformedLink, NewerLink
from protocol.ids import DRAWER_ID_BYTES, DrawerId, Fingerprint, MailboxId
from protocol.keys import SEED_BYTES, Secret, public_key
from protocol.wire.address import RelayAddress, RelayInvitation, bytes_of, parse_address

MOST_RELAYS = 3
MOST_CODE = 32


class RelayCalls(ProfileCalls):
    """Calls about my relays."""

    async def relay_add(self, address: str, invite: str | None = None) -> Fingerprint:
        """See Facade."""
        invitation = _read(address, invite)
        return await self._join(invitation.address, invitation.code)

    async def relay_list(self) -> Sequence[Relay]:
        """See Facade."""
        return [keeper.status for keeper in self._open_now.keepers.every()]

    async def relay_order(self, relay_ids: Sequence[Fingerprint]) -> None:
        """See Facade."""
        from desktop.engine.relays import moves  # noqa: PLC0415 - not needed for the list

        opened = self._open_now
        mine = [one.relay_id for one in opened.keepers.every()]
        if not set(relay_ids) <= set(mine):
            raise RelayUnknown
        if sorted(relay_ids) != sorted(mine):
            raise RelayOrderUneven
        await opened.ground.do(lambda db, said: moves.order(db, said, opened.ground, relay_ids))
        opened.keepers.order(relay_ids)

    async def relay_move(self, relay_id: Fingerprint, address: str) -> None:
        """See Facade."""
        from desktop.engine.relays import moves  # noqa: PLC0415

        opened = self._open_now
        opened.keepers.find(relay_id)
        there = _read(address, None).address
        if there.fingerprint != relay_id:
            raise RelayOther
        await opened.ground.do(lambda db, said: moves.move(db, said, opened.ground, there))
        opened.keepers.moved(there)

    async def relay_remove(self, relay_id: Fingerprint) -> None:
        """See Facade."""
        from desktop.engine.relays import moves  # noqa: PLC0415

        opened = self._open_now
        opened.keepers.find(relay_id)
        last = len(opened.keepers.every()) == 1

        def leave(db: Connection, said: Said) -> None:
            if last:
                moves.give_up(db, opened.ground, relay_id)
            else:
                moves.leave(db, said, opened.ground, relay_id)

        await opened.ground.do(leave)
        opened.keepers.leave(relay_id)

    async def relay_practices(self, relay_id: Fingerprint) -> Practices | None:
        """See Facade."""
        from desktop.engine.relays import practising  # noqa: PLC0415

        opened = self._open_now
        opened.keepers.find(relay_id)
        return await opened.ground.vault.read(partial(practising.shown, relay_id=relay_id))

    async def proxy_show(self) -> ProxyShown | None:
        """See Facade."""
        proxy = self._open_now.ground.outward.proxy
        return None if proxy is None else ProxyShown(proxy.address, proxy.name)

    async def proxy_set(self, address: str, name: str = "", password: str = "") -> None:
        """See Facade."""
        opened = self._open_now
        proxy = parse_proxy(address, name, password) if address.strip() else None
        await opened.ground.vault.transact(partial(settings.set_proxy, proxy_=proxy))
        await opened.ground.outward.use(proxy)
        opened.keepers.again()

    async def nudge(self) -> None:
        """See Facade."""
        self._open_now.ground.nudges.nudge()

    async def _join(self, address: RelayAddress, code: Secret) -> Fingerprint:
        """A mailbox at a relay. One that is there already stays, and answers at its new address."""
        from desktop.engine.relays import mailbox, moves  # noqa: PLC0415
        from desktop.engine.relays.visit import visit  # noqa: PLC0415

        opened = self._open_now
        ground = opened.ground
        mine = await ground.vault.read(relays.every)
        held = await ground.vault.read(lambda db: relays.find(db, address.fingerprint))
        if held is not None and code:
            # Where it is not known whether the first one was taken, a further one will do, too.
            await ground.vault.transact(
                lambda db: relays.set_code(db, address.fingerprint, code),
            )
        if held is not None and not held.left:
            await ground.do(lambda db, said: moves.move(db, said, ground, address))
            opened.keepers.moved(address)
            return address.fingerprint
        if len(mine) >= MOST_RELAYS:
            raise TooManyRelays
        if held is not None:
            await ground.do(lambda db, said: moves.come_back(db, said, ground, address))
            opened.keepers.come_back(address)
            return address.fingerprint
        relay = _new(ground, address, code, len(mine))
        async with visit(ground, address) as line:
            with trio.CancelScope(shield=True):
                await ground.vault.transact(partial(relays.add, relay=relay))
            spent = False
            try:
                terms = await mailbox.redeem(relay, line)
                spent = bool(code)
                await mailbox.move_in(ground, relay, line, terms)
            except BaseException as exc:
                if isinstance(exc, mailbox.REFUSALS) and not spent:
                    with trio.CancelScope(shield=True):
                        await ground.vault.transact(partial(relays.remove, relay_id=relay.relay_id))
                else:
                    # The code may be spent by now, so what was redeemed with it is not thrown away.
                    opened.keepers.add(relay)
                raise
        ready = await ground.vault.read(lambda db: relays.find(db, relay.relay_id))
        opened.keepers.add(ready or relay)
        return relay.relay_id


def _new(ground: Ground, address: RelayAddress, code: Secret, ordinal: int) -> MyRelay:
    seed = Secret(ground.rng(SEED_BYTES))
    return MyRelay(
        address=address,
        ordinal=ordinal,
        pass_secret=Secret(ground.rng(32)),
        invite_code=code,
        mailbox=MailboxId(public_key(seed)),
        mailbox_seed=seed,
        drawer=DrawerId(ground.rng(DRAWER_ID_BYTES)),
        drawer_key=Secret(ground.rng(32)),
        cursor=0,
        ready=False,
        may_invite=False,
        last_resort_ms=None,
        added_ms=ground.now(),
    )


def read_link(text: str) -> ContactLink | RelayInvitation:
    """Any link; a relay's address alone is an invitation without a code, for relays that are open.

    Raises InvitationMalformed, InvitationNewer.
    """
    try:
        if _is_address(text):
            return RelayInvitation(parse_address(text.strip()), Secret(b""))
        return parse_invitation(text)
    except NewerLink as exc:
        raise InvitationNewer from exc
    except MalformedLink as exc:
        raise InvitationMalformed from exc


def _read(address: str, invite: str | None) -> RelayInvitation:
    """An address with a code beside it, or a link that holds both."""
    found = read_link(address)
    if isinstance(found, ContactLink):
        raise NotARelaysLink
    if invite is None or not _is_address(address):
        return found
    try:
        return RelayInvitation(found.address, Secret(_code(invite)))
    except NewerLink as exc:
        raise InvitationNewer from exc
    except MalformedLink as exc:
        raise InvitationMalformed from exc


def _is_address(text: str) -> bool:
    return text.strip().lower().startswith(("ws:", "wss:"))


def _code(invite: str) -> bytes:
    if "://" not in invite:
        code = bytes_of(invite.strip())
        if len(code) > MOST_CODE:
            raise MalformedLink
        return code
    found = parse_invitation(invite)
    if isinstance(found, ContactLink):
        raise NotARelaysLink
    return found.code
