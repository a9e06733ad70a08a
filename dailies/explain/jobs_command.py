"""Answers to commands about kept jobs that are no refusals."""

from __future__ import annotations

from dailies.errors import DailiesError, FileGone, NotAllowed
from dailies.explain.phrases import NOT_HERE
from dailies.explain.sentences import sentence
from dailies.formatting import megabytes


def looks_again() -> str:
    """A job whose video never came here is carried on."""
    return "The bot looks at OpenRouter again; the job's status says what becomes of it. That costs nothing."


def no_original(size: int) -> str:
    """The original is over what the person may be sent, and there is no web server for links."""
    return (
        f"The video as the model made it is {megabytes(size)}, more than Discord takes here. "
        "Ask the bot's operator for the file; with PUBLIC_URL set, the bot gives a link to it."
    )


def not_given(error: DailiesError) -> str:
    """Discord did not take the original in the answer to the person alone, and not for its size."""
    match error:
        case FileGone():
            return NOT_HERE
        case NotAllowed():
            return (
                f"The video could not be given to you here: {sentence(error.why)}. "
                "Try it in a direct message with the bot."
            )
        case _:
            return "Discord did not take the video just now; try again in a minute."
