"""The app as ``aside --profile`` starts it, with a stopwatch on its window.

``python -m tests.bench.started FOLDER PASSPHRASE BEGAN``; BEGAN is the monotonic clock in
nanoseconds when the process was asked for. Prints one JSON object of milliseconds and megabytes.
"""

from __future__ import annotations

import gc
import sys


def main() -> int:
    folder, passphrase, began = sys.argv[1:]
    gc.disable()  # as the command line does
    from tests.bench.stopwatch import run

    return run(folder, passphrase, int(began))


if __name__ == "__main__":
    sys.exit(main())
