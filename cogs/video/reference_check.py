"""Questions about references that are asked before a job is created."""

from __future__ import annotations

from discord import Interaction

from cogs.interactions.questions import Choice, Question
from cogs.interactions.text import inert
from cogs.video.command import Ask, VideoCommand
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import VideoRequest
from dailies.explain import sentence
from dailies.formatting import plural

REFERENCES = "references"
"""The name of the question in VideoCommand.answered."""


async def confirm_references(
    guide: ModelGuide, choice: Ask, interaction: Interaction, command: VideoCommand, request: VideoRequest
) -> Question | None:
    """Ask before references go to a model that is not known to take them.

    Nobody is asked again in a server once OpenRouter has accepted a request from there, nor anywhere once a video was
    made with references.
    """
    model, reference_models = guide.model(request.model), guide.references
    if not command.images or model is None or REFERENCES in command.answered:
        return None
    if reference_models.verdict(model).takes is not None:
        return None
    await reference_models.refresh(older=0)
    verdict = reference_models.verdict(model)
    if verdict.takes is not None or (interaction.guild_id or 0) in reference_models.seen(model.id).guilds:
        return None
    others = reference_models.able(guide.catalog, command.images, model)
    instead = f" Models that take them: {', '.join(inert(one, 100) for one in others)}." if others else ""
    source = inert(sentence(verdict.source), 200)
    send = plural(command.images, "Send {n} reference anyway", "Send {n} references anyway")
    return Question(
        f"It is not confirmed that **{inert(model.name, 80)}** takes reference images ({source}). "
        f"OpenRouter may refuse the request, which costs nothing, or the model may ignore "
        f"{'it' if command.images == 1 else 'them'}, and the video is paid all the same.{instead}",
        (
            choice(send, command, REFERENCES),
            Choice("Cancel", None),
        ),
    )
