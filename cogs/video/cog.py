"""/video: a prompt, reference images and settings become a job."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, TypeVar, cast, get_type_hints

from discord import Attachment, Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs import autocomplete as choices
from cogs.video.command import VideoCommand
from cogs.video.intake import VideoIntake
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import OPTIONS, Options, VideoSettings
from dailies.errors import CatalogMissing

REFERENCES = ("reference", "reference2", "reference3", "reference4")

Callback = TypeVar("Callback", bound=Callable[..., Any])


def takes_options(callback: Callback) -> Callback:
    """Replace a command's **settings, which discord.py cannot read, with a parameter for each option."""
    kinds = get_type_hints(VideoSettings)
    signature = inspect.signature(callback)
    kept = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
    given = [inspect.Parameter(name, kept[0].KEYWORD_ONLY, default=None, annotation=kinds[name]) for name in OPTIONS]
    vars(callback)["__signature__"] = signature.replace(parameters=[*kept, *given])
    return app_commands.describe(**{name: option.description for name, option in OPTIONS.items()})(callback)


class Video(commands.Cog):
    """The command /video."""

    def __init__(self, intake: VideoIntake, guide: ModelGuide) -> None:
        self._intake = intake
        self._guide = guide

    @app_commands.command(description="Make a video from a prompt and reference images")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        prompt="What happens in the video. With references, say what should stay the same",
        reference="An image that guides subject or style (PNG, JPEG, WebP, HEIC, AVIF …)",
        reference2="A second reference image",
        reference3="A third reference image",
        reference4="A fourth reference image",
        links="More reference images: https links, separated by spaces, commas or new lines",
        model="The video model; type to search",
    )
    @takes_options
    async def video(
        self,
        interaction: Interaction,
        prompt: app_commands.Range[str, 1, 6000],
        reference: Attachment | None = None,
        reference2: Attachment | None = None,
        reference3: Attachment | None = None,
        reference4: Attachment | None = None,
        links: str | None = None,
        model: str | None = None,
        **settings: object,
    ) -> None:
        """Translate the options and submit them."""
        attached = [one for one in (reference, reference2, reference3, reference4) if one]
        options = Options(prompt, model, **cast("dict[str, Any]", settings))
        await self._intake.submit(interaction, VideoCommand(options, attached, links))

    @video.autocomplete("model")
    async def complete_model(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest models from OpenRouter's current list."""
        given = interaction.namespace
        references = sum(bool(getattr(given, name)) for name in REFERENCES) + len((given.links or "").split())
        await self._guide.references.refresh()
        try:
            return choices.models(self._guide, current, references=references)
        except CatalogMissing:
            return []

    @video.autocomplete("duration")
    async def complete_duration(self, interaction: Interaction, current: int | str) -> list[Choice[int]]:
        """Suggest lengths of the chosen model, at the chosen resolution."""
        given = interaction.namespace
        model = self._guide.model(given.model)
        offered = model and self._guide.references.durations(
            model, references=_referenced(given), resolution=given.resolution
        )
        return choices.durations(offered, str(current))

    @video.autocomplete("resolution")
    async def complete_resolution(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest resolutions of the chosen model, at the chosen length."""
        given = interaction.namespace
        model = self._guide.model(given.model)
        length = given.duration if isinstance(given.duration, int) else None  # text while it is typed
        offered = model and self._guide.references.resolutions(model, references=_referenced(given), duration=length)
        return choices.words(offered, current)

    @video.autocomplete("aspect_ratio")
    async def complete_aspect_ratio(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest aspect ratios of the chosen model."""
        model = self._guide.model(interaction.namespace.model)
        return choices.words(model and model.aspect_ratios, current)


def _referenced(given: app_commands.Namespace) -> bool:
    return any(getattr(given, name) for name in (*REFERENCES, "links"))
