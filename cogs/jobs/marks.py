"""The marks of a job's files in words, as they were read when they were posted."""

from __future__ import annotations

from dailies.explain import sentences
from dailies.job import Job
from dailies.language import gettext
from dailies.reason import Reason


def marks_found(job: Job) -> list[tuple[str, str]]:
    """Return what each file carries: whose marks, and which. Nothing for files of which they were not read.

    The words hold names that others wrote into the files.
    """
    found: list[tuple[str, str]] = []
    for number, marks in sorted(job.marks.items()):
        several = len(job.outputs) > 1
        if marks.came == marks.posted:
            every = gettext("Marks in the file of video {n}", n=number) if several else gettext("Marks in the file")
            found.append((every, _words(marks.came)))
            continue
        came = gettext("Marks in the original of video {n}", n=number) if several else gettext("Marks in the original")
        found.append((came, _words(marks.came)))
        posted = gettext("Marks in the posted file")
        if several:
            posted = gettext("Marks in the posted file of video {n}", n=number)
        found.append((posted, _words(marks.posted)))
    return found


def _words(marks: tuple[Reason, ...]) -> str:
    return sentences(marks, "; ") or gettext("none found")
