"""Jobs whose model is secret while people vote: what is shown of them until then, wherever somebody looks."""

from __future__ import annotations

from dataclasses import replace

from dailies.job import Job
from dailies.language import gettext, gettext_noop
from dailies.takes import letter

HIDDEN_UNTIL = gettext_noop("secret until the vote ends")


def blinded(job: Job) -> Job:
    """Return a job without what tells its model, while that is secret: its name, price, provider, words and ids."""
    if not job.blind:
        return job
    request = replace(
        job.request,
        model=gettext(HIDDEN_UNTIL),
        model_name=gettext("Model {letter}, secret until the vote ends", letter=letter(job)),
        sent_prompt=None,
        notes=(),
        provider_options={},
        continues=None,
    )
    return replace(
        job,
        request=request,
        quote=None,
        cost=None,
        is_byok=False,
        openrouter_id=None,
        polling_url=None,
        remote_status=None,
        reason=None,
        trouble=None,
        delivery_note=None,
        marks={},
    )
