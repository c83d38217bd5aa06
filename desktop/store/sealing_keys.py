"""This device's sealing keys: one current, old ones as long as mail under them may come."""

from __future__ import annotations

from sqlcipher3 import Connection

from protocol.e2e.sealing import SealingKey
from protocol.ids import SealingKeyId
from protocol.keys import Secret

_COLUMNS = "key_id, public, private, made_ms"


def _key(row: tuple[bytes, bytes, bytes, int]) -> SealingKey:
    key_id, public, private, made_ms = row
    return SealingKey(SealingKeyId(key_id), public, Secret(private), made_ms)


def current(db: Connection) -> SealingKey:
    """The newest one."""
    return _key(
        db.execute(
            f"SELECT {_COLUMNS} FROM sealing_key WHERE replaced_ms IS NULL"
            " ORDER BY made_ms DESC LIMIT 1"
        ).fetchone()
    )


def every(db: Connection) -> list[SealingKey]:
    """All that mail may still be sealed to, the newest first."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM sealing_key ORDER BY made_ms DESC")
    return [_key(row) for row in rows]


def since(db: Connection) -> int:
    """When the current one took over, by this device's clock then."""
    row = db.execute("SELECT coalesce(max(replaced_ms), max(made_ms)) FROM sealing_key").fetchone()
    return int(row[0])


def add(db: Connection, key: SealingKey, now_ms: int) -> None:
    """A new current one; those before it are replaced from now on."""
    db.execute("UPDATE sealing_key SET replaced_ms = ? WHERE replaced_ms IS NULL", (now_ms,))
    db.execute(
        "INSERT INTO sealing_key (key_id, public, private, made_ms) VALUES (?, ?, ?, ?)",
        (key.key_id, key.public, bytes(key.private), key.made_ms),
    )


def forget(db: Connection, replaced_before_ms: int) -> None:
    """Old keys go when they were replaced before this and every mailbox was drained since."""
    db.execute(
        "DELETE FROM sealing_key WHERE replaced_ms < ? AND NOT EXISTS"
        " (SELECT 1 FROM relay WHERE coalesce(drained_ms, 0) < sealing_key.replaced_ms)",
        (replaced_before_ms,),
    )
