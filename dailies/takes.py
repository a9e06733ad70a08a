"""Sets of takes: several videos of one request, made side by side, of one model or each of another. Each is a job with
a fate of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dailies.catalog.option_checks import SEED_MOST
from dailies.ids import new_id
from dailies.job import Job, State, TakeSet
from dailies.reason import Reason, ReasonCode

LETTERS = "ABCD"
"""Names of the videos of a comparison, by their places."""


def take_key(key: str, place: int) -> str:
    """Return the key of the job at this place of a set, from 1. key: of the set, which is its first job's."""
    return key if place == 1 else f"{key}:{place}"


def take_set(job: Job, takes: int, *, seeds: bool) -> tuple[Job, ...]:
    """Return the takes of a set as new jobs in order, or the job itself for one. job: as the first is to be.

    seeds: the model takes seeds. Then each take has another one: counted on from the seed that was given, else random.
    """
    if takes == 1:
        return (job,)
    # Jobs are listed by their ids, which sort by time, and within one millisecond at random.
    ids = sorted([job.id, *(new_id(job.created_at) for _ in range(takes - 1))])
    root_id = ids[0] if job.root_id == job.id else job.root_id
    notes = job.request.notes
    if job.request.seed is None and not seeds:
        notes = (*notes, Reason(ReasonCode.TAKES_ALIKE))
    return tuple(
        replace(
            job,
            id=job_id,
            key=take_key(job.key, place),
            request=replace(job.request, seed=seed, notes=notes),
            root_id=root_id,
            take=place,
            take_set=TakeSet(ids[0], place, takes),
        )
        for place, (job_id, seed) in enumerate(zip(ids, _seeds(job.request.seed, takes, seeds=seeds), strict=True), 1)
    )


def compared_set(jobs: Sequence[Job]) -> tuple[Job, ...]:
    """Return the jobs of a comparison, each of another model, at places that are drawn by lot: so nobody knows which
    letter stands for which model. jobs: as the first is to be, each with its own request and price.
    """
    drawn = list(jobs)
    secrets.SystemRandom().shuffle(drawn)
    first = jobs[0]
    ids = sorted([first.id, *(new_id(first.created_at) for _ in drawn[1:])])
    return tuple(
        replace(
            job,
            id=job_id,
            key=take_key(first.key, place),
            root_id=ids[0] if first.root_id == first.id else first.root_id,
            take=place,
            take_set=TakeSet(ids[0], place, len(drawn), compared=True),
        )
        for place, (job_id, job) in enumerate(zip(ids, drawn, strict=True), 1)
    )


def letter(job: Job) -> str:
    """Return the letter of a job in its comparison."""
    return LETTERS[job.take_set.place - 1] if job.take_set else ""


def _seeds(given: int | None, takes: int, *, seeds: bool) -> Sequence[int | None]:
    if given is not None:
        return [(given + number) % (SEED_MOST + 1) for number in range(takes)]
    if not seeds:
        return [None] * takes
    return secrets.SystemRandom().sample(range(SEED_MOST + 1), takes)


def in_order(takes: Sequence[Job]) -> tuple[Job, ...]:
    """Return the takes of a set by their places."""
    return tuple(sorted(takes, key=lambda job: job.take_set.place if job.take_set else 0))


def sheet_of(takes: Sequence[Job]) -> Path | None:
    """Return the path of the contact sheet of a set that has ended; None if there is none: it has two videos at least.

    It is named after the first job with a video, so that it leaves the disk together with that.
    """
    shown = delivered(takes)
    if any(job.take_set and job.take_set.compared for job in takes):
        return None  # their videos stand side by side
    if len(shown) < 2 or not all(job.ended for job in takes) or shown[0].file is None:
        return None
    return shown[0].file.with_name(f"{shown[0].id}.sheet.jpg")


def delivered(takes: Sequence[Job]) -> tuple[Job, ...]:
    """Return the takes whose videos were posted, and still are on the disk."""
    return tuple(job for job in takes if job.state is State.DELIVERED and job.file and job.file_removed_at is None)
