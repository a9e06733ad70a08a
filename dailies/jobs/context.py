"""Dependencies and limits of a job's life."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from dailies.catalog.facts import NAMING
from dailies.catalog.options import VideoRequest
from dailies.delivery.chat import Chat
from dailies.delivery.courier import Courier
from dailies.job import Job
from dailies.jobs import ticks
from dailies.jobs.durations import Estimates
from dailies.jobs.shot_posts import ShotPosts
from dailies.jobs.signals import EndSignal, Gate, QueueSignal, SetSignal
from dailies.money.credits import CreditGate
from dailies.openrouter.client import OpenRouter
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode
from dailies.store.port import JobStore


@dataclass(frozen=True)
class JobLimits:
    """Limits on a job's checks and downloads, in seconds. webhooks: OpenRouter reports the ends of jobs.

    check_seconds: how long a running job is checked. download_seconds: how long its finished video is tried for.
    busy_seconds: longest wait to send a request again that OpenRouter refuses as busy; 0: it is not sent again.
    deliver_seconds: how long a video is posted, and an end told, while Discord is away.
    compare_seconds: longest wait of a comparison's finished videos for the others.
    """

    poll_interval: float
    check_seconds: float
    download_seconds: float
    media_seconds: float
    webhooks: bool = False
    busy_seconds: float = 900.0
    deliver_seconds: float = 14 * 86_400.0
    compare_seconds: float = 900.0


@dataclass(frozen=True)
class JobContext:
    """Everything a job's life needs.

    check_disk: raises DiskFull when there is no room for another video; called right before the paid request.
    check_consent: raises RefusedError when a consent to the use of a job's pictures has ended; called then, too.
    quote: prices a request with this number of references, and of frames, by the current catalogue; None: not known.
    longest: returns the seconds of the longest video, with the settings of a job, that costs at most so many USD.
    provider: a request's provider options in their places; raises OptionRefused for one that is not offered any more.
    advise: advice on the cause of a refusal or a failure of such a request; None: nothing is known.
    naming: the way in which a prompt names a model's references, a text with {n}.
    pseudonym: a person's name at OpenRouter, by Discord's id; None: none is sent.
    now: Unix seconds. callback_url: address for OpenRouter's report of a job's end, by our job id; None: no reports.
    posts: the forum posts of shots; None: they have none.
    polling: ids of the submitted jobs that this process polls.
    """

    store: JobStore
    openrouter: OpenRouter
    chat: Chat
    courier: Courier
    limits: JobLimits
    videos: Path
    ffmpeg: str
    sleep: Callable[[float], Awaitable[None]] = ticks.sleep
    now: Callable[[], float] = time.time
    gate: Gate = field(default_factory=Gate)
    end_signal: EndSignal = field(default_factory=EndSignal)
    queue_signal: QueueSignal = field(default_factory=QueueSignal)
    set_signal: SetSignal = field(default_factory=SetSignal)
    credit_gate: CreditGate = field(default_factory=CreditGate)
    callback_url: Callable[[str], str | None] = lambda _: None
    check_disk: Callable[[], Awaitable[object]] = lambda: asyncio.sleep(0)
    check_consent: Callable[[Job], Awaitable[object]] = lambda _: asyncio.sleep(0)
    quote: Callable[[VideoRequest, int, int], Quote | None] = lambda _, __, ___: None
    longest: Callable[[Job, Decimal], int | None] = lambda _, __: None
    provider: Callable[[VideoRequest], Mapping[str, Any]] = lambda _: {}
    advise: Callable[[ReasonCode | None, VideoRequest, int, int], Reason | None] = lambda _, __, ___, ____: None
    naming: Callable[[str], str] = lambda _: NAMING
    pseudonym: Callable[[int], str | None] = lambda _: None
    posts: ShotPosts | None = None
    estimates: Estimates = field(default_factory=Estimates)
    polling: set[str] = field(default_factory=set[str])
