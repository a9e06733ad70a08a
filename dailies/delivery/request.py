"""The order of a delivery, and what came of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from dailies.delivery.chat import Posted, Upload
from dailies.marks import FileMarks
from dailies.reason import Reason


@dataclass(frozen=True)
class ResponsePoster:
    """Posts a video into the answer to a command. limit: in bytes, as Discord claims it; None: not known.

    post: raises the errors of Chat.follow_up.
    """

    post: Callable[[Upload], Awaitable[Posted]]
    limit: int | None


@dataclass(frozen=True)
class DeliveryRequest:
    """words: of the message about a finished video. nonce: the same one makes one message. search: an earlier process
    may have posted it.

    more: the video is posted once more on purpose, where it was asked for: an earlier message with it does not count.
    response_poster: posts it into an answer instead of the job's channel. number: of the job's output, from 1.
    """

    words: tuple[Reason, ...]
    nonce: str
    search: bool = False
    more: bool = False
    response_poster: ResponsePoster | None = None
    number: int = 1


@dataclass(frozen=True)
class Delivered:
    """Result of a delivery. note: change that was made to the video; None: none. marks: None: they were not read.
    post_refusal: why the post of its shot did not take it; None: it did, or there is none.
    """

    posted: Posted
    note: Reason | None = None
    marks: FileMarks | None = None
    post_refusal: Reason | None = None
