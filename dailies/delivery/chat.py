"""The chat interface that a job's life needs; cogs/delivery/chat.py implements it for Discord."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dailies.comparison import Comparison
from dailies.delivery.limits import ClaimedLimits
from dailies.job import Job
from dailies.media.container import MP4
from dailies.reason import Reason


@dataclass(frozen=True)
class Upload:
    """A message to post. words: follow the mention of the requester. file: None for words alone. extension: the end
    of the name that it gets, by its content.

    nonce: at most 25 characters; within minutes the same one makes one message.
    direct: to the requester alone instead of the job's channel. channel_id: into this one instead; None: the job's own.
    number: of the output, from 1.
    """

    words: tuple[Reason, ...]
    nonce: str
    file: Path | None = None
    extension: str = MP4
    direct: bool = False
    channel_id: int | None = None
    number: int = 1


@dataclass(frozen=True)
class Posted:
    """A posted message. channel_id: None if it is in the job's own channel."""

    message_id: int
    channel_id: int | None = None


class Chat(Protocol):
    """Posts and status messages for jobs."""

    async def show(self, job: Job) -> bool:
        """Make the status message show the job's state. Never raises for Discord's failures.

        For a job that goes on it returns at once; a state that is superseded while it waits for the rate limit is
        never sent. For an ended job it waits and retries: False if the end has to be shown again later; True if it was
        shown, or never can be because the message is gone.
        """
        ...

    async def drain(self, seconds: float) -> None:
        """Wait, at most this many seconds, until every end passed to `show` was shown."""
        ...

    def claims(self, job: Job) -> ClaimedLimits:
        """Return Discord's claims about the size of uploads in the job's channel."""
        ...

    async def post(self, job: Job, upload: Upload, *, again: bool) -> Posted:
        """Post a job's video as a reply to the status, once.

        again: an earlier try may have been posted, so the channel is searched first: Discord remembers a nonce
        for minutes only, and a clock may jump.
        Raises FileTooLarge, NotAllowed, ChatUnavailable.
        """
        ...

    async def post_together(self, takes: Sequence[Job], paths: Sequence[Path], nonce: str, *, again: bool) -> Posted:
        """Post the videos of a comparison in one message, as a reply to the status, once; in the post of their shot, if
        they have one. paths: of their files.

        again: as in `post`. Raises FileTooLarge, FileGone, NotAllowed, ChatUnavailable.
        """
        ...

    async def find_together(self, job: Job) -> Posted | None:
        """Return the message with several videos of a comparison, if an earlier try has posted it. job: of its set.

        Raises as `post`.
        """
        ...

    async def show_result(self, comparison: Comparison, takes: Sequence[Job]) -> bool:
        """Make the messages with the videos of a comparison, and its status, show how the vote ended. Never raises for
        Discord's failures: False if it has to be tried again later.
        """
        ...

    async def follow_up(self, job: Job, upload: Upload, begun: Callable[[], Awaitable[None]]) -> Posted:
        """Post a job's video with the command's token, where the bot is not a member. Sent once, whatever happens.

        begun: awaited right before it is sent; if it was not called, nothing was sent.
        Raises FileTooLarge, FileGone, NotAllowed and ChatUnavailable when it was not posted, PerhapsPosted when nobody
        knows.
        """
        ...

    async def find(self, job: Job, *, direct: bool, channel_id: int | None = None, number: int = 1) -> Posted | None:
        """Return a message with an output of the job, or its link, that an earlier try has posted. Raises as `post`.

        direct, channel_id: as of an Upload.
        """
        ...
