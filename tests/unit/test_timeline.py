"""The timeline of a cut, read back with the package that editing programs use."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# (opentimelineio is native code without types)
from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from dailies.media.probe import Video
from dailies.media.reel import Entry
from dailies.media.streams import Sound, Track
from dailies.media.timeline import Shot, write_timeline

SOUND = Sound(1, "aac")
TAKEN = {"prompt": "A fox ☃ in “quotes”", "model": "google/veo-3.1", "seed": 2**53, "take": 3, "cost": "0.45"}


def shot(name: str, rate: float, start: float, seconds: float, sound: Sound | None = None) -> Shot:
    track = Track(width=1280, height=720, frames=rate, exact=rate)
    video = Video(seconds + 0.02, 1280, 720, 1, track=track, sound_track=sound)
    return Shot(name, f"{name}.mp4", Entry(0, start, seconds, video), TAKEN)


def read(path: Path) -> Any:
    return otio.adapters.read_from_file(str(path))


@pytest.fixture
def timeline(tmp_path: Path) -> Any:
    shots = [shot("fox 狐-take-3", 24, 0, 5, SOUND), shot("b", 30000 / 1001, 5, 8.008), shot("c", 25, 13.008, 2, SOUND)]
    write_timeline("Episode 1", shots, Fraction(30000, 1001), tmp_path / "cut.otio")
    return read(tmp_path / "cut.otio")


def test_clips_follow_each_other_in_a_track_of_pictures(timeline: Any) -> None:
    [pictures] = timeline.video_tracks()
    assert timeline.name == "Episode 1"
    assert timeline.global_start_time.rate == pytest.approx(29.97, abs=0.001)
    assert [clip.name for clip in pictures] == ["fox 狐-take-3", "b", "c"]
    starts = [pictures.range_of_child_at_index(at).start_time.to_seconds() for at in range(3)]
    assert starts == pytest.approx([0, 5, 13.008], abs=0.001)


def test_each_clip_names_its_original_with_its_range_and_rate(timeline: Any) -> None:
    ranges = [(clip.source_range.duration.value, clip.source_range.duration.rate) for clip in timeline.find_clips()][:3]
    assert ranges == [(120, 24), (240, pytest.approx(30000 / 1001)), (50, 25)]
    media = [clip.media_reference for clip in timeline.find_clips()]
    assert [one.target_url for one in media[:2]] == ["fox%20%E7%8B%90-take-3.mp4", "b.mp4"]
    assert media[0].name == "fox 狐-take-3.mp4"
    assert media[1].available_range == list(timeline.find_clips())[1].source_range


def test_sound_has_a_track_with_gaps_where_there_is_none(timeline: Any) -> None:
    [sounds] = timeline.audio_tracks()
    assert [type(one).__name__ for one in sounds] == ["Clip", "Gap", "Clip"]
    assert sounds.duration().to_seconds() == pytest.approx(15.008, abs=0.001)


def test_a_clip_has_what_its_take_was_made_with(timeline: Any) -> None:
    assert dict(next(iter(timeline.find_clips())).metadata["dailies"]) == TAKEN


def test_takes_without_sound_make_no_track_of_it(tmp_path: Path) -> None:
    write_timeline("Silent", [shot("a", 24, 0, 5)], Fraction(24), tmp_path / "cut.otio")
    assert list(read(tmp_path / "cut.otio").audio_tracks()) == []
