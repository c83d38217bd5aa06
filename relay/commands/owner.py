"""Root works in somebody else's folder as whom it belongs to.

A relay under systemd runs as a user of its own, and people forget to give its commands as that
user. What root left there would keep it from starting; and whoever owns a folder decides what its
names lead to, so root that opened, made or gave away anything by them would do so wherever that
user likes. So root lets itself go before anything is opened, and does not come back.
"""

from __future__ import annotations

import os
import sys
from itertools import chain
from pathlib import Path

from relay.errors import AnothersFolder

ROOT = 0


def of_its_own(folder: Path) -> None:
    """Whether whoever serves it may. Raises AnothersFolder."""
    owner = _other_than_root(folder)
    if owner is not None:
        raise AnothersFolder(str(folder), _name(owner.st_uid))


def become_owner(folder: Path) -> str:
    """For good, where root met a folder of somebody else's, or is to make one within such: whom.

    Raises AnothersFolder where this root may not.
    """
    there = (each for each in chain((folder,), folder.absolute().parents) if os.path.lexists(each))
    owner = _other_than_root(next(there, folder))
    if owner is None or sys.platform == "win32":
        return ""
    name = _name(owner.st_uid)
    try:
        _become(owner.st_uid, owner.st_gid)
    except OSError as exc:
        raise AnothersFolder(str(folder), name) from exc
    return name


def _other_than_root(folder: Path) -> os.stat_result | None:
    """Of the folder, or of the link that leads to it."""
    if sys.platform == "win32" or os.geteuid() != ROOT:
        return None
    for look in (folder.lstat, folder.stat):
        try:
            owner = look()
        except OSError:
            continue
        if owner.st_uid != ROOT:
            return owner
    return None


def _become(user: int, group: int) -> None:
    """With all of that user's groups, and none of root's."""
    import pwd  # noqa: PLC0415

    try:
        known = pwd.getpwuid(user)
    except KeyError:
        os.setgroups([])
    else:
        group = known.pw_gid
        os.initgroups(known.pw_name, group)
    os.setgid(group)
    os.setuid(user)


def _name(number: int) -> str:
    import pwd  # noqa: PLC0415

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"#{number}"
