"""A posted file is named after its job and its content, and has words for people who do not see it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cogs.delivery.attachment import ALT_TEXT, alt_text, file_name, is_named_after, opened
from dailies.delivery.chat import Upload
from dailies.job import Job
from tests.unit.kit import REQUEST, a_job

VIDEO = Upload((), "n")


def prompted(prompt: str) -> Job:
    return a_job(request=replace(REQUEST, prompt=prompt))


def test_a_video_is_described_by_its_prompt() -> None:
    assert alt_text(prompted("a red kite\nover the sea"), VIDEO) == "Video: a red kite over the sea"


@pytest.mark.parametrize("prompt", ["a word " * 300, "x" * 2000, "あ" * 2000, "🦊" * 2000, "a\u202eb" * 900])
def test_a_long_prompt_is_cut_within_discords_limit(prompt: str) -> None:
    text = alt_text(prompted(prompt), VIDEO)
    assert text is not None
    assert ALT_TEXT // 2 < len(text) <= ALT_TEXT
    assert text.endswith("…")
    assert "\u202e" not in text


def test_a_long_prompt_is_cut_at_a_word() -> None:
    text = alt_text(prompted("lantern " * 200), VIDEO)
    assert text is not None
    assert text.endswith("lantern…")


async def test_other_files_have_no_description_of_a_video_and_the_end_of_their_kind(tmp_path: Path) -> None:
    path = tmp_path / "0123456789abcdef.mp4"
    path.write_bytes(b"<html>")
    page = Upload((), "n", path, "txt")
    file = await opened(a_job(), page, path)
    file.close()
    assert (file.filename, file.description) == ("0123456789abcdef.txt", None)
    assert file_name(a_job(), VIDEO) == "0123456789abcdef.mp4"


@pytest.mark.parametrize(
    "name",
    ["0123456789abcdef.mp4", "SPOILER_0123456789abcdef.png", "Here: https://b/f/t/0123456789abcdef.play.mp4 (until"],
)
def test_a_posted_file_is_found_by_its_jobs_id(name: str) -> None:
    assert is_named_after(name, a_job())
    assert not is_named_after(name, a_job(id="0123456789abcdeg"))
