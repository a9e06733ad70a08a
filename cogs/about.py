"""/about: the bot in a few lines."""

from __future__ import annotations

import re

import discord
from discord import Interaction, app_commands, ui
from discord.ext import commands

from cogs.interactions.permissions import server_of
from cogs.interactions.text import LAYOUT, NOBODY, inert, shorten
from dailies.catalog.guide import ModelGuide
from dailies.formatting import figure, spell
from dailies.language import gettext
from dailies.version import VERSION

_LINK = re.compile(r"https://[^\s()<>\[\]]{1,400}")


class About(commands.Cog):
    """The command /about; only the person sees the answer. keep_days: that files stay on the bot's disk."""

    def __init__(self, client: discord.Client, guide: ModelGuide, keep_days: float) -> None:
        self._client = client
        self._guide = guide
        self._keep_days = keep_days

    @app_commands.command(description="What this bot does, its version, and who to ask")
    @app_commands.allowed_installs(guilds=True, users=True)
    @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
    async def about(self, interaction: Interaction) -> None:
        """Answer with what is known here: nothing is requested."""
        model = (await self._guide.of_server(server_of(interaction))).model(None)
        view = about_view(self._client.application, model.name if model else None, self._keep_days)
        await interaction.response.send_message(view=view, ephemeral=True, allowed_mentions=NOBODY)


def about_view(application: discord.AppInfo | None, model: str | None, keep_days: float) -> ui.LayoutView:
    """Return what /about shows. model: the default's name. application: as Discord has it, None before the login."""
    default = gettext("{model} unless you choose another.", model=inert(model, 80)) if model else ""
    privacy = gettext("Prompts, images and videos go to OpenRouter and the model's provider.")
    lines = [
        f"### Dailies {VERSION}",
        gettext("Turns a prompt and reference images into a video, and always says what it costs."),
        gettext(
            "**Start** `/video` makes one right away; `/compose` lets you put it together first and shows the price."
        ),
        _sentences(gettext("**Models**"), default, gettext("`/models` compares them with their prices.")),
        gettext("**Your videos and your money** `/jobs list`, `/usage` and, in a server, `/budget show`."),
        _sentences(gettext("**Privacy**"), privacy, _kept(keep_days), _policies(application)),
        _sentences(gettext("**Questions?**"), _operator(application)),
    ]
    view = ui.LayoutView(timeout=None)
    view.add_item(ui.TextDisplay(shorten("\n".join(lines), LAYOUT)))
    return view


def _sentences(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _kept(days: float) -> str:
    """Say for how long files are kept."""
    if days == 1:
        return gettext("Files leave this bot's disk after a day; `/jobs forget` removes your words and files now.")
    if days < 1:
        return gettext(
            "Files leave this bot's disk after {time}; `/jobs forget` removes your words and files now.",
            time=spell(86_400 * days),
        )
    return gettext(
        "Files leave this bot's disk after {days} days; `/jobs forget` removes your words and files now.",
        days=figure(days),
    )


def _policies(application: discord.AppInfo | None) -> str:
    """Link the operator's own pages, where the developer portal names them."""
    if application is None:
        return ""
    pages = (
        (gettext("Privacy policy"), application.privacy_policy_url),
        (gettext("Terms"), application.terms_of_service_url),
    )
    return " · ".join(f"[{name}](<{url}>)" for name, url in pages if url and _LINK.fullmatch(url))


def _operator(application: discord.AppInfo | None) -> str:
    """Say who runs this bot: the application's owner, or its team's."""
    person = None
    if application is not None:
        person = application.team.owner_id if application.team else application.owner.id
    if not person:
        return gettext("Ask the people who manage this server.")
    return gettext("Ask {person}, who runs this bot.", person=f"<@{person}>")
