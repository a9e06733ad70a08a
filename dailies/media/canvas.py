"""The size and rate of a film that joins takes of several kinds: pure decisions, and ffmpeg's filters for them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from dailies.media.normalise import even, filters, needs_tone_mapping, rate, size
from dailies.media.probe import Video
from dailies.media.streams import Track

REEL_SHORT, REEL_LONG = 720, 1280
"""Most pixels of a reel's sides."""
REEL_RATE = 30
"""Most pictures a second of a reel."""
HD_LINES = 576
"""Height above which players take colours without a name for those of HD."""
LEAST_TICKS = 10_000
"""Least ticks of a track's clock a second, as ffmpeg chooses them."""

TAGGED = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709"
"""Filter that names the colours: encoders write them into the stream's header, which has to be the same everywhere."""


@dataclass(frozen=True)
class Canvas:
    """Size and rate of a film. width, height: even pixels. rate: pictures a second, as ffmpeg reads it."""

    width: int
    height: int
    rate: str

    @property
    def ticks(self) -> int:
        """Ticks of the track's clock a second, of which each picture takes a whole number."""
        once = Fraction(self.rate).numerator
        return once * -(-LEAST_TICKS // once)

    def filters(self, track: Track, *, tone_maps: bool) -> str:
        """Return the filters that put a take's pictures upon the canvas, in time with its sound. tone_maps: ffmpeg
        turns HDR into SDR.
        """
        scale = min(self.width / track.width, self.height / track.height)
        width, height = (min(even(side * scale), most) for side, most in self._sides(track))
        tone_mapped = tone_maps and needs_tone_mapping(track)
        made = filters(track, width, height, tone_mapped=tone_mapped, colours=_colours(track, tone_mapped=tone_mapped))
        if (width, height) != (self.width, self.height):
            made.append(f"pad={self.width}:{self.height}:-1:-1")
        # The option -fps_mode would keep a picture for up to two too long.
        return ",".join([*made, f"fps={self.rate}:start_time=0", TAGGED])

    def _sides(self, track: Track) -> tuple[tuple[int, int], tuple[int, int]]:
        return (track.width, self.width), (track.height, self.height)


def reel_canvas(videos: Sequence[Video]) -> Canvas:
    """Return the canvas of a reel: the commonest shape and rate, within 720p and 30 pictures a second."""
    width, height = _largest(videos)
    scale = min(1.0, REEL_SHORT / min(width, height), REEL_LONG / max(width, height))
    rates = Counter(_calm(video.track) for video in videos)
    return Canvas(even(width * scale), even(height * scale), max(rates, key=lambda one: (rates[one], Fraction(one))))


def cut_canvas(videos: Sequence[Video]) -> Canvas:
    """Return the canvas of a cut: the commonest shape at the size of the largest of it, and the highest rate."""
    return Canvas(*_largest(videos), max((rate(video.track) for video in videos), key=Fraction))


def _largest(videos: Sequence[Video]) -> tuple[int, int]:
    """Return the largest size among those of the commonest shape; the shape that comes first, of two as common."""
    shapes = Counter(_shape(video) for video in videos)
    shape = max(shapes, key=lambda one: shapes[one])
    sizes = [size(video.track) for video in videos if _shape(video) == shape]
    return max(sizes, key=lambda one: one[0] * one[1])


def _shape(video: Video) -> int:
    """Return a step on a scale of shapes, 0 for a square: 864x496 and 1280x720 are of one shape, 4:3 is of another."""
    return round(4 * math.log2(video.track.width / video.track.height))


def _calm(track: Track) -> str:
    """Return a take's rate, halved until it is one of a reel."""
    exact = Fraction(rate(track))
    while exact > REEL_RATE:
        exact /= 2
    return str(exact)


def _colours(track: Track, *, tone_mapped: bool) -> str:
    """Return the scaler's arguments that turn a take's colours into those of HD. Without a name they are taken for what
    players take them for.
    """
    if tone_mapped or track.matrix or not track.pixels.startswith("yuv"):
        return ":out_color_matrix=bt709"
    given = "bt709" if track.height > HD_LINES or track.width >= REEL_LONG else "smpte170m"
    return f":in_color_matrix={given}:out_color_matrix=bt709"
