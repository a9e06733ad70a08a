"""`python -m sandbox play`: stories on the unmodified bot, each in a sandbox of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sandbox.botprocess import ROOT

STORIES = ROOT / "tests" / "stories"


def run(story: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sandbox", "play", str(story), "--out", str(folder / "out"), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


def play(story: Path, folder: Path) -> dict[str, Any]:
    """Play a story with --json; its object has to agree with the exit code."""
    ran = run(story, folder, "--json")
    assert ran.stdout.count("\n") == 1, ran.stderr
    played: dict[str, Any] = json.loads(ran.stdout)
    assert ran.returncode == (0 if played["ok"] else 1), ran.stderr
    return played


def written(folder: Path, text: str) -> Path:
    story = folder / "story.toml"
    story.write_text(f"clock = 60\nanswer_seconds = 60\n{text}")
    return story


def messages(played: dict[str, Any], place: str) -> list[dict[str, Any]]:
    return [message for message in played["messages"] if message["place"] == place]


def test_a_question_answered_three_times_at_once_makes_one_video(tmp_path: Path) -> None:
    played = play(STORIES / "question.toml", tmp_path)

    assert played["failed_step"] is None
    question, *answers = [message for message in messages(played, "panel") if message["to"] == "Ann"]
    assert question["buttons"][0]["gone"] is True
    assert sum("answered already" in answer["texts"][-1] for answer in answers) == 2
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
    assert [field["label"] for field in played["windows"][0]["fields"]] == ["Prompt", "Model"]
    assert [request["body"]["prompt"] for request in played["requests"]] == ["It looks up", "@Image1 sways in the wind"]


def test_a_bot_that_is_killed_and_started_again_carries_on(tmp_path: Path) -> None:
    played = play(STORIES / "killed.toml", tmp_path)

    assert played["failed_step"] is None
    assert (len(played["requests"]), len(played["videos"])) == (1, 1)


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
    assert "is not a video model" in messages(played, "panel")[0]["texts"][-1]


VIDEO = """
[settings]
CONFIRM_ABOVE_USD = "0"

[[step]]
who = "Ann"
command = "/video"
options = { prompt = "A boat", duration = 4, resolution = "480p" }
"""


@pytest.mark.parametrize(
    ("step", "problem"),
    [
        ('who = "Ann"\nclick = "Continue"\nunder = "panel"', '"Continue": no such button under panel; there are: '),
        ('who = "Ann"\nclick = "Continue"\nunder = "video 1"', "there is no video 1 that Ann sees; there are: panel"),
        ('who = "Ann"\nchoose = { Length = "8 s" }', '"Length": no such menu under last; there are none'),
        ('who = "Ann"\nfill = { Prompt = "A kite" }', "no window is open for Ann"),
        ('who = "Ann"\ncommand = "/vidoe"', "there is no command /vidoe; there are: "),
        ('who = "Ann"\ncommand = "/video"\noptions = { promt = "A" }', 'no option "promt" (did you mean "prompt"?)'),
        ('who = "Ann"\ncommand = "/video"\noptions = { prompt = "A", reference = "cat.jpg" }', 'no file "cat.jpg"'),
        ('who = "Ann"\ncommand = "/jobs list"\nin = "nowhere"', "there is no channel #nowhere; there are: dailies"),
        ("start = true", "the bot runs already"),
        ('expect = "charged 1.00"', "0 USD were charged"),
        ('expect = "nobody sees: costs about"', "Ann sees:\nThis video costs about"),
    ],
)
def test_what_a_step_names_and_is_not_there_is_said_with_what_there_is(tmp_path: Path, step: str, problem: str) -> None:
    played = play(written(tmp_path, f"{VIDEO}\n[[step]]\n{step}\n"), tmp_path)

    assert played["failed_step"]["step"] == 2
    assert problem in played["failed_step"]["problem"]


def test_a_wait_that_does_not_come_true_says_what_was_seen_instead(tmp_path: Path) -> None:
    played = play(written(tmp_path, f'limit = 2\n{VIDEO}\n[[step]]\nwait = "video 1"\n'), tmp_path)

    assert "it did not come within 2 s; there are: panel" in played["failed_step"]["problem"]
    assert "costs about" in played["failed_step"]["problem"]


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
    ran = run(written(tmp_path, VIDEO), tmp_path)

    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert lines[0] == "story"
    assert lines[2] == "[00:00] 1. Ann types /video prompt: A boat duration: 4 resolution: 480p"
    assert lines[3].endswith("  Dailies → Ann only:")
    assert "          │ This video costs about $0.1614" in lines
    assert "Every step went as written." in lines


def test_a_file_that_is_no_story_is_refused_before_anything_starts(tmp_path: Path) -> None:
    ran = run(written(tmp_path, '[[step]]\nwho = "An"\nclick = "Generate"\n'), tmp_path)

    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("story.toml, step 1 (line 3): there is no person 'An' (did you mean \"Ann\"?).")
