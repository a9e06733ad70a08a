"""A file whose age says whether the bot is connected, for a container's health check.

`python -m dailies.health` is `python bot.py health` without the second that loading a whole bot takes: a container runs
it twice a minute. It knows DATA_DIR from the environment alone.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

BEAT_SECONDS = 15.0
STALE_SECONDS = 60.0
_NAME = "alive"


def beat(data_dir: Path) -> None:
    """Record that the bot is connected now. Blocks: call it in a thread."""
    data_dir.mkdir(parents=True, exist_ok=True)
    (data_dir / _NAME).write_text("connected to Discord at this file's time\n")


def main(data_dir: Path) -> int:
    """Return 0 if the record is fresh, 1 otherwise, and print which."""
    try:
        # Absolute: after the clock was set back, a file from the future would say for that long that the bot is well.
        age = abs(time.time() - (data_dir / _NAME).stat().st_mtime)
    except OSError:
        age = float("inf")
    healthy = age < STALE_SECONDS
    word = "connected" if healthy else f"not connected within the last {STALE_SECONDS:.0f} s"
    sys.stdout.write(f"{word}\n")
    return 0 if healthy else 1


if __name__ == "__main__":
    sys.exit(main(Path(os.environ.get("DATA_DIR") or "data")))
