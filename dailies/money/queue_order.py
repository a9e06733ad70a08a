"""The order of the queue, with limits on the running jobs of a user and of a server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Waiting:
    """A waiting job. Ids of jobs are in the order of time."""

    job_id: str
    user_id: int


def in_order(waiting: Iterable[Waiting], running: Mapping[int, int]) -> list[Waiting]:
    """The fair order: round after round one job of each user, the oldest first.

    running: a user's running jobs; each of them was a turn, so users without any come first.
    """
    turns = Counter(running)
    ranked: list[tuple[int, str, Waiting]] = []
    for one in sorted(waiting, key=lambda each: each.job_id):
        ranked.append((turns[one.user_id], one.job_id, one))
        turns[one.user_id] += 1
    return [one for _, _, one in sorted(ranked, key=lambda each: each[:2])]


def may_run(
    order: Sequence[Waiting], running: Mapping[int, int], *, per_user: int | None, per_guild: int | None
) -> frozenset[str]:
    """Return ids of the jobs whose turn it is. None: no limit."""
    now = Counter(running)
    found: set[str] = set()
    for one in order:
        if per_guild is not None and now.total() >= per_guild:
            break
        if per_user is None or now[one.user_id] < per_user:
            now[one.user_id] += 1
            found.add(one.job_id)
    return frozenset(found)
