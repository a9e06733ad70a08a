"""A person says what a job cost whose bill OpenRouter never named to the bot."""

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
    """Whether a person's word is needed to know what a job cost."""
    return job.state in WITHOUT_BILL and job.cost is None


async def settle(job: Job, cost: Decimal, by: int, *, store: JobStore, runner: Runner) -> bool:
    """Keep that a job cost so many USD, and who said so; False when its record was changed meanwhile.

    job: as it is kept, one that can be settled and that no run holds. A status that says that it may have been paid
    says the cost from then on. A bill of OpenRouter's that comes after all counts instead.
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
