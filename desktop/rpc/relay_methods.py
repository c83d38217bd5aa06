"""The methods about my relays."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from desktop.core.facade import Facade
from desktop.rpc.method import Method, Words
from desktop.rpc.shapes import Shape, id_of, practices_shown, shown, text_of
from protocol.ids import Fingerprint


class RelayAdd(Method, frozen=True):
    method: ClassVar[str] = "relay.add"
    address: Words
    invite: Words | None = None

    async def answer(self, engine: Facade) -> Shape:
        return {"relay_id": text_of(await engine.relay_add(self.address, self.invite))}


class RelayList(Method, frozen=True):
    method: ClassVar[str] = "relay.list"

    async def answer(self, engine: Facade) -> Shape:
        return {"relays": [shown(relay) for relay in await engine.relay_list()]}


class RelayOrder(Method, frozen=True):
    method: ClassVar[str] = "relay.order"
    relay_ids: Annotated[tuple[str, ...], Meta(max_length=3)]

    async def answer(self, engine: Facade) -> Shape:
        await engine.relay_order([Fingerprint(id_of(one)) for one in self.relay_ids])
        return {}


class RelayMove(Method, frozen=True):
    method: ClassVar[str] = "relay.move"
    relay_id: str
    address: Words

    async def answer(self, engine: Facade) -> Shape:
        await engine.relay_move(Fingerprint(id_of(self.relay_id)), self.address)
        return {}


class RelayPractices(Method, frozen=True):
    method: ClassVar[str] = "relay.practices"
    relay_id: str

    async def answer(self, engine: Facade) -> Shape:
        found = await engine.relay_practices(Fingerprint(id_of(self.relay_id)))
        return {"practices": None if found is None else practices_shown(found)}


class ProxyShow(Method, frozen=True):
    method: ClassVar[str] = "proxy.show"

    async def answer(self, engine: Facade) -> Shape:
        found = await engine.proxy_show()
        return {
            "address": None if found is None else found.address,
            "name": None if found is None else found.name,
        }


class ProxySet(Method, frozen=True):
    method: ClassVar[str] = "proxy.set"
    address: Words | None
    name: Words = ""
    password: Words = ""

    async def answer(self, engine: Facade) -> Shape:
        await engine.proxy_set(self.address or "", self.name, self.password)
        return {}


class RelayRemove(Method, frozen=True):
    method: ClassVar[str] = "relay.remove"
    relay_id: str

    async def answer(self, engine: Facade) -> Shape:
        await engine.relay_remove(Fingerprint(id_of(self.relay_id)))
        return {}
