"""Who may come: codes are redeemed for passes."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from protocol.ids import AKey, ATime
from protocol.wire.frames.declared import ACount, ASecret, ASize, Done, Reply, Request

ACode = Annotated[bytes, Meta(max_length=32)]


class Redeemed(Reply, frozen=True, tag="redeemed", omit_defaults=True):
    """The pass is good for this much."""

    mailboxes: ACount
    stored_bytes: ASize
    may_invite: bool
    forwards: ACount = 0  # packets for other relays, a day
    rooms: ACount = 0  # that it may host
    blob_bytes: ASize = 0  # of attachments, set aside from the beginning of each


class Redeem(Request[Redeemed], frozen=True, tag="redeem"):
    """Turn an invite code into a pass. The desktop chose the secret; the relay keeps its hash.

    Safe to repeat: the same code with the same secret is one use. An open relay takes an
    empty code.
    """

    code: ACode
    pass_secret: ASecret


class Invite(Request[Done], frozen=True, tag="invite"):
    """Let somebody in who will show a code of this hash; where the pass allows it."""

    pass_secret: ASecret
    code_hash: AKey
    uses: Annotated[int, Meta(ge=1, le=100)]
    expires_ms: ATime
