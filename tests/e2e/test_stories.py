"""`python -m sandbox play`: stories on the unmodified bot, each in a sandbox of its own."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from PIL import Image

from sandbox.botprocess import ROOT
from sandbox.play import patience
from sandbox.play.stage import Stage, staged
from sandbox.play.story import read_story
from sandbox.play.transcript import Transcript
from tests.support.films import frames, off
from tests.support.renderings import renderings_shared, short_jobs
from tests.support.sandbox_command import Ran, ran

pytestmark = pytest.mark.slow

STORIES = ROOT / "tests" / "stories"


def run(story: Path, folder: Path, *arguments: str) -> Ran:
    return ran("play", str(story), "--out", str(folder / "out"), *arguments)


def play(story: Path, folder: Path, *, rendered: bool = False, long: bool = False) -> dict[str, Any]:
    """Play a story with --json; its object has to agree with the exit code.

    rendered: its videos are looked at. long: its jobs take a minute and a half, in which it does something.
    """
    with nullcontext() if rendered else renderings_shared(), nullcontext() if long else short_jobs():
        ended = run(story, folder, "--json")
    assert ended.stdout.count("\n") == 1, ended.stderr
    played: dict[str, Any] = json.loads(ended.stdout)
    assert ended.returncode == (0 if played["ok"] else 1), ended.stderr
    return played


def written(folder: Path, text: str) -> Path:
    story = folder / "story.toml"
    story.write_text(f"clock = 20\nanswer_seconds = 60\n{text}")
    return story


def messages(played: dict[str, Any], place: str) -> list[dict[str, Any]]:
    return [message for message in played["messages"] if message["place"] == place]


def test_a_question_answered_three_times_at_once_makes_one_video(tmp_path: Path) -> None:
    played = play(STORIES / "question.toml", tmp_path)

    assert played["failed_step"] is None
    panel, *answers = [message for message in messages(played, "panel") if message["to"] == "Ann"]
    # A click that comes before the job is recorded has an answer of its own; a later one is told in the panel.
    assert panel["texts"][-1].startswith(
        ("Your video has started: https://", "This draft has already been started: https://")
    )
    told = sum("This draft has already been started" in answer["texts"][-1] for answer in answers)
    assert told == 2 or "This draft has already been started" in "".join(panel["texts"])
    assert len(played["requests"][0]["body"]["input_references"]) == 2
    assert played["requests"][0]["job_status"] == "completed"
    assert [Path(video).read_bytes()[4:8] for video in played["videos"]] == [b"ftyp"]
    video = messages(played, "video 1")[0]
    assert video["files"][0]["size"] == Path(played["videos"][0]).stat().st_size
    assert (video["to"], video["pinged"]) == ("channel", ["Ann"])
    status = messages(played, "status 1")[0]
    assert status["edits"] >= len(status["texts"]) - 1 > 3
    assert played["charges"] == [
        {"job": played["requests"][0]["job"], "model": "bytedance/seedance-2.0-fast", "usd": 0.161406}
    ]


def test_links_to_files_of_the_story_windows_and_other_peoples_buttons_are_played(tmp_path: Path) -> None:
    played = play(STORIES / "two_people.toml", tmp_path)

    assert played["failed_step"] is None
    assert [window["to"] for window in played["windows"]] == ["Ben"]
    assert [field["label"] for field in played["windows"][0]["fields"]] == ["Prompt", "Use"]
    assert [request["body"]["prompt"] for request in played["requests"]] == ["It looks up", "@Image1 sways in the wind"]


def test_a_first_and_a_last_frame_are_made_to_fit_as_chosen_across_a_restart(tmp_path: Path) -> None:
    played = play(STORIES / "frames.toml", tmp_path)

    assert played["failed_step"] is None
    (request,) = played["requests"]
    assert [one["frame_type"] for one in request["body"]["frame_images"]] == ["first_frame", "last_frame"]
    assert "input_references" not in request["body"]


def test_the_next_video_begins_with_the_last_frame_of_the_one_before(tmp_path: Path) -> None:
    played = play(STORIES / "continue.toml", tmp_path, rendered=True)

    assert played["failed_step"] is None
    first, second = [request["body"] for request in played["requests"]]
    assert second["prompt"] == first["prompt"]
    assert "input_references" not in second
    (frame,) = second["frame_images"]
    with Image.open(io.BytesIO(base64.b64decode(frame["image_url"]["url"].partition(",")[2]))) as picture:
        last = frames(Path(played["videos"][0]), picture.size)[-1]
        assert off(picture.convert("RGB"), last) < 1


def test_each_next_video_takes_as_few_actions_as_the_best_need(tmp_path: Path) -> None:
    """The story counts them; what was asked for is what was paid for."""
    played = play(STORIES / "actions.toml", tmp_path)

    assert played["failed_step"] is None
    first, *others = [request["body"] for request in played["requests"]]
    # Whose turn it is at OpenRouter is no part of this.
    (night,) = [body for body in others if body["prompt"] == f"{first['prompt']} at night"]
    (longer,) = [body for body in others if body["duration"] == 6]
    (model,) = [body for body in others if body["model"] == "bytedance/seedance-2.0-mini"]
    (onwards,) = [body for body in others if "frame_images" in body]
    rest = [body for body in others if body not in (night, longer, model, onwards)]
    (again,) = [body for body in rest if body["input_references"] == first["input_references"]]
    (picture,) = [body for body in rest if body is not again]
    own = {"seed", "session_id"}
    assert {k: v for k, v in again.items() if k not in own} == {k: v for k, v in first.items() if k not in own}
    assert again["seed"] != first.get("seed")
    assert first["prompt"] == "The fox from @Image1 carries the lantern from @Image2"
    assert picture["input_references"][0] == first["input_references"][0]
    assert picture["input_references"][1] not in first["input_references"]
    assert "input_references" not in onwards


def test_a_bot_that_is_killed_and_started_again_carries_on(tmp_path: Path) -> None:
    played = play(STORIES / "killed.toml", tmp_path, long=True)

    assert played["failed_step"] is None
    assert (len(played["requests"]), len(played["videos"])) == (1, 1)


def test_what_a_server_s_managers_set_outlives_the_bot_and_holds_for_everybody(tmp_path: Path) -> None:
    played = play(STORIES / "settings.toml", tmp_path)

    assert played["failed_step"] is None
    (request,) = played["requests"]
    assert (request["body"]["duration"], request["body"]["resolution"]) == (4, "480p")


def test_of_three_takes_one_fails_and_two_outlive_the_bot_s_death(tmp_path: Path) -> None:
    played = play(STORIES / "takes.toml", tmp_path, long=True)

    assert played["failed_step"] is None
    assert len({request["body"]["seed"] for request in played["requests"]}) == 3
    assert (len(played["charges"]), len(played["videos"])) == (2, 2)
    (status,) = [messages(played, "status 1")[0]["texts"][-1]]
    assert sum(status.count(f"{number} · Done · $0.16") for number in (1, 2, 3)) == 2


def test_three_models_are_compared_and_nobody_is_told_which_is_which_before_the_vote_ends(tmp_path: Path) -> None:
    played = play(STORIES / "compare.toml", tmp_path, long=True)

    assert played["failed_step"] is None
    assert len({request["body"]["model"] for request in played["requests"]}) == 3
    assert len(played["charges"]) == 3
    texts = messages(played, "video 1")[0]["texts"]
    names = ("Seedance", "Veo", "Hailuo")
    assert not any(name in texts[0] for name in names)
    assert all(name in texts[-1] for name in names)


def test_a_screening_whose_hour_came_while_the_bot_was_down_is_made_once(tmp_path: Path) -> None:
    played = play(STORIES / "screening.toml", tmp_path, long=True)

    assert played["failed_step"] is None
    assert (len(played["charges"]), len(played["videos"])) == (1, 2)


def test_of_two_reviewers_at_once_the_second_is_told_and_nobody_s_word_is_lost(tmp_path: Path) -> None:
    played = play(STORIES / "review.toml", tmp_path)

    assert played["failed_step"] is None
    assert len(played["charges"]) == 1
    video, approved = messages(played, "video 1")[0], messages(played, "video 2")[0]
    assert [file["kind"] for file in approved["files"]].count("application/json") == 1
    assert approved["channel"] != video["channel"]
    reply = messages(played, "status 2")[0]
    assert reply["pinged"] == ["Ann"]


def test_an_approval_whose_channel_or_video_is_gone_counts_and_says_so(tmp_path: Path) -> None:
    played = play(STORIES / "approved_gone.toml", tmp_path, long=True)

    assert played["failed_step"] is None
    assert len(played["charges"]) == 1


def test_each_paid_request_meets_the_answer_whose_turn_it_is(tmp_path: Path) -> None:
    played = play(STORIES / "faults.toml", tmp_path)

    assert played["failed_step"] is None
    got = [(one["status"], one["answer_lost"], one["job_status"]) for one in played["requests"]]
    assert [one[0] for one in got[:2]] == [429, 202]
    assert [one[1] for one in got] == [False, False, True, False]
    assert [one[2] for one in got] == [None, "failed", "completed", "completed"]


def test_an_expectation_that_is_not_true_ends_the_story_and_says_what_is_there(tmp_path: Path) -> None:
    played = play(STORIES / "otherwise.toml", tmp_path)

    assert played["failed_step"] == {
        "step": 3,
        "line": 17,
        "action": "expect: 1 video",
        "problem": "there are 0 videos",
    }
    assert "isn't a video model" in messages(played, "panel")[0]["texts"][-1]


VIDEO = """
[settings]
CONFIRM_ABOVE_USD = "0"

[[step]]
who = "Ann"
command = "/video"
options = { prompt = "A boat", duration = 4, resolution = "480p" }
"""


def test_a_wait_that_does_not_come_true_says_what_was_seen_instead(tmp_path: Path) -> None:
    played = play(written(tmp_path, f'limit = 2\n{VIDEO}\n[[step]]\nwait = "video 1"\n'), tmp_path)

    assert "it did not come within 2 s; there are: panel" in played["failed_step"]["problem"]
    assert "needs your OK" in played["failed_step"]["problem"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Stage]:
    """A bot that has asked Ann a question; the steps that fail on it leave it as it is."""
    story = read_story(written(tmp_path_factory.mktemp("stage"), VIDEO))
    async with staged(story, Transcript(io.StringIO())) as stage:
        assert await stage.start_bot() is None
        assert await stage.take(story.steps) is None
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(patience, "GRACE_SECONDS", 0.5)  # what is not there will not come
            yield stage


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('who = "Ann"\nclick = "Continue"\nunder = "panel"', '"Continue": no such button under panel; there are: '),
        ('who = "Ann"\nclick = "Continue"\nunder = "video 1"', "there is no video 1 that Ann sees; there are: panel"),
        ('who = "Ann"\nchoose = { Weather = "Rain" }', '"Weather": no such menu under last; there are: '),
        ('who = "Ann"\nchoose = { Length = "9 h" }', '"9 h": no such entry in "Length"; there are: 4 s, '),
        ('who = "Ann"\nfill = { Prompt = "A kite" }', "no window is open for Ann"),
        ('who = "Ann"\ncommand = "/vidoe"', "there is no command /vidoe; there are: "),
        ('who = "Ann"\ncommand = "/video"\noptions = { promt = "A" }', 'no option "promt" (did you mean "prompt"?)'),
        ('who = "Ann"\ncommand = "/video"\noptions = { prompt = "A", reference = "cat.jpg" }', 'no file "cat.jpg"'),
        ('who = "Ann"\ncommand = "/jobs list"\nin = "nowhere"', "there is no channel #nowhere; there are: dailies"),
        ("start = true", "the bot runs already"),
        ('expect = "charged 1.00"', "0 USD were charged"),
        ('expect = "nobody sees: needs your OK"', "Ann sees:\nThis one needs your OK"),
    ],
)
@pytest.mark.asyncio(loop_scope="module")
async def test_what_a_step_names_and_is_not_there_is_said_with_what_there_is(
    stage: Stage, tmp_path: Path, step: str, problem: str
) -> None:
    failure = await stage.take(read_story(written(tmp_path, f"[[step]]\n{step}\n")).steps)

    assert failure is not None
    assert problem in failure.problem


def test_a_bot_that_does_not_start_is_said(tmp_path: Path) -> None:
    story = written(tmp_path, '[settings]\nCONFIRM_ABOVE_USD = "much"\n[[step]]\nwait = 1\n')
    played = play(story, tmp_path)

    assert played["failed_step"]["step"] is None
    assert "CONFIRM_ABOVE_USD" in played["failed_step"]["problem"]


def test_what_discord_shows_for_a_bot_that_is_gone_is_seen_too(tmp_path: Path) -> None:
    command = 'who = "Ann"\ncommand = "/jobs list"'
    seen = 'expect = "nobody sees: did not respond"'
    story = tmp_path / "gone.toml"
    story.write_text(f"[[step]]\nkill = true\n[[step]]\n{command}\n[[step]]\n{seen}\n")
    played = play(story, tmp_path)

    assert played["failed_step"]["step"] == 3
    assert [(one["author"], one["to"]) for one in played["messages"]] == [("Discord", "Ann")]


def test_the_transcript_tells_who_did_what_and_what_each_saw(tmp_path: Path) -> None:
    """As a person starts it: a process of its own, with the bot in another one."""
    command = [sys.executable, "-m", "sandbox", "play", str(written(tmp_path, VIDEO)), "--out", str(tmp_path / "out")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)

    assert ended.returncode == 0, ended.stderr
    lines = ended.stdout.splitlines()
    assert lines[0] == "story"
    assert lines[2] == "[00:00] 1. Ann types /video prompt: A boat duration: 4 resolution: 480p"
    assert lines[3].endswith("  Dailies → Ann only:")
    assert "          │ This one needs your OK before it starts. No charge yet." in lines
    assert any("[Generate · $0.16]" in line and "[4 s ▾]" in line for line in lines)
    assert "Every step went as written." in lines


def test_a_file_that_is_no_story_is_refused_before_anything_starts(tmp_path: Path) -> None:
    ended = run(written(tmp_path, '[[step]]\nwho = "An"\nclick = "Generate"\n'), tmp_path)

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("story.toml, step 1 (line 3): there is no person 'An' (did you mean \"Ann\"?).")


def test_the_takes_of_a_shot_go_into_its_forum_post(tmp_path: Path) -> None:
    played = play(STORIES / "forum.toml", tmp_path)

    assert played["failed_step"] is None
    assert [messages(played, f"video {number}")[0]["channel"] for number in (1, 2)] == ["12A", "12A"]


def test_a_shot_stays_chosen_and_the_wall_s_menus_outlive_a_restart(tmp_path: Path) -> None:
    played = play(STORIES / "shots.toml", tmp_path)

    assert played["failed_step"] is None
    assert [messages(played, f"video {number}")[0]["files"][0]["name"] for number in (1, 2)] == [
        "lantern-in-the-fog-12a-take-1.mp4",
        "lantern-in-the-fog-12a-take-2.mp4",
    ]
    (wall,) = [message for message in messages(played, "panel") if message["to"] == "Ben"]
    assert len(wall["files"]) == 2
