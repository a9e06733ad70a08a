"""What the life of a job needs of a chat platform. Discord's side of it is in cogs/."""

from __future__ import annotations

from typing import Protocol

from dailies.jobs.job import Job


class Chat(Protocol):
    """A chat platform."""

    async def show(self, job: Job) -> bool:
        """Make the status message say what the job says. Never raises for the platform's failures.

        A state that is overtaken by the next poll may be lost; that of an ended job is tried again. False when it
        should be told later once more; True when it was told, or never can be (the message is gone).
        """
        ...

    async def post(self, job: Job, *, again: bool) -> int:
        """Post the video as a reply to the status, once; returns the message's id.

        again: an earlier try may have been posted, so the channel is searched first: a platform remembers a nonce
        for minutes only, and a clock may jump.
        Raises FileTooLarge, NotAllowed, ChatUnavailable.
        """
        ...
