"""A request for a video, as every command, window and button hands it over."""

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
    """What a person asked for. attachments: in the order of the options. links: the option's text.

    sources: what attachments and links come to, links to messages opened; None until that was looked up.
    references: images of an earlier job, in place of the sources; nothing is fetched again.
    key: by it one command makes one job, also after a question; empty: the id of the interaction that brings it.
    made_before: the refusal where there is a job with that key; None: none, because Discord sent one command twice.
    answered: names of the questions that were answered with yes, which are not asked again.
    """

    options: Options
    attachments: Sequence[discord.Attachment] = ()
    links: str | None = None
    sources: tuple[Source, ...] | None = None
    references: tuple[Reference, ...] = ()
    key: str = ""
    made_before: ReasonCode | None = None
    answered: frozenset[str] = frozenset()

    @property
    def images(self) -> int:
        """How many images the request is made with."""
        return len(self.references or self.sources or ())

    def first(self, images: int) -> VideoCommand:
        """The same with no more than the first images."""
        return replace(self, sources=(self.sources or ())[:images], references=self.references[:images])


Check = Callable[[Interaction, VideoCommand, VideoRequest], Awaitable[Question | None]]
"""Looks at a request before its job is made: None lets it pass, a question is asked, RefusedError refuses it."""

Ask = Callable[[str, VideoCommand, str], Choice]
"""Makes the button, with this label, that submits a command again with the question of this name answered."""
