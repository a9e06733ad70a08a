"""The chat interface that screenings need; cogs/screening/chat.py implements it for Discord."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dailies.delivery.film_courier import FilmUpload
from dailies.delivery.limits import ClaimedLimits
from dailies.job import Job
from dailies.money.worth import Worth
from dailies.reason import Reason
from dailies.screening import Screening


@dataclass(frozen=True)
class ReelPost:
    """A message with a film of several takes. number: of the reel, from 1. jobs: of its takes, by their ids.

    upload: the film; None: none of its takes could be joined. own: what the takes of the whole screening came to.
    month: what the jobs of the channel came to in the last thirty days; both only with the last reel of a screening.
    timeline: an OpenTimelineIO file of a cut. missing: names of shots of which no take is approved.
    """

    screening: Screening
    number: int
    jobs: Mapping[str, Job]
    upload: FilmUpload
    own: Worth | None = None
    month: Worth | None = None
    timeline: Path | None = None
    missing: tuple[str, ...] = ()

    @property
    def spoiler(self) -> bool:
        """True if one of its takes is hidden until somebody asks for it: then all of it is."""
        takes = (self.jobs.get(one.job_id) for one in self.screening.reel(self.number) if one.left_out is None)
        return any(job is not None and job.spoiler for job in takes)


class ScreeningChat(Protocol):
    """Posts and status messages of screenings and cuts."""

    def claims(self, guild_id: int | None) -> ClaimedLimits:
        """Return Discord's claims about the size of uploads in a server."""
        ...

    async def language(self, guild_id: int) -> str:
        """Return the language of what a server's channels see, as it is now."""
        ...

    def age_restricted(self, channel_id: int) -> bool:
        """Tell if a channel is for adults."""
        ...

    def original_name(self, job: Job, output: int) -> str:
        """Return the name under which people get a video as the model made it."""
        ...

    async def visible(self, guild_id: int | None, channel_id: int, others: Collection[int]) -> frozenset[int]:
        """Return those of other channels and threads that everybody who sees this channel sees too."""
        ...

    async def begin_status(self, screening: Screening, words: Reason) -> int:
        """Post the message that shows the progress; return its id. Raises NotAllowed and ChatUnavailable."""
        ...

    async def show_status(self, screening: Screening, words: Reason) -> None:
        """Make that message say this. Never raises for Discord's failures."""
        ...

    async def post(self, post: ReelPost, *, again: bool) -> int:
        """Post a film, once; return the message's id. again: an earlier try may have, so it is looked for first.

        Raises FileTooLarge, FileGone, NotAllowed and ChatUnavailable.
        """
        ...
