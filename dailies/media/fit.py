"""Plans how a video is made to fit a size: pure arithmetic, from its properties to those it will have."""

from __future__ import annotations

from dataclasses import dataclass

from dailies.errors import MediaError
from dailies.media.probe import Video
from dailies.reason import Reason, ReasonCode

AIM = 0.97
"""Share of the limit to aim for: two passes of x264 land within about two percent."""
POOR = 0.05
"""Bits per pixel below which x264 shows blocks in moving pictures; a smaller picture looks better then."""
HEIGHTS = (2160, 1440, 1080, 720, 540, 480, 360, 240)
"""Common lengths of the shorter side, in pixels."""
WORST = 0.01
"""Bits per pixel at the smallest picture below which the result is not worth watching."""
SOUND_KBPS = 128
LEAST_SOUND_KBPS = 32
SOUND_SHARE = 0.12
"""Share of all bits that the sound may take."""
BOX_BYTES = 13_000
"""The container's overhead: its header, the figures of 30 frames, and the marks (below 1,000)."""
FRAME_BYTES = 14
"""The container's overhead for each frame, sound included, rounded up (measured: 11 to 13)."""
MOST_FRAMES = 60.0


@dataclass(frozen=True)
class EncodingPlan:
    """Properties of the result. width, height: even pixels. kbps: thousands of bits a second, of the picture and of
    the sound (0 without sound). frames: pictures a second. target: bytes to aim for. models: names that its marks give.
    """

    width: int
    height: int
    frames: float
    kbps: int
    sound_kbps: int
    target: int
    models: tuple[str, ...] = ()


def plan(video: Video, limit: int) -> EncodingPlan:
    """Plan a file of at most `limit` bytes. The picture shrinks only if its bits would be too few; the sound
    stays. Raises MediaError when the video is too long for the limit.
    """
    target = int(limit * AIM)
    frames = min(video.frames, MOST_FRAMES)
    room = target - BOX_BYTES - FRAME_BYTES * video.seconds * (frames * (2 if video.sound else 1))
    bits = 8 * room / video.seconds
    sound = _sound(video, bits) if video.sound else 0
    left = bits - 1000 * sound
    width, height = _size(video, left / frames)
    if left / (width * height * frames) < WORST:
        raise MediaError(ReasonCode.TOO_LONG_TO_FIT, seconds=video.seconds, limit=limit)
    return EncodingPlan(width, height, frames, int(left / 1000), sound, target)


def _sound(video: Video, bits: float) -> int:
    """Keep the sound's bitrate as far as the bits go; never none."""
    best = min(video.sound_kbps or SOUND_KBPS, SOUND_KBPS)
    return max(LEAST_SOUND_KBPS, min(best, int(bits * SOUND_SHARE / 1000)))


def _size(video: Video, bits: float) -> tuple[int, int]:
    """Return the largest size whose frames, at this many bits each, do not look poor; the smallest if all would."""
    shorter = min(video.width, video.height)
    size = _even(video.width), _even(video.height)
    for height in (shorter, *(one for one in HEIGHTS if one < shorter)):
        scale = height / shorter
        size = _even(video.width * scale), _even(video.height * scale)
        if bits / (size[0] * size[1]) >= POOR:
            break
    return size


def _even(pixels: float) -> int:
    """x264's colours have half the resolution, so both sides have to be even."""
    return max(2, 2 * round(pixels / 2))


def changed(video: Video, made: Video) -> Reason:
    """Describe the change: lines of the shorter side, and bytes."""
    before, after = min(video.width, video.height), min(made.width, made.height)
    return Reason(ReasonCode.MADE_TO_FIT, lines_before=before, lines_after=after, before=video.size, after=made.size)
