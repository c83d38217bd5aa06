"""Which picture stands for what hosts and moderators do: in menus, at the desk, and on the stage.

Law: one thing done has one picture, wherever it is offered or told.
"""

from __future__ import annotations

from typing import Final

from desktop.core.rooms import Act

DANGEROUS: Final = frozenset({Act.REMOVE, Act.BAN})  # said in the colour of danger
ICONS: Final = {
    Act.MUTE: "message-square-off",
    Act.UNMUTE: "message-circle",
    Act.TIME_OUT: "timer",
    Act.REMOVE: "user-round-minus",
    Act.BAN: "ban",
    Act.HIDE: "eye-off",
    Act.MAKE_COHOST: "users-round",
    Act.MAKE_MODERATOR: "shield-check",
    Act.MAKE_GUEST: "megaphone",
    Act.MAKE_MEMBER: "user-round",
    Act.LET_IN: "door-closed",
    Act.LET_BACK: "user-round-plus",
}
