"""What OpenRouter refused, what failed, and what this bot refuses before anything is paid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.explain.phrases import LOOK_FIRST, Template, unpaid
from dailies.reason import ReasonCode


def _said(values: Mapping[str, Any]) -> str:
    return " OpenRouter says: {message:end}." if values["message"] else ""


def _moderated(values: Mapping[str, Any]) -> str:
    why = " Reasons: {reasons:comma}." if values["reasons"] else _said(values)
    return unpaid(f"The request was blocked by moderation.{why} Change the prompt or the references.")


def _not_permitted(values: Mapping[str, Any]) -> str:
    return unpaid(
        f"OpenRouter does not allow this request.{_said(values)} The bot's operator can look at the settings of the "
        "key and the account at openrouter.ai/settings."
    )


def _unknown_model(values: Mapping[str, Any]) -> str:
    return unpaid(
        "OpenRouter does not know this model any more, or the account's settings leave it out."
        f"{_said(values)} Pick another one from the list."
    )


def _busy(values: Mapping[str, Any]) -> str:
    # 503 is also what settings that leave no provider are answered with; only the words tell.
    match values["retry_after"]:
        case None:
            text = "OpenRouter or the model is busy; run the command again in a few minutes."
        case seconds if seconds < 100:
            text = f"OpenRouter or the model is busy; run the command again in {seconds:.0f} s."
        case seconds:
            text = f"OpenRouter or the model is busy; run the command again in {seconds / 60:.0f} min."
    return unpaid(text + _said(values))


def _bad_request(values: Mapping[str, Any]) -> str:
    return unpaid(f"OpenRouter rejected the request.{_said(values)} Change what it names and run the command again.")


def _server_fault(values: Mapping[str, Any]) -> str:
    return (
        "OpenRouter had an error of its own (HTTP {status}) and named no job: it may have been paid. "
        f"It is not sent again by itself. {LOOK_FIRST}"
    )


def _disk_full(values: Mapping[str, Any]) -> str:
    return unpaid(no_room(values))


def no_room(values: Mapping[str, Any]) -> str:
    """The bot's disk is full; nothing is asked of OpenRouter that could not be kept."""
    if values["free"] is None:
        return "The bot's data folder cannot be read; the bot's operator has to repair it."
    return (
        "The bot's disk is almost full ({free:mb} are left, {least:mb} are needed); the bot's operator has to make "
        "room."
    )


def _credits_short(values: Mapping[str, Any]) -> str:
    if values["left"] is None or float(values["left"]) <= 0:
        return unpaid(
            "The bot's OpenRouter account has no credits left; the bot's operator has to add some. Try again later."
        )
    return unpaid(
        "This video needs {needed:usd}, and the bot's OpenRouter key has {left:usd} left; "
        "choose a shorter one, or ask the bot's operator to raise the limit."
    )


_OVER = {
    "role": "This video needs {needed:usd}, and your role's budget has {left:usd} left of {usd:usd} a {period}.",
    "channel": "This video needs {needed:usd}, and this channel's budget has {left:usd} left of {usd:usd} a {period}.",
    "guild": "This video needs {needed:usd}, and this server's budget has {left:usd} left of {usd:usd} a {period}.",
}
_OVER_OWN = "This video needs {needed:usd}, and your own budget here has {left:usd} left of {usd:usd} a {period}."


def _over_budget(values: Mapping[str, Any]) -> str:
    fits = " A video of {fits} s would fit." if values["fits"] else ""
    return unpaid(f"{_OVER.get(values['scope'], _OVER_OWN)} It renews in {{renews_in:spell}}.{fits}")


def _answered(values: Mapping[str, Any]) -> str:
    return "OpenRouter answered HTTP {status}" if values["status"] else "OpenRouter did not answer: {message}"


SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.CATALOG_MISSING: unpaid("OpenRouter's list of models has not been loaded yet; try again in a minute."),
    ReasonCode.DISK_FULL: _disk_full,
    ReasonCode.OVER_BUDGET: _over_budget,
    ReasonCode.CREDITS_SHORT: _credits_short,
    ReasonCode.UNAUTHORIZED: unpaid(
        "OpenRouter did not accept the bot's key; the bot's operator has to set a valid OPENROUTER_API_KEY."
    ),
    ReasonCode.NO_CREDITS: unpaid(
        "The OpenRouter account has no credits left, or the key's limit is reached; "
        "the bot's operator can add credits at openrouter.ai/credits."
    ),
    ReasonCode.MODERATED: _moderated,
    ReasonCode.NOT_PERMITTED: _not_permitted,
    ReasonCode.UNKNOWN_MODEL: _unknown_model,
    ReasonCode.BAD_REQUEST: _bad_request,
    ReasonCode.TOO_LARGE: unpaid("The request was too large for OpenRouter; use fewer or smaller reference images."),
    ReasonCode.BUSY: _busy,
    ReasonCode.SERVER_FAULT: _server_fault,
    ReasonCode.UNREACHABLE: unpaid("OpenRouter could not be reached, so nothing was sent; try again in a few minutes."),
    ReasonCode.ANSWER_LOST: (
        "The request was sent, but no answer came back: it may have been paid. "
        f"It is not sent again by itself. {LOOK_FIRST}"
    ),
    ReasonCode.BAD_ANSWER: "OpenRouter's answer could not be read ({message}).",
    # For the operators.
    ReasonCode.NOTHING_SENT: (
        "OpenRouter says that there are no credits left, so the bot sends nothing more. Jobs that were asked for wait "
        "and go on by themselves; new ones are refused. Add credits at openrouter.ai/credits, or raise the key's limit "
        "at openrouter.ai/settings/keys."
    ),
    ReasonCode.ONLY_CHEAP_ONES: (
        "OpenRouter refused a video that costs more than the bot's key has left. It waits and goes on by itself; "
        "cheaper ones are made. Raise the key's limit at openrouter.ai/settings/keys."
    ),
    ReasonCode.CREDITS_AGAIN: "There are credits again, and the jobs that waited go on.",
    ReasonCode.CREDITS_LOW: (
        "The bot's OpenRouter key has {left:usd} left, less than {low:usd}. "
        "Raise its limit at openrouter.ai/settings/keys, or add credits."
    ),
    # What was wrong with an answer.
    ReasonCode.NO_CONNECTION: "no connection ({error})",
    ReasonCode.ANSWER_BROKE_OFF: "the answer broke off ({error})",
    ReasonCode.DOWNLOAD_BROKE_OFF: "the download broke off ({error})",
    ReasonCode.NO_ANSWER: "no answer within {seconds:g} s",
    ReasonCode.DOWNLOAD_SLOW: "the download took over {seconds:g} s",
    ReasonCode.ANSWER_BEYOND: "the answer is over {bytes} bytes",
    ReasonCode.VIDEO_BEYOND: "the video is over {bytes:limit_mb}",
    ReasonCode.NO_JOB_NAMED: "the request was accepted, but the answer names no job",
    ReasonCode.NO_STATUS: "the answer has no status",
    ReasonCode.NO_MODELS: "the list of models has no data",
    ReasonCode.NO_KEY_DATA: "the answer about the key has no data",
    ReasonCode.NOT_JSON: "the answer is not a JSON object",
    ReasonCode.ADDRESS_NOT_HTTPS: "OpenRouter named an address that is not https",
    ReasonCode.ADDRESS_REFUSED: "OpenRouter named an address that {problem}",
    ReasonCode.REDIRECT_UNREAD: "OpenRouter redirected to an address that cannot be read",
    ReasonCode.REDIRECTED_TOO_OFTEN: "OpenRouter redirected more than {most} times",
}

SHORT: dict[ReasonCode, Template] = {
    **dict.fromkeys(
        (
            ReasonCode.UNAUTHORIZED,
            ReasonCode.NO_CREDITS,
            ReasonCode.MODERATED,
            ReasonCode.NOT_PERMITTED,
            ReasonCode.UNKNOWN_MODEL,
            ReasonCode.BAD_REQUEST,
            ReasonCode.TOO_LARGE,
            ReasonCode.BUSY,
            ReasonCode.SERVER_FAULT,
            ReasonCode.UNREACHABLE,
            ReasonCode.ANSWER_LOST,
        ),
        _answered,
    ),
    ReasonCode.BAD_ANSWER: "OpenRouter's answer could not be used: {message}",
    ReasonCode.DISK_FULL: no_room,
}
"""A few words where a sentence would say what to do about a request that was refused."""
