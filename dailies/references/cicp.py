"""Colours described by code points alone (ITU-T H.273): the nclx of HEIC and AVIF, PNG's cICP chunk."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import pi_heif
from PIL import Image, ImageFilter

Points = tuple[int, int]
"""Primaries and transfer (H.273, tables 2 and 3)."""

_REC2020 = ((1.660491, -0.587641, -0.072850), (-0.124550, 1.132900, -0.008349), (-0.018151, -0.100579, 1.118730))
_P3 = ((1.224940, -0.224940, 0.0), (-0.042057, 1.042057, 0.0), (-0.019638, -0.078636, 1.098274))
_TO_SRGB = {9: _REC2020, 11: _P3, 12: _P3}
"""Linear light to sRGB's, as the primaries in table 2 and D65 give it; nobody tells the others from sRGB's own."""
_SAME = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
_PQ, _HLG = 16, 18
_GAMMA = {4: 2.2, 5: 2.8, 8: 1.0}
"""Transfers that are a power; others are shown as sRGB's, as browsers do with those of video."""
_SDR_WHITE = 203.0
"""Nits of white paper in PQ and HLG (ITU-R BT.2408, 2.1)."""
_KNEE = 0.85
"""Threshold in sRGB's range below which PQ and HLG stay as they are; all brighter lights share the rest."""


def code_points(image: Image.Image, data: bytes) -> Points | None:
    """Code points of an image that was just opened; None where a profile or nothing describes its colours."""
    if image.info.get("icc_profile"):
        return None
    if image.format == "PNG":  # third edition, 11.3.2.6: before the pixels
        at = data.find(b"\x00\x00\x00\x04cICP", 0, data.find(b"IDAT") + 1)
        return (data[at + 8], data[at + 9]) if at > 0 else None
    info = image.info
    if image.format == "AVIF":  # which Pillow does not tell; this reads boxes and decodes nothing
        try:
            info = cast("dict[str, Any]", pi_heif.HeifFile(io.BytesIO(data)).info)  # pyright: ignore[reportUnknownMemberType] (untyped)
        except (OSError, ValueError, SyntaxError, RuntimeError, EOFError, IndexError):
            return None
    found = info.get("nclx_profile")
    return (found["color_primaries"], found["transfer_characteristics"]) if found else None


@cache
def to_srgb(points: Points | None) -> Callable[[Image.Image], Image.Image] | None:
    """A function that turns RGB with these code points into sRGB; None where it is that already."""
    primaries, transfer = points or (1, 13)
    if transfer not in (*_GAMMA, _PQ, _HLG) and primaries not in _TO_SRGB:
        return None
    # The steep curves go channel by channel: in the table, colours between two of its points would be wrong.
    curve = [round(255 * _encoded(code / 255, transfer)) for code in range(256)]
    matrix = _TO_SRGB.get(primaries, _SAME)

    def turned(*code: float) -> tuple[float, float, float]:
        r, g, b = _hlg(code) if transfer == _HLG else map(_decode, code)
        x, y, z = (_encode(min(1.0, max(0.0, row[0] * r + row[1] * g + row[2] * b))) for row in matrix)
        return x, y, z

    table = ImageFilter.Color3DLUT.generate(33, turned)
    return lambda image: image.point(curve * 3).filter(table)


def _encoded(code: float, transfer: int) -> float:
    """A channel as sRGB stores it; HLG's as it is, because its brightness depends on all three."""
    if transfer == _PQ:
        root = code ** (32 / 2523)  # BT.2100, table 4
        nits = 10_000 * (max(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (16384 / 2610)
        return _shoulder(_encode(nits / _SDR_WHITE))
    return _encode(code ** _GAMMA[transfer]) if transfer in _GAMMA else code


def _hlg(code: tuple[float, ...]) -> list[float]:
    """Linear light of a colour in HLG, on a display of 1,000 nits (BT.2100, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    scene = [one * one / 3 if one <= 0.5 else (math.exp((one - c) / a) + b) / 12 for one in code]
    gain = (0.2627 * scene[0] + 0.6780 * scene[1] + 0.0593 * scene[2]) ** 0.2 * 1000 / _SDR_WHITE
    return [_decode(_shoulder(_encode(one * gain))) for one in scene]


def _shoulder(value: float) -> float:
    above = max(0.0, value - _KNEE) / (1 - _KNEE)
    return min(value, _KNEE) + (1 - _KNEE) * above / (1 + above)


def _encode(light: float) -> float:
    return 12.92 * light if light <= 0.0031308 else 1.055 * light ** (1 / 2.4) - 0.055


def _decode(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
