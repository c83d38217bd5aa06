"""Write the frozen vectors: ``python -m tests.vectors [--change]``.

New vectors are added. One that would change is refused, because it means that yesterday's
programs and today's no longer understand each other; ``--change`` writes it all the same.
"""

from __future__ import annotations

import sys

from tests.vectors.made import BOOKS
from tests.vectors.store import changed, read, write


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--change"]):
        print(__doc__, file=sys.stderr)
        return 2
    broken = [f"{book}: {name}" for book, made in BOOKS.items() for name in changed(book, made())]
    if broken and not arguments:
        print("These would change; say --change if that is meant:", *broken, sep="\n  ")
        return 1
    for book, made in BOOKS.items():
        # What draws its own chance is made once and kept; all else must come out the same.
        kept = {} if arguments else read(book)
        write(book, made() | kept)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
