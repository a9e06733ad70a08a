"""A request for a video, in the form that every command, modal and button submits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Protocol

import discord
from discord import Interaction

from cogs.video.message_images import attachment
from dailies.catalog.options import Options
from dailies.draft import Draft
from dailies.job import How, Job, Origin
from dailies.lineage import origin_of
from dailies.openrouter.payload import Role
from dailies.reason import ReasonCode
from dailies.references.reference import Reference, Source
from dailies.references.roles import ImageCounts, counted, counts
from dailies.shot import ShotTake


@dataclass(frozen=True)
class VideoCommand:
    """A person's request. attachments: references in the order of the options. links: the option's text.
    frames: attachments that fix frames, by their roles.

    sources: attachments and links, with links to messages replaced by their images; None until resolved.
    references: images of an earlier job, used instead of the sources; nothing is fetched again.
    key: one job is made for each key; empty: use the id of the submitting interaction.
    made_before: the refusal when a job with that key exists; None: say nothing, because Discord sent the command twice.
    answered: names of what its person has agreed to: its price, and references that the model may not use.
    age_restricted: asked for in an age-restricted channel, or with images from one.
    most: USD that the person has agreed to pay; a job that may cost more is not made. takes: number of videos.
    models: ids of the models that it compares, one video each; empty: it compares none, and the options' model counts.
    origin: the job that it comes from. draft: what it was composed in.
    shot: of which it makes takes; None: of none. shot_typed: the name that was typed for it; empty: the one that its
    person works on counts; None: `shot` does.
    cast: names of the cast that were chosen, without a mention. unknown: names in its prompt that are not in the cast.
    people: names of the cast that show real people.
    """

    options: Options
    attachments: Sequence[discord.Attachment] = ()
    links: str | None = None
    frames: Mapping[Role, discord.Attachment] = field(default_factory=dict[Role, discord.Attachment])
    sources: tuple[Source, ...] | None = None
    references: tuple[Reference, ...] = ()
    key: str = ""
    made_before: ReasonCode | None = None
    answered: frozenset[str] = frozenset()
    age_restricted: bool = False
    most: Decimal | None = None
    takes: int = 1
    models: tuple[str, ...] = ()
    origin: Origin | None = None
    shot: ShotTake | None = None
    shot_typed: str | None = None
    draft: Draft | None = None
    cast: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    people: tuple[str, ...] = ()

    @property
    def attached(self) -> list[Source]:
        """The attachments as sources, frames first."""
        frames = [replace(attachment(one), role=role) for role, one in self.frames.items()]
        return [*frames, *map(attachment, self.attachments)]

    @property
    def images(self) -> ImageCounts:
        """Count the images that guide the video, and those that fix its frames."""
        return counts(self.references or self.sources or ())

    @property
    def roles(self) -> frozenset[Role]:
        """Roles of the images."""
        return frozenset(one.role for one in self.references or self.sources or ())

    @property
    def counted(self) -> Options:
        """The options, with the images counted."""
        return counted(self.options, self.references or self.sources or ())


def command_of(draft: Draft) -> VideoCommand:
    """Return the request that a draft makes."""
    return VideoCommand(
        draft.options,
        sources=draft.sources,
        key=draft.key,
        made_before=ReasonCode.DRAFT_MADE,
        age_restricted=draft.age_restricted,
        takes=draft.takes,
        models=draft.models,
        origin=draft.origin,
        shot=draft.shot,
        draft=draft,
    )


def command_after(job: Job, how: How) -> VideoCommand:
    """Return the request that goes on from a job: its settings, without its pictures. It makes takes of the same shot,
    unless it is about the next one.
    """
    return VideoCommand(
        job.request.options,
        age_restricted=job.age_restricted,
        origin=origin_of(job, how),
        shot=replace(job.shot, number=None) if job.shot and how is not How.NEXT_SHOT else None,
    )


class Composer(Protocol):
    """The port to the panel in which a request is composed (cogs/composer/)."""

    async def open(self, interaction: Interaction, draft: Draft, *, said: str = "") -> None:
        """Answer a command, a window or a click with the panel of this draft. said: a line above it, our own markup.

        An answer to a click in an ephemeral message replaces that message; every other one is a new ephemeral message.
        """
        ...

    async def draft(self, interaction: Interaction, command: VideoCommand) -> Draft:
        """Store a draft of a request. Raises RefusedError when the database does not take it in time."""
        ...
