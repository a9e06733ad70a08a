"""Recording, on a person's word, the cost of a job for which OpenRouter never named one."""

from __future__ import annotations

import logging
from dataclasses import replace
from decimal import Decimal

from dailies.job import IN_DOUBT, WITHOUT_BILL, Job
from dailies.jobs.runner import Runner
from dailies.reason import Reason, ReasonCode
from dailies.store.port import JobStore

log = logging.getLogger(__name__)


def can_settle(job: Job) -> bool:
    """Tell if only a person can say what a job cost."""
    return job.state in WITHOUT_BILL and job.cost is None


async def settle(job: Job, cost: Decimal, by: int, *, store: JobStore, runner: Runner) -> bool:
    """Record a job's cost in USD and who said so; False when its record has changed meanwhile.

    job: as stored; it can be settled and is not running. A status that says that the job may have been paid shows the
    cost from then on. If OpenRouter names a cost later after all, that counts instead.
    """
    settled = replace(job, cost=cost)
    if job.state in IN_DOUBT and job.forgotten_at is None:
        in_guild = job.place.guild_id is not None
        reason = Reason(ReasonCode.SETTLED, before=job.reason, usd=cost, in_guild=in_guild)
        settled = replace(settled, reason=reason, told=False)
    if not await store.turn(settled, was=job, said_by=by):
        return False
    log.info("job %s: user %d says that it cost %s USD", job.id, by, cost)
    if not settled.told:
        runner.start(settled)
    return True
