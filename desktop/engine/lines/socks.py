"""Streams to relays through a SOCKS5 proxy, which resolves their names.

Where the proxy asks for no name and password, it is shown others for each relay and purpose: Tor
keeps streams apart by them (IsolateSOCKSAuth), and no other proxy minds. They are drawn once, so
that a second try finds the circuit which the first one began.
"""

from __future__ import annotations

from hashlib import blake2b

import trio
from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.async_.trio import Proxy as Socks

from desktop.core.nearness import Nearness, nearness
from desktop.core.proxy import Proxy
from desktop.engine.lines.connector import Pipe, ProxySilent, TooNear, secured
from protocol.wire.address import RelayAddress

PROXY_S = 60.0  # the dial's own patience is shorter


class SocksConnector:
    """One purpose's ways through a proxy."""

    def __init__(self, proxy: Proxy, key: bytes, purpose: str) -> None:
        self._proxy = proxy
        self._key = key
        self._purpose = purpose

    async def connect(self, address: RelayAddress, nearest: Nearness) -> Pipe:
        """See :class:`desktop.engine.lines.connector.Connector`. What stands behind the proxy is
        taken for far away, whatever it is; by its name it may be no nearer than ``nearest``."""
        if nearness(address.host) > nearest:
            raise TooNear
        name, password = self._shown(address)
        socks = Socks(
            ProxyType.SOCKS5, self._proxy.host, self._proxy.port, name, password, rdns=True
        )
        try:
            socket = await socks.connect(address.host, address.port, timeout=PROXY_S)
        except ProxyConnectionError as exc:
            raise ProxySilent from exc
        except ProxyError as exc:
            # With a code it is the destination that was not reached.
            raise (ProxySilent if exc.error_code is None else OSError) from exc
        except (ProxyTimeoutError, UnicodeError) as exc:
            raise OSError(type(exc).__name__) from exc
        return await secured(trio.SocketStream(socket), address, Nearness.FAR)

    def _shown(self, address: RelayAddress) -> tuple[str, str]:
        if self._proxy.name:
            return self._proxy.name, self._proxy.password
        told = b"\0".join((self._purpose.encode(), bytes(address.fingerprint)))
        return blake2b(told, digest_size=16, key=self._key).hexdigest(), "aside"
