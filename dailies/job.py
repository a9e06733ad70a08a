"""The record of a job and its states."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum
from pathlib import Path

from dailies.catalog.options import VideoRequest
from dailies.marks import FileMarks
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason
from dailies.references.reference import Reference, Source
from dailies.references.roles import ImageCounts, counts
from dailies.shot import ShotTake


class State(StrEnum):
    """Progress of a job, drawn as a diagram in docs/architecture.md."""

    CHECKING = "checking"  # references are being fetched; nothing is paid
    QUEUED = "queued"  # checked; waits for its turn; nothing is paid
    RESERVED = "reserved"  # its turn has come; nothing is paid
    SUBMITTING = "submitting"  # saved before the POST: from here on it may have been paid
    SUBMITTED = "submitted"  # OpenRouter's id is known
    COMPLETED = "completed"  # finished and paid; not downloaded yet
    DELIVERING = "delivering"  # downloaded and checked
    DELIVERED = "delivered"
    REFUSED = "refused"  # nothing was paid
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    TIMED_OUT = "timed_out"  # checked for CHECK_HOURS; OpenRouter may still finish it
    UNKNOWN = "unknown"  # the POST was sent and no answer came: it may have been paid
    UNREPORTED = "unreported"  # unknown for so long that OpenRouter would have reported an accepted job
    UNDELIVERED = "undelivered"  # finished and paid, but could not be downloaded or posted


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

UNSENT = frozenset({State.CHECKING, State.QUEUED, State.RESERVED})
"""States in which nothing was sent, or OpenRouter refused what was: nothing is paid."""
IN_DOUBT = frozenset({State.UNKNOWN, State.UNREPORTED, State.TIMED_OUT})
"""Final states in which the job may have been paid, as its status says."""
WITHOUT_BILL = IN_DOUBT | {State.UNDELIVERED, State.DELIVERED}
"""Final states in which the job may have cost something although OpenRouter named no cost."""
LATE_SECONDS = 30 * 60.0
"""Age from which a running job takes longer than usual: it is checked less often, and its place goes to another."""


@dataclass(frozen=True, slots=True)
class Place:
    """Discord ids of a job's server, channel, requester and messages.

    guild_id None: a direct message, or a server without the bot. status_message_id None: no status yet.
    token_only: the bot is not a member there and can act only until the command's token expires.
    new_status_id: the status that replaced a deleted one.
    """

    guild_id: int | None
    channel_id: int
    requester_id: int
    status_message_id: int | None = None
    token_only: bool = False
    new_status_id: int | None = None

    @property
    def status_id(self) -> int | None:
        """Id of the current status message."""
        return self.new_status_id or self.status_message_id


class How(StrEnum):
    """The way in which a job came from an earlier one."""

    AGAIN = "again"  # the same settings, with a new seed where the model has seeds
    EDIT = "edit"  # changed in the composer
    NEXT_SHOT = "next_shot"  # another prompt, with the same references
    LAST_FRAME = "last_frame"  # begins with the last frame of the earlier video
    CONTINUATION = "continuation"  # the model itself continues the earlier video
    FINAL = "final"  # the same, on the model and at the resolution that the team calls final


@dataclass(frozen=True, slots=True)
class Origin:
    """The job that a job came from. job_id: ours. hops: last frames in a row that led here; each softens it."""

    job_id: str
    how: How
    hops: int = 0


@dataclass(frozen=True, slots=True)
class TakeSet:
    """A set of takes that were requested together: one price, one status, each with its own fate.

    id: of its first job. place: of this job in it, from 1. size: number of takes. compared: each is of another model,
    at a place that was drawn by lot. votes: for this one, once the vote on them has ended; None: it has not.
    """

    id: str
    place: int
    size: int
    compared: bool = False
    votes: int | None = None


@dataclass(frozen=True)
class QueuePosition:
    """A job's place in the queue, from 1. running: number of the same person's jobs that run."""

    place: int
    running: int


@dataclass(frozen=True, slots=True)
class Output:
    """One file of a finished job. came: it was downloaded. seconds, width (pixels), height, sound: None: not known.

    sound: False also for a track without a single audible sample.
    """

    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    sound: bool | None = None
    came: bool = False
    message_id: int | None = None
    """The message that holds it; None: not posted yet."""
    problem: Reason | None = None
    """Reason why it could not be downloaded or posted, while others were."""


def output_name(job_id: str, number: int) -> str:
    """Return the file name of an output, counted from 1; the first one has the job's own."""
    return f"{job_id}.mp4" if number == 1 else f"{job_id}.{number}.mp4"


@dataclass(frozen=True, slots=True)
class Job:
    """A job, as stored. Times are Unix seconds; cost is USD.

    id: ours, at most 25 characters, because it is the nonce of the delivery.
    key: of the requesting interaction; one key makes one job. A job that was refused, here or by OpenRouter, gets its
    own id as the key, so that the same button can make another.
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
    """Address that OpenRouter was asked to report the job's end to."""
    send_at: float | None = None
    """Time before which it is not sent again, after OpenRouter refused it as busy; None: it may be sent."""
    busy_seconds: float = 0.0
    """Seconds that it was made to wait because OpenRouter was busy."""
    remote_status: str | None = None
    polls: int = 0
    checked_at: float | None = None
    running_at: float | None = None
    """Time when it was last known to be unfinished: by a check, or by a report right after its end; None: never."""
    trouble: Reason | None = None
    """Reason why the last try failed while the job continues; None after a success."""
    completed_at: float | None = None
    """Time from which the finished video is being downloaded; None: it is not finished."""
    quote: Quote | None = None
    """Estimated price at the time of the request; None: not looked up."""
    cost: Decimal | None = None
    is_byok: bool = False
    file: Path | None = None
    outputs: tuple[Output, ...] = ()
    """Files in the order of OpenRouter's list; none before it ended, and for jobs of older versions."""
    video_message_id: int | None = None
    ended_at: float | None = None
    reason: Reason | None = None
    """Reason why the job did not succeed."""
    told: bool = False
    """The status message shows how the job ended."""
    locale: str | None = None
    language: str = "en"  # of its messages in the channel
    follow_up_at: float | None = None
    """Time when the video was last sent with the command's token: it may have been posted, whatever else is known."""
    file_removed_at: float | None = None
    forgotten_at: float | None = None
    queue_position: QueuePosition | None = None
    """Position while queued; not stored, because it changes with every other job."""
    upload_limit: int | None = None
    """Upload limit of the requester in the job's channel, in bytes; None: not known."""
    delivery_note: Reason | None = None
    """Change that was made so that the video could be posted."""
    video_channel_id: int | None = None
    """Channel of the video, if it is not the job's own."""
    activity: Reason | None = None
    """Not stored."""
    age_restricted: bool = False
    """Asked for in an age-restricted channel, or made of what comes from one: it stays in such channels."""
    origin: Origin | None = None
    """None: asked for anew."""
    root_id: str | None = None
    """The first job of its lineage, which is itself where it was asked for anew; None: older than lineages."""
    take: int = 1
    """Number among the jobs of its lineage, from 1."""
    take_set: TakeSet | None = None
    """None: asked for alone."""
    shot: ShotTake | None = None
    """None: a take of no shot."""
    marks: dict[int, FileMarks] = field(default_factory=dict[int, FileMarks])
    """Marks of its outputs, by their numbers from 1, as far as they were read."""
    post_id: int | None = None
    """The forum post that its videos go into; None: the channel that it was asked for in."""

    @property
    def number(self) -> int:
        """Its number as people are told it: among the takes of its shot, or else of its lineage."""
        return self.take if self.shot is None or self.shot.number is None else self.shot.number

    @property
    def blind(self) -> bool:
        """True while nobody may be told its model: the vote on the comparison that it belongs to goes on."""
        return self.take_set is not None and self.take_set.compared and self.take_set.votes is None

    @property
    def images(self) -> ImageCounts:
        """Count the images that guide it, and those that fix its frames."""
        return counts(self.references or self.sources)

    @property
    def spoiler(self) -> bool:
        """True if a reference was hidden where it was given: then everything made of it is hidden as well."""
        return any(one.spoiler for one in (*self.references, *self.sources))

    @property
    def most(self) -> Decimal | None:
        """Most USD that it should cost; None when neither a bound nor a price is known."""
        return self.quote and (self.quote.usd if self.quote.at_most is None else self.quote.at_most)

    @property
    def files(self) -> dict[int, Path]:
        """Paths of the files that came, by their numbers from 1; `file` is the first of them."""
        if self.file is None:
            return {}
        numbers = [number for number, one in enumerate(self.outputs, 1) if one.came] or [1]
        others = {number: self.file.with_name(output_name(self.id, number)) for number in numbers[1:]}
        return {numbers[0]: self.file, **others}

    @property
    def ended(self) -> bool:
        """True when nothing more will happen by itself."""
        return self.state in ENDED

    @property
    def outstanding(self) -> bool:
        """True if its video is to be posted, or its end to be told: that is tried again by itself."""
        return self.state is State.DELIVERING or (self.ended and not self.told)

    @property
    def late(self) -> bool:
        """True when the last check found it running for longer than usual."""
        began = self.submitted_at or self.created_at
        return self.state is State.SUBMITTED and (self.checked_at or began) - began >= LATE_SECONDS

    def alive(self, openrouter_id: str, polling_url: str | None = None, status: str | None = None) -> Job:
        """Return the job as it continues at OpenRouter, for the first time or revived."""
        return replace(
            self,
            state=State.SUBMITTED,
            openrouter_id=openrouter_id,
            polling_url=polling_url or self.polling_url,
            remote_status=status or self.remote_status,
            submitted_at=self.submitted_at or self.created_at,
            polls=0,
            completed_at=None,
            outputs=(),
            send_at=None,
            trouble=None,
            ended_at=None,
            reason=None,
            told=False,
        )
