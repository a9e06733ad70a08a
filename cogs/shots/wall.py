"""Handlers of the wall. Whoever may see a channel may see its wall: takes in channels that they see, and no others."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Mapping, Sequence

import discord
from discord import Interaction
from discord.app_commands import Choice

from cogs import autocomplete
from cogs.interactions.answers import comes_later, redraw, show
from cogs.interactions.in_time import in_time
from cogs.interactions.permissions import age_restricted, sees, token_only
from cogs.interactions.responses import refuse
from cogs.interactions.text import plain
from cogs.shots.views import LOOK, PAGE, WallRequest, alt_text, wall_view
from cogs.status.summary import sent_directly
from cogs.video.cast_names import CastNames
from cogs.video.shots import Shots, is_none
from dailies.errors import RefusedError
from dailies.job import Job, Place
from dailies.language import gettext_noop
from dailies.media.placeholder import placeholder
from dailies.media.stills import Stills, kept_file
from dailies.reason import ReasonCode
from dailies.references.badge import numbered
from dailies.shot import shot_key
from dailies.store.wall import NO_SHOT, Scope, Wall, WallPage

TYPED_SHOWN = 40
AT_ONCE_SHARE = 1 / 3
"""Share of look_seconds for which an answer waits for pictures; after that Discord is told that it comes later."""
PICTURES_SHARE = 8
"""Longest wait for pictures, likewise; what is not drawn by then has a placeholder, and is there the next time."""


class WallHandlers:
    """Answers /shots wall and its menus. look_seconds: limit of an answer's wait for the database."""

    def __init__(self, wall: Wall, shots: Shots, cast: CastNames, stills: Stills, *, look_seconds: float) -> None:
        self._wall = wall
        self._shots = shots
        self._cast = cast
        self._stills = stills
        self._seconds = look_seconds

    async def open(self, interaction: Interaction, typed: str | None, person_id: int | None) -> None:
        """Answer with the newest takes. typed: name of their shot; None: of all."""
        try:
            shot_id = await self._shot_id(interaction, typed) if typed else None
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self._show(interaction, WallRequest(shot_id, person_id=person_id))

    @LOOK.handles
    async def look(self, interaction: Interaction, what: str, code: str, values: Sequence[str | int] = ()) -> None:
        """Show another page, or what was chosen in one of the menus."""
        wanted = WallRequest.decode(code)
        turned = what in ("newer", "older")
        await self._show(interaction, wanted if turned else wanted.chosen(what, values[0] if values else None))

    async def complete(self, interaction: Interaction, typed: str) -> list[Choice[str]]:
        """Suggest shots."""
        try:
            return autocomplete.shots(await self._shots.here(interaction), typed)
        except RefusedError:
            return []

    async def _show(self, interaction: Interaction, wanted: WallRequest) -> None:
        try:
            scope = await self._scope(interaction)
            shots = await self._shots.here(interaction)
            cast = (await self._cast.here(interaction)).by_key.values()
            key = next((one.key for one in cast if one.id == wanted.cast_id), "") if wanted.cast_id else None
            page = self._wall.page(scope, wanted.filter(key), wanted.page, PAGE)
            found = await in_time(interaction, page, self._seconds)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        shown = [one for one in found.takes if _is_shown(interaction, one)]
        wait = PICTURES_SHARE * self._seconds
        drawing = asyncio.create_task(self._stills.of(shown, person=interaction.user.id, wait=wait))
        late = await comes_later(interaction, drawing, AT_ONCE_SHARE * self._seconds)
        files = await asyncio.to_thread(_files, found, await drawing)
        view = wall_view(found, wanted, shots, list(cast), [one.filename for one in files])
        await (redraw if late else show)(interaction, view, files)

    async def _shot_id(self, interaction: Interaction, typed: str) -> str:
        if is_none(typed):
            return NO_SHOT
        key = shot_key(plain(typed))
        for one in await self._shots.here(interaction):
            if shot_key(one.name) == key:
                return one.id
        raise RefusedError(ReasonCode.NO_SUCH_SHOT, typed=plain(typed)[:TYPED_SHOWN])

    async def _scope(self, interaction: Interaction) -> Scope:
        """Return what the person may see of the wall of this place. Raises RefusedError."""
        home = (await self._shots.home(interaction)).channel_id
        adult = age_restricted(interaction.channel)
        here, guild = interaction.channel_id or 0, interaction.guild
        if guild is None or token_only(interaction):
            return Scope(home, frozenset({here}), adult=adult)
        threads = {one.id for one in guild.threads if one.parent_id == home}
        if isinstance(interaction.channel, discord.Thread) and interaction.channel.parent_id == home:
            threads.add(here)
        further = await in_time(interaction, self._wall.places(home), self._seconds)

        def seen(ids: set[int]) -> frozenset[int]:
            return frozenset(one for one in ids if sees(interaction, Place(guild.id, one, interaction.user.id)))

        return Scope(home, seen({home, *threads}), seen(further - {home, *threads}), adult=adult)


def _is_shown(interaction: Interaction, job: Job) -> bool:
    """Tell if a video may be pictured: one that came as a direct message is for its requester alone."""
    return job.place.requester_id == interaction.user.id or not sent_directly(job)


def _files(found: WallPage, stills: Mapping[str, bytes]) -> list[discord.File]:
    """Return a picture of each take with its number: of its video, or words in its place. Blocks."""
    files: list[discord.File] = []
    for number, job in enumerate(found.takes, start=found.number * PAGE + 1):
        picture = numbered(stills.get(job.id) or placeholder(_instead(job)), number)
        name = f"{job.id}.jpg"
        files.append(discord.File(io.BytesIO(picture), filename=name, description=alt_text(number, job)))
    return files


def _instead(job: Job) -> str:
    """Return the words in the place of a picture, in English."""
    if not job.ended:
        return gettext_noop("in progress")
    if job.forgotten_at is not None:
        return gettext_noop("forgotten")
    if job.file is None:
        return gettext_noop("no video")
    if sent_directly(job):
        return gettext_noop("sent directly")
    return gettext_noop("no picture") if kept_file(job) else gettext_noop("no longer kept")
