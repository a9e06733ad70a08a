"""The one place where an error becomes a sentence for the person who asked.

Each says what happened, whether anything can have been paid where that is in doubt, and what to do next. The text
may hold words of others (OpenRouter's, a file's name): who shows it makes them inert.
"""

from __future__ import annotations

from collections.abc import Sequence

from dailies import errors
from dailies.words import megabytes, spell, usd

NOTHING_PAID = "Nothing was paid."
READY = "Your video is ready."
POSTED_AGAIN = "Your video, posted again."
KEPT = "It is kept on the bot's disk for a while: /jobs again posts it once more, and its operator has the file."
PERHAPS_POSTED = (
    "The video may have been posted where you asked for it: it was sent, but Discord's answer did not come. It is not "
    "sent a second time by itself. If you do not see it there, /jobs again shows it."
)
STILL_KEPT = "It stays on the bot's disk for a while, and its operator has the file."
IN_DISCORD = "If it was posted, it is still in its channel."
LOOK_FIRST = "Look at openrouter.ai/activity before you run the command again."
REJECTED = "OpenRouter rejected the request."
BY_ID = "its operator can look it up there by the job id."


def explain(error: errors.DailiesError) -> str:
    """One or two sentences about an error."""
    match error:
        case errors.NoReferences():
            others = f" These do: {_listed(error.offers)}." if error.offers else ""
            return f"{error.value} {error.problem} ({error.source}).{others} {NOTHING_PAID}"
        case errors.OptionRefused():
            return _option(error)
        case errors.ReferenceRefused():
            return f"{error.name} {error.problem}. {NOTHING_PAID}"
        case errors.DiskFull():
            return f"{no_room(error)} {NOTHING_PAID}"
        case errors.OverBudget():
            return f"{_over_budget(error)} {NOTHING_PAID}"
        case errors.CreditsShort():
            return f"{_credits_short(error)} {NOTHING_PAID}"
        case errors.CatalogMissing():
            return f"OpenRouter's list of models has not been loaded yet; try again in a minute. {NOTHING_PAID}"
        case errors.OpenRouterError():
            return _openrouter(error)
        case errors.FileTooLarge():
            return (
                f"The video has {megabytes(error.size)}, more than Discord takes in this channel, and could not be "
                f"made to fit. {KEPT} Next time, use a shorter length or a lower resolution."
            )
        case errors.FileGone():
            return (
                "The video's file is gone from the bot's disk; its operator can fetch it at OpenRouter by the job id."
            )
        case errors.NotAllowed():
            return f"The video could not be posted here: {error}. {KEPT}"
        case errors.PerhapsPosted():
            return PERHAPS_POSTED
        case errors.ChatUnavailable():
            return f"Discord did not take the video after several tries. {KEPT}"
        case errors.MediaError():
            return f"What was downloaded is not a playable video: {error}."
        case _:
            return str(error)


def _credits_short(error: errors.CreditsShort) -> str:
    if error.left is None or error.left <= 0:
        return "The bot's OpenRouter account has no credits left; its operator has to add some. Try again later."
    return (
        f"This video needs {usd(error.needed)}, and the bot's OpenRouter key has {usd(error.left)} left; "
        "take a shorter one, or ask its operator to raise the limit."
    )


_WHOSE = {"role": "your role's budget", "channel": "this channel's budget", "guild": "this server's budget"}


def _over_budget(error: errors.OverBudget) -> str:
    whose = _WHOSE.get(error.scope, "your own budget here")
    fits = f" A video of {error.fits} s would fit." if error.fits else ""
    return (
        f"This video needs {usd(error.needed)}, and {whose} has {usd(error.left)} left of {usd(error.usd)} "
        f"a {error.period}. It renews in {spell(error.renews_in)}.{fits}"
    )


def _option(error: errors.OptionRefused) -> str:
    value = f"{error.value} " if error.value not in (None, "") else ""
    offers = f" It offers {_listed(error.offers)}." if error.offers else ""
    if error.option == "model":
        offers = (
            f" Did you mean {_listed(error.offers, 'or')}?"
            if error.offers
            else " Pick one from the list that appears while typing."
        )
    return f"{error.option}: {value}{error.problem}.{offers} {NOTHING_PAID}"


def _listed(values: tuple[object, ...], last: str = "and") -> str:
    """Values in words; whole numbers in a row become a range."""
    numbers = [value for value in values if isinstance(value, int)]
    if (
        len(numbers) == len(values)
        and len(numbers) > 3
        and sorted(numbers) == list(range(min(numbers), max(numbers) + 1))
    ):
        return f"every whole number from {min(numbers)} to {max(numbers)}"
    words = [str(value) for value in values]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def _openrouter(error: errors.OpenRouterError) -> str:
    said = f" OpenRouter says: {error.message.rstrip('.')}." if error.message else ""
    match error:
        case errors.AnswerLost():
            return (
                "The request was sent, but no answer came back: it may have been paid. "
                f"It is not sent again by itself. {LOOK_FIRST}"
            )
        case errors.ServerFault():
            return (
                f"OpenRouter had an error of its own (HTTP {error.status}) and named no job: it may have been paid. "
                f"It is not sent again by itself. {LOOK_FIRST}"
            )
        case errors.BadAnswer():
            return f"OpenRouter's answer could not be read ({error.message})."
        case _:
            return f"{_refused(error, said)} {NOTHING_PAID}"


def _refused(error: errors.OpenRouterError, said: str) -> str:
    """What OpenRouter refused before it cost anything, and what to do next."""
    match error:
        case errors.Unauthorized():
            return "OpenRouter did not accept the bot's key; its operator has to set a valid OPENROUTER_API_KEY."
        case errors.NoCredits():
            return (
                "The OpenRouter account has no credits left, or the key's limit is reached; "
                "its owner can add credits at openrouter.ai/credits."
            )
        case errors.Moderated():
            why = f" Reasons: {', '.join(error.reasons)}." if error.reasons else said
            return f"The request was blocked by moderation.{why} Change the prompt or the references."
        case errors.UnknownModel():
            return "OpenRouter does not know this model any more; pick another one from the list."
        case errors.TooLarge():
            return "The request was too large for OpenRouter; use fewer or smaller reference images."
        case errors.Busy():
            return f"OpenRouter or the model is busy; run the command again {_later(error.retry_after)}."
        case errors.Unreachable():
            return "OpenRouter could not be reached, so nothing was sent; try again in a few minutes."
        case _:
            return f"{REJECTED}{said} Change that option and run the command again."


def _later(seconds: float | None) -> str:
    if seconds is None:
        return "in a few minutes"
    return f"in {seconds:.0f} s" if seconds < 100 else f"in {seconds / 60:.0f} min"


def no_room(error: errors.DiskFull) -> str:
    """The bot's disk is full; nothing is asked of OpenRouter that could not be kept."""
    if error.free is None:
        return "The bot's data folder cannot be looked at; its operator has to repair it."
    left = f"{megabytes(error.free)} are left, {megabytes(error.least)} are needed"
    return f"The bot's disk is almost full ({left}); its operator has to make room."


def short(error: errors.DailiesError) -> str:
    """A few words about a try that failed while the job goes on."""
    if isinstance(error, errors.BadAnswer):
        return f"OpenRouter's answer is of no use: {error.message}"
    if isinstance(error, errors.OpenRouterError):
        return (
            f"OpenRouter answered HTTP {error.status}"
            if error.status
            else f"OpenRouter did not answer: {error.message}"
        )
    return str(error)


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
        return "it needs more than the bot's OpenRouter key has left, which its operator was told"
    return "the OpenRouter account has no credits left, which its operator was told"


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
    return f"The bot's disk did not give a reference image ({error.strerror}); tell who runs it. {NOTHING_PAID}"


def left_unanswered(cause: str) -> str:
    """The bot ended between the paid request and its answer."""
    return f"The bot {cause} before OpenRouter answered: the request may have been paid. {LOOK_FIRST}"


def never_reported(seconds: float) -> str:
    """No job was named in answer to the paid request, and none was reported. seconds: how long it was waited for."""
    return (
        "OpenRouter named no job in answer to the request. It reports the end of every job to this bot and reported "
        f"none for it in {spell(seconds)}: most likely it never took it, and nothing was paid. To be sure, look at "
        "openrouter.ai/activity."
    )


def stranded() -> str:
    """A bug of the bot ended the run of a job that was paid."""
    return f"The bot had an error of its own and goes on with this job when it is started again. Until then, {BY_ID}"


def no_such_job(typed: str) -> str:
    """For an id of nobody's job and for one of somebody else's alike."""
    return (
        f"There is no job {typed} among those that you may see here. Pick one from the list that appears while typing."
    )


def pages_given(pages: Sequence[str]) -> str:
    """Web pages where images were expected, each of which declares a picture. pages: host and path."""
    listed = _listed(tuple(pages))
    if len(pages) == 1:
        return f"{listed} is a web page, not an image. Above is the picture that it shows for itself. {NOTHING_PAID}"
    return f"{listed} are web pages, not images. Above are the pictures that they show for themselves. {NOTHING_PAID}"


def still_running() -> str:
    """A job that is asked to be posted again before it ended."""
    return "This job is still running; its video is posted by itself when it is finished."


def no_video(*, forgotten: bool, removed: bool, paid: bool) -> str:
    """Why an ended job's video cannot be posted again."""
    if forgotten:
        return "This job was forgotten; its video was removed from the bot's disk."
    if removed:
        return "The video was removed from the bot's disk, which keeps videos only for a time. " + IN_DISCORD
    if paid:
        return f"The video was never downloaded, so there is nothing to post; {BY_ID}"
    return "This job ended without a video; run /video again to start a new one."


def looks_again() -> str:
    """A job whose video never came here is carried on."""
    return "The bot looks at OpenRouter again; the job's status says what becomes of it. That costs nothing."


def not_here() -> str:
    """A record says that the file is there, and this process's disk does not have it."""
    return f"The video's file is not on this bot's disk. {IN_DISCORD}"


def no_original(size: int) -> str:
    """The original is over what the person may be sent, and there is no web server for links."""
    return (
        f"The video as the model made it has {megabytes(size)}, more than Discord takes here. "
        "Its operator has the file; with PUBLIC_URL set, the bot could give you a link."
    )


def not_posted_again(error: errors.DailiesError) -> str:
    """Discord did not take the video once more."""
    match error:
        case errors.FileTooLarge():
            return (
                f"The video has {megabytes(error.size)}, more than Discord takes in its channel, and could not be made "
                f"to fit. {STILL_KEPT}"
            )
        case errors.FileGone():
            return not_here()
        case errors.NotAllowed():
            return f"The video could not be posted in its channel: {error}. {STILL_KEPT}"
        case _:
            return "Discord did not take the video just now; run the command again in a minute."


def not_downloaded(tries: int, error: errors.DailiesError) -> str:
    """The sentence for a paid video that could not be downloaded."""
    return (
        f"The video is finished and paid, but {tries} downloads failed, the last one: {short(error).rstrip('.')}. "
        "It is not generated again: /jobs again downloads it once more, and its operator can fetch it at OpenRouter by "
        "the job id."
    )
