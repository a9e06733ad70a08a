"""Descriptions of commands and options, and names of choices, in the languages of the catalogues.

Names of commands and options stay English, so that what people write to each other about them is the same everywhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator

import discord
from discord import app_commands
from discord.app_commands import TranslationContextLocation as Place
from discord.ext import commands

from dailies import language as languages
from dailies.language import ENGLISH, NATIVE_NAMES, known, pgettext, speaking

CONTEXT = "command"
"""The context of these texts in the catalogues."""
DESCRIPTION = 100
"""Maximum characters of a description in any language."""
_TRANSLATED = frozenset(
    {Place.command_description, Place.group_description, Place.parameter_description, Place.choice_name}
)


class CommandTexts(app_commands.Translator):
    """Translates what Discord shows of commands, as they are registered."""

    async def load(self) -> None:
        """Read the catalogues; discord.py calls this before the first text."""
        await asyncio.to_thread(languages.load)

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Return the text in a language of Discord's; None: it stays as it is."""
        spoken = known(str(locale))
        if spoken == ENGLISH or context.location not in _TRANSLATED:
            return None
        with speaking(spoken):
            translated = pgettext(CONTEXT, string.message)
        return translated if translated != string.message else None


def translations() -> dict[str, list[str]]:
    """Return the texts of the commands in each language, in the same order."""
    found: dict[str, list[str]] = {}
    for language in NATIVE_NAMES:
        with speaking(language):
            found[language] = [pgettext(CONTEXT, text) for text in command_texts()]
    return found


def cogs() -> list[type[commands.Cog]]:
    """Return the bot's cogs as far as they are imported, not those of tests; in the order of their modules."""
    found = [cog for cog in _kinds(commands.Cog) if cog.__module__.startswith("cogs.")]
    return sorted(found, key=lambda cog: (cog.__module__, cog.__qualname__))


def _kinds(parent: type[commands.Cog]) -> Iterator[type[commands.Cog]]:
    for kind in parent.__subclasses__():
        yield kind
        yield from _kinds(kind)


def command_texts() -> Iterable[str]:
    """Return every text that Discord shows of the commands of all cogs that are imported, each once."""
    found: dict[str, None] = {}
    for cog in cogs():
        if cog.__cog_is_app_commands_group__:
            found[str(cog.__cog_group_description__)] = None
        for command in cog.__cog_app_commands__:
            if isinstance(command, app_commands.Command):
                found[command.description] = None
                for option in command.parameters:
                    found[str(option.description)] = None
                    # Values are no words: nothing to translate.
                    found |= dict.fromkeys(one.name for one in option.choices if any(map(str.isalpha, one.name)))
    return found
