"""The fate of the jobs, by the stand-ins' own records: nothing here asks the bot or its database."""

from __future__ import annotations

import base64
import io
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from PIL import Image, ImageColor

from benchmarks.people import COLOUR, AnsweredCommand
from sandbox.stack import Stack
from tests.e2e.scene import ENDINGS, Scene

UNKNOWN = "### Sent, but not confirmed"
MAY_BE_PAID = "may have been paid"
NOT_TAKEN = "### Most likely not taken"


def ended(one: AnsweredCommand) -> bool:
    """Return whether the status says that nothing more will happen."""
    return one.status.startswith(tuple(f"### {ending}\n" for ending in ENDINGS))


@dataclass
class Verdict:
    """Counts of jobs; `problems` has a sentence for each of those that should be 0.

    lost: accepted and completed at OpenRouter without a video in the channel, unless the status says that it is not
    known; a status without an end, or one that is not true; a job that was paid for a command nobody saw answered.
    double_submitted: commands with more than one accepted paid request. double_posted: jobs with more than one video.
    unknown: statuses that ended as "Sent, but not confirmed". unknown_told: those that say what that means.
    not_taken: statuses that ended as "Most likely not taken". One whose request was accepted counts as lost.
    paid_wrong: accepted requests that do not carry each reference, whole and as it was attached.
    wrong_pictures: finished jobs whose status does not show each reference once, by a link of Discord's own.
    """

    lost: int = 0
    double_submitted: int = 0
    double_posted: int = 0
    unknown: int = 0
    unknown_told: int = 0
    not_taken: int = 0
    paid_wrong: int = 0
    wrong_pictures: int = 0
    problems: list[str] = field(default_factory=list[str])

    @property
    def good(self) -> bool:
        """True if the promises were kept."""
        return not self.problems and self.unknown_told == self.unknown


def judge(stack: Stack, asked: Sequence[AnsweredCommand], unanswered: Sequence[str]) -> Verdict:
    """Judge every command. stack: with both stand-ins still running."""
    accepted = _accepted(stack)
    videos = _videos(stack)
    verdict = Verdict()
    for one in asked:
        _judge_one(verdict, one, stack, accepted.get(one.prompt, []), videos[one.status_id])
    for prompt in unanswered:
        if prompt in accepted:
            verdict.lost += 1
            verdict.problems.append(f"{prompt} was paid, but its command was not answered")
    for submit in stack.openrouter.submits:
        _judge_pictures(verdict, submit, {one.prompt: one.references for one in asked})
    strays = set(videos) - {one.status_id for one in asked}
    if strays:
        verdict.lost += len(strays)
        verdict.problems.append(f"{len(strays)} videos answer no job's status")
    return verdict


def _judge_one(verdict: Verdict, one: AnsweredCommand, stack: Stack, accepted: list[str], videos: int) -> None:
    title = one.status.split("\n", 1)[0]
    completed = [job for job in accepted if stack.openrouter.jobs[job].status == "completed"]
    if title == UNKNOWN:
        verdict.unknown += 1
        verdict.unknown_told += MAY_BE_PAID in one.status
    verdict.not_taken += title == NOT_TAKEN
    if len(accepted) > 1:
        verdict.double_submitted += 1
        verdict.problems.append(f"{one.prompt} was submitted {len(accepted)} times: {accepted}")
    if videos > 1:
        verdict.double_posted += 1
        verdict.problems.append(f"{one.prompt} was posted {videos} times")
    shown = [url for url in one.pictures if "/attachments/" in url]
    if title == "### Done" and not len(shown) == len(one.pictures) == one.references:
        verdict.wrong_pictures += 1
        verdict.problems.append(f"{one.prompt} shows {one.pictures} for {one.references} references")
    problem = None
    if not ended(one):
        problem = f"never ended: {title}"
    elif accepted and title == NOT_TAKEN:
        problem = f"was accepted as {accepted}, and says: {title}"
    elif completed and not videos and title != UNKNOWN:
        problem = f"was paid and finished as {completed}, has no video, and says: {title}"
    elif (title == "### Done") != bool(videos):
        problem = f"has {videos} videos, and says: {title}"
    if problem:
        verdict.lost += 1
        verdict.problems.append(f"{one.prompt} {problem}")


def _judge_pictures(verdict: Verdict, submit: dict[str, Any], references: Mapping[str, int]) -> None:
    if not submit["id"]:
        return
    prompt, sent = submit["body"]["prompt"], cast("list[Any]", submit["body"].get("input_references") or [])
    right = sum(_is_right(one["image_url"]["url"]) for one in sent)
    if not right == len(sent) == references.get(prompt, right):
        verdict.paid_wrong += 1
        verdict.problems.append(f"{prompt} was paid with {right} of its references right, and {len(sent)} in all")


def _is_right(url: str) -> bool:
    """Tell if a reference as it was sent shows what people attach; a link is read by the provider."""
    if not url.startswith("data:"):
        return True
    try:
        with Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2]))) as picture:
            shown = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))
    except OSError:
        return False
    return all(abs(a - b) < 8 for a, b in zip(cast("tuple[int, ...]", shown), ImageColor.getrgb(COLOUR), strict=True))


def _accepted(stack: Stack) -> dict[str, list[str]]:
    """Return OpenRouter's ids of the accepted jobs, by prompt."""
    found: dict[str, list[str]] = defaultdict(list)
    for submit in stack.openrouter.submits:
        if submit["id"]:
            found[submit["body"]["prompt"]].append(submit["id"])
    return found


def _videos(stack: Stack) -> Counter[str]:
    """Count videos by the status message that they reply to."""
    found: Counter[str] = Counter()
    messages: list[dict[str, Any]] = stack.discord.person().messages(Scene(stack).channel)
    for message in messages:
        if any(str(file["filename"]).endswith(".mp4") for file in message["attachments"]):
            reference: dict[str, Any] = message.get("message_reference") or {}
            found[str(reference.get("message_id"))] += 1
    return found
