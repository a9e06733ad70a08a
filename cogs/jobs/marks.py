"""The marks of a job's files in words, as they were read when they were posted."""

from __future__ import annotations

from dailies.explain import sentences
from dailies.job import Job
from dailies.reason import Reason


def marks_found(job: Job) -> list[tuple[str, str]]:
    """Return what each file carries: whose marks, and which. Nothing for files of which they were not read.

    The words hold names that others wrote into the files.
    """
    found: list[tuple[str, str]] = []
    for number, marks in sorted(job.marks.items()):
        of = f" of video {number}" if len(job.outputs) > 1 else ""
        if marks.came == marks.posted:
            found.append((f"Marks in the file{of}", _words(marks.came)))
        else:
            found.append((f"Marks in the original{of}", _words(marks.came)))
            found.append((f"Marks in the posted file{of}", _words(marks.posted)))
    return found


def _words(marks: tuple[Reason, ...]) -> str:
    return sentences(marks, "; ") or "none found"
