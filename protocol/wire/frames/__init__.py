"""Every frame that crosses the wire, by its subject; see :mod:`protocol.wire.frames.declared`."""

from __future__ import annotations

from protocol.wire.frames.admission import (
    Invite,
    Redeem,
    Redeemed,
)
from protocol.wire.frames.declared import (
    Done,
    Frame,
    Notice,
    Ping,
    Pong,
    Reason,
    Refused,
    Reply,
    Request,
    Side,
    concrete,
)
from protocol.wire.frames.deposits import (
    ENVELOPE_SIZES,
    MAX_BUNDLE,
    MAX_BUNDLES,
    MAX_ENVELOPE,
    BundleTaken,
    Deposit,
    Stored,
    TakeBundle,
)
from protocol.wire.frames.mailboxes import (
    Acknowledge,
    CreateMailbox,
    DeleteMailbox,
    Delivery,
    EmptyDrawer,
    Grant,
    Opened,
    OpenMailbox,
    Policy,
    Revoke,
    Stock,
    Stocked,
)
from protocol.wire.frames.opening import (
    Farewell,
    Hello,
    Statement,
    Welcome,
)

FRAMES: dict[str, type[Frame]] = {str(c.__struct_config__.tag): c for c in concrete(Frame)}

__all__ = [
    "ENVELOPE_SIZES",
    "FRAMES",
    "MAX_BUNDLE",
    "MAX_BUNDLES",
    "MAX_ENVELOPE",
    "Acknowledge",
    "BundleTaken",
    "CreateMailbox",
    "DeleteMailbox",
    "Delivery",
    "Deposit",
    "Done",
    "EmptyDrawer",
    "Farewell",
    "Frame",
    "Grant",
    "Hello",
    "Invite",
    "Notice",
    "OpenMailbox",
    "Opened",
    "Ping",
    "Policy",
    "Pong",
    "Reason",
    "Redeem",
    "Redeemed",
    "Refused",
    "Reply",
    "Request",
    "Revoke",
    "Side",
    "Statement",
    "Stock",
    "Stocked",
    "Stored",
    "TakeBundle",
    "Welcome",
]
