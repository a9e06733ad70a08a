"""What became of a video's file and of its delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.explain.phrases import KEPT, TO_HAND, Template
from dailies.reason import ReasonCode


def _made_to_fit(values: Mapping[str, Any]) -> str:
    size = "{before:whole_mb} → {after:whole_mb}"
    if abs(values["lines_before"] - values["lines_after"]) < 2:
        return size
    return f"{{lines_before}}p → {{lines_after}}p, {size}"


def _not_allowed(values: Mapping[str, Any]) -> str:
    if values["direct"] is None:
        return f"The video could not be posted here: {{why}}. {TO_HAND}"
    return f"The video could not be posted here: {{why}}; and a direct message was refused: {{direct}}. {TO_HAND}"


SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.NOTHING_DOWNLOADED: "nothing was downloaded",
    ReasonCode.DISK_REFUSED: "the bot's disk refused it ({problem})",
    ReasonCode.NO_VIDEO_FILE: "ffmpeg cannot read it to its end as an MP4 with a video stream",
    ReasonCode.NO_DURATION: "its duration is 0",
    ReasonCode.CANNOT_RUN: "{program} cannot be run: {problem}",
    ReasonCode.SETTING_CANNOT_RUN: "FFMPEG names '{program}', which cannot be run",
    ReasonCode.PROGRAM_ENDED: "{program} ended with code {exit_code}",
    ReasonCode.FFMPEG_SLOW: "ffmpeg took over {seconds:g} s",
    ReasonCode.TOO_LONG_TO_FIT: "it is too long ({seconds:.0f} s) to be made to fit {limit:mb}",
    ReasonCode.TOO_LARGE_TO_ENCODE: "it is too large a picture or too long to be encoded",
    ReasonCode.ENCODING_SLOW: "encoding it took over {seconds:g} s",
    ReasonCode.NOT_SMALL_ENOUGH: "it could not be made small enough",
    ReasonCode.ENCODING_FAILED: "ffmpeg could not encode it",
    ReasonCode.FILE_TOO_LARGE: (
        "The video is {size:mb}, more than Discord takes in this channel, and could not be made to fit. "
        f"{KEPT} Next time, choose a shorter length or a lower resolution."
    ),
    ReasonCode.FILE_GONE: (
        "The video's file is gone from the bot's disk; the bot's operator can fetch it at OpenRouter by the job id."
    ),
    ReasonCode.NOT_ALLOWED: _not_allowed,
    ReasonCode.PERHAPS_POSTED: (
        "The video may have been posted where you asked for it: it was sent, but Discord's answer did not come. It is "
        "not sent a second time by itself. If you do not see it there, /jobs again shows it."
    ),
    ReasonCode.CHAT_UNAVAILABLE: f"Discord did not take the video after several tries. {TO_HAND}",
    ReasonCode.MADE_TO_FIT: _made_to_fit,
    ReasonCode.SENT_AS_LINK: "{size:mb}, as a link",
    # The message with the video.
    ReasonCode.READY: "Your video is ready.",
    ReasonCode.POSTED_AGAIN: "Your video, posted again.",
    ReasonCode.ORIGINAL: "The video as the model made it:",
    ReasonCode.POSTED_ELSEWHERE: "It could not be posted in <#{channel}>: {why}.",
    ReasonCode.POSTED_SMALLER: "Made to fit: {change}.",
    ReasonCode.POSTED_AS_LINK: "It has {size:mb}, too much for an upload here: {url} (until <t:{until}:f>)",
    # What Discord refused, and why.
    ReasonCode.TIME_OVER: "the bot is not a member there and could write for 15 minutes only",
    ReasonCode.TIME_OVER_UNREACHED: (
        "the bot is not a member there and could write for 15 minutes only, and Discord could not be reached"
    ),
    ReasonCode.CHANNEL_GONE: "the channel is gone",
    ReasonCode.SERVER_LEFT: "the bot is not in the server any more",
    ReasonCode.STATUS_GONE: "the status message is gone",
    ReasonCode.PERSON_GONE: "the person is not on Discord any more",
    ReasonCode.SLOW_MODE: "the channel is in slow mode",
    ReasonCode.EDITED_TOO_OFTEN: "the message is over an hour old and was edited too often",
    ReasonCode.CHANNEL_UNSEEN: "the bot cannot see the channel",
    ReasonCode.NO_DIRECT_MESSAGES: "the person takes no direct messages from the bot",
    ReasonCode.LACKS_PERMISSION: (
        "the bot lacks a permission there: it needs Send Messages, Attach Files and Read Message History"
    ),
    ReasonCode.LACKS_PERMISSIONS: "the bot lacks {names:comma} there",
    ReasonCode.ARCHIVED: "the thread is archived",
    ReasonCode.NO_SHARED_SERVER: "the person shares no server with the bot",
    ReasonCode.LOCKED: "the thread is locked",
    ReasonCode.CHAT_ANSWERED: "Discord answered HTTP {status}, code {error_code}",
}
