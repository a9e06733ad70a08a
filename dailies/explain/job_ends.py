"""Sentences about how a job stands, and why it ended."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dailies import errors
from dailies.explain.failures import short
from dailies.explain.phrases import BY_ID, LOOK_FIRST, NOTHING_PAID, listed
from dailies.formatting import spell, usd


def job_ended(status: str, error: str | None) -> str:
    """The sentence for a job that OpenRouter ended without a video. error: the provider's words."""
    said = f" It says: {error.rstrip('.')}." if error else " It gave no reason."
    match status:
        case "cancelled":
            return f"The job was cancelled at OpenRouter.{said} Run the command again to start a new one."
        case "expired":
            return (
                f"The job expired at OpenRouter before it was finished.{said} Run the command again to start a new one."
            )
        case _:
            return f"The model could not make this video.{said} {_advice(error or '')}"


_ADVICE = {
    "content_policy": "Change the prompt or the references.",
    "image_download_failed": "A linked image could not be fetched by the model's provider; attach it instead.",
    "image_too_large": "Use a smaller reference image.",
    "image_too_small": "Use a larger reference image.",
    "unsupported_image_format": "Save the references as PNG or JPEG.",
    "payload_too_large": "Use fewer or smaller reference images.",
}
"""Kinds of errors that providers name, and what to do about each."""


def _advice(error: str) -> str:
    known = next((advice for kind, advice in _ADVICE.items() if kind in error), None)
    return known or "Try again, or change the prompt, the references or the model."


def gave_up(polls: int) -> str:
    """The sentence for a job that was checked as often as POLL_LIMIT says."""
    return (
        f"The bot stopped checking after {polls} checks. The job may still finish at OpenRouter and be paid: "
        f"/jobs again looks once more, and {BY_ID}"
    )


def no_credits(*, too_dear: bool) -> str:
    """Why a job waits that OpenRouter did not take for want of credits. too_dear: cheaper ones would go."""
    if too_dear:
        return "it needs more than the bot's OpenRouter key has left; the bot's operator has to raise its limit"
    return "the OpenRouter account has no credits left; the bot's operator has to add some"


def dearer(before: Decimal, now: Decimal) -> str:
    """A job was not sent, because the most that it should cost, USD, is more than when it was asked for."""
    return (
        f"OpenRouter's price for this video rose from {usd(before)} to {usd(now)} before it was sent. "
        f"Run the command again if it is worth that. {NOTHING_PAID}"
    )


def queued_too_long(seconds: float) -> str:
    """A job whose turn did not come. seconds: how long it waited at most."""
    return f"Its turn did not come within {spell(seconds)}; run the command again. {NOTHING_PAID}"


def left_unsent(cause: str) -> str:
    """The bot ended before the request was sent. cause: as in "was stopped"."""
    return f"The bot {cause} before the request was sent; run the command again. {NOTHING_PAID}"


def not_readable(error: OSError) -> str:
    """A reference image could not be read from the bot's disk when the request was put together."""
    if isinstance(error, FileNotFoundError):
        return f"A reference image is gone from the bot's disk; run the command again. {NOTHING_PAID}"
    return (
        f"The bot's disk could not read a reference image ({error.strerror}); tell the bot's operator. {NOTHING_PAID}"
    )


def left_unanswered(cause: str) -> str:
    """The bot ended between the paid request and its answer."""
    return f"The bot {cause} before OpenRouter answered: the request may have been paid. {LOOK_FIRST}"


def restored() -> str:
    """A backup was restored in which the request had not been sent."""
    return (
        "The bot's records were restored from a backup that is older than this request. It may have been sent, "
        f"paid and delivered since. {LOOK_FIRST}"
    )


def never_reported(seconds: float) -> str:
    """No job was named in answer to the paid request, and none was reported. seconds: how long it was waited for."""
    return (
        "OpenRouter named no job in answer to the request. It reports the end of every job to this bot and reported "
        f"none for it in {spell(seconds)}: most likely it never took it, and nothing was paid. To be sure, look at "
        "openrouter.ai/activity, or ask the bot's operator to."
    )


def settled(reason: str | None, cost: Decimal, *, in_guild: bool) -> str:
    """A person looked up what a job cost, USD. reason: the sentence that left it in doubt."""
    who = "Somebody who manages this server" if in_guild else "An operator of the bot"
    found = f"it was charged {usd(cost)}" if cost else "it was not charged"
    return " ".join(filter(None, (reason, f"{who} looked there: {found}.")))


def stranded() -> str:
    """A bug of the bot ended the run of a job that was paid."""
    return f"The bot had an error of its own and goes on with this job when it is started again. Until then, {BY_ID}"


def pages_given(pages: Sequence[str]) -> str:
    """Web pages where images were expected, each of which declares a picture. pages: host and path."""
    named = listed(tuple(pages))
    if len(pages) == 1:
        return f"{named} is a web page, not an image. Above is the picture that it shows for itself. {NOTHING_PAID}"
    return f"{named} are web pages, not images. Above are the pictures that they show for themselves. {NOTHING_PAID}"


def not_downloaded(tries: int, error: errors.DailiesError) -> str:
    """The sentence for a paid video that could not be downloaded."""
    return (
        f"The video is finished and paid, but {tries} downloads failed, the last one: {short(error).rstrip('.')}. "
        "It is not generated again: /jobs again downloads it once more, and the bot's operator can fetch it at "
        "OpenRouter by the job id."
    )
