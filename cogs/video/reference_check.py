"""Doubts about references that go to a model which may not use them."""

from __future__ import annotations

from discord import Interaction

from cogs.interactions.text import inert
from cogs.video.command import VideoCommand
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import VideoRequest
from dailies.explain import sentence
from dailies.formatting import joined
from dailies.language import gettext

REFERENCES = "references"
"""Name of the doubt in VideoCommand.answered."""


async def doubt_references(
    guide: ModelGuide, interaction: Interaction, command: VideoCommand, request: VideoRequest
) -> str | None:
    """Return a line on references for a model that is not known to take them; None: it is known, or was agreed to.

    Nobody is told again in a server once OpenRouter has accepted a request from there, nor anywhere once a video was
    made with references.
    """
    model, reference_models = guide.model(request.model), guide.references
    references = command.images.references
    if not references or model is None or REFERENCES in command.answered:
        return None
    if reference_models.verdict(model).takes is not None:
        return None
    await reference_models.refresh(older=0)
    verdict = reference_models.verdict(model)
    if verdict.takes is not None or (interaction.guild_id or 0) in reference_models.seen(model.id).guilds:
        return None
    others = reference_models.able(guide.catalog, references, model)
    name, source = inert(model.name, 80), inert(sentence(verdict.source), 200)
    if not others:
        return gettext("**{model}** isn't confirmed to use reference images ({source}).", model=name, source=source)
    return gettext(
        "**{model}** isn't confirmed to use reference images ({source}). These models do: {models}.",
        model=name,
        source=source,
        models=joined([inert(one, 100) for one in others]),
    )
