"""What becomes of an order in the store: the same while it serves and while it is stopped."""

from __future__ import annotations

from relay.control.words import (
    Answer,
    Done,
    ForgetCode,
    ForgetCodes,
    InTheStore,
    Quota,
    Wrong,
    shown,
)
from relay.rules.custody import Change, Custody, Missing
from relay.rules.store import Store


def carry_out(order: InTheStore, store: Store) -> Answer:
    """Inside a transaction; the answer counts once it is committed."""
    custody = Custody(store)
    match order:
        case Quota():
            change = Change(
                mailboxes=order.mailboxes,
                stored_bytes=order.stored_bytes,
                invites=order.invites,
                forwards=order.forwards,
                rooms=order.rooms,
                blob_bytes=order.blob_bytes,
            )
            found = custody.change(order.handle, change)
            return Wrong(kind=found.value) if isinstance(found, Missing) else shown(found)
        case ForgetCode():
            missing = custody.forget_code(bytes.fromhex(order.code_hash))
            return Done() if missing is None else Wrong(kind=missing.value)
        case ForgetCodes():
            return Done(count=custody.forget_codes())
