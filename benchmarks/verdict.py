"""The fate of the jobs, by the stand-ins' own records: nothing here asks the bot or its database."""

from __future__ import annotations

import base64
import io
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from PIL import Image, ImageColor

from benchmarks.people import COLOUR, AskedJob
from sandbox.stack import Stack
from tests.e2e.scene import ENDINGS, Scene

UNKNOWN = "### Sent, but not confirmed"
MAY_BE_PAID = "may have been charged"
NOT_TAKEN = "### Probably not accepted"


ROW = re.compile(r"^\*\*\d+\*\* · ([^·\n]+?)(?: · (.*))?$", re.MULTILINE)
"""A take in the status of a set: its state, and what else is said of it."""
LETTER_ROW = re.compile(r"^\*\*[A-D]\*\* · (.*)$", re.MULTILINE)
"""A video in the status of a comparison. Its model stands before its state once that may be told."""
SEED = re.compile(r"seed (\d+)$")
LETTER = re.compile(r"-video-([a-d])[.]mp4$")


def title_of(one: AskedJob) -> str:
    """Return the heading of a job's status, without the link to its video."""
    return one.status.split("\n", 1)[0].split(" · ", 1)[0]


def ended(one: AskedJob) -> bool:
    """Return whether the status says that nothing more will happen."""
    if one.takes > 1:
        rows = ROW.findall(one.status) or letter_rows(one.status)
        return len(rows) == one.takes and all(state in ENDINGS for state, _ in rows)
    return title_of(one) in [f"### {ending}" for ending in ENDINGS]


@dataclass
class Verdict:
    """Counts of jobs; `problems` has a sentence for each of those that should be 0.

    lost: accepted and completed at OpenRouter without a video in the channel, unless the status says that it is not
    known; a status without an end, or one that is not true; a job that was paid for a command nobody saw answered.
    double_submitted: commands, or takes, with more than one accepted paid request. double_posted: jobs with more than
    one video.
    unknown: statuses that ended as "Sent, but not confirmed". unknown_told: those that say what that means.
    not_taken: statuses that ended as "Probably not accepted". One whose request was accepted counts as lost.
    paid_wrong: accepted requests that do not carry each reference, whole and as it was attached.
    wrong_pictures: statuses that show pictures in the end, and not each reference once by a link of Discord's own, and
    sets whose takes all came without a contact sheet.
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


def judge(stack: Stack, asked: Sequence[AskedJob], unanswered: Sequence[str], *, compared: bool = False) -> Verdict:
    """Judge every command. stack: with both stand-ins still running. compared: each asked to compare models."""
    accepted = _accepted(stack)
    videos = _videos(stack)
    verdict = Verdict()
    for one in asked:
        if compared:
            judge_comparison(verdict, one, stack)
        elif one.takes > 1:
            _judge_set(verdict, one, stack, videos[one.status_id])
        else:
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


def _judge_one(verdict: Verdict, one: AskedJob, stack: Stack, accepted: list[str], videos: int) -> None:
    title = title_of(one)
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
    if one.pictures and not len(shown) == len(one.pictures) == one.references:
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


def _judge_set(verdict: Verdict, one: AskedJob, stack: Stack, videos: int) -> None:
    """Judge each take by its row; requests are told apart by their seeds."""
    accepted: dict[str, list[str]] = defaultdict(list)
    for submit in stack.openrouter.submits:
        if submit["id"] and submit["body"]["prompt"] == one.prompt:
            accepted[str(submit["body"].get("seed"))].append(submit["id"])
    rows: list[tuple[str, str]] = ROW.findall(one.status)
    done = sum(state == "Done" for state, _ in rows)
    problems = [] if ended(one) else [f"never ended: {rows}"]
    if videos != done:
        problems.append(f"has {videos} videos, and says that {done} takes are done")
    verdict.double_posted += max(0, videos - done)
    seeds = [found[1] if (found := SEED.search(rest)) else "" for _, rest in rows]
    for seed, ids in accepted.items():
        if len(ids) > 1 or seed not in seeds:
            verdict.double_submitted += 1
            verdict.problems.append(f"{one.prompt} was submitted as {ids} with seed {seed}")
    for (state, rest), seed in zip(rows, seeds, strict=True):
        unknown = state == UNKNOWN.removeprefix("### ")
        verdict.unknown += unknown
        verdict.unknown_told += unknown and MAY_BE_PAID in rest
        verdict.not_taken += state == NOT_TAKEN.removeprefix("### ")
        completed = [job for job in accepted.get(seed, []) if stack.openrouter.jobs[job].status == "completed"]
        if completed and not unknown and state != "Done":
            problems.append(f"was paid and finished as {completed}, and says: {state}")
        elif state == "Done" and not completed:
            problems.append(f"says that seed {seed} is done, which was not paid")
    verdict.lost += len(problems)
    verdict.problems += [f"{one.prompt} {problem}" for problem in problems]
    pictures = [url for url in one.pictures if "/attachments/" in url]
    if done > 1 and done == one.takes and not len(pictures) == len(one.pictures) == 1:
        verdict.wrong_pictures += 1
        verdict.problems.append(f"{one.prompt} shows {one.pictures} for a contact sheet")


def letter_rows(status: str) -> list[tuple[str, str]]:
    """Return the state of each video in the status of a comparison, and its whole row."""
    rows = [(row, row.split(" · ")) for row in LETTER_ROW.findall(status)]
    return [(next((part for part in parts[:2] if part in ENDINGS), parts[0]), row) for row, parts in rows]


def judge_comparison(verdict: Verdict, one: AskedJob, stack: Stack) -> None:
    """Judge a comparison: requests are told apart by their models, videos by the letters in their names."""
    accepted: dict[str, list[str]] = defaultdict(list)
    for submit in stack.openrouter.submits:
        if submit["id"] and submit["body"]["prompt"] == one.prompt:
            accepted[str(submit["body"]["model"])].append(submit["id"])
    rows = letter_rows(one.status)
    states = Counter(state for state, _ in rows)
    problems = [] if ended(one) else [f"never ended: {rows or one.status}"]
    for model, ids in accepted.items():
        if len(ids) > 1:
            verdict.double_submitted += 1
            verdict.problems.append(f"{one.prompt} was submitted as {ids} to {model}")
    posted = _letters(stack, one.status_id)
    for letter, times in posted.items():
        if times > 1:
            verdict.double_posted += 1
            verdict.problems.append(f"{one.prompt} was posted {times} times as {letter}")
    unknown = states[UNKNOWN.removeprefix("### ")]
    verdict.unknown += unknown
    verdict.unknown_told += sum(f"### {state}" == UNKNOWN and MAY_BE_PAID in rest for state, rest in rows)
    verdict.not_taken += states[NOT_TAKEN.removeprefix("### ")]
    completed = sum(stack.openrouter.jobs[job].status == "completed" for ids in accepted.values() for job in ids[:1])
    if len(posted) != states["Done"]:
        problems.append(f"has videos {sorted(posted)}, and says that {states['Done']} are done")
    if not states["Done"] <= completed <= states["Done"] + unknown:
        problems.append(f"has {completed} that were paid and finished, and says: {dict(states)}")
    verdict.lost += len(problems)
    verdict.problems += [f"{one.prompt} {problem}" for problem in problems]


def _letters(stack: Stack, status_id: str) -> Counter[str]:
    """Count the videos of a comparison by their letters."""
    found: Counter[str] = Counter()
    messages: list[dict[str, Any]] = stack.discord.person().messages(Scene(stack).channel)
    for message in messages:
        reference: dict[str, Any] = message.get("message_reference") or {}
        if str(reference.get("message_id")) == status_id:
            names = [str(file["filename"]) for file in message["attachments"]]
            found.update(letter[1] for name in names if (letter := LETTER.search(name)))
    return found


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
