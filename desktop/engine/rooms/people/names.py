"""Pseudonyms nobody has used: two plain words, so that a fresh name says nothing of who has it."""

from __future__ import annotations

from typing import Final

from protocol.keys import Rng

_HOW: Final = """
quiet early amber brisk cedar clear copper dapple distant dusky even fallow gentle golden grey
hazel hidden honest kind late level light little lunar mellow mild misty mossy narrow north olive
open pale patient plain polar rapid river rustic sandy silver slow small snowy soft south steady
still sunny tidal tiny upland velvet warm west wild willow winter wooden
"""
_WHAT: Final = """
acorn alder aspen badger beacon birch bramble brook canyon clover comet cove crane creek cricket
dune ember falcon fern finch fjord forest fox garden glacier harbour hare heather heron hill island
ivy jay juniper kestrel lantern lark lichen lynx maple marsh meadow moth oak orchard otter owl
pebble pine plover pond raven reed robin sparrow spruce summit thistle thrush tide valley wren
"""


def fresh(rng: Rng) -> str:
    """Another one each time."""
    return f"{_one_of(_HOW, rng)}-{_one_of(_WHAT, rng)}"


def _one_of(words: str, rng: Rng) -> str:
    every = words.split()
    return every[int.from_bytes(rng(4), "big") % len(every)]
