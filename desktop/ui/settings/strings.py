"""Sentences about my relays and how they are reached."""

from __future__ import annotations

from typing import Final

from desktop.core.models import Relay
from desktop.core.practices import Practices
from desktop.core.proxy import ProxyShown

# A relay among mine

MOVE_UP: Final = "Further up"
MOVE_DOWN: Final = "Further down"
SEES_PROXY: Final = "The address of your proxy while you are connected, and how much arrives"
WHO_RUNS_IT: Final = "Who runs it"
NEW_ADDRESS: Final = "New address"
ADDRESS: Final = "Its new address or link"
MOVED: Final = "The new address was saved. Your contacts learn it by themselves."
CARRIES_NOTHING: Final = "sends nothing on to other relays"
NONE_CARRIES: Final = (
    "None of your relays sends messages on to other relays, so what you write to people who "
    "collect elsewhere waits here. Ask whoever runs yours, or add another one."
)
BOTH_ENDS: Final = "One relay can see both ends."
BOTH_ENDS_TEXT: Final = (
    "If somebody you write to uses it too, it could work out from your internet addresses that "
    "the two of you write to each other. With a second relay, what you write goes by the other one."
)
ADD_SECOND: Final = "Add a second relay"
REMOVE_ONE: Final = (
    "People learn your other relays. What still comes to this one is collected for thirty days; "
    "then nothing of yours is left there."
)
REMOVE_LAST: Final = (
    "It is your only relay. What still waits there for you is deleted at once, and nobody can "
    "reach you until you add another one."
)


def now_at(host: str, place: str) -> str:
    """Said to screen readers when the order changed."""
    return f"{host} is the {place.lower()} now"


def new_address_text(host: str) -> str:
    return (
        f"Where {host} answers now. It has to be the same relay with the same key; all that "
        "waits there for you stays as it is."
    )


def who_runs(practices: Practices | None, relay: Relay) -> str:
    """Its name, and whom the member may bring."""
    told = None if practices is None else practices.now
    if told is None:
        who = "It has not said. "
    else:
        who = f"{told.name.strip()}. " if told.name.strip() else ""
    bring = "People you invite can use it too." if relay.may_invite else "You bring nobody to it."
    return f"{who}{bring}"


# Connection

CONNECTION: Final = "Connection"
CONNECTION_TEXT: Final = "How Aside reaches relays from this computer."
PROXY: Final = "Through a proxy"
PROXY_TEXT: Final = (
    "A SOCKS5 proxy such as Tor hides this computer’s internet address from your relays. "
    "Everything goes through it or not at all, and names are asked of it alone."
)
PROXY_ADDRESS: Final = "Its address and port"
PROXY_HINT: Final = "127.0.0.1:9050"
PROXY_NAME: Final = "Name, if it wants one"
PROXY_WORD: Final = "Password"
PROXY_NAME_TEXT: Final = "Tor wants none: left empty, each relay is reached by ways of its own."
PROXY_USE: Final = "Use this proxy"
PROXY_NONE: Final = "Use none"
PROXY_SET: Final = "Everything goes through the proxy now."
PROXY_UNSET: Final = "The proxy is not used any more."
BROWSER: Final = "Links you open"
BROWSER_TEXT: Final = "Your browser opens them, by whatever way it is set to take."


def way_out(proxy: ProxyShown | None) -> tuple[str, str]:
    """What is in force: lead and consequence."""
    if proxy is None:
        return "Directly", "Your relays see this computer’s internet address while connected."
    return (
        f"Through the proxy at {proxy.address}",
        "Your relays see the proxy’s address. While it is down, nothing goes out or comes in.",
    )
