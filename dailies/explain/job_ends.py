"""How a job stands, and why it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.explain.phrases import BY_ID, LOOK_FIRST, Template, unpaid
from dailies.reason import ReasonCode

_ADVICE = {
    "content_policy": "Change the prompt or the references.",
    "image_download_failed": "A linked image could not be fetched by the model's provider; attach it instead.",
    "image_too_large": "Use a smaller reference image.",
    "image_too_small": "Use a larger reference image.",
    "unsupported_image_format": "Save the references as PNG or JPEG.",
    "payload_too_large": "Use fewer or smaller reference images.",
}
"""Kinds of errors that providers name, and what to do about each."""


def _said(values: Mapping[str, Any]) -> str:
    return "It says: {said:end}." if values["said"] else "It gave no reason."


def _failed(values: Mapping[str, Any]) -> str:
    known = next((advice for kind, advice in _ADVICE.items() if kind in (values["said"] or "")), None)
    advice = known or "Try again, or change the prompt, the references or the model."
    return f"The model could not make this video. {_said(values)} {advice}"


def _cancelled(values: Mapping[str, Any]) -> str:
    return f"The job was cancelled at OpenRouter. {_said(values)} Run the command again to start a new one."


def _expired(values: Mapping[str, Any]) -> str:
    return (
        f"The job expired at OpenRouter before it was finished. {_said(values)} Run the command again to start a new "
        "one."
    )


_UNSENT = {
    "restart": "The bot was restarted before the request was sent; run the command again.",
    "stop": "The bot was stopped before the request was sent; run the command again.",
    "bug": "The bot had an error of its own before the request was sent; run the command again.",
}
_UNANSWERED = {
    "restart": "The bot was restarted before OpenRouter answered: the request may have been paid.",
    "stop": "The bot was stopped before OpenRouter answered: the request may have been paid.",
    "bug": "The bot had an error of its own before OpenRouter answered: the request may have been paid.",
}
"""By what ended the run."""


def _left_unsent(values: Mapping[str, Any]) -> str:
    return unpaid(_UNSENT[values["cause"]])


def _left_unanswered(values: Mapping[str, Any]) -> str:
    return f"{_UNANSWERED[values['cause']]} {LOOK_FIRST}"


def _settled(values: Mapping[str, Any]) -> str:
    before = "{before} " if values["before"] else ""
    match values["in_guild"], bool(float(values["usd"])):
        case True, True:
            found = "Somebody who manages this server looked there: it was charged {usd:usd}."
        case True, False:
            found = "Somebody who manages this server looked there: it was not charged."
        case _, True:
            found = "An operator of the bot looked there: it was charged {usd:usd}."
        case _:
            found = "An operator of the bot looked there: it was not charged."
    return before + found


def _pages_given(values: Mapping[str, Any]) -> str:
    if len(values["pages"]) == 1:
        return unpaid("{pages} is a web page, not an image. Above is the picture that it shows for itself.")
    return unpaid("{pages} are web pages, not images. Above are the pictures that they show for themselves.")


SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.JOB_FAILED: _failed,
    ReasonCode.JOB_CANCELLED: _cancelled,
    ReasonCode.JOB_EXPIRED: _expired,
    ReasonCode.GAVE_UP: (
        "The bot stopped checking after {checks} checks. The job may still finish at OpenRouter and be paid: "
        f"/jobs again looks once more, and {BY_ID}"
    ),
    ReasonCode.DEARER: unpaid(
        "OpenRouter's price for this video rose from {before:usd} to {now:usd} before it was sent. "
        "Run the command again if it is worth that."
    ),
    ReasonCode.QUEUED_TOO_LONG: unpaid("Its turn did not come within {seconds:spell}; run the command again."),
    ReasonCode.LEFT_UNSENT: _left_unsent,
    ReasonCode.LEFT_UNANSWERED: _left_unanswered,
    ReasonCode.REFERENCE_GONE: unpaid("A reference image is gone from the bot's disk; run the command again."),
    ReasonCode.REFERENCE_UNREADABLE: unpaid(
        "The bot's disk could not read a reference image ({problem}); tell the bot's operator."
    ),
    ReasonCode.RESTORED: (
        "The bot's records were restored from a backup that is older than this request. It may have been sent, "
        f"paid and delivered since. {LOOK_FIRST}"
    ),
    ReasonCode.NEVER_REPORTED: (
        "OpenRouter named no job in answer to the request. It reports the end of every job to this bot and reported "
        "none for it in {seconds:spell}: most likely it never took it, and nothing was paid. To be sure, look at "
        "openrouter.ai/activity, or ask the bot's operator to."
    ),
    ReasonCode.SETTLED: _settled,
    ReasonCode.STRANDED: (
        f"The bot had an error of its own and goes on with this job when it is started again. Until then, {BY_ID}"
    ),
    ReasonCode.PAGES_GIVEN: _pages_given,
    ReasonCode.NOT_DOWNLOADED: (
        "The video is finished and paid, but {downloads} downloads failed, the last one: {error:short}. "
        "It is not generated again: /jobs again downloads it once more, and the bot's operator can fetch it at "
        "OpenRouter by the job id."
    ),
    ReasonCode.AWAY: unpaid("The bot's database or network does not answer just now; try again in a minute."),
    # While it goes on.
    ReasonCode.DOWNLOAD_FAILED: "download {download} failed: {error:short}",
    ReasonCode.WAITS_FOR_CREDITS: ("the OpenRouter account has no credits left; the bot's operator has to add some"),
    ReasonCode.TOO_DEAR: (
        "it needs more than the bot's OpenRouter key has left; the bot's operator has to raise its limit"
    ),
    ReasonCode.ENCODING: "Making it fit {limit:mb}: {percent} % encoded",
    ReasonCode.ENCODING_QUEUED: "Making it fit {limit:mb}: waiting until other videos are encoded",
}
