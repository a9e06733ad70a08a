"""A posted file is named after its prompt, take and content, and has words for people who do not see it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cogs.delivery.attachment import ALT_TEXT, alt_text, file_name, is_named_after, opened
from dailies.delivery.chat import Upload
from dailies.job import Job
from dailies.references.reference import Source
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
    assert (file.filename, file.description) == ("red-kite-over-the-sea-take-1.txt", None)


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("The fox from {1} carries the lantern", "fox-from-carries-the-lantern-take-1.mp4"),
        ("A red kite\nover the sea", "red-kite-over-the-sea-take-1.mp4"),
        ("It's a café à la plage!", "its-a-cafe-a-la-plage-take-1.mp4"),
        ("../../etc/passwd; rm -rf ~", "etc-passwd-rm-rf-take-1.mp4"),
        ("@everyone <@1> `x`", "everyone-x-take-1.mp4"),
        ("狐が灯りを運ぶ", "video-take-1.mp4"),
        ("the", "the-take-1.mp4"),
        ("x" * 500, f"{'x' * 40}-take-1.mp4"),
        ("lantern " * 100, "lantern-lantern-lantern-lantern-lantern-take-1.mp4"),
    ],
)
def test_a_file_is_named_after_the_first_words_of_its_prompt(prompt: str, name: str) -> None:
    assert file_name(prompted(prompt), VIDEO) == name


def test_a_file_is_named_after_its_take_and_number_and_hides_what_is_hidden() -> None:
    job = replace(a_job(), take=3, sources=(Source("https://a.example/1", "1", attached=False, spoiler=True),))
    assert file_name(job, replace(VIDEO, number=2)) == "SPOILER_red-kite-over-the-sea-take-3-video-2.mp4"


@given(st.text(max_size=300), st.integers(1, 10**6))
def test_any_prompt_makes_a_safe_name(prompt: str, take: int) -> None:
    name = file_name(replace(prompted(prompt), take=take), VIDEO)
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*-take-[0-9]+[.]mp4", name)
    assert len(name) <= 64


@pytest.mark.parametrize(
    "name",
    ["0123456789abcdef.mp4", "SPOILER_0123456789abcdef.png", "Here: https://b/f/t/0123456789abcdef.play.mp4 (until"],
)
def test_a_file_that_an_earlier_version_posted_is_found_by_its_jobs_id(name: str) -> None:
    assert is_named_after(name, a_job())
    assert not is_named_after(name, a_job(id="0123456789abcdeg"))
