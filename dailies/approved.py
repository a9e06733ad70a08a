"""The condition for jobs that have a video which is approved now: their files stay longer."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, select

from dailies.review import Verdict
from dailies.schema import decisions, jobs


def has_approved() -> ColumnElement[bool]:
    """Return the condition for jobs of which a video is approved: the newest word on it says so."""
    newest = (
        select(decisions.c.job_id, decisions.c.output, func.max(decisions.c.number).label("number"))
        .group_by(decisions.c.job_id, decisions.c.output)
        .subquery()
    )
    same = [decisions.c[name] == newest.c[name] for name in ("job_id", "output", "number")]
    holding = select(decisions.c.job_id).join(newest, and_(*same))
    return jobs.c.id.in_(holding.where(decisions.c.verdict == str(Verdict.APPROVED)))
