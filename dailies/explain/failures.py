"""Errors in sentences: what was refused, and what failed."""

from __future__ import annotations

from dailies import errors
from dailies.explain.phrases import KEPT, LOOK_FIRST, NOTHING_PAID, PERHAPS_POSTED, REJECTED, TO_HAND, listed
from dailies.formatting import megabytes, spell, usd


def explain(error: errors.DailiesError) -> str:
    """One or two sentences about an error."""
    match error:
        case errors.NoReferences():
            others = f" These do: {listed(error.offers)}." if error.offers else ""
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
                f"The video is {megabytes(error.size)}, more than Discord takes in this channel, and could not be "
                f"made to fit. {KEPT} Next time, choose a shorter length or a lower resolution."
            )
        case errors.FileGone():
            return (
                "The video's file is gone from the bot's disk; the bot's operator can fetch it at OpenRouter by the "
                "job id."
            )
        case errors.NotAllowed():
            return f"The video could not be posted here: {error}. {TO_HAND}"
        case errors.PerhapsPosted():
            return PERHAPS_POSTED
        case errors.ChatUnavailable():
            return f"Discord did not take the video after several tries. {TO_HAND}"
        case errors.MediaError():
            return f"What was downloaded is not a playable video: {error}."
        case _:
            return str(error)


def _credits_short(error: errors.CreditsShort) -> str:
    if error.left is None or error.left <= 0:
        return "The bot's OpenRouter account has no credits left; the bot's operator has to add some. Try again later."
    return (
        f"This video needs {usd(error.needed)}, and the bot's OpenRouter key has {usd(error.left)} left; "
        "choose a shorter one, or ask the bot's operator to raise the limit."
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
    offers = f" It offers {listed(error.offers)}." if error.offers else ""
    if error.option == "model":
        offers = (
            f" Did you mean {listed(error.offers, 'or')}?"
            if error.offers
            else " Pick one from the list that appears while typing."
        )
    return f"{error.option}: {value}{error.problem}.{offers} {NOTHING_PAID}"


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
            return "OpenRouter did not accept the bot's key; the bot's operator has to set a valid OPENROUTER_API_KEY."
        case errors.NoCredits():
            return (
                "The OpenRouter account has no credits left, or the key's limit is reached; "
                "the bot's operator can add credits at openrouter.ai/credits."
            )
        case errors.Moderated():
            why = f" Reasons: {', '.join(error.reasons)}." if error.reasons else said
            return f"The request was blocked by moderation.{why} Change the prompt or the references."
        case errors.NotPermitted():
            return (
                f"OpenRouter does not allow this request.{said} The bot's operator can look at the settings of the key "
                "and the account at openrouter.ai/settings."
            )
        case errors.UnknownModel():
            return (
                "OpenRouter does not know this model any more, or the account's settings leave it out."
                f"{said} Pick another one from the list."
            )
        case errors.TooLarge():
            return "The request was too large for OpenRouter; use fewer or smaller reference images."
        case errors.Busy():
            # 503 is also what settings that leave no provider are answered with; only the words tell.
            return f"OpenRouter or the model is busy; run the command again {_later(error.retry_after)}.{said}"
        case errors.Unreachable():
            return "OpenRouter could not be reached, so nothing was sent; try again in a few minutes."
        case _:
            return f"{REJECTED}{said} Change what it names and run the command again."


def _later(seconds: float | None) -> str:
    if seconds is None:
        return "in a few minutes"
    return f"in {seconds:.0f} s" if seconds < 100 else f"in {seconds / 60:.0f} min"


def no_room(error: errors.DiskFull) -> str:
    """The bot's disk is full; nothing is asked of OpenRouter that could not be kept."""
    if error.free is None:
        return "The bot's data folder cannot be read; the bot's operator has to repair it."
    left = f"{megabytes(error.free)} are left, {megabytes(error.least)} are needed"
    return f"The bot's disk is almost full ({left}); the bot's operator has to make room."


def short(error: errors.DailiesError) -> str:
    """A few words about a try that failed while the job goes on."""
    if isinstance(error, errors.BadAnswer):
        return f"OpenRouter's answer could not be used: {error.message}"
    if isinstance(error, errors.OpenRouterError):
        return (
            f"OpenRouter answered HTTP {error.status}"
            if error.status
            else f"OpenRouter did not answer: {error.message}"
        )
    return str(error)
