"""The thumbnails of a status: which references, their alt texts and their marks."""

from __future__ import annotations

import discord
from discord import ui

from cogs.interactions.text import ALT_TEXT, plain, shorten
from cogs.status.roles import called, named
from dailies.job import Job, State
from dailies.references.reference import Reference

THUMBNAILS = 10
"""Maximum items of a media gallery."""


def pictured(job: Job) -> list[tuple[int, Reference]]:
    """Return the references that a status shows, with their numbers: none once the video is there to be looked at, and
    of a refused job only the pictures of pages.
    """
    if job.state is State.DELIVERED:
        return []
    numbered = list(enumerate(job.references, start=1))
    return [(n, one) for n, one in numbered if job.state is not State.REFUSED or one.page][:THUMBNAILS]


def gallery(job: Job, thumbnails: list[str]) -> ui.MediaGallery[ui.LayoutView]:
    """Return the thumbnails as a gallery. thumbnails: the address of each."""
    return ui.MediaGallery(
        *(
            discord.MediaGalleryItem(url, description=alt_text(number, reference), spoiler=reference.spoiler)
            for (number, reference), url in zip(pictured(job), thumbnails, strict=False)
        )
    )


def alt_text(number: int, reference: Reference) -> str:
    """Return what a screen reader says of a thumbnail: the text of who gave the picture, or else its name."""
    name = f"{named(reference)}, {reference.name}" if reference.cast else reference.name
    return shorten(plain(f"{called(number, reference)}: {reference.description or name}"), ALT_TEXT)
