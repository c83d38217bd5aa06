"""What a person reads in the settings."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from desktop.core.models import Relay, RelayState, Trouble
from desktop.core.practices import Practices
from desktop.core.proxy import ProxyShown
from desktop.ui import strings

# A relay among mine

MOVE_UP: Final = "Further up"
MOVE_DOWN: Final = "Further down"
SEES_PROXY: Final = (
    "The address of your proxy while you are connected, how much arrives, and when and to which "
    "relays you send"
)
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
    "then your mailbox there is deleted. The pass you came in with stays; it has no name on it."
)
REMOVE_LAST: Final = (
    "It is your only relay. What still waits there for you is deleted as soon as it answers, and "
    "nobody can reach you until you add another one. The pass you came in with stays; it has no "
    "name on it."
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


# Here and there

LOCK_NOW: Final = "Lock now"
MORE: Final = "More"

# Settings

SET_SEARCH: Final = "Search settings"
SET_BACK: Final = "All settings"
SET_NOTIFICATIONS: Final = "Notifications"
SET_LOCK: Final = "Lock and passphrase"
SET_KEYS: Final = "Keys"
SET_ABOUT: Final = "About Aside"
YOU_TEXT: Final = "This is how people you have invited or accepted know you."
YOU_CALLED: Final = "Your name"
APPEARANCE_TEXT: Final = "Changes at once."
THEME: Final = "Theme"
THEME_TEXT: Final = "“System” follows what this computer uses."
THEME_SYSTEM: Final = "System"
THEME_LIGHT: Final = "Light"
THEME_DARK: Final = "Dark"
SIZE: Final = "Size"
SIZE_TEXT: Final = "Letters and everything around them grow together."
NOTIFICATIONS_TEXT: Final = "Aside never puts names or words into a notification."
NOTIFY: Final = "Tell me when a message arrives"
NOTIFY_TEXT: Final = "Shows “New message” while you look elsewhere."
OTHERS_TEXT: Final = "Each line says what another person learns from you, and what not."
RECEIPTS: Final = "Say when I have read something"
RECEIPTS_TEXT: Final = "Your contacts see “Read” and the time under their last message."
SHOW_ONLINE: Final = "Say when I am online"
SHOW_ONLINE_TEXT: Final = (
    "Your contacts see a dot while Aside is open and unlocked, and you see theirs. "
    "Off: neither, and nothing is sent."
)
SHOW_WRITING: Final = "Say when I am writing"
SHOW_WRITING_TEXT: Final = (
    "The person you write to sees it for a few seconds. Off: you do not see it of them either."
)
OTHERS_NAME: Final = "Your name"
OTHERS_NAME_TEXT: Final = "Seen by people you invited or accepted, by nobody else."
OTHERS_DELIVERED: Final = "That a message has come"
OTHERS_DELIVERED_TEXT: Final = "Your contacts see two ticks when this computer has their message."
OTHERS_ADDRESS: Final = "Your internet address"
OTHERS_ADDRESS_TEXT: Final = "Your own relays see it while you are connected. Your contacts do not."
RELAYS_TEXT: Final = (
    "A relay holds your sealed messages until this computer collects them. It cannot read them. "
    "You can use up to three; people who write to you try them from top to bottom."
)
RELAY_LINK: Final = "Paste a relay link"
RELAY_NONE: Final = "No relay yet"
RELAY_NONE_TEXT: Final = "A link from a person or from whoever runs a relay brings one."
RELAY_SEES: Final = "What it sees"
RELAY_SEES_TEXT: Final = (
    "Your internet address while you are connected, how much arrives, and when and to which "
    "relays you send"
)
RELAY_KEEPS: Final = "How long it keeps it"
RELAY_ORDER: Final = ("First", "Second", "Third")
RELAYS_STILL: Final = "Nothing is lost meanwhile: messages come through the other relay."
LOCK_TEXT: Final = "Your passphrase opens what Aside keeps on this computer."
LOCK_LINE: Final = "Lock Aside"
LOCK_LINE_TEXT: Final = "Closes everything that is open and asks for the passphrase."
CHANGE_PASSPHRASE: Final = "Change the passphrase"
CHANGE_TEXT: Final = "A lost passphrase cannot be reset by anybody."
OLD_PASSPHRASE: Final = "The one you use now"
NEW_PASSPHRASE: Final = "The new one"
PASSPHRASE_CHANGED: Final = "The passphrase was changed."
CHANGING: Final = "Changing…"
KEYS_TEXT: Final = "Everything in Aside can be done without a mouse."
ABOUT_TEXT: Final = "A messenger for communities and the creators they gather around."
ABOUT_VERSION: Final = "Version"
ABOUT_UNINSTALLED: Final = "From a working copy"
ABOUT_OPEN: Final = "Said openly"
ABOUT_OPEN_TEXT: Final = (
    "The way Aside seals messages has had no outside audit yet. It cannot protect you from a "
    "program that already runs on your computer, or from a contact who keeps what you wrote."
)
ABOUT_LICENCES: Final = "Made with"
ABOUT_LICENCES_TEXT: Final = (
    "Aside is under the Apache License 2.0. Letters: Inter (SIL Open Font License). "
    "Icons: Lucide (ISC)."
)


def relay_state(relay: Relay) -> str:
    """A relay's state in words."""
    match relay.state:
        case RelayState.ONLINE:
            return "Connected"
        case RelayState.CONNECTING:
            return "Connecting"
        case RelayState.OFFLINE:
            return _TROUBLES[relay.trouble] if relay.trouble else "Not connected"
        case RelayState.REFUSED:
            return _TROUBLES[relay.trouble] if relay.trouble else "Does not let you in"


_TROUBLES: Final = {
    Trouble.UNREACHABLE: "Not reachable",
    Trouble.PROXY: "The proxy does not answer",
    Trouble.OTHER_KEY: "Shows another key; not connected",
    Trouble.NO_COMMON_VERSION: "Too old or too new for this Aside",
    Trouble.NOT_ALLOWED: "Does not let you in any more",
    Trouble.FULL: "Full",
    Trouble.DISK_FULL: "Waiting: this computer's disk is full",
}


def since(then: datetime, now: datetime) -> str:
    return f"since {strings.list_time(then, now)}"


def next_try(seconds: int) -> str:
    if seconds <= 0:
        return "trying now"
    return f"next try in {seconds} s" if seconds < 120 else f"next try in {seconds // 60} min"
