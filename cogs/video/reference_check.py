"""Questions about references that are asked before a job is made."""

from __future__ import annotations

from discord import Interaction

from cogs.interactions.questions import Choice, Question
from cogs.interactions.text import inert
from cogs.video.intake import VideoCommand, VideoIntake
from dailies.catalog.options import VideoRequest
from dailies.formatting import count

REFERENCES = "references"
"""The name of the question, as Asked keeps it."""


async def confirm_references(
    intake: VideoIntake, interaction: Interaction, asked: VideoCommand, request: VideoRequest
) -> Question | None:
    """Ask before references go to a model that is not known to take them: once for each model and server.

    Once a request of that server was taken by OpenRouter, and everywhere once one made a video, nobody is asked again.
    """
    model = intake.catalog_cache.catalog.get(request.model)
    if not asked.sources or model is None or REFERENCES in asked.answered:
        return None
    if intake.known.verdict(model).takes is not None:
        return None
    await intake.known.refresh(older=0)
    verdict = intake.known.verdict(model)
    if verdict.takes is not None or (interaction.guild_id or 0) in intake.known.seen(model.id).guilds:
        return None
    others = intake.known.able(intake.catalog_cache.catalog, len(asked.sources), model)
    instead = f" Models that take them: {', '.join(inert(one, 100) for one in others)}." if others else ""
    return Question(
        f"It is not confirmed that **{inert(model.name, 80)}** takes reference images ({inert(verdict.source, 200)}). "
        f"OpenRouter may refuse the request, which costs nothing, or the model may ignore "
        f"{'it' if len(asked.sources) == 1 else 'them'}, and the video is paid all the same.{instead}",
        (
            intake.choice(f"Send {count(len(asked.sources), 'reference', 'references')} anyway", asked, REFERENCES),
            Choice("Cancel", None),
        ),
    )
