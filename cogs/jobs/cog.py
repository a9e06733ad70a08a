"""/jobs: list, show, post once more and forget earlier videos."""

from __future__ import annotations

from discord import Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.jobs.handlers import JobHandlers
from cogs.jobs.list_view import TURN, WORDS_MOST
from cogs.jobs.listing import JobList

Search = app_commands.Range[str, 1, WORDS_MOST]
JobId = app_commands.Range[str, 1, 100]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Jobs(commands.GroupCog, group_name="jobs", group_description="Your videos: list, show, post again, forget"):
    """The group /jobs; JobHandlers and JobList answer its commands."""

    def __init__(self, job_handlers: JobHandlers, job_list: JobList) -> None:
        self._job_handlers = job_handlers
        self._job_list = job_list

    @app_commands.command(name="list", description="Your videos, newest first")
    @app_commands.describe(
        search="Only those whose prompt has these words",
        guild="Everyone's in this server, if you manage the server or its messages",
    )
    async def list_jobs(self, interaction: Interaction, search: Search | None = None, guild: bool = False) -> None:
        await self._job_list.open(interaction, search, guild=guild)

    @TURN.handles
    async def turn(self, interaction: Interaction, whose: str, way: str, beside: str, words: str) -> None:
        """Show another page of a list."""
        await self._job_list.turn(interaction, whose, way, beside, words)

    @app_commands.command(description="Everything the bot keeps about a video")
    @app_commands.describe(job="Type words of its prompt, or its id")
    async def show(self, interaction: Interaction, job: JobId) -> None:
        await self._job_handlers.show(interaction, job)

    @app_commands.command(description="Post a finished video again in its channel, for free")
    @app_commands.describe(job="Type words of its prompt, or its id")
    async def resend(self, interaction: Interaction, job: JobId) -> None:
        await self._job_handlers.resend(interaction, job)

    @app_commands.command(description="The video's file as the model made it, just for you")
    @app_commands.describe(job="Type words of its prompt, or its id")
    async def original(self, interaction: Interaction, job: JobId) -> None:
        await self._job_handlers.original(interaction, job)

    @app_commands.command(description="Remove your prompts, references and videos from the bot; asks first")
    async def forget(self, interaction: Interaction) -> None:
        await self._job_handlers.ask_forget(interaction)

    @show.autocomplete("job")
    @resend.autocomplete("job")
    @original.autocomplete("job")
    async def complete_job(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest jobs that the person may see."""
        return await self._job_list.complete(interaction, current)
