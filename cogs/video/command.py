"""A request for a video, in the form that every command, modal and button submits."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace

import discord
from discord import Interaction

from cogs.interactions.questions import Choice, Question
from dailies.catalog.options import Options, VideoRequest
from dailies.reason import ReasonCode
from dailies.references.reference import Reference, Source


@dataclass(frozen=True)
class VideoCommand:
    """A person's request. attachments: in the order of the options. links: the option's text.

    sources: attachments and links, with links to messages replaced by their images; None until resolved.
    references: images of an earlier job, used instead of the sources; nothing is fetched again.
    key: one job is made for each key, even after a question; empty: use the id of the submitting interaction.
    made_before: the refusal when a job with that key exists; None: say nothing, because Discord sent the command twice.
    answered: names of the questions answered with yes, which are not asked again.
    age_restricted: asked for in an age-restricted channel, or with images from one.
    """

    options: Options
    attachments: Sequence[discord.Attachment] = ()
    links: str | None = None
    sources: tuple[Source, ...] | None = None
    references: tuple[Reference, ...] = ()
    key: str = ""
    made_before: ReasonCode | None = None
    answered: frozenset[str] = frozenset()
    age_restricted: bool = False

    @property
    def images(self) -> int:
        """Number of images in the request."""
        return len(self.references or self.sources or ())

    def first(self, images: int) -> VideoCommand:
        """Return a copy with only the first images."""
        return replace(self, sources=(self.sources or ())[:images], references=self.references[:images])


Check = Callable[[Interaction, VideoCommand, VideoRequest], Awaitable[Question | None]]
"""Checks a request before its job is created: None lets it pass, a Question is asked, RefusedError refuses it."""

Ask = Callable[[str, VideoCommand, str], Choice]
"""Returns a button with this label that submits the command again, with the question of this name answered."""
