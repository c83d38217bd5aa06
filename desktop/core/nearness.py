"""How near to this computer a host is, and so who may send this desktop there.

A contact who could name any host would look through this desktop into a home's network, or at what
else runs on this computer. The kinds are ordered: where an own relay is, contacts' relays may be.
"""

from __future__ import annotations

from enum import IntEnum
from ipaddress import IPv6Address, ip_address

# Names that no public resolver answers for; what a name leads to is looked at when connecting.
_HOME = (".local", ".internal", ".home.arpa", ".lan")


class Nearness(IntEnum):
    """The greater, the nearer."""

    FAR = 0  # anybody's network
    HOME = 1  # this network's own: private or link-local
    HERE = 2  # this computer


def nearness(host: str) -> Nearness:
    """Of a name as it reads, or of an IP address."""
    name = host.lower().rstrip(".")
    try:
        ip = ip_address(name.partition("%")[0])
    except ValueError:
        if f".{name}".endswith(".localhost"):
            return Nearness.HERE
        home = "." not in name or name.endswith(_HOME)
        return Nearness.HOME if home else Nearness.FAR
    if isinstance(ip, IPv6Address):
        ip = ip.ipv4_mapped or ip.sixtofour or ip
    if ip.is_loopback or ip.is_unspecified:
        return Nearness.HERE
    return Nearness.FAR if ip.is_global else Nearness.HOME
