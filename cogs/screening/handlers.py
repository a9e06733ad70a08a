"""Handlers of /screening, and of what stands below a screening."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import tzinfo

from discord import Interaction, ui
from discord.app_commands import Choice

from cogs import autocomplete
from cogs.interactions.in_time import in_time
from cogs.interactions.permissions import server_of
from cogs.interactions.responses import REFUSAL_SHOWN, defer, finish, log_refusal, refuse
from cogs.interactions.text import NOBODY, content, inert, inert_reason, plain, relative, shorten
from cogs.screening import ids
from cogs.screening.message import NAME_SHOWN, details
from cogs.screening.places import check_here, check_scheduling, scene
from cogs.screening.retakes import Retake, retakes_view
from cogs.status.review import review_buttons, state_line
from cogs.video.shots import Shots
from dailies.catalog.guide import ModelGuide
from dailies.errors import RefusedError
from dailies.explain import sentence
from dailies.jobs.screenings import Screenings
from dailies.jobs.slates import take_name
from dailies.language import gettext
from dailies.reason import Reason, ReasonCode
from dailies.review import Verdict
from dailies.screening import Screening, Wanted
from dailies.screening_times import Schedule, clock, next_moment, read_time, read_weekdays, weekday_words
from dailies.shot import shot_key
from dailies.store.screenings import ScreeningStore
from dailies.store.stores import Stores

OFF = "off"
TYPED_SHOWN = 40
OpenTake = Callable[[Interaction, str], Awaitable[None]]
"""Answers with the composer for a job."""


class ScreeningHandlers:
    """Shows the takes of a channel in a row. zone: of daily screenings. review_roles: whose members may set them.

    compose: answers with the composer, for a retake. look_seconds: limit of an answer's wait for the database.
    """

    def __init__(
        self,
        screenings: Screenings,
        stores: Stores,
        shots: Shots,
        guide: ModelGuide,
        zone: tzinfo,
        *,
        review_roles: frozenset[int],
        compose: OpenTake,
        look_seconds: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._screenings = screenings
        self._store: ScreeningStore = stores.screenings
        self._shots, self._reviews, self._servers = shots, stores.reviews, stores.servers
        self._guide = guide
        self._zone = zone
        self._review_roles = review_roles
        self._compose = compose
        self._look_seconds = look_seconds
        self._now = now

    async def screen(self, interaction: Interaction, shot: str | None, *, approved: bool) -> None:
        """Take an order for a screening."""
        await defer(interaction)
        try:
            place, shot_id = scene(interaction), None
            if shot:
                shot_id = await self._shot_id(interaction, shot)
            wanted = Wanted(shot_id, approved)
            begun = await self._screenings.begin(place, wanted, interaction.user.id)
        except RefusedError as error:
            log_refusal(interaction, error)
            await finish(interaction, inert_reason(error.reason, REFUSAL_SHOWN))
            return
        await finish(interaction, begun_words(begun))

    async def schedule(self, interaction: Interaction, at: str, weekdays: str | None) -> None:
        """Set or end the daily screening of this channel."""
        await defer(interaction)
        try:
            place = check_scheduling(interaction, await self._reviewers(interaction))
            ends = at.strip().lower() == OFF
            minute, days = (0, 0) if ends else (read_time(at), read_weekdays(weekdays or ""))
        except RefusedError as error:
            log_refusal(interaction, error)
            await finish(interaction, inert_reason(error.reason, REFUSAL_SHOWN))
            return
        if ends:
            had = await self._store.end_schedule(place.channel_id)
            none = gettext("There's no daily screening here.")
            await finish(interaction, gettext("The daily screening here is off.") if had else none)
            return
        assert place.guild_id is not None
        schedule = Schedule(place.channel_id, place.guild_id, minute, days, self._now(), interaction.user.id)
        await self._store.set_schedule(schedule)
        said = gettext(
            "Daily screening here: {weekdays} at {clock} ({zone}), for the first time {time}. Nothing is posted when "
            "there are no new takes. Screenings are free.",
            weekdays=weekday_words(days),
            clock=clock(minute),
            zone=self._zone,
            time=relative(next_moment(schedule, self._now(), self._zone)),
        )
        await finish(interaction, said)

    @ids.TAKE.handles
    async def take(self, interaction: Interaction, screening_id: str, reel: str, values: Sequence[str]) -> None:
        """Show what was said about a take that was chosen, with the buttons that stand below its video."""
        del reel
        await defer(interaction)
        try:
            screening = check_here(interaction, await self._store.get(screening_id))
            job_id, output = _chosen(screening, values)
            job = (await self._store.jobs_of(screening.entries))[job_id]
            if job.blind:
                raise RefusedError(ReasonCode.STILL_BLIND)  # noqa: TRY301
        except RefusedError as error:
            log_refusal(interaction, error)
            await finish(interaction, inert_reason(error.reason, REFUSAL_SHOWN))
            return
        newest = (await self._reviews.newest([job_id])).get((job_id, output))
        lines = [f"**{inert(take_name(job, output), NAME_SHOWN)}** · {inert(details(job, output), NAME_SHOWN)}"]
        lines += [state_line(newest)] if newest else []
        view = ui.View(timeout=None)
        for button in review_buttons(job_id, output, newest):
            view.add_item(button)
        text = content("\n".join(lines))
        await interaction.edit_original_response(content=text, view=view, allowed_mentions=NOBODY)

    @ids.RETAKES.handles
    async def retakes(self, interaction: Interaction, screening_id: str, reel: str) -> None:
        """List the retakes of all reels, each with what it costs today."""
        del reel
        await defer(interaction)
        try:
            screening = check_here(interaction, await self._store.get(screening_id))
        except RefusedError as error:
            log_refusal(interaction, error)
            await finish(interaction, inert_reason(error.reason, REFUSAL_SHOWN))
            return
        jobs = await self._store.jobs_of(screening.shown)
        words = await self._reviews.newest(list(jobs))
        done = await self._store.retaken(list(jobs))
        rows: list[Retake] = []
        for one in screening.shown:
            job, word = jobs.get(one.job_id), words.get((one.job_id, one.output))
            if job is None or word is None or word.verdict is not Verdict.RETAKE or job.id in done:
                continue
            rows.append(Retake(job, one.output, word, self._guide.quote(job.request, *job.images)))
        await interaction.edit_original_response(view=retakes_view(screening_id, rows), allowed_mentions=NOBODY)

    @ids.COMPOSE.handles
    async def compose(self, interaction: Interaction, screening_id: str, values: Sequence[str]) -> None:
        """Open the composer for a retake that was chosen."""
        try:
            found = await in_time(interaction, self._store.get(screening_id), self._look_seconds)
            screening = check_here(interaction, found)
            job_id, _ = _chosen(screening, values)
        except RefusedError as error:
            await refuse(interaction, error)
            return
        await self._compose(interaction, job_id)

    async def complete_shot(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest shots of this place."""
        try:
            return autocomplete.shots(await self._shots.here(interaction), current)
        except RefusedError:
            return []

    async def _reviewers(self, interaction: Interaction) -> frozenset[int]:
        """Return the roles that may approve videos here: the server's own, or else the operator's."""
        own = (await self._servers.of(server_of(interaction))).review_roles
        return self._review_roles if own is None else frozenset(own)

    async def _shot_id(self, interaction: Interaction, typed: str) -> str:
        for shot in await self._shots.here(interaction):
            if shot_key(shot.name) == shot_key(typed):
                return shot.id
        raise RefusedError(ReasonCode.NO_SUCH_SHOT, typed=shorten(plain(typed), TYPED_SHOWN))


def begun_words(begun: Screening) -> str:
    """Say that a film was begun, and that it costs nothing."""
    return sentence(Reason(ReasonCode.SCREENING_BEGUN, kind=begun.kind, takes=len(begun.shown)))


def _chosen(screening: Screening, values: Sequence[str]) -> tuple[str, int]:
    """Return the take that a menu named, if it is one of the screening. Raises RefusedError."""
    job_id, _, output = values[0].partition(":")
    for one in screening.shown:
        if one.job_id == job_id and str(one.output) == output:
            return one.job_id, one.output
    raise RefusedError(ReasonCode.SCREENING_GONE)
