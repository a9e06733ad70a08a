"""A cut joins takes at full size: copied where they are alike, else encoded, with sound in step to the end."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import pytest
import pytest_asyncio

from dailies.media.encode import Encoder
from dailies.media.normalise import conversion
from dailies.media.reel import Clip, Cut, Reels
from dailies.media.slate import Slate
from dailies.reason import ReasonCode
from tests.support.films import FFMPEG, decoded, described
from tests.support.takes import SECONDS, apart, kinds, take

pytestmark = pytest.mark.slow

LONG = 30
"""Seconds of each of six takes that are copied."""
IN_STEP = 0.02
"""Seconds by which sound may be off at the end."""


@dataclass
class Made:
    """A cut, in the folder where it was made."""

    cut: Cut
    files: list[str]


async def _nothing(_: int) -> None:
    """Ignore progress."""


async def cut(paths: list[Path], folder: Path) -> Made:
    reels = Reels(FFMPEG, Encoder(FFMPEG, jobs=1, seconds=120))
    clips = [Clip(path, Slate("not shown")) for path in paths]
    made = await reels.cut(clips, folder / "cut.mp4", say=_nothing, models=["Veo 3.1", "Kling 3.0"])
    return Made(made, [one.name for one in folder.iterdir()])


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Make a take of each kind, and a long one."""
    folder = tmp_path_factory.mktemp("takes")
    return kinds(folder) | {"long": take(folder / "long.mp4", rate="24000/1001", seconds=LONG)}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def copied(takes: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Join long takes of one kind."""
    return await cut([takes["long"]] * 6, tmp_path_factory.mktemp("copied"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def mixed(takes: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Join takes of all kinds."""
    order = ("red", "wide", "tall", "hevc", "vfr", "red")
    return await cut([takes[name] for name in order], tmp_path_factory.mktemp("mixed"))


def stored(path: Path, track: str) -> list[str]:
    """Return the checksum of each picture, or each packet of sound, as it is stored. track: "v" or "a"."""
    command = [FFMPEG, "-nostdin", "-loglevel", "error", "-i", str(path), "-map", f"0:{track}", "-c", "copy"]
    command += ["-f", "framemd5"]
    said = subprocess.run([*command, "-"], capture_output=True, check=True, text=True, timeout=60).stdout
    return [line.split(",")[5] for line in said.splitlines() if not line.startswith("#")]


@pytest.mark.slow
def test_pictures_of_one_kind_are_copied(copied: Made, takes: dict[str, Path]) -> None:
    assert copied.cut.copied
    assert stored(copied.cut.path, "v") == 6 * stored(takes["long"], "v")
    assert conversion(copied.cut.video) is None
    decoded(copied.cut.path)


@pytest.mark.slow
def test_sound_of_one_kind_is_copied(copied: Made, takes: dict[str, Path]) -> None:
    own = stored(takes["long"], "a")
    assert set(stored(copied.cut.path, "a")) <= set(own)
    assert len(stored(copied.cut.path, "a")) == pytest.approx(6 * LONG * 48_000 / 1024, abs=20)


@pytest.mark.slow
def test_other_pictures_are_encoded_at_the_size_of_the_largest_and_the_highest_rate(mixed: Made) -> None:
    assert not mixed.cut.copied
    assert (mixed.cut.video.width, mixed.cut.video.height) == (128, 72)
    assert mixed.cut.rate == Fraction(30000, 1001)
    assert conversion(mixed.cut.video) is None
    decoded(mixed.cut.path)


@pytest.mark.slow
def test_copied_sound_is_in_step_at_the_end_of_three_minutes(copied: Made) -> None:
    found = apart(copied.cut.path, 24000 / 1001)
    assert copied.cut.seconds == pytest.approx(6 * LONG, abs=0.3)
    assert len(found) == 6
    assert max(map(abs, found)) <= IN_STEP


@pytest.mark.slow
def test_encoded_sound_is_in_step_at_the_end_of_a_minute(mixed: Made) -> None:
    found = apart(mixed.cut.path, 30000 / 1001)
    assert mixed.cut.seconds == pytest.approx(6 * SECONDS, abs=0.3)
    assert len(found) == 5
    assert max(map(abs, found)) <= IN_STEP


def test_a_cut_has_no_slates_and_names_each_take_with_its_place(mixed: Made) -> None:
    assert [entry.index for entry in mixed.cut.entries] == [0, 1, 2, 3, 4, 5]
    ends = [entry.start + entry.seconds for entry in mixed.cut.entries]
    assert [entry.start for entry in mixed.cut.entries] == pytest.approx([0, *ends[:-1]])
    assert ends[-1] == pytest.approx(mixed.cut.seconds, abs=0.05)
    assert mixed.files == ["cut.mp4"]


def test_a_cut_says_that_it_was_made_with_ai_and_by_which_models(copied: Made) -> None:
    assert "Made with AI: Veo 3.1, Kling 3.0" in described(copied.cut.path)


@pytest.mark.slow
async def test_takes_with_and_without_sound_are_copied_alike(takes: dict[str, Path], tmp_path: Path) -> None:
    silent = takes["red"].with_name("silent.mp4")
    command = [FFMPEG, "-loglevel", "error", "-i", str(takes["red"]), "-c", "copy", "-an", str(silent)]
    await asyncio.to_thread(subprocess.run, command, check=True, timeout=60)
    made = await cut([silent, takes["red"]], tmp_path)
    assert made.cut.copied
    assert max(map(abs, (await asyncio.to_thread(apart, made.cut.path, 24000 / 1001))[1:])) <= IN_STEP


@pytest.mark.slow
async def test_takes_without_any_sound_make_a_cut_without_it(takes: dict[str, Path], tmp_path: Path) -> None:
    made = await cut([takes["tall"]] * 2, tmp_path)
    assert made.cut.copied
    assert made.cut.video.sound is None


@pytest.mark.slow
async def test_hevc_of_one_kind_is_encoded_so_that_it_plays_everywhere(takes: dict[str, Path], tmp_path: Path) -> None:
    made = await cut([takes["hevc"]], tmp_path)
    assert not made.cut.copied
    assert conversion(made.cut.video) is None


async def test_a_take_that_cannot_be_read_is_named(takes: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "broken.mp4").write_bytes(b"<html>")
    made = await cut([takes["tall"], tmp_path / "broken.mp4", tmp_path / "gone.mp4"], tmp_path)
    codes = [(index, reason.code) for index, reason in made.cut.left_out]
    assert codes == [(1, ReasonCode.NO_VIDEO_FILE), (2, ReasonCode.DISK_REFUSED)]
