"""The sound of a film that joins takes: one track, as long as the pictures throughout, so that it neither drifts nor
stutters where two takes meet. It is recorded from each take in turn, with silence where a take has none.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from dailies.media.streams import Sound

SAMPLE_RATE = 48_000
SAMPLE_BYTES = 4
"""Bytes of a sample: two channels of 16 bits."""
KBPS = 192
CHUNK = 1 << 20
"""Bytes that are copied at once."""
PACKET = 1024
"""Samples of a packet of AAC-LC."""
LEAST_RATE = 32_000
"""Samples a second below which a packet is too long to begin with its picture."""
LAYOUTS = {1: "mono", 2: "stereo"}
"""Layouts whose packets are copied, by their number of channels."""
_FIRST = re.compile(rb"^0, *(-?\d+)", re.MULTILINE)
_HEAD = 7
"""Bytes of a packet's header in an ADTS file (ISO/IEC 13818-7) that say how long it is."""


class Tape(ABC):
    """Sound of the parts so far. path: the file that has it. heard: there is any, and not only silence."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.heard = False

    @abstractmethod
    def recording(self, sound: Sound, stem: Path, gain: float, end: Sequence[str]) -> list[str]:
        """Return ffmpeg's arguments that record a take's sound to files with this beginning of their names.

        gain: decibels. end: arguments that limit its length.
        """

    @abstractmethod
    def add(self, stem: Path | None, start: Fraction, until: Fraction) -> None:
        """Put what was recorded, or silence, behind the rest. start, until: seconds of its pictures. Blocks."""

    @abstractmethod
    def playing(self) -> tuple[list[str], list[str]]:
        """Return ffmpeg's arguments that read the tape, and those that write its sound into a film."""


class SampleTape(Tape):
    """Sound of any kind, as bare samples, encoded in the end."""

    def recording(self, sound: Sound, stem: Path, gain: float, end: Sequence[str]) -> list[str]:
        """Decode it to samples that begin with the picture."""
        filters = f"aresample={SAMPLE_RATE}:async=1:first_pts=0:min_hard_comp=0.01,volume={gain:.2f}dB"
        command = ["-map", f"0:{sound.number}", "-af", filters, *end]
        return [*command, "-ac", "2", "-f", "s16le", f"file:{stem.with_suffix('.pcm')}"]

    def add(self, stem: Path | None, start: Fraction, until: Fraction) -> None:
        """Cut what is longer than its pictures, and fill what is shorter."""
        end = round(until * SAMPLE_RATE) * SAMPLE_BYTES
        with self.path.open("ab") as tape:
            if stem and (recorded := stem.with_suffix(".pcm")).exists():
                with recorded.open("rb") as samples:
                    while (left := end - tape.tell()) > 0 and (data := samples.read(min(left, CHUNK))):
                        tape.write(data)
                        self.heard = True
                recorded.unlink()
            tape.truncate(end)

    def playing(self) -> tuple[list[str], list[str]]:
        """Encode it as one stream."""
        given = ["-f", "s16le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", f"file:{self.path}"]
        return given, ["-c:a", "aac", "-b:a", f"{KBPS}k"]


class PacketTape(Tape):
    """Sound of one kind of AAC, in packets as they came. A take begins with the packet that is next to its first
    picture, half a packet off at most, and with the one before it, which the decoder needs.

    rate: samples a second. silence: a packet of this kind that is silent.
    """

    def __init__(self, path: Path, rate: int, silence: bytes) -> None:
        super().__init__(path)
        self._rate = rate
        self._silence = silence
        self._packets = 0

    def recording(self, sound: Sound, stem: Path, gain: float, end: Sequence[str]) -> list[str]:
        """Copy its packets, and the time of the first one; neither gain nor limit applies."""
        copied = ["-map", f"0:{sound.number}", "-c:a", "copy", "-f"]
        packets, times = f"file:{stem.with_suffix('.aac')}", f"file:{stem.with_suffix('.times')}"
        return [*copied, "adts", packets, *copied, "framecrc", times]

    def add(self, stem: Path | None, start: Fraction, until: Fraction) -> None:
        """Take each packet of the film's time from the take, or else silence."""
        packets, first = _recorded(stem) if stem else ([], 0)
        self.heard |= bool(packets)
        # The tape runs one packet ahead of the film: its first one is heard by nobody.
        count = round(until * self._rate / PACKET) - self._packets
        at = round(((self._packets - 1) * PACKET - start * self._rate - first) / PACKET)
        with self.path.open("ab") as tape:
            for number in range(at, at + count):
                tape.write(packets[number] if 0 <= number < len(packets) else self._silence)
        self._packets += count

    def playing(self) -> tuple[list[str], list[str]]:
        """Copy it, its first packet before the beginning."""
        ahead = f"{-PACKET / self._rate:.9f}"
        return ["-itsoffset", ahead, "-f", "aac", "-i", f"file:{self.path}"], ["-c:a", "copy"]


def of_one_kind(sounds: Sequence[Sound | None]) -> Sound | None:
    """Return the sound of which all tracks are, if its packets can follow each other as they are; else None."""
    kinds = {(one.codec, one.profile, one.channels, one.rate) for one in sounds if one}
    first = next((one for one in sounds if one), None)
    if first is None or len(kinds) > 1 or (first.codec, first.profile) != ("aac", "LC"):
        return None
    return first if first.channels in LAYOUTS and first.rate >= LEAST_RATE else None


def packets_of(adts: bytes) -> list[bytes]:
    """Return the packets of an ADTS file, each with its header."""
    packets, at = list[bytes](), 0
    while at + _HEAD <= len(adts):
        size = int.from_bytes(adts[at + 3 : at + 6]) >> 5 & 0x1FFF
        if size < _HEAD or at + size > len(adts):
            break
        packets.append(adts[at : at + size])
        at += size
    return packets


def _recorded(stem: Path) -> tuple[list[bytes], int]:
    """Return the packets of a take, and the time of the first one in samples; removes their files."""
    adts, times = stem.with_suffix(".aac"), stem.with_suffix(".times")
    if not adts.exists():
        return [], 0
    packets, first = packets_of(adts.read_bytes()), _FIRST.search(times.read_bytes())
    adts.unlink()
    times.unlink()
    return packets, int(first[1]) if first else 0
