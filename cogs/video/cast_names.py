"""The cast in a request: @names in its prompt, and names that were chosen, become pictures."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import discord
from discord import Interaction

from cogs.interactions.permissions import age_restricted
from cogs.video.command import VideoCommand
from dailies.cast.entry import CastEntry, CastPlace
from dailies.cast.resolve import Cast, Resolved, names_of
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options, VideoRequest
from dailies.database import BROKEN, is_away
from dailies.errors import RefusedError
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source

PEOPLE = "people"
"""Name of the doubt about likenesses in VideoCommand.answered."""
_BETWEEN = re.compile(r"[\s,;\uff0c\u3001]+")
LOOK_SECONDS = 1.0
"""Limit of a lookup: an answer has three seconds in all."""


class CastRecords(Protocol):
    """The port to the stored entries (dailies/store/cast.py)."""

    async def visible(self, place: CastPlace) -> Sequence[CastEntry]:
        """Return the entries that hold in a place, of each name the nearest."""
        ...


class CastNames:
    """Looks up the cast of the place of an interaction. data_dir: DATA_DIR. now: Unix seconds."""

    def __init__(
        self,
        records: CastRecords,
        data_dir: Path,
        *,
        now: Callable[[], float] = time.time,
        seconds: float = LOOK_SECONDS,
    ) -> None:
        self._records = records
        self._data_dir = data_dir
        self._now = now
        self._seconds = seconds

    async def here(self, interaction: Interaction) -> Cast:
        """Return the cast of this place. Raises RefusedError when the database does not answer in time."""
        looking = asyncio.ensure_future(self._records.visible(place_of(interaction)))
        # Not cancelled when it is late: that would hold up everything else at SQLite's only connection.
        if not (await asyncio.wait([looking], timeout=self._seconds))[0]:
            looking.add_done_callback(lambda late: late.cancelled() or late.exception())
            raise RefusedError(ReasonCode.AWAY)
        try:
            return Cast(looking.result(), self._data_dir, now=self._now())
        except BROKEN as error:
            if not is_away(error):
                raise
            raise RefusedError(ReasonCode.AWAY) from error

    async def command(self, interaction: Interaction, command: VideoCommand) -> VideoCommand:
        """Return a command with the pictures of all names in it, once its own sources are known.

        Raises RefusedError for a name that is probably a slip, or an entry that may not be used.
        """
        pictures = command.references or command.sources or ()
        if not command.cast and not names_of(command.options.prompt, pictures):
            return command
        found = (await self.here(interaction)).resolve(
            command.options, command.sources or (), chosen=command.cast, fixed=command.references
        )
        return replace(
            command, options=found.options, sources=found.sources, unknown=found.unknown, people=found.people
        )

    async def draft(
        self,
        interaction: Interaction,
        options: Options,
        sources: Sequence[Source],
        *,
        chosen: Sequence[str] = (),
        before: str | None = None,
    ) -> Resolved:
        """Return a draft's options and pictures with those of all names in its prompt.

        before: its prompt until now. Raises RefusedError as `command`.
        """
        if not chosen and not names_of(f"{options.prompt} {before or ''}", sources):
            return Resolved(options, tuple(sources))
        return (await self.here(interaction)).resolve(options, sources, chosen=chosen, before=before)


def place_of(interaction: Interaction) -> CastPlace:
    """Return the place of an interaction."""
    channel = interaction.channel
    parent = channel.parent_id if isinstance(channel, discord.Thread) else None
    channels = tuple(one for one in (interaction.channel_id, parent) if one is not None)
    return CastPlace(interaction.guild_id, channels, age_restricted=age_restricted(channel))


def names_in(text: str) -> list[str]:
    """Return the names in a text like `@hero, @villain`, without the @."""
    return [word.lstrip("@\uff20") for word in _BETWEEN.split(text) if word.strip("@\uff20")]


def doubts_people(guide: ModelGuide, command: VideoCommand, request: VideoRequest) -> bool:
    """Tell if real people go to a model that refuses them, and nobody has agreed to that: its panel says so."""
    if PEOPLE in command.answered:
        return False
    return likeness_hint(guide, request, command.people, *command.images) is not None


def likeness_hint(
    guide: ModelGuide, request: VideoRequest, people: Sequence[str], references: int, frames: int
) -> Reason | None:
    """Return that a model refuses the likenesses of real people in a request, with models that may take them."""
    hint = guide.people_hint(request, references, frames) if people else None
    if hint is None:
        return None
    model, offers = hint.values["model"], hint.values["offers"]
    return Reason(ReasonCode.REFUSES_CAST, names=tuple(people), model=model, offers=offers)
