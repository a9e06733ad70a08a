"""Looks for sound in a track of sound: some models deliver one that is silent throughout."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from dailies.media.ffmpeg import run_ffmpeg
from dailies.media.probe import Video, source

log = logging.getLogger(__name__)

SILENT_DB = -90.0
"""Loudest sample of a silent track, in dB below full scale: ffmpeg says -91 for 16 bits that are all zero."""

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
