"""The forum interface: each shot of a channel has a post; cogs/delivery/forum.py implements it for Discord."""

from __future__ import annotations

from typing import Protocol

from dailies.job import Job
from dailies.review import ShotState
from dailies.shot import Shot


class Forum(Protocol):
    """Posts of shots, and their tags."""

    async def open_post(self, job: Job, shot: Shot, forum_id: int, *, since: float | None) -> int:
        """Make the post of a shot in a forum for its first take, and return the post's id.

        since: Unix seconds; one that was made after them may be there, so it is looked for first. None: there is none.
        Raises NotAllowed when none was made, and ChatUnavailable when nobody knows.
        """
        ...

    async def tag_post(self, post_id: int, state: ShotState) -> None:
        """Make a post's tags show the state of its shot, as far as rights and limits allow. Never raises for Discord's
        failures.
        """
        ...
