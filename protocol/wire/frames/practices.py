"""What a relay says of itself: what it is, who may come, what it keeps and for how long."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from protocol.ids import ARelayKey, ASignature
from protocol.wire.frames.declared import ASize, Reply, Request

MAX_PRACTICES = 16 * 1024


class Practice(Struct, frozen=True, kw_only=True):
    """One kind of thing that a relay holds; ``what`` is a word of the specification's list.

    ``sealed``: whoever runs the relay cannot read it. Without ``longest_s`` it has no end of its
    own: it goes when its owner, or its last use, takes it away.
    """

    what: Annotated[str, Meta(max_length=64)]
    on_disk: bool
    sealed: bool
    longest_s: ASize | None = None


class PracticesBody(Struct, frozen=True, kw_only=True):
    """A community's relay in its own words, and its data practices from the settings in force."""

    relay: ARelayKey
    name: Annotated[str, Meta(max_length=100)]
    about: Annotated[str, Meta(max_length=2000)]
    open: bool
    kept: Annotated[tuple[Practice, ...], Meta(max_length=64)]


class Practices(Reply, frozen=True, tag="practices"):
    """An encoded PracticesBody and the relay's signature over exactly these bytes."""

    body: Annotated[bytes, Meta(max_length=MAX_PRACTICES)]
    signature: ASignature


class ShowPractices(Request[Practices], frozen=True, tag="show_practices"):
    """Ask what this relay is and what it keeps. The same bytes mean that nothing has changed."""
