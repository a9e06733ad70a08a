"""The chat interface that reviews need; cogs/delivery/reviewed.py implements it for Discord."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from dailies.delivery.chat import Upload
from dailies.job import Job
from dailies.reason import Reason
from dailies.review import ApprovedPost, Decision


@dataclass(frozen=True)
class Provenance:
    """Record of how an approved video came to be, as JSON. name: of its file, by which its message is found again."""

    name: str
    text: str


@dataclass(frozen=True)
class ApprovedUpload:
    """A message with an approved video. upload: its file, or a link in its words. original: where the file as the model
    made it is, when another one is posted; None: it is that one.
    """

    job: Job
    decision: Decision
    upload: Upload
    provenance: Provenance
    original: Reason | None = None


class Telling(Protocol):
    """A way to tell what was said about a video."""

    async def show(self, job: Job, decision: Decision, *, but: int | None = None) -> bool:
        """Make the messages with the video say what holds now; False if none can be changed. but: the id of one that
        does already. Raises ChatUnavailable.
        """
        ...

    async def reply(self, job: Job, decision: Decision, *, search: bool) -> int:
        """Reply to the video with what was said, once; return the message's id. search: an earlier try may be there.

        Raises NotAllowed and ChatUnavailable.
        """
        ...


class ReviewChat(Telling, Protocol):
    """Messages about reviews, with the bot's own token."""

    def limit(self, job: Job) -> int | None:
        """Return the upload limit, in bytes, that Discord claims for a job's server; None: it makes no claim."""
        ...

    async def post_approved(self, post: ApprovedPost, upload: ApprovedUpload) -> int:
        """Post an approved video in its channel; return the message's id.

        Raises FileTooLarge, FileGone, NotAllowed and ChatUnavailable.
        """
        ...

    async def find_approved(self, post: ApprovedPost, name: str) -> int | None:
        """Return the message that an earlier try has posted, by the name of its provenance's file.

        Raises as `post_approved`.
        """
        ...

    async def edit_approved(self, post: ApprovedPost, message_id: int, job: Job, decision: Decision) -> None:
        """Make the message with an approved video say what holds now. Raises NotAllowed and ChatUnavailable."""
        ...
