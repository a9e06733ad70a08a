"""Buttons under a status that make a new job of an old one: run it again on purpose, use the picture of a page."""

from __future__ import annotations

import re
from typing import Any, Protocol, Self, cast

import discord
from discord import Interaction, ui

from cogs.interactions.responses import reports_errors
from cogs.status.view import AGAIN, USE
from cogs.video.intake import VideoIntake


class HasDesk(Protocol):
    """The bot, as far as this button knows it."""

    intake: VideoIntake


class RunAgain(ui.DynamicItem[ui.Button[Any]], template=rf"{AGAIN}:(?P<job>[0-9a-z]{{1,25}})"):
    """Found again by its custom id after a restart."""

    def __init__(self, job_id: str) -> None:
        super().__init__(ui.Button(label="Run it again", custom_id=f"{AGAIN}:{job_id}"))
        self._job_id = job_id

    @classmethod
    async def from_custom_id(cls, _: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See discord.py."""
        return cls(match["job"])

    @reports_errors
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand over to the desk."""
        await cast("HasDesk", interaction.client).intake.again(interaction, self._job_id)


class UsePicture(ui.DynamicItem[ui.Button[Any]], template=rf"{USE}:(?P<job>[0-9a-z]{{1,25}})"):
    """Found again by its custom id after a restart."""

    def __init__(self, job_id: str) -> None:
        super().__init__(ui.Button(label="Use this image", custom_id=f"{USE}:{job_id}"))
        self._job_id = job_id

    @classmethod
    async def from_custom_id(cls, _: Interaction, item: ui.Item[Any], match: re.Match[str], /) -> Self:
        """See discord.py."""
        return cls(match["job"])

    @reports_errors
    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        """Hand over to the desk."""
        await cast("HasDesk", interaction.client).intake.use_pictures(interaction, self._job_id)
