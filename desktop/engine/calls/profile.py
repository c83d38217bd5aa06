"""Creating, unlocking, locking a profile; the choices in it. Base of the other calls."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import trio
from msgspec.structs import replace
from sqlcipher3 import Connection

from desktop.core import passphrases
from desktop.core.errors import (
    NameMissing,
    NameTooLong,
    PassphraseMissing,
    PassphraseWeak,
    ProfileExists,
    ProfileLocked,
)
from desktop.core.events import Event, ProfileChanged
from desktop.core.models import Profile, ProfileState, Settings
from desktop.engine.composition import Composition
from desktop.engine.ground import Bell
from desktop.engine.opened import OpenedProfile, Unlocked
from desktop.store import header, relays, sealing_keys, settings
from desktop.store import me as mine
from desktop.store.me import Me
from desktop.store.vault import Vault
from protocol.e2e import account as accounts
from protocol.e2e import names
from protocol.e2e.devices import enlist, sign_list
from protocol.e2e.identity import new_device, new_member
from protocol.e2e.sealing import new_sealing_key
from protocol.keys import SEED_BYTES, Secret


class ProfileCalls:
    """The profile, and what every other call needs: who listens, and the open profile."""

    def __init__(self, folder: Path, composition: Composition, nursery: trio.Nursery) -> None:
        self._folder = folder
        self._composition = composition
        self._nursery = nursery
        self._listeners: list[Callable[[Event], None]] = []
        self._opened: OpenedProfile | None = None
        self._turn = trio.Lock()

    def listen(self, listener: Callable[[Event], None]) -> Callable[[], None]:
        """See Facade."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def profile_state(self) -> ProfileState:
        """See Facade."""
        if self._opened is not None:
            return ProfileState.UNLOCKED
        return ProfileState.LOCKED if header.exists(self._folder) else ProfileState.NONE

    async def profile_create(self, name: str, passphrase: str) -> Profile:
        """See Facade."""
        checked = check_name(name)
        if not passphrase:
            raise PassphraseMissing
        async with self._turn:
            if header.exists(self._folder):
                raise ProfileExists
            make = partial(_create, self._folder, checked, passphrase, self._composition)
            return self._start(await self._composition.threads.run(make))

    async def profile_unlock(self, passphrase: str) -> Profile:
        """See Facade."""
        async with self._turn:
            opened = self._opened
            if opened is not None:  # whoever asks whether it is still them is told the truth
                same = partial(header.unlock, self._folder, passphrase)
                await self._composition.threads.run(same)
                return _profile(opened.ground.me)
            unlock = partial(_open, self._folder, passphrase, self._composition)
            return self._start(await self._composition.threads.run(unlock))

    async def profile_lock(self) -> None:
        """See Facade."""
        async with self._turn:
            if self._opened is None:
                return
            opened, self._opened = self._opened, None
            await opened.close()
            self._emit(ProfileChanged(ProfileState.LOCKED))

    async def profile_show(self) -> Profile:
        """See Facade."""
        return _profile(self._open_now.ground.me)

    async def profile_change_passphrase(self, old: str, new: str) -> None:
        """See Facade."""
        _ = self._open_now
        async with self._turn:
            change = partial(_change_passphrase, self._folder, old, new, self._composition)
            await self._composition.threads.run(change)

    async def settings(self) -> Settings:
        """See Facade."""
        return await self._open_now.ground.vault.read(settings.load)

    async def set_settings(self, settings_: Settings) -> None:
        """See Facade."""
        save = partial(settings.save, settings=settings_)
        ground = self._open_now.ground
        await ground.vault.transact(save)
        if not settings_.typing:
            ground.presences.forget_typing()
        for bell in (Bell.PUBLISH, Bell.WATCH):
            ground.bells[bell].ring()

    async def presence_set(self, presence: bool | None = None, typing: bool | None = None) -> None:
        """See Facade."""
        chosen = await self.settings()
        if presence is not None:
            chosen = replace(chosen, presence=presence)
        if typing is not None:
            chosen = replace(chosen, typing=typing)
        await self.set_settings(chosen)

    @property
    def _open_now(self) -> OpenedProfile:
        if self._opened is None:
            raise ProfileLocked
        return self._opened

    def _start(self, unlocked: Unlocked) -> Profile:
        opened = OpenedProfile(unlocked, self._composition, self._emit)
        self._opened = opened
        self._nursery.start_soon(self._run, opened)
        self._emit(ProfileChanged(ProfileState.UNLOCKED))
        return _profile(opened.ground.me)

    async def _run(self, opened: OpenedProfile) -> None:
        await opened.run()
        if self._opened is opened:  # it ended by itself
            self._opened = None
            self._emit(ProfileChanged(ProfileState.LOCKED))

    def _emit(self, event: Event) -> None:
        for listener in list(self._listeners):
            listener(event)


def check_name(name: str) -> str:
    """A name as it is kept. Raises NameMissing, NameTooLong."""
    if len(" ".join(name.split())) > names.MAX_NAME:
        raise NameTooLong
    kept = names.clean(name)
    if not kept:
        raise NameMissing
    return kept


def _profile(me: Me) -> Profile:
    return Profile(me.name, me.member_id, me.device.device_id)


def _create(folder: Path, name: str, passphrase: str, composition: Composition) -> Unlocked:
    """Everything a new profile consists of. The header comes last: it makes the profile."""
    _check_passphrase(passphrase, composition)
    rng, now = composition.rng, composition.now()
    member, device, account = new_member(rng), new_device(rng), accounts.new_account()
    entry = enlist(device, member.member_id, accounts.identity_key(account), now)
    me = Me(name, member.member_id, device, sign_list(member, [entry], None), 1)
    db_key = Secret(rng(SEED_BYTES))
    vault = Vault.create(folder, db_key, threads=composition.threads)

    def fill(db: Connection) -> None:
        mine.create(db, me, account, now)
        sealing_keys.add(db, new_sealing_key(now), now)

    try:
        vault.write(fill)
        header.create(
            folder, passphrase, composition.cost, rng, identity_seed=member.seed, db_key=db_key
        )
    except BaseException:
        vault.close()
        raise
    return Unlocked(vault, me, (), None)


def _check_passphrase(passphrase: str, composition: Composition) -> None:
    if passphrases.is_too_weak(composition.weigh(passphrase)):
        raise PassphraseWeak


def _change_passphrase(folder: Path, old: str, new: str, composition: Composition) -> None:
    if new:
        _check_passphrase(new, composition)
    header.change_passphrase(folder, old, new, composition.rng)


def _open(folder: Path, passphrase: str, composition: Composition) -> Unlocked:
    keys = header.unlock(folder, passphrase)
    vault = Vault.open(folder, keys.db_key, threads=composition.threads)
    try:
        header.settle(folder)
        return vault.write(
            lambda db: Unlocked(vault, mine.load(db), relays.collected(db), settings.proxy(db))
        )
    except BaseException:
        vault.close()
        raise
