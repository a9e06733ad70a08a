"""An OpenTimelineIO file of a cut: editing programs open it and find each take as an original of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from dailies.files import write_atomically
from dailies.media.normalise import rate as _rate
from dailies.media.reel import Entry

AVAILABLE = find_spec("opentimelineio") is not None
"""The package is there. It has no files for Python 3.14 and newer; a cut comes without a timeline there."""
NAMESPACE = "dailies"
"""Name under which a clip has the metadata of its take."""


@dataclass(frozen=True)
class Shot:
    """A take in a timeline. name: of the clip. file: name of the original, which programs look for beside the timeline.

    entry: the take in the cut. metadata: such as prompt, model, seed and take, as JSON takes it.
    """

    name: str
    file: str
    entry: Entry
    metadata: Mapping[str, Any] = field(default_factory=dict[str, Any])


def write_timeline(name: str, shots: Sequence[Shot], cut_rate: Fraction, target: Path) -> None:
    """Write the timeline of a cut: a track of pictures, and one of sound if any take has it. cut_rate: pictures a
    second of the cut. Blocks, the first time for a tenth of a second: the package is loaded only here. Raises OSError.
    """
    otio = import_module("opentimelineio")
    timeline = otio.schema.Timeline(name, global_start_time=otio.opentime.RationalTime(0, float(cut_rate)))
    pictures, sounds = (otio.schema.Track(kind=kind) for kind in ("Video", "Audio"))
    for shot in shots:
        clip = _clip(otio, shot)
        gap = otio.schema.Gap(name=shot.name, source_range=clip.source_range)
        sounds.append(clip.deepcopy() if shot.entry.video.sound_track else gap)
        pictures.append(clip)
    heard = any(shot.entry.video.sound_track for shot in shots)
    timeline.tracks.extend([pictures, sounds] if heard else [pictures])
    write_atomically(target, otio.adapters.write_to_string(timeline, "otio_json").encode())


def _clip(otio: ModuleType, shot: Shot) -> Any:  # noqa: ANN401 (the package is native code without types)
    rate = float(own := Fraction(_rate(shot.entry.video.track)))
    frames = round(shot.entry.seconds * own)
    time = otio.opentime.RationalTime
    whole = otio.opentime.TimeRange(time(0, rate), time(frames, rate))
    media = otio.schema.ExternalReference(target_url=quote(shot.file), available_range=whole)
    media.name = shot.file
    return otio.schema.Clip(shot.name, media, whole, metadata={NAMESPACE: dict(shot.metadata)})
