"""Words of a team about a video: approved, or what a retake should do otherwise."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dailies.errors import RefusedError
from dailies.reason import Reason, ReasonCode

NOTE_MOST = 1000
"""Most characters of a note."""


class Verdict(StrEnum):
    """Verdicts on a video."""

    APPROVED = "approved"
    RETAKE = "retake"
    WITHDRAWN = "withdrawn"  # the word before no longer holds


@dataclass(frozen=True, slots=True)
class Decision:
    """A word about one video. Times are Unix seconds.

    job_id, output: which video; outputs count from 1. number: from 1; the highest holds. by_id: who said so; None: was
    forgotten. note: what to do otherwise. at_seconds: the second of the video that it is about; None: the whole.
    reply_id: the message with the note. told_at: when the video's message showed it, or a reply said so.
    """

    job_id: str
    output: int
    number: int
    verdict: Verdict
    by_id: int | None
    decided_at: float
    note: str | None = None
    at_seconds: float | None = None
    reply_id: int | None = None
    told_at: float | None = None


class ShotState(StrEnum):
    """States of a shot, as the tags of its post say them."""

    IN_PROGRESS = "In progress"
    RETAKE = "Retake"
    APPROVED = "Approved"


def shot_state(job_ids: Sequence[str], newest: Mapping[tuple[str, int], Decision]) -> ShotState:
    """Return the state of a shot: approved with one approved video; else what was said of its newest take.

    job_ids: of its delivered takes, in their order. newest: what holds for their videos, by job and output.
    """
    said = {job_id: set[Verdict]() for job_id in job_ids}
    for (job_id, _), decision in newest.items():
        said.setdefault(job_id, set()).add(decision.verdict)
    if any(Verdict.APPROVED in verdicts for verdicts in said.values()):
        return ShotState.APPROVED
    last = said[job_ids[-1]] if job_ids else set[Verdict]()
    return ShotState.RETAKE if Verdict.RETAKE in last else ShotState.IN_PROGRESS


@dataclass(frozen=True, slots=True)
class ApprovedPost:
    """An approved video on its way to the channel for approved videos, once. Times are Unix seconds.

    channel_id: that channel when it was approved. sent_at: when it was last sent: it may be there, whatever else is
    known; None: never. message_id: None: not posted, as far as is known. ended_at: when the message there last agreed
    with what was said, or could not be posted; None: still to do. reason: why it was not posted.
    """

    job_id: str
    output: int
    channel_id: int
    wanted_at: float
    sent_at: float | None = None
    message_id: int | None = None
    ended_at: float | None = None
    reason: Reason | None = None


_SECONDS = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}(?:[.,]\d{1,3})?)\s*s?")


def read_seconds(typed: str, length: float | None) -> float | None:
    """Return the second of a video that was typed, as in 3.5 or 0:03; None for nothing. length: of the video; None: not
    known. Raises RefusedError.
    """
    if not typed.strip():
        return None
    found = _SECONDS.fullmatch(typed.strip())
    seconds = 60 * int(found[1] or 0) + float(found[2].replace(",", ".")) if found else None
    if seconds is None or (length is not None and seconds > length):
        raise RefusedError(ReasonCode.REVIEW_SECONDS_WRONG, length=length)
    return seconds


def open_notes(history: Sequence[Decision]) -> list[Decision]:
    """Return the retakes that were asked for and still hold, oldest first: those since another word on that video."""
    found: list[Decision] = []
    for one in sorted(history, key=lambda each: (each.decided_at, each.number)):
        if one.verdict is Verdict.RETAKE:
            found.append(one)
        else:
            found = [other for other in found if other.output != one.output]
    return found
