import sys

from tests.bench.rooms import main

if __name__ == "__main__":
    sys.exit(main())
