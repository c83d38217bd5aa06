"""What can go wrong between two programs, and whose fault it is.

The culprit is in the type (law 11): Local is a bug on this side, Remote is the peer's doing.
Nobody branches on the text; sentences for people live in the ``strings`` modules.
"""

from __future__ import annotations


class ProtocolError(Exception):
    """A violation of the protocol; always one of the two below."""


class LocalProtocolError(ProtocolError):
    """This side tried to say something illegal: a bug here."""


class RemoteProtocolError(ProtocolError):
    """The peer said something illegal: drop the connection, trust nothing it said."""


class NoCommonVersion(RemoteProtocolError):
    """The peer speaks no version of the protocol that this side speaks."""


class WrongRelay(RemoteProtocolError):
    """The relay's key is not the one that was pinned, or it does not sign for its certificate."""


class LinkError(Exception):
    """A link that cannot be used; always one of those below."""


class MalformedLink(LinkError):
    """Not one of our links, or damaged on its way."""


class NewerLink(LinkError):
    """A link of a kind that only a newer version of Aside understands."""


class BadSignature(Exception):
    """A signature does not fit the bytes it came with."""


class Unopenable(Exception):
    """Sealed bytes that cannot be opened with this key; they are kept and shown as such."""


class UnknownKey(Unopenable):
    """Sealed to a key that is not, or no longer, on this device."""


class Damaged(Unopenable):
    """Changed on its way, cut short, or sealed for somebody else."""


class BadPadding(Unopenable):
    """It opens, but its inside is not laid out as it must be: the sender's doing."""


class NewerEnvelope(Unopenable):
    """An envelope of a kind that only a newer version of Aside understands."""


class TextTooLong(Exception):
    """A text over the largest envelope; ``limit`` is what fits, in bytes of UTF-8."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit
