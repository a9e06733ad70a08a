"""The process that looks into one picture. inspector.py runs this script, confined.

It reads a JSON object, see Task, and prints one JSON object: {"look": …}, {"refused": …}, or {"pixels": …} when the
picture has more of them than it has memory for. It ends with another exit code when the picture is broken, or by a
signal when it takes more memory or time than it may.
"""

from __future__ import annotations

import errno
import json
import resource
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BROKEN = 3
"""Exit code for a picture that cannot be decoded."""
HUNGRY = 4
"""Exit code for a picture that needs more memory than it may take."""

NO_ROOM = 5
"""Exit code when the disk has no room for the results."""


@dataclass(frozen=True)
class Task:
    """One picture. path: its bytes. thumbnail, converted: where to write. room: pixels for which there is memory.
    output: bytes that it may write. seconds: limit. shape, fitting: those of a Fit; None: none.
    """

    path: str
    thumbnail: str
    converted: str
    megapixels: float
    side: int
    scale: float
    room: int
    output: int
    seconds: float
    shape: str | None = None
    fitting: str | None = None


def limit(task: Task) -> None:
    """Bound this process, for good: size of files, processor time, real time."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (task.output, task.output))
    processor = int(task.seconds) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))
    signal.setitimer(signal.ITIMER_REAL, task.seconds)  # SIGALRM ends the process


def work(task: Task) -> dict[str, Any]:
    """Look into the picture; returns what is printed."""
    # Imported under the limits, and here so that the parent, which needs Task, does not load the decoders.
    from dailies.errors import ReferenceRefused
    from dailies.openrouter.payload import Fit, Fitting
    from dailies.references.picture import PictureLimits, TooLittleRoom, look_into

    fit = Fit(task.shape, Fitting(task.fitting)) if task.shape and task.fitting else None
    rules = PictureLimits(megapixels=task.megapixels, side=task.side, scale=task.scale, fit=fit, room=task.room)
    try:
        look = look_into(Path(task.path), "", rules, thumbnail=Path(task.thumbnail), converted=Path(task.converted))
    except ReferenceRefused as error:
        return {"refused": error.problem.to_json()}
    except TooLittleRoom as error:
        return {"pixels": error.pixels}
    words = {name: [one.to_json() for one in getattr(look, name)] for name in ("changes", "remarks")}
    return {"look": {"media_type": look.media_type, "width": look.width, "height": look.height, **words}}


def main() -> int:
    """Read a task from standard input and print the result as JSON; returns the exit code."""
    task = Task(**json.load(sys.stdin))
    limit(task)
    try:
        answer = work(task)
    except MemoryError:
        return HUNGRY
    except Exception as error:  # noqa: BLE001 (decoders raise anything for broken bytes; this process does nothing else)
        sys.stderr.write(f"{type(error).__name__}: {error}")
        return NO_ROOM if getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) else BROKEN
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
