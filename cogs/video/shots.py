"""The shot of a request: which one was typed, or which one its person works on in this channel."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import discord
from discord import Interaction

from cogs.interactions.in_time import in_time
from cogs.interactions.permissions import server_of
from cogs.video.command import VideoCommand
from dailies.language import gettext, gettext_noop
from dailies.shot import Shot, ShotTake, shot_key, shot_name
from dailies.store.shots import ShotStore

NO_SHOT = gettext_noop("No shot")
"""Typed, or chosen, to work on no shot any more; also in the person's language."""
_NONE = frozenset(map(shot_key, (NO_SHOT, "none", "—", "–", "-")))


@dataclass(frozen=True, slots=True)
class Home:
    """The channel to which shots of an interaction belong. post: the shot that its thread is; None: it is none."""

    channel_id: int
    post: Shot | None = None


def is_none(typed: str) -> bool:
    """Tell if a text says that there is no shot."""
    return shot_key(" ".join(typed.split())) in (*_NONE, shot_key(gettext(NO_SHOT)))


class Shots:
    """Finds shots. seconds: limit of an answer's wait for the database. now: Unix seconds."""

    def __init__(self, store: ShotStore, *, seconds: float, now: Callable[[], float] = time.time) -> None:
        self.store = store
        self._seconds = seconds
        self._now = now

    async def home(self, interaction: Interaction) -> Home:
        """Return where the shots of this place belong: its channel, a thread's channel, or the channel of the shot that
        a post is. Raises RefusedError when the database does not answer in time.
        """
        channel = interaction.channel
        if not isinstance(channel, discord.Thread):
            return Home(interaction.channel_id or 0)
        post = await in_time(interaction, self.store.of_post(channel.id), self._seconds)
        return Home(post.channel_id if post else channel.parent_id, post)

    async def here(self, interaction: Interaction) -> list[Shot]:
        """Return the shots of this place, in the order of the cut. Raises RefusedError."""
        home = await self.home(interaction)
        return await in_time(interaction, self.store.of_channel(home.channel_id), self._seconds)

    async def command(self, interaction: Interaction, command: VideoCommand) -> VideoCommand:
        """Return a command with its shot. Raises RefusedError as `take`."""
        if command.shot_typed is None:
            return command
        return replace(command, shot=await self.take(interaction, command.shot_typed), shot_typed=None)

    async def take(self, interaction: Interaction, typed: str) -> ShotTake | None:
        """Return the shot of a new request, not numbered yet; None: it is a take of none.

        typed: its name, which the person works on from now on, or that of none; empty: the one that they work on.
        Raises RefusedError.
        """
        home, person = await self.home(interaction), interaction.user.id
        name = typed.strip()
        if not name:
            found = home.post or await in_time(interaction, self.store.chosen(home.channel_id, person), self._seconds)
        elif is_none(name):
            await in_time(interaction, self.store.leave(home.channel_id, person), self._seconds)
            found = None
        else:
            named = self.store.named(home.channel_id, server_of(interaction), shot_name(name), person, self._now())
            found = await in_time(interaction, named, self._seconds)
        return ShotTake(found.id, found.name) if found else None
