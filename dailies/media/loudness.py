"""Listens to a track of sound: how loud it is, and if there is any, for some models deliver one that is silent."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from dailies.media.ffmpeg import run_ffmpeg
from dailies.media.probe import Video, source

log = logging.getLogger(__name__)

SILENT_DB = -90.0
"""Loudest sample of a silent track, in dB below full scale: ffmpeg says -91 for 16 bits that are all zero."""

TARGET = -16.0
"""Loudness of a film that joins several, in LUFS: that of videos on the web."""
PEAK_DB = -1.5
"""Loudest sample that an amplification may make, in dB below full scale."""
MOST_GAIN, LEAST_GAIN = 20.0, -30.0
"""Decibels within which the loudness is changed: what is nearly silent stays so."""

_LOUDNESS = re.compile(rb"^ +I: +(-?[\d.]+) LUFS", re.MULTILINE)
_PEAK = re.compile(rb"^ +Peak: +(-?[\d.]+) dBFS", re.MULTILINE)
_UNHEARD = -70.0
"""Loudness that ffmpeg names for sound that is too quiet or too short to be measured (EBU R 128)."""
_LOUDEST = re.compile(rb"max_volume: (-?[\d.]+|-inf) dB")


async def has_sound(ffmpeg: str, path: Path, video: Video, *, seconds: float) -> bool:
    """Tell if a video has a sample that is not silent; True if that cannot be found out.

    seconds: time limit. The track is decoded to its end, which takes milliseconds for each second of it.
    """
    if video.sound_track is None:
        return False
    if video.kind.demuxer is None:
        return True
    command = [ffmpeg, "-nostdin", "-hide_banner", "-nostats", *source(path, video.kind.demuxer)]
    command += ["-map", f"0:{video.sound_track.number}", "-af", "volumedetect", "-f", "null", "-"]
    try:
        ended = await run_ffmpeg(command, path, seconds=seconds)
    except (OSError, TimeoutError) as error:
        log.warning("%s: its sound could not be listened to: %s", path.name, type(error).__name__)
        return True
    found = _LOUDEST.search(ended.stderr)
    return found is None or float(found[1]) > SILENT_DB


async def gain(ffmpeg: str, path: Path, video: Video, *, seconds: float) -> float:
    """Return the decibels that bring a video's sound to TARGET; 0 without sound, and if that cannot be found out."""
    if video.sound_track is None or video.kind.demuxer is None:
        return 0.0
    command = [ffmpeg, "-nostdin", "-hide_banner", "-nostats", "-vn", *source(path, video.kind.demuxer)]
    command += ["-map", f"0:{video.sound_track.number}", "-af", "ebur128=framelog=verbose:peak=sample"]
    try:
        ended = await run_ffmpeg([*command, "-f", "null", "-"], path, seconds=seconds)
    except (OSError, TimeoutError) as error:
        log.warning("%s: its loudness could not be measured: %s", path.name, type(error).__name__)
        return 0.0
    loudness, peak = _LOUDNESS.search(ended.stderr), _PEAK.search(ended.stderr)
    if not loudness or not peak or float(loudness[1]) <= _UNHEARD:
        return 0.0
    wanted = max(LEAST_GAIN, min(MOST_GAIN, TARGET - float(loudness[1])))
    return min(wanted, max(0.0, PEAK_DB - float(peak[1])))
