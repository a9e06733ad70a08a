"""What the life of a job needs of a chat platform. Discord's side of it is in cogs/."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dailies.delivery.limits import ClaimedLimits
from dailies.job import Job


@dataclass(frozen=True)
class Upload:
    """What is posted. words: beside the mention of the requester. file: None when the words are all.

    nonce: at most 25 characters; the same one makes one message within minutes.
    direct: to the requester alone instead of where the job was asked for.
    """

    words: str
    nonce: str
    file: Path | None = None
    direct: bool = False


@dataclass(frozen=True)
class Posted:
    """A message. channel_id: None when it is where the job was asked for."""

    message_id: int
    channel_id: int | None = None


class Chat(Protocol):
    """A chat platform."""

    async def show(self, job: Job) -> bool:
        """Make the status message say what the job says. Never raises for the platform's failures.

        For a job that goes on it returns at once; a state that is overtaken before there is room for it is never
        sent. For an ended job it waits, and tries again: False when it should be told later once more; True when it
        was told, or never can be (the message is gone).
        """
        ...

    async def drain(self, seconds: float) -> None:
        """Wait, at most so long, until every end that was handed to `show` was told."""
        ...

    def claims(self, job: Job) -> ClaimedLimits:
        """What the platform says about the size of uploads where a job was asked for."""
        ...

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        """Post a job's video as a reply to the status, once.

        again: an earlier try may have been posted, so the channel is searched first: a platform remembers a nonce
        for minutes only, and a clock may jump.
        Raises FileTooLarge, NotAllowed, ChatUnavailable.
        """
        ...

    async def follow_up(self, job: Job, upload: Upload, begun: Callable[[], Awaitable[None]]) -> Posted:
        """Post a job's video with the command's own token, where the bot is not a member: sent once, whatever comes.

        begun: waited for right before it is sent; if it was not called, nothing was sent.
        Raises FileTooLarge, FileGone and NotAllowed when it was not posted, PerhapsPosted when nobody knows.
        """
        ...

    async def find(self, job: Job, *, direct: bool) -> Posted | None:
        """A message with the job's video, or the link to it, that an earlier try has posted. Raises as `post`."""
        ...
