"""Plans what makes a video play on every device: pure decisions and ffmpeg's arguments for them.

Everywhere played is H.264 in 8 bits and 4:2:0 with AAC in an MP4 whose index comes first; others show a still picture,
or nothing, in many clients of Discord.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from dailies.media.container import MP4
from dailies.media.marks import metadata
from dailies.media.probe import Video
from dailies.media.streams import Sound, Track
from dailies.reason import Reason, ReasonCode

PROFILES = frozenset({"Constrained Baseline", "Baseline", "Main", "High"})
PIXELS = frozenset({"yuv420p", "yuvj420p"})
MOST_LEVEL = 52
"""Level of H.264 up to which phones decode, times ten: 4K at 60 pictures a second."""
MOST_SIDE = 4096
"""Longest side that decoders in phones take, in pixels."""
QUALITY = 17
"""x264's CRF at which people see no difference to the original."""
MOST_FRAMES = 60.0
SOUND_KBPS = 192
MOST_RATE = 48_000

_HDR = {"smpte2084": "PQ", "arib-std-b67": "HLG"}
"""Transfers of pictures whose light exceeds what an ordinary screen shows: ffmpeg's names and the common ones."""
_WIDE = frozenset({"bt2020nc", "bt2020c", "bt2020"})
_WHITE = 203
"""Candela per square metre of white paper in HDR (ITU-R BT.2408): it becomes the white of an ordinary screen."""
_PEAK = 5
"""Brightest light that keeps its form, in whites: about 1,000 candela per square metre, to which films are graded."""


class Work(StrEnum):
    """Work that a conversion is, from the least to the most. Only PICTURE encodes the picture anew."""

    CONTAINER = "container"
    SOUND = "sound"
    PICTURE = "picture"


@dataclass(frozen=True)
class Conversion:
    """Way to make a video play everywhere. tone_mapped: its HDR becomes SDR. models: names that its marks give."""

    work: Work
    tone_mapped: bool = False
    models: tuple[str, ...] = ()


def conversion(video: Video) -> Conversion | None:
    """Decide what has to be done so that a video plays everywhere; None: nothing.

    A new order of its parts would break the signature of Content Credentials. Players need neither that order, but to
    begin sooner, nor the lack of further tracks, so a video with credentials is left as it is.
    """
    if not picture_plays(video):
        return Conversion(Work.PICTURE)
    if not _sound_plays(video.sound_track):
        return Conversion(Work.SOUND)
    expected = 1 + (video.sound_track is not None)
    bare = video.faststart and video.tracks == expected
    signed = video.credentials and not video.fragmented
    plays = video.kind.extension == MP4 and video.track.tag == "avc1" and (bare or signed)
    return None if plays else Conversion(Work.CONTAINER)


def picture_plays(video: Video) -> bool:
    """Tell if every device shows a video's pictures, whatever is around them."""
    track = video.track
    return (
        (track.codec, track.depth) == ("h264", 8)
        and (track.profile in PROFILES and track.pixels in PIXELS)
        and not (track.interlaced or is_hdr(track) or track.matrix in _WIDE or track.primaries in _WIDE)
        and (track.square and track.width % 2 == track.height % 2 == 0)
        and max(track.width, track.height) <= MOST_SIDE
        and (video.level or 0) <= MOST_LEVEL
    )


def _sound_plays(sound: Sound | None) -> bool:
    return sound is None or (sound.codec == "aac" and sound.profile == "LC")


def is_hdr(track: Track) -> bool:
    """Tell if a picture is brighter than an ordinary screen can show."""
    return track.transfer in _HDR


def needs_tone_mapping(track: Track) -> bool:
    """Tell if a picture's colours have to be turned into those of an ordinary screen."""
    return is_hdr(track) or track.matrix in _WIDE or track.primaries in _WIDE


def change(video: Video, done: Conversion) -> Reason:
    """Describe a conversion by the formats before it."""
    track, sound = video.track, video.sound_track
    return Reason(
        ReasonCode.MADE_PLAYABLE,
        work=done.work,
        codec=track.codec,
        depth=track.depth if track.depth > 8 else None,
        colours=_chroma(track.pixels),
        hdr=_HDR.get(track.transfer),
        interlaced=track.interlaced,
        sound=sound.codec if sound and not _sound_plays(sound) else None,
    )


def _chroma(pixels: str) -> str | None:
    return next((f"4:{part[1:2]}:{part[2:]}" for part in ("422", "444") if part in pixels), None)


def arguments(video: Video, done: Conversion) -> list[str]:
    """Return ffmpeg's arguments between the input and the output file."""
    command = ["-map", f"0:{video.track.number}"]
    if done.work is Work.PICTURE:
        made = filters(video.track, *size(video.track), tone_mapped=done.tone_mapped)
        command += ["-vf", ",".join(made), "-fps_mode", "cfr", "-r", rate(video.track)]
        command += ["-c:v", "libx264", "-profile:v", "high", "-crf", str(QUALITY), "-pix_fmt", "yuv420p"]
    else:
        command += ["-c:v", "copy"]
    if sound := video.sound_track:
        command += ["-map", f"0:{sound.number}", *_sound(sound)]
    return [*command, "-tag:v", "avc1", *CLEAN, *metadata(done.models)]


CLEAN = ("-map_metadata", "-1", "-map_chapters", "-1", "-movflags", "+faststart", "-f", "mp4")
"""Arguments for an MP4 with its index first and nothing of the input besides the tracks."""


def _sound(sound: Sound) -> list[str]:
    if _sound_plays(sound):
        return ["-c:a", "copy"]
    command = ["-c:a", "aac", "-b:a", f"{SOUND_KBPS}k"]
    command += [] if sound.channels == 1 else ["-ac", "2"]
    return command + (["-ar", str(MOST_RATE)] if not 0 < sound.rate <= MOST_RATE else [])


def filters(track: Track, width: int, height: int, *, tone_mapped: bool, colours: str = "") -> list[str]:
    """Return filters that make of each picture one of this size that is shown everywhere; ffmpeg has turned it upright
    before. tone_mapped: HDR becomes SDR. colours: further arguments of the scaler.
    """
    made = ["bwdif=mode=send_frame:deint=interlaced"] if track.interlaced else []
    if has_alpha(track.pixels):
        # What shines through is black, as in most players; without this, hidden colours would come out.
        made += ["format=gbrap", "premultiply=inplace=1"]
    if tone_mapped:
        made += tone_mapping(track)
    made.append(f"scale={width}:{height}:flags=lanczos:out_range=tv{colours or _matrix(track)}")
    return [*made, "setsar=1", "format=yuv420p"]


def _matrix(track: Track) -> str:
    """Return the scaler's argument that turns colours other than YCbCr into it; other matrices stay what they are."""
    return ":out_color_matrix=bt709" if track.matrix in ("", "gbr") and not track.pixels.startswith("yuv") else ""


def tone_mapping(track: Track) -> list[str]:
    """Return filters that turn wide or bright colours into those of an ordinary screen (BT.709).

    The input's colours are named, because a file may tag only some of them.
    """
    given = f"tin={track.transfer or 'bt709'}:pin={track.primaries or 'bt2020'}:min={track.matrix or 'bt2020nc'}"
    if not is_hdr(track):
        return [f"zscale={given}:t=bt709:p=bt709:m=bt709:r=tv"]
    return [
        f"zscale={given}:t=linear:npl={_WHITE}",
        "format=gbrpf32le",
        "zscale=p=bt709",
        f"tonemap=mobius:desat=0:peak={_PEAK}",
        "zscale=t=bt709:m=bt709:r=tv",
    ]


def has_alpha(pixels: str) -> bool:
    """Tell if a pixel format has transparency."""
    return pixels.startswith(("yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ya", "pal8"))


def size(track: Track) -> tuple[int, int]:
    """Return the width and height of the result: even, with square pixels, and small enough for phones."""
    scale = min(1.0, MOST_SIDE / max(track.width, track.height))
    return even(track.width * scale), even(track.height * scale)


def even(pixels: float) -> int:
    """Return the nearest even number of pixels: the colours of 4:2:0 have half the resolution."""
    return max(2, 2 * round(pixels / 2))


def rate(track: Track) -> str:
    """Return the constant rate of the result: that of the pictures, or a common one if they come irregularly."""
    exact = track.frames if track.interlaced else track.exact  # the latter may count half pictures
    if exact > MOST_FRAMES:
        exact = MOST_FRAMES / 2 if track.frames <= MOST_FRAMES / 2 else MOST_FRAMES
    whole = round(exact * 1.001)
    if abs(exact - whole / 1.001) < 0.01 and abs(exact - whole) > 0.01:
        return f"{whole * 1000}/1001"  # 23.98 and its like are shortened numbers
    return f"{exact:g}"


def tone_mapped(done: Conversion) -> Conversion:
    """Return the conversion with its colours turned into those of an ordinary screen."""
    return replace(done, tone_mapped=True)
