"""The file of a message with a video: its name, and its words for people who do not see it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import discord

from cogs.interactions.text import ALT_TEXT, plain, shorten
from dailies.delivery.chat import Upload
from dailies.job import Job
from dailies.media.container import MP4
from dailies.references.reference import SPOILER_NAME


def file_name(job: Job, upload: Upload) -> str:
    """Return the name under which a file is posted: a later start finds it by the job's id."""
    mark = SPOILER_NAME if job.spoiler else ""
    number = f".{upload.number}" if upload.number > 1 else ""
    return f"{mark}{job.id}{number}.{upload.extension}"


def is_named_after(name: str, job: Job, number: int = 1) -> bool:
    """Tell if an attachment's name, or a link at the end of a text, is that of an output of a job."""
    found = re.search(rf"{re.escape(job.id)}[.](?:([0-9]{{1,2}})[.])?[0-9a-z]", name)
    return found is not None and int(found[1] or 1) == number


def alt_text(job: Job, upload: Upload) -> str | None:
    """Return a description of a video, made from its prompt; None for other files."""
    if upload.extension != MP4:
        return None
    return shorten(f"Video: {plain(job.request.prompt)}", ALT_TEXT)


async def opened(job: Job, upload: Upload, path: Path) -> discord.File:
    """Open a file to be sent. It serves one request, and streams from disk; close it after that."""
    return await asyncio.to_thread(discord.File, path, file_name(job, upload), description=alt_text(job, upload))
