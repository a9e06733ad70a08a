"""`python -m sandbox once`: the unmodified bot, used once from the command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from itertools import groupby
from pathlib import Path

import pytest

from sandbox.botprocess import ROOT
from tests.sandbox.openrouter_kit import image
from tests.sandbox.video_kit import near, pixel
from tests.support.renderings import renderings_shared, short_jobs
from tests.support.sandbox_command import Ran, ran
from tests.support.servers import closed_port_origin

pytestmark = pytest.mark.slow

SPEED = 20.0


@pytest.fixture
def pictures(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "red.png", tmp_path / "blue.png"]
    for path in paths:
        path.write_bytes(image(path.stem))
    return paths


def once(*arguments: str) -> Ran:
    with short_jobs():
        return ran("once", "--speed", str(SPEED), "--timeout", "150", *arguments)


def test_a_video_is_made_from_two_files_and_reported_as_json(tmp_path: Path, pictures: list[Path]) -> None:
    out = tmp_path / "new folder" / "got.mp4"
    references = [part for path in pictures for part in ("--reference", str(path))]
    options = ["--duration", "4", "--resolution", "480p", "--aspect-ratio", "1:1", "--no-audio", "--seed", "7"]
    ended = once("--json", "--prompt", "a lantern", *references, *options, "--out", str(out))
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert set(report) == {
        "status_texts",
        "edits",
        "polls",
        "submits",
        "request",
        "file",
        "posted_message",
        "came",
        "posted",
        "error",
        "seconds",
    }
    request = report["request"]
    assert len(request["input_references"]) == 2
    assert (request["duration"], request["seed"], request["generate_audio"]) == (4, 7, False)
    assert (report["submits"], report["error"]) == (1, None)
    assert report["polls"] > 0
    # Each state is shown; of edits that only tell the time of a check, a busy machine leaves some out.
    assert report["edits"] >= len(report["status_texts"]) - 1
    assert [any(state in one for one in report["status_texts"]) for state in ("Generating", "Done")] == [
        True,
        True,
    ]
    # No state comes back, though within one "checked just now" may be said again.
    titles = [title for title, _ in groupby(text.split("\n")[0] for text in report["status_texts"])]
    assert len(titles) == len(set(titles)) > 3
    assert report["posted_message"]["attachments"][0]["size"] == out.stat().st_size
    assert near(pixel(out, 0.2), (255, 0, 0))
    assert near(pixel(out, 3.8), (0, 0, 255))


@pytest.mark.parametrize(
    ("form", "came"),
    [
        ("hevc10", {"codec": "hevc", "pix_fmt": "yuv420p10le"}),
        ("late-index", {"codec": "h264", "faststart": False}),
        ("mkv", {"codec": "h264", "faststart": False}),
        ("gif", {"codec": "gif"}),
    ],
)
def test_what_came_and_what_was_posted_are_measured(tmp_path: Path, form: str, came: dict[str, object]) -> None:
    out = tmp_path / "got.mp4"
    options = ["--duration", "4", "--resolution", "480p", "--form", form]
    with renderings_shared():
        ended = once("--json", "--prompt", "a lantern", *options, "--out", str(out))
    assert ended.returncode == 0, ended.stderr
    report = json.loads(ended.stdout)
    assert {name: report["came"][name] for name in came} == came
    posted = report["posted"]
    assert (posted["codec"], posted["pix_fmt"], posted["faststart"]) == ("h264", "yuv420p", True)
    assert posted["audio"] == (report["came"]["audio"] and "aac")
    assert posted["size"] == out.stat().st_size
    assert abs(posted["seconds"] - report["came"]["seconds"]) < 0.3


def test_a_refusal_is_printed_and_exits_with_one(tmp_path: Path) -> None:
    out = tmp_path / "got.mp4"
    ended = once("--prompt", "a lantern", "--model", "nobody/nothing", "--out", str(out))
    assert ended.returncode == 1
    assert "No video was posted. The bot refused: " in ended.stderr
    assert "nobody/nothing" in ended.stderr
    assert not out.exists()


@pytest.mark.parametrize(
    ("references", "words"),
    [
        (["missing.png"], "missing.png cannot be read: No such file"),
        (["README.md"] * 5, "at most 4 files; 5 were given"),
        (["https://example.com/a.png"], "is not on this machine"),
    ],
)
def test_wrong_usage_exits_with_two(tmp_path: Path, references: list[str], words: str) -> None:
    arguments = [part for reference in references for part in ("--reference", reference)]
    ended = once("--prompt", "a", *arguments, "--out", str(tmp_path / "got.mp4"))
    assert ended.returncode == 2
    assert words in ended.stderr


def test_a_job_that_ends_before_it_is_sent_is_not_waited_for(tmp_path: Path) -> None:
    """Its last words are the error; the limit of time has nothing to do with it."""
    link = f"{closed_port_origin()}/a.png"
    ended = once("--prompt", "a", "--reference", link, "--timeout", "120", "--out", str(tmp_path / "got.mp4"))
    assert ended.returncode == 1
    assert "No video was posted. Not started" in ended.stderr
    assert "couldn't be fetched" in ended.stderr


def test_a_video_that_cannot_be_saved_was_posted_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with renderings_shared():
        ended = once("--prompt", "a", "--duration", "4", "--out", str(tmp_path / "file" / "got.mp4"))
    assert ended.returncode == 1
    assert ended.stderr.startswith("The video was posted, but could not be saved to ")


def test_being_interrupted_leaves_no_bot_behind(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "once", "--speed", "1", "--prompt", "a", "--out", str(tmp_path / "a")]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert "Ann uses /video" in process.stdout.readline()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    assert children
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == 130
    for child in children:
        with pytest.raises(ProcessLookupError):
            os.kill(int(child), 0)
