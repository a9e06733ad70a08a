"""Answers to commands and buttons that cannot do what they are for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dailies.explain.phrases import BY_ID, IN_DISCORD, NOT_HERE, STILL_KEPT, TO_HAND, Template, unpaid
from dailies.reason import ReasonCode


def _not_posted_again(values: Mapping[str, Any]) -> str:
    match values["error"].code:
        case ReasonCode.FILE_TOO_LARGE:
            return (
                "The video is {error.values[size]:mb}, more than Discord takes in its channel, and could not be made "
                f"to fit. {STILL_KEPT}"
            )
        case ReasonCode.FILE_GONE:
            return NOT_HERE
        case ReasonCode.NOT_ALLOWED if values["error"].values["direct"] is None:
            return f"The video could not be posted in its channel: {{error.values[why]}}. {TO_HAND}"
        case ReasonCode.NOT_ALLOWED:
            return (
                "The video could not be posted in its channel: {error.values[why]}; and a direct message was refused: "
                f"{{error.values[direct]}}. {TO_HAND}"
            )
        case _:
            return "Discord did not take the video just now; run the command again in a minute."


def _nothing_in_doubt(values: Mapping[str, Any]) -> str:
    cost = "{usd:usd}" if values["usd"] is not None else "nothing"
    return f"This job holds nothing that is in doubt: it counts as {cost}."


SENTENCES: dict[ReasonCode, Template] = {
    ReasonCode.BUG: unpaid("The bot had an error of its own; its operator finds it in the log."),
    ReasonCode.RESTARTING: unpaid("The bot is restarting; run the command again in a minute."),
    ReasonCode.SEVERAL_PROCESSES: unpaid(
        "This bot runs as several processes, and only one of them takes requests from places where the bot is not "
        "a member. Use /video where it is a member, or in a direct message with it."
    ),
    ReasonCode.NO_FILES_HERE: unpaid("Files may not be posted here, and the video is one."),
    ReasonCode.NO_POSTING_HERE: unpaid(
        "The bot may not post here: it lacks {names:comma}. Ask somebody who manages the server to allow it."
    ),
    ReasonCode.NO_IMAGE_IN_MESSAGE: unpaid(
        "This message has no image of its own; use the menu of one with an attached or linked image."
    ),
    ReasonCode.IMAGES_USED: unpaid("These images have been used already, in a job of their own."),
    ReasonCode.RUN_AGAIN_ALREADY: unpaid("It has been run again already; use /video for another."),
    ReasonCode.ONLY_REQUESTER_USES: unpaid("Only the person who asked for it can use these images."),
    ReasonCode.NO_IMAGES_TO_USE: unpaid("This job has no images to use; use /video."),
    ReasonCode.ONLY_REQUESTER_RUNS: unpaid("Only the person who asked for it, or a moderator, can run it again."),
    ReasonCode.OUTCOME_KNOWN: unpaid("What became of this job is known by now; use /video for another."),
    ReasonCode.JOB_UNKNOWN: unpaid("This job is no longer known; use /video."),
    ReasonCode.JOB_FORGOTTEN: unpaid("This job was forgotten; use /video."),
    ReasonCode.IMAGES_GONE: unpaid("The reference images are gone from the bot's disk; use /video."),
    ReasonCode.OTHERS_HIDDEN: (
        "Only people who may manage this server, or its messages, see the jobs of others. "
        "Leave the option guild out to see your own."
    ),
    ReasonCode.OTHERS_SPENDING_HIDDEN: (
        "Only people who may manage this server, or its messages, see everybody's. "
        "Leave the option guild out to see your own."
    ),
    ReasonCode.NO_SUCH_JOB: (
        "There is no job {typed} among those that you may see here. Pick one from the list that appears while typing."
    ),
    ReasonCode.STILL_RUNNING: "This job is still running; its video is posted by itself when it is finished.",
    ReasonCode.BEING_POSTED: "This video is being posted again right now.",
    ReasonCode.NOT_YOURS: (
        "Only the person who asked for this video, and people who may manage this server or its messages, can use "
        "this button."
    ),
    ReasonCode.NOT_HERE: NOT_HERE,
    ReasonCode.VIDEO_FORGOTTEN: "This job was forgotten; its video was removed from the bot's disk.",
    ReasonCode.VIDEO_REMOVED: (
        f"The video was removed from the bot's disk, which keeps videos only for a time. {IN_DISCORD}"
    ),
    ReasonCode.NEVER_DOWNLOADED: f"The video was never downloaded, so there is nothing to post; {BY_ID}",
    ReasonCode.WITHOUT_VIDEO: "This job ended without a video; run /video again to start a new one.",
    ReasonCode.NOT_POSTED_AGAIN: _not_posted_again,
    ReasonCode.STILL_WORKED_ON: "This job is still being worked on; try again in a minute.",
    ReasonCode.NOTHING_IN_DOUBT: _nothing_in_doubt,
    ReasonCode.ONE_OF_FOUR: "Give one of user, role, channel and each, or none of them for the whole server.",
    ReasonCode.SERVER_ONLY: "Budgets belong to a server; use this command in one.",
    ReasonCode.MANAGERS_ONLY: "Only people with the permission Manage Server can set budgets here.",
    ReasonCode.NOT_USD: "usd: what was typed {problem}.",
}
