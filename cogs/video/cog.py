"""/video and /compare: a prompt, reference images and settings become a job, or one for each model."""

from __future__ import annotations

from discord import Interaction, app_commands

from cogs.video.cast_names import CastNames
from cogs.video.intake import VideoIntake
from cogs.video.parameters import COMPARED, OptionsCog, command_of, suggests, takes_options
from cogs.video.shots import Shots
from dailies.catalog.guide import ModelGuide


class Video(OptionsCog):
    """The command /video."""

    def __init__(self, intake: VideoIntake, guide: ModelGuide, cast: CastNames, shots: Shots) -> None:
        super().__init__(guide, cast, shots)
        self._intake = intake

    @app_commands.command(description="Make a video from a prompt and reference images")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @takes_options(prompt=True)
    async def video(self, interaction: Interaction, **given: object) -> None:
        """Translate the options and submit them."""
        await self._intake.submit(interaction, command_of(given))

    suggests(video)


class Compare(OptionsCog):
    """The command /compare."""

    def __init__(self, intake: VideoIntake, guide: ModelGuide, cast: CastNames, shots: Shots) -> None:
        super().__init__(guide, cast, shots)
        self._intake = intake

    @app_commands.command(
        description="Make the same video with two to four models, and vote without knowing which is which"
    )
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    @takes_options(prompt=True, compares=True)
    async def compare(self, interaction: Interaction, **given: object) -> None:
        """Translate the options and submit them."""
        await self._intake.submit(interaction, command_of(given))

    suggests(compare, COMPARED)
