"""One parser in a process that may not grow: ``python -m tests.faults.fuzzing.alone NAME N SEED``.

What was found is one line of JSON.
"""

from __future__ import annotations

import gc
import sys

import msgspec

from tests.faults.fuzzing.harness import Found, fuzz, no_more_memory, weigh
from tests.faults.fuzzing.parsers import PARSERS

WARM = 2_000
WEIGHED = 5_000


def main(name: str, inputs: int, seed: int) -> Found:
    parser = PARSERS[name]
    warm = fuzz(parser, WARM, seed + 1)
    gc.freeze()
    with no_more_memory():
        found = fuzz(parser, inputs, seed)
    found.wrong += warm.wrong
    weigh(parser, found, min(WEIGHED, inputs), seed)
    return found


if __name__ == "__main__":
    found_ = main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.buffer.write(msgspec.json.encode(found_))
