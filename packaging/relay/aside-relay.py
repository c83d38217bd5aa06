#!/usr/bin/python3 -EsP
"""The command of an installed relay. Its libraries lie in ``../lib/aside``; it uses no others."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib" / "aside"))

from relay.__main__ import main

sys.exit(main())
