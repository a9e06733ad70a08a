"""Films of several takes, as they are recorded: screenings, and cuts of what was approved."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dailies.reason import Reason


class Kind(StrEnum):
    """Kinds of films of several takes."""

    SCREENING = "screening"  # takes with slates between them, small enough to watch
    CUT = "cut"  # the approved take of each shot, at full size


@dataclass(frozen=True, slots=True)
class Wanted:
    """Takes that a film is made of. shot_id: those of this shot alone; None: of any. approved: approved ones alone.

    home: of a cut, the channel whose shots they are of. With none of these, they are all takes since the last
    screening.
    """

    shot_id: str | None = None
    approved: bool = False
    home: int | None = None

    @property
    def since_last(self) -> bool:
        """True if they are all takes since the last screening."""
        return self.shot_id is None and not self.approved


@dataclass(frozen=True, slots=True)
class Entry:
    """A take of a film. job_id, output: which video; outputs count from 1. reel: number of its film, from 1.

    start: seconds at which it begins there; None: not made yet, or left out. left_out: why; None: it is in it.
    """

    job_id: str
    output: int
    reel: int
    start: float | None = None
    left_out: Reason | None = None


@dataclass(frozen=True, slots=True)
class Screening:
    """A screening or a cut, as stored. Times are Unix seconds.

    id: ours, at most 25 characters: the nonce of its first message. asked_by: None: the schedule did, or who asked was
    forgotten. slot: the scheduled moment, as in 2026-12-01T17:00; None: asked for. entries: its takes in order.
    status_id: the message that shows its progress; 0: it was sent, and nobody knows which one it is; None: none yet.
    files: names below DATA_DIR/videos, one for each reel that is made. sent_at: when it was last sent: it may be there,
    whatever else is known. messages: with its reels, in order. ended_at: when it was posted or given up. reason: why
    there is none.
    """

    id: str
    kind: Kind
    guild_id: int | None
    channel_id: int
    asked_by: int | None
    wanted: Wanted
    entries: tuple[Entry, ...]
    created_at: float
    slot: str | None = None
    status_id: int | None = None
    files: tuple[str, ...] = ()
    sent_at: float | None = None
    messages: tuple[int, ...] = ()
    ended_at: float | None = None
    reason: Reason | None = None
    file_removed_at: float | None = None

    @property
    def reels(self) -> int:
        """Number of its films."""
        return max((one.reel for one in self.entries), default=0)

    def reel(self, number: int) -> tuple[Entry, ...]:
        """Return the takes of a reel, from 1, left out ones included."""
        return tuple(one for one in self.entries if one.reel == number)

    @property
    def shown(self) -> tuple[Entry, ...]:
        """Return the takes that are not left out."""
        return tuple(one for one in self.entries if one.left_out is None)


def reel_name(screening_id: str, number: int) -> str:
    """Return the file name of a reel below DATA_DIR/videos, from 1."""
    return f"{screening_id}.mp4" if number == 1 else f"{screening_id}.{number}.mp4"


def in_reels(entries: tuple[Entry, ...], most: int) -> tuple[Entry, ...]:
    """Return takes with the numbers of their reels, at most so many shown ones in each, in as few as that takes and
    as even as can be.
    """
    shown = sum(one.left_out is None for one in entries)
    reels = max(1, -(-shown // most))
    each, begun, found = -(-shown // reels), 0, list[Entry]()
    for one in entries:
        begun += one.left_out is None
        number = max(1, -(-begun // each)) if each else 1
        found.append(Entry(one.job_id, one.output, number, one.start, one.left_out))
    return tuple(found)
