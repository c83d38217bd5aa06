"""Who I am on this device. One row, written when the profile is made."""

from __future__ import annotations

from msgspec import Struct
from sqlcipher3 import Connection

from desktop.store.rows import reads_a_row
from protocol.e2e.account import AccountState
from protocol.e2e.devices import SignedDeviceList, read_list
from protocol.e2e.identity import DeviceKeys
from protocol.ids import DeviceId, MemberId
from protocol.keys import Secret


class Me(Struct, frozen=True):
    """This member on this device. The identity key is not here: it is opened only to sign."""

    name: str
    member_id: MemberId
    device: DeviceKeys
    device_list: SignedDeviceList
    list_version: int


def create(db: Connection, me: Me, account: AccountState, now_ms: int) -> None:
    """Write the one row."""
    db.execute(
        "INSERT INTO me (one, name, member_id, device_id, device_seed, olm_account, device_list,"
        " device_list_signature, made_ms) VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            me.name,
            me.member_id,
            me.device.device_id,
            bytes(me.device.seed),
            bytes(account.pickle),
            me.device_list.body,
            me.device_list.signature,
            now_ms,
        ),
    )


@reads_a_row
def load(db: Connection) -> Me:
    """The one row. The version of the device list is the list's own."""
    name, member, device, seed, body, signature = db.execute(
        "SELECT name, member_id, device_id, device_seed, device_list, device_list_signature FROM me"
    ).fetchone()
    signed = SignedDeviceList(body=body, signature=signature)
    return Me(
        name=name,
        member_id=MemberId(member),
        device=DeviceKeys(DeviceId(device), Secret(seed)),
        device_list=signed,
        list_version=read_list(signed, MemberId(member)).version,
    )


def account(db: Connection) -> AccountState:
    """The Olm account as it stands."""
    (pickle,) = db.execute("SELECT olm_account FROM me").fetchone()
    return AccountState(Secret(pickle))


def save_account(db: Connection, account: AccountState) -> None:
    """Keep the account's next state; before anything made with it is spoken (law 1)."""
    db.execute("UPDATE me SET olm_account = ?", (bytes(account.pickle),))
