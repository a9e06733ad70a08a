"""One record that says how far a job came."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from dailies.catalog.options import VideoRequest
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason
from dailies.references.reference import Reference, Source


class State(StrEnum):
    """How far a job came. docs/architecture.md has the picture."""

    CHECKING = "checking"  # references are being fetched; nothing is paid
    QUEUED = "queued"  # everything is checked; waits for its turn; nothing is paid
    RESERVED = "reserved"  # its turn has come; nothing is paid
    SUBMITTING = "submitting"  # saved before the POST: from here on it may be paid
    SUBMITTED = "submitted"  # OpenRouter's id is known
    COMPLETED = "completed"  # finished and paid; not on our disk yet
    DELIVERING = "delivering"  # on our disk, checked
    DELIVERED = "delivered"
    REFUSED = "refused"  # nothing was paid
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    TIMED_OUT = "timed_out"  # checked POLL_LIMIT times; OpenRouter may still finish it
    UNKNOWN = "unknown"  # the POST was sent and no answer came: it may be paid
    UNREPORTED = "unreported"  # unknown for so long that OpenRouter would have reported it, had it taken it
    UNDELIVERED = "undelivered"  # paid and finished, but it could not be downloaded or posted


ENDED = frozenset(
    {
        State.DELIVERED,
        State.REFUSED,
        State.FAILED,
        State.CANCELLED,
        State.EXPIRED,
        State.TIMED_OUT,
        State.UNKNOWN,
        State.UNREPORTED,
        State.UNDELIVERED,
    }
)


IN_DOUBT = frozenset({State.UNKNOWN, State.UNREPORTED, State.TIMED_OUT})
"""Ends whose status says that it may have been paid."""
WITHOUT_BILL = IN_DOUBT | {State.UNDELIVERED, State.DELIVERED}
"""Ends that may have cost something although no cost was named."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job was asked for, and where its messages are: the chat platform's ids.

    guild_id None: a direct message, or a server without the bot. status_message_id None: the status is not there yet.
    token_only: the bot is not there; what it may do there ends with the token of the command. new_status_id: the
    message that was posted because the status was deleted.
    """

    guild_id: int | None
    channel_id: int
    requester_id: int
    status_message_id: int | None = None
    token_only: bool = False
    new_status_id: int | None = None

    @property
    def status_id(self) -> int | None:
        """The message that is the status now."""
        return self.new_status_id or self.status_message_id


@dataclass(frozen=True)
class QueuePosition:
    """Where a job waits. place: from 1. running: how many jobs of the same person run."""

    place: int
    running: int


@dataclass(frozen=True, slots=True)
class Job:
    """A job, as it is kept. Times are Unix seconds; cost is USD.

    id: ours, at most 25 characters, because it is the nonce of the delivery.
    key: of the interaction that asked for it; the same key makes one job. One that was refused, here or by OpenRouter,
    takes its own id instead, so that the same button can make another.
    """

    id: str
    key: str
    place: Place
    request: VideoRequest
    sources: tuple[Source, ...]
    created_at: float
    state: State = State.CHECKING
    references: tuple[Reference, ...] = ()
    openrouter_id: str | None = None
    polling_url: str | None = None
    submitted_at: float | None = None
    callback_url: str | None = None
    """Where OpenRouter was asked to report the job's end."""
    remote_status: str | None = None
    polls: int = 0
    checked_at: float | None = None
    running_at: float | None = None
    """When it was last known to be unfinished: by a check, or because its end was reported right after; None: never."""
    trouble: Reason | None = None
    """Why the last try failed while the job goes on; None when it went well."""
    unsigned_urls: tuple[str, ...] = ()
    quote: Quote | None = None
    """What it would probably cost, when it was asked for; None: the bot did not look."""
    cost: Decimal | None = None
    is_byok: bool = False
    file: Path | None = None
    video_message_id: int | None = None
    ended_at: float | None = None
    reason: Reason | None = None
    """Why the job did not end as it should."""
    told: bool = False
    """Whether the status message says how the job ended."""
    locale: str | None = None
    follow_up_at: float | None = None
    """When the video was last sent with the command's token: it may be there, whatever else is known."""
    file_removed_at: float | None = None
    forgotten_at: float | None = None
    line: QueuePosition | None = None
    """While it is queued; not kept, because it changes with every other job."""
    upload_limit: int | None = None
    """Bytes that the requester could upload where they asked; None while nobody said."""
    delivery_note: Reason | None = None
    """What was changed so that the video could be posted."""
    video_channel_id: int | None = None
    """Where the video was posted, when that is not the job's own channel."""
    activity: Reason | None = None
    """What is being done just now. Not kept."""

    @property
    def most(self) -> Decimal | None:
        """USD that it should not go beyond; None when neither a bound nor a price is known."""
        if self.quote is None or self.quote.at_most is None:
            return self.quote and self.quote.usd
        return self.quote.at_most

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in ENDED

    def alive(self, openrouter_id: str, polling_url: str | None = None, status: str | None = None) -> Job:
        """As it goes on, from the beginning or once more, when OpenRouter has it."""
        return replace(
            self,
            state=State.SUBMITTED,
            openrouter_id=openrouter_id,
            polling_url=polling_url or self.polling_url,
            remote_status=status or self.remote_status,
            submitted_at=self.submitted_at or self.created_at,
            polls=0,
            ended_at=None,
            reason=None,
            told=False,
        )


_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_job_id(now: float) -> str:
    """16 characters, in the order of time: 45 bits of milliseconds and 35 random bits, without i, l, o, u."""
    number = (int(now * 1000) << 35) | secrets.randbits(35)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(75, -1, -5))
