"""The way from one job to the next: what a new job says of the one that it comes from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dailies.job import How, Job, Origin
from dailies.openrouter.payload import Role

SHARP_HOPS = 2
"""Last frames in a row after which the picture is softer than at the beginning; from here on people are warned."""

_OTHER_PICTURES = frozenset({How.NEXT_SHOT})
"""Ways on which the new video starts from pictures that no video was made into."""


def origin_of(job: Job, how: How) -> Origin:
    """Return the origin of a job that comes from this one, with the last frames in a row that lead to it."""
    before = job.origin.hops if job.origin else 0
    hops = 0 if how in _OTHER_PICTURES else before + (how is How.LAST_FRAME)
    return Origin(job.id, how, hops)


def as_composed(origin: Origin | None, *, continues: str | None, roles: Iterable[Role]) -> Origin | None:
    """Return an origin as it is still true of a request, from which what it came with may have been taken out.

    continues: OpenRouter's id of the job that it continues. roles: those of its pictures.
    """
    if origin is None:
        return None
    first = Role.FIRST in roles
    kept = {How.CONTINUATION: continues is not None, How.LAST_FRAME: first}.get(origin.how, True)
    hops = origin.hops if first or continues else 0
    return replace(origin, how=origin.how if kept else How.EDIT, hops=hops)


def softens(origin: Origin) -> bool:
    """Tell if a video with this origin begins with a frame that was decoded and made into a video too often."""
    return origin.how is How.LAST_FRAME and origin.hops > SHARP_HOPS
