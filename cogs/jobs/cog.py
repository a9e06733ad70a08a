"""/jobs: list, show, post again and forget earlier videos."""

from __future__ import annotations

from discord import Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs.jobs.handlers import JobHandlers
from cogs.jobs.views import PageRequest

JobId = app_commands.Range[str, 1, 100]


@app_commands.allowed_installs(guilds=True, users=True)
@app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
class Jobs(commands.GroupCog, group_name="jobs", group_description="Your videos: list, show, post again, forget"):
    """The group /jobs; JobHandlers answers its commands."""

    def __init__(self, job_handlers: JobHandlers) -> None:
        self._job_handlers = job_handlers

    @app_commands.command(name="list", description="Your videos, newest first")
    @app_commands.describe(guild="Everybody's in this server; for those who manage the server or its messages")
    async def list_jobs(self, interaction: Interaction, guild: bool = False) -> None:
        await self._job_handlers.list(interaction, PageRequest(guild))

    @app_commands.command(description="Everything that is kept of a video")
    @app_commands.describe(job="Type the job's id or words of its prompt")
    async def show(self, interaction: Interaction, job: JobId) -> None:
        await self._job_handlers.show(interaction, job)

    @app_commands.command(description="Post a finished video again in its channel")
    @app_commands.describe(job="Type the job's id or words of its prompt")
    async def again(self, interaction: Interaction, job: JobId) -> None:
        await self._job_handlers.again(interaction, job)

    @app_commands.command(description="The video's file as the model made it, for you alone")
    @app_commands.describe(job="Type the job's id or words of its prompt")
    async def original(self, interaction: Interaction, job: JobId) -> None:
        await self._job_handlers.original(interaction, job)

    @app_commands.command(description="Remove your prompts, references and videos from the bot; asks first")
    async def forget(self, interaction: Interaction) -> None:
        await self._job_handlers.ask_forget(interaction)

    @show.autocomplete("job")
    @again.autocomplete("job")
    @original.autocomplete("job")
    async def complete_job(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest jobs that the person may see."""
        return await self._job_handlers.complete(interaction, current)
