"""The file of a message with a video: its name, and its words for people who do not see it."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from pathlib import Path

import discord

from cogs.interactions.text import ALT_TEXT, plain, shorten
from dailies.delivery.chat import Upload
from dailies.job import Job
from dailies.language import gettext
from dailies.media.container import MP4
from dailies.references.reference import SPOILER_NAME
from dailies.takes import letter

WORDS_NAMED = 40
"""Characters of a prompt's words in a file's name."""
_REFERENCE = re.compile(r"[{<\[@]\s*(?:image\s*_?)?\d+\s*[}>\]]?")
"""A reference as prompts name it, as in {2} or @Image1: a number that means nothing in a name."""


def file_name(job: Job, upload: Upload) -> str:
    """Return the name under which a file is posted, as in fox-carries-the-lantern-12a-take-3.mp4.

    It has ASCII letters, digits and hyphens, and several jobs may have the same: nothing is found by it.
    """
    mark = SPOILER_NAME if job.spoiler else ""
    number = f"-video-{upload.number}" if upload.number > 1 else ""
    compared = job.take_set is not None and job.take_set.compared
    which = f"video-{letter(job).lower()}" if compared else f"take-{job.number}"
    if job.shot is not None:
        which = f"{_named(job.shot.name, 'shot')}-{which}"
    return f"{mark}{_named(job.request.prompt)}-{which}{number}.{upload.extension}"


def _named(prompt: str, nothing: str = "video") -> str:
    """Return the first words of a prompt, or a name, for a file's name, without an article at their beginning.

    nothing: what stands for one without such words.
    """
    text = unicodedata.normalize("NFKD", _REFERENCE.sub(" ", prompt)).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", re.sub(r"['`]", "", text))
    if len(words) > 1 and words[0] in ("the", "a", "an"):
        words = words[1:]
    name = ""
    for word in words:
        longer = f"{name}-{word}" if name else word[:WORDS_NAMED]
        if len(longer) > WORDS_NAMED:
            break
        name = longer
    return name or nothing


def is_named_after(name: str, job: Job, number: int = 1) -> bool:
    """Tell if an attachment's name, or a link at the end of a text, is one that earlier versions gave an output."""
    found = re.search(rf"{re.escape(job.id)}[.](?:([0-9]{{1,2}})[.])?[0-9a-z]", name)
    return found is not None and int(found[1] or 1) == number


def alt_text(job: Job, upload: Upload) -> str | None:
    """Return a description of a video, made from its prompt; None for other files."""
    if upload.extension != MP4:
        return None
    prompt = plain(job.request.prompt)
    if job.take_set and job.take_set.compared:
        return shorten(gettext("Video {letter}: {prompt}", letter=letter(job), prompt=prompt), ALT_TEXT)
    return shorten(gettext("Video: {prompt}", prompt=prompt), ALT_TEXT)


async def opened(job: Job, upload: Upload, path: Path) -> discord.File:
    """Open a file to be sent. It serves one request, and streams from disk; close it after that."""
    return await asyncio.to_thread(discord.File, path, file_name(job, upload), description=alt_text(job, upload))
