"""What the life of a job needs of a chat platform. Discord's side of it is in cogs/."""

from __future__ import annotations

from typing import Protocol

from dailies.jobs.job import Job


class Chat(Protocol):
    """A chat platform."""

    async def show(self, job: Job) -> bool:
        """Make the status message say what the job says. Never raises for the platform's failures.

        For a job that goes on it returns at once; a state that is overtaken before there is room for it is never
        sent. For an ended job it waits, and tries again: False when it should be told later once more; True when it
        was told, or never can be (the message is gone).
        """
        ...

    async def settle(self, seconds: float) -> None:
        """Wait, at most so long, until every end that was handed to `show` was told."""
        ...

    async def post(self, job: Job, *, again: bool) -> int:
        """Post the video as a reply to the status, once; returns the message's id.

        again: an earlier try may have been posted, so the channel is searched first: a platform remembers a nonce
        for minutes only, and a clock may jump.
        Raises FileTooLarge, NotAllowed, ChatUnavailable.
        """
        ...
