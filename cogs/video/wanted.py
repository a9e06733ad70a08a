"""The jobs that a request asks for, before they are made: one for each take, or one for each model that is compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from discord import Interaction

from cogs.interactions.permissions import token_only
from cogs.video.command import VideoCommand
from cogs.video.create_job import new_job
from dailies.cast.resolve import as_words
from dailies.catalog.contenders import Contender, contenders
from dailies.catalog.guide import ModelGuide
from dailies.draft import TAKES_MOST
from dailies.errors import OptionRefused, RefusedError
from dailies.job import Job
from dailies.openrouter.payload import Role
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source
from dailies.references.roles import check_fit, counts
from dailies.takes import compared_set, take_set

_DIFFERENCES = (
    ReasonCode.SETTING_CHANGED,
    ReasonCode.SETTING_DROPPED,
    ReasonCode.PARAMETER_DROPPED,
    ReasonCode.FEWER_REFERENCES,
)


def wanted_jobs(interaction: Interaction, command: VideoCommand, guide: ModelGuide) -> tuple[Job, ...]:
    """Return a request's jobs, checked and priced, each as the first one of a set is to be: of takes, all the same.

    Raises RefusedError and CatalogMissing.
    """
    if command.models:
        check_comparable(interaction, command.models)
        _check_prompt(command, guide)
        found = contenders(guide, command.counted, command.models)
        return tuple(_compared(interaction, command, guide, one) for one in found)
    request = guide.check(command.counted)
    if not command.references:
        check_fit(command.sources or (), request.aspect_ratio)
    job = new_job(interaction, command, request, guide.quote(request, *command.images))
    hint = guide.people_hint(request, *command.images)
    # Said once: in the panel, or else in the status.
    hints = () if hint is None or command.draft is not None else (hint,)
    notes = (*hints, *request.notes, *_sent_as_text(command))
    return (replace(job, request=replace(request, notes=notes)),) * command.takes


def as_set(jobs: Sequence[Job], guide: ModelGuide, *, compared: bool) -> tuple[Job, ...]:
    """Return wanted jobs as the set that they are made as; one alone is none."""
    if compared:
        return compared_set(jobs)
    model = guide.model(jobs[0].request.model)
    return take_set(jobs[0], len(jobs), seeds=model is not None and bool(model.seed))


def check_comparable(interaction: Interaction, models: Sequence[str]) -> None:
    """Check that models can be compared here. Raises RefusedError."""
    if not 1 < len(models) <= TAKES_MOST:
        raise RefusedError(ReasonCode.COMPARE_COUNT, most=TAKES_MOST)
    if len(set(models)) < len(models):
        raise RefusedError(ReasonCode.COMPARE_TWICE)
    if token_only(interaction):
        raise RefusedError(ReasonCode.COMPARE_NEEDS_BOT)


def differs(jobs: Sequence[Job]) -> bool:
    """Tell if one of the compared models makes something else than was asked for."""
    return any(note.code in _DIFFERENCES for job in jobs for note in job.request.notes)


def contending_jobs(interaction: Interaction, command: VideoCommand, found: Sequence[Contender]) -> tuple[Job, ...]:
    """Return the jobs of the models that take a request, without a look at its pictures."""
    return tuple(
        new_job(
            interaction, replace(command, sources=first_sources(command.sources or (), one)), one.request, one.quote
        )
        for one in found
        if one.request
    )


def first_sources(sources: Sequence[Source], contender: Contender) -> tuple[Source, ...]:
    """Return the pictures that go along to a model: all frames, and the first references, as many as it takes."""
    references = [one for one in sources if one.role is Role.REFERENCE]
    left_out = references[contender.references :]
    return tuple(one for one in sources if not any(one is other for other in left_out))


def _check_prompt(command: VideoCommand, guide: ModelGuide) -> None:
    """Check the prompt by itself: what is wrong with it is wrong with every model. Raises OptionRefused."""
    try:
        guide.check(command.counted)
    except OptionRefused as error:
        if error.reason.values["option"] == "prompt":
            raise


def _sent_as_text(command: VideoCommand) -> tuple[Reason, ...]:
    unknown = (Reason(ReasonCode.SENT_AS_TEXT, names=command.unknown),) if command.unknown else ()
    return (*unknown, *as_words(command.counted))


def _compared(interaction: Interaction, command: VideoCommand, guide: ModelGuide, one: Contender) -> Job:
    if one.request is None:
        name = one.model.name if one.model else one.model_id
        raise RefusedError(ReasonCode.COMPARE_REFUSED, model=name, why=one.refused)
    sources = first_sources(command.sources or (), one)
    check_fit(sources, one.request.aspect_ratio)
    hint = guide.people_hint(one.request, *counts(sources))
    notes = (*([hint] if hint else []), *one.changes, *one.request.notes, *_sent_as_text(command))
    return new_job(interaction, replace(command, sources=sources), replace(one.request, notes=notes), one.quote)
