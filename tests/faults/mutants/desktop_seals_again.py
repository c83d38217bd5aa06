"""A desktop that encrypts anew on every retry, under another envelope id."""

from __future__ import annotations

import sys

from sqlcipher3.dbapi2 import Connection

from desktop.engine.ground import Bell, Ground
from desktop.engine.sending import post
from tests.faults.desktop_main import main
from tests.faults.replacing import put

_FORGET = """
    UPDATE outbox SET olm_kind = NULL, olm_body = NULL, olm_hash = NULL, copies = 0
    WHERE entry IN (SELECT entry FROM copy WHERE stored_ms IS NULL)
"""

_keep_posting = post.keep_posting


def _forget_what_was_sealed(db: Connection) -> None:
    db.execute(_FORGET)
    db.execute("DELETE FROM copy WHERE stored_ms IS NULL")


async def _seal_again_and_post(ground: Ground) -> None:
    await ground.vault.transact(_forget_what_was_sealed)
    ground.bells[Bell.SEAL].ring()
    await _keep_posting(ground)


if __name__ == "__main__":
    put(post, "keep_posting", _seal_again_and_post)
    sys.exit(main(sys.argv[1:]))
