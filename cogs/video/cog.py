"""/video: a prompt, reference images and settings become a job."""

from __future__ import annotations

from discord import Attachment, Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs import autocomplete as choices
from cogs.video.intake import VideoCommand, VideoIntake
from dailies.catalog.options import Options
from dailies.errors import CatalogMissing
from dailies.openrouter.models import VideoModel

REFERENCES = ("reference", "reference2", "reference3", "reference4")


class Video(commands.Cog):
    """The main command."""

    def __init__(self, intake: VideoIntake) -> None:
        self._intake = intake

    @app_commands.command(description="Make a video from a prompt and reference images")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @app_commands.describe(
        prompt="What happens in the video. With references, say what should stay the same",
        reference="An image that guides subject, style or identity (PNG, JPEG, WebP, HEIC, AVIF …)",
        reference2="A second reference image",
        reference3="A third reference image",
        reference4="A fourth reference image",
        links="More reference images: https links, separated by spaces, commas or new lines",
        model="The video model; type to search",
        duration="Length in seconds",
        resolution="Size of the picture, as in 720p",
        aspect_ratio="Shape of the picture, as in 16:9",
        audio="Sound, where the model makes it (default: yes)",
        seed="The same seed and settings give a similar video again",
    )
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
        duration: int | None = None,
        resolution: str | None = None,
        aspect_ratio: str | None = None,
        audio: bool | None = None,
        seed: int | None = None,
    ) -> None:
        """Translate the options and hand them over."""
        attached = [one for one in (reference, reference2, reference3, reference4) if one]
        options = Options(prompt, model, duration, resolution, aspect_ratio, audio, seed)
        await self._intake.take(interaction, VideoCommand(options, attached, links))

    @video.autocomplete("model")
    async def complete_model(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Models of OpenRouter's live list."""
        intake, given = self._intake, interaction.namespace
        references = sum(bool(getattr(given, name)) for name in REFERENCES) + len((given.links or "").split())
        await intake.known.refresh()
        try:
            return choices.models(
                intake.catalog_cache.catalog, current, intake.standing()[0].model, intake.known, references=references
            )
        except CatalogMissing:
            return []

    @video.autocomplete("duration")
    async def complete_duration(self, interaction: Interaction, current: int | str) -> list[Choice[int]]:
        """Lengths of the chosen model."""
        model = self._chosen(interaction)
        referenced = any(getattr(interaction.namespace, name) for name in (*REFERENCES, "links"))
        offered = self._intake.known.durations(model, references=referenced) if model else None
        return choices.durations(offered, str(current))

    @video.autocomplete("resolution")
    async def complete_resolution(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Resolutions of the chosen model."""
        model = self._chosen(interaction)
        return choices.words(model.resolutions, current) if model else []

    @video.autocomplete("aspect_ratio")
    async def complete_aspect_ratio(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Aspect ratios of the chosen model."""
        model = self._chosen(interaction)
        return choices.words(model.aspect_ratios, current) if model else []

    def _chosen(self, interaction: Interaction) -> VideoModel | None:
        try:
            return self._intake.catalog_cache.catalog.get(
                interaction.namespace.model or self._intake.standing()[0].model
            )
        except CatalogMissing:
            return None
