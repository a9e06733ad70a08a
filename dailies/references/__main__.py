"""python -m dailies.references: see dailies/references/cli.py."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from dotenv import dotenv_values

from dailies.references.cli import main

if __name__ == "__main__":
    environment = {**{name: text or "" for name, text in dotenv_values(Path(".env")).items()}, **os.environ}
    # A file's name may be in no encoding at all.
    with os.fdopen(sys.stdout.fileno(), "w", errors="backslashreplace", closefd=False) as output:
        try:
            code = main(sys.argv[1:], environment, output)
        except KeyboardInterrupt:
            code = 128 + signal.SIGINT  # as a shell calls it
    sys.exit(code)
