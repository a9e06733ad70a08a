"""Packets of sound stay with their pictures, however many takes follow each other."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from dailies.media.streams import Sound
from dailies.media.tape import PACKET, PacketTape, SampleTape, of_one_kind, packets_of

RATE = 48_000
AAC = Sound(1, "aac", "LC", 96, 2, RATE)


def packet(number: int) -> bytes:
    """Return a packet with a header of ADTS, and its number."""
    body = number.to_bytes(3)
    return bytes([0xFF, 0xF1, 0x4C, 0x80, *((len(body) + 7) << 5).to_bytes(2), 0xFC]) + body


SILENCE = packet(0xFFFFFF)


def record(folder: Path, name: str, packets: int, first: int = -PACKET) -> Path:
    """Write what ffmpeg records of a take. first: time of the first packet, in samples."""
    stem = folder / f"{name}.mp4"
    stem.with_suffix(".aac").write_bytes(b"".join(map(packet, range(packets))))
    stem.with_suffix(".times").write_text(f"#tb 0: 1/{RATE}\n0, {first:10}, {first:10}, 1024, 9, 0x0\n")
    return stem


def test_each_take_begins_half_a_packet_off_at_most_after_a_hundred(tmp_path: Path) -> None:
    tape, long = PacketTape(tmp_path / "tape.aac", RATE, SILENCE), Fraction(5005, 1000)
    for number in range(100):
        tape.add(record(tmp_path, str(number), 237), number * long, (number + 1) * long)
    played = packets_of(tape.path.read_bytes())
    begun = [at for at, one in enumerate(played) if one == packet(1)]
    # The tape runs one packet ahead.
    off = [(at - 1) * PACKET / RATE - float(number * long) for number, at in enumerate(begun)]
    assert len(off) == 100
    assert max(map(abs, off)) < PACKET / RATE / 2 + 1e-9
    assert played.count(SILENCE) == 0


def test_a_take_that_is_too_short_or_silent_is_filled_with_silence(tmp_path: Path) -> None:
    tape = PacketTape(tmp_path / "tape.aac", RATE, SILENCE)
    tape.add(record(tmp_path, "short", 48), Fraction(0), Fraction(2))
    tape.add(None, Fraction(2), Fraction(3))
    tape.add(record(tmp_path, "late", 48, first=10 * PACKET), Fraction(3), Fraction(4))
    played = packets_of(tape.path.read_bytes())
    assert len(played) == round(4 * RATE / PACKET)
    assert played[:48] == [packet(number) for number in range(48)]
    assert set(played[48:141]) == {SILENCE}
    assert played[-36:] == [packet(number) for number in range(36)]
    assert [one.name for one in tmp_path.iterdir()] == ["tape.aac"]


def test_samples_are_as_long_as_their_pictures(tmp_path: Path) -> None:
    tape = SampleTape(tmp_path / "tape.pcm")
    (tmp_path / "long.pcm").write_bytes(b"\1\1\1\1" * 50_000)
    (tmp_path / "short.pcm").write_bytes(b"\2\2\2\2" * 1000)
    third = Fraction(1, 3)
    tape.add(None, Fraction(0), third)
    assert not tape.heard
    tape.add(tmp_path / "long.mp4", third, 2 * third)
    tape.add(tmp_path / "short.mp4", 2 * third, Fraction(1))
    samples = tape.path.read_bytes()
    assert tape.heard
    assert samples == bytes(64_000) + b"\1" * 64_000 + b"\2" * 4000 + bytes(60_000)


@pytest.mark.parametrize(
    ("sounds", "alike"),
    [
        ([AAC, AAC], True),
        ([None, AAC], True),
        ([AAC, Sound(2, "aac", "LC", 128, 2, RATE)], True),
        ([None], False),
        ([AAC, Sound(1, "aac", "LC", 96, 2, 44_100)], False),
        ([AAC, Sound(1, "aac", "LC", 96, 1, RATE)], False),
        ([Sound(1, "aac", "HE-AAC", 96, 2, RATE)], False),
        ([Sound(1, "opus", "", 96, 2, RATE)], False),
        ([Sound(1, "aac", "LC", 96, 6, RATE)], False),
        ([Sound(1, "aac", "LC", 96, 2, 16_000)], False),
    ],
)
def test_only_sound_of_one_kind_is_copied(sounds: list[Sound | None], alike: bool) -> None:
    assert (of_one_kind(sounds) is not None) == alike


def test_a_damaged_end_of_packets_is_dropped() -> None:
    assert packets_of(packet(1) + packet(2)[:-1]) == [packet(1)]
    assert packets_of(packet(1) + b"\xff\xf1\0\0\0\0\0") == [packet(1)]
