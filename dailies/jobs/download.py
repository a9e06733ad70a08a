"""The download of a finished video: paid for, so it is fetched again and again, and never generated again.

Each try asks every source that OpenRouter names, with links from a fresh look at the job. The links stay in memory,
because some are signed: a run that begins after a restart looks for new ones. A job may have several outputs.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import replace
from pathlib import Path

from dailies.errors import MediaError, OpenRouterError
from dailies.files import make_folder
from dailies.job import Job, Output, State, output_name
from dailies.jobs.context import JobContext
from dailies.jobs.schedule import time_left
from dailies.jobs.transitions import end, save
from dailies.media import probe as media
from dailies.media.loudness import has_sound
from dailies.openrouter.endpoints import VideoSource
from dailies.openrouter.protocol import Poll
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

LONGEST_PAUSE = 600.0
"""Seconds between two tries at most; a longer Retry-After counts as this."""
SAME_TIMES = 8
"""Times that one source has to send a file of the same size that ffmpeg cannot read, until it is taken as it is. Two
sources that agree are enough. Eight tries take about four minutes, which outlast most gateways' pages of errors."""
MOST_OUTPUTS = 10
"""Outputs of one job that are downloaded. One is ordered; a model that makes variants makes a few."""
REST_SECONDS = 120.0
"""Seconds for which the outputs that came wait for the others."""
UNREADABLE_MOST = 16
"""Files that ffmpeg cannot read until one is taken, whatever their sizes."""
_UNREADABLE = frozenset({ReasonCode.NO_VIDEO_FILE, ReasonCode.NO_DURATION})
"""Findings about a file. Others are about ffmpeg itself, which downloading once more does not help."""


def pause_after(number: int, asked: float) -> float:
    """Return the seconds after the try of this number, from 1: 2, 4, 8 … LONGEST_PAUSE, plus up to a quarter at random.

    asked: Retry-After in seconds, 0 without one.
    """
    grown = min(LONGEST_PAUSE, 2.0 ** min(number, 20)) * (1 + random.random() / 4)
    return max(grown, min(asked, LONGEST_PAUSE))


async def download(job: Job, context: JobContext, poll: Poll | None = None) -> Job:
    """Download the outputs until they came whole; return the job as delivering, or undelivered after DOWNLOAD_HOURS.

    Whole is all that is promised: a file may be something else than a video. Once one came, the others have
    REST_SECONDS left. Those that were posted by an earlier process are left alone.
    poll: the answer that said that the job has finished, whose links are fresh; None: there is none in memory.
    """
    began = job.completed_at or context.now()
    job = replace(job, completed_at=began, trouble=None)
    left = time_left(context.limits.download_seconds, 0.0 if poll else context.now() - began)
    await context.chat.show(job)
    tries = _Tries(job, context, poll)
    number, partly = 0, False
    while True:
        number += 1
        problem = await tries.next()
        job = _billed(job, tries.poll)
        if problem is not None and tries.first and not partly:
            partly, left = True, min(left, REST_SECONDS)
        if tries.first and (problem is None or left <= 0):
            outputs = tries.finished()
            return await save(job, context, state=State.DELIVERING, file=tries.first, outputs=outputs, trouble=None)
        if number <= 5 or number % 60 == 0:
            log.warning("job %s: its download failed, try %d: %s", job.id, number, problem)
        error = problem.reason if problem else None
        if left <= 0:
            await asyncio.to_thread(tries.remove)
            reason = Reason(ReasonCode.NOT_DOWNLOADED, downloads=number, error=error)
            return await end(job, context, State.UNDELIVERED, reason, file=None)
        pause = min(left, pause_after(number, tries.asked))
        left -= pause
        job = await save(
            job, context, trouble=Reason(ReasonCode.DOWNLOAD_DELAYED, error=error, at=context.now() + pause)
        )
        await context.chat.show(job)
        await context.sleep(pause)
        await context.chat.show(replace(job, trouble=None))


def listed(poll: Poll) -> tuple[Output, ...]:
    """Return an output, of which nothing is known, for each that an answer lists: at least 1, at most MOST_OUTPUTS."""
    number = max(1, len(poll.unsigned_urls), len(poll.urls))
    return (Output(),) * min(number, MOST_OUTPUTS)


def _billed(job: Job, poll: Poll) -> Job:
    """Return the job with its cost, if the newest answer names one that was not known."""
    return job if job.cost is not None or poll.cost is None else replace(job, cost=poll.cost, is_byok=poll.is_byok)


class _Tries:
    """The tries of one run. poll: OpenRouter's newest answer. asked: seconds by the last try's longest Retry-After.

    outputs: as far as they came.
    """

    def __init__(self, job: Job, context: JobContext, poll: Poll | None) -> None:
        if job.openrouter_id is None:
            raise RuntimeError(f"job {job.id} is {job.state} without OpenRouter's id")
        self.asked = 0.0
        self.outputs = [one if one.message_id else Output() for one in job.outputs]
        self._job = job
        self._openrouter_id = job.openrouter_id
        self._context = context
        self.poll = poll or Poll("completed")
        self._fresh = poll is not None
        self._unreadable = dict[int, list[tuple[str, int]]]()
        self._problems = dict[int, OpenRouterError | MediaError]()

    @property
    def first(self) -> Path | None:
        """The first file that came; None: none did."""
        return next((self._target(index) for index, one in enumerate(self.outputs) if one.came), None)

    async def next(self) -> OpenRouterError | MediaError | None:
        """Try every source of every output that is missing once; return the last problem, None when all came."""
        if not self._fresh:
            await self._look()
        self._fresh = False
        self.outputs += listed(self.poll)[len(self.outputs) :]
        self.asked = 0.0
        problem: OpenRouterError | MediaError | None = None
        for index, output in enumerate(self.outputs):
            if not output.came and (found := await self._try(index)):
                problem = self._problems[index] = found
        return problem

    def finished(self) -> tuple[Output, ...]:
        """Return all outputs; those that did not come say why."""
        of = len(self.outputs)
        return tuple(
            one
            if one.came
            else replace(
                one,
                problem=Reason(ReasonCode.OUTPUT_MISSING, number=index + 1, of=of, error=self._problems[index].reason),
            )
            for index, one in enumerate(self.outputs)
        )

    def remove(self) -> None:
        """Remove what came broken. Blocks."""
        for index in range(len(self.outputs)):
            self._target(index).unlink(missing_ok=True)

    def _target(self, index: int) -> Path:
        return self._context.videos / output_name(self._job.id, index + 1)

    async def _try(self, index: int) -> OpenRouterError | MediaError | None:
        """Try every source of an output once; return the last one's problem, None when the file came."""
        target = self._target(index)
        problem: OpenRouterError | MediaError | None = None
        for source in self._context.openrouter.sources(self._openrouter_id, self.poll, index):
            try:
                await asyncio.to_thread(make_folder, target.parent)
                size = await self._context.openrouter.download(source, target)
                self.outputs[index] = await self._read(index, source, size)
            except OpenRouterError as error:
                problem = error
                self.asked = max(self.asked, error.retry_after or 0.0)
            except MediaError as error:
                problem = error
            except OSError as error:
                return MediaError(ReasonCode.DISK_REFUSED, problem=error.strerror)
            else:
                return None
        return problem

    async def _look(self) -> None:
        """Get fresh links; without an answer, the earlier ones are all there is."""
        try:
            self.poll = await self._context.openrouter.poll(self._openrouter_id, self._job.polling_url)
        except OpenRouterError as error:
            log.info("job %s: no fresh links: %s", self._job.id, error)

    async def _read(self, index: int, source: VideoSource, size: int) -> Output:
        """Return a file's figures. Raises MediaError if it cannot be read, unless another try would bring the same."""
        path, seconds = self._target(index), self._context.limits.media_seconds
        try:
            video = await media.probe(self._context.ffmpeg, path, seconds=seconds)
            # Sound that was not ordered is not listened to.
            heard = video.sound_track is not None
            if self._job.request.audio:
                heard = await has_sound(self._context.ffmpeg, path, video, seconds=seconds)
        except MediaError as error:
            if error.reason.code in _UNREADABLE and not self._is_all_there_is(index, source, size):
                raise
            log.warning("job %s: %d bytes are taken as they came: %s", self._job.id, size, error)
            return Output(came=True)
        return Output(video.seconds, video.width, video.height, heard, came=True)

    def _is_all_there_is(self, index: int, source: VideoSource, size: int) -> bool:
        found = self._unreadable.setdefault(index, [])
        found.append((source.kind, size))
        same = [kind for kind, length in found if length == size]
        return len(set(same)) > 1 or len(same) >= SAME_TIMES or len(found) >= UNREADABLE_MOST
