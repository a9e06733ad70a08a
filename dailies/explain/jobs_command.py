"""Answers about jobs that are kept: to show, or to post again."""

from __future__ import annotations

from dailies import errors
from dailies.explain.phrases import BY_ID, IN_DISCORD, STILL_KEPT, TO_HAND
from dailies.formatting import megabytes


def no_such_job(typed: str) -> str:
    """For an id of nobody's job and for one of somebody else's alike."""
    return (
        f"There is no job {typed} among those that you may see here. Pick one from the list that appears while typing."
    )


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


def not_yours() -> str:
    """Somebody else presses a button below a status."""
    return (
        "Only the person who asked for this video, and people who may manage this server or its messages, can use "
        "this button."
    )


def not_here() -> str:
    """A record says that the file is there, and this process's disk does not have it."""
    return f"The video's file is not on this bot's disk. {IN_DISCORD}"


def no_original(size: int) -> str:
    """The original is over what the person may be sent, and there is no web server for links."""
    return (
        f"The video as the model made it is {megabytes(size)}, more than Discord takes here. "
        "Ask the bot's operator for the file; with PUBLIC_URL set, the bot gives a link to it."
    )


def not_given(error: errors.DailiesError) -> str:
    """Discord did not take the original in the answer to the person alone, and not for its size."""
    match error:
        case errors.FileGone():
            return not_here()
        case errors.NotAllowed():
            return f"The video could not be given to you here: {error}. Try it in a direct message with the bot."
        case _:
            return "Discord did not take the video just now; try again in a minute."


def not_posted_again(error: errors.DailiesError) -> str:
    """Discord did not take the video once more."""
    match error:
        case errors.FileTooLarge():
            return (
                f"The video is {megabytes(error.size)}, more than Discord takes in its channel, and could not be made "
                f"to fit. {STILL_KEPT}"
            )
        case errors.FileGone():
            return not_here()
        case errors.NotAllowed():
            return f"The video could not be posted in its channel: {error}. {TO_HAND}"
        case _:
            return "Discord did not take the video just now; run the command again in a minute."
