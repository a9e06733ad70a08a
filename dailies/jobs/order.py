"""Comparison of what came with what was ordered: number, length, picture and sound, and the bill with the price."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from dailies.job import Job, Output
from dailies.openrouter.pricing.frames import lines
from dailies.reason import Reason, ReasonCode

MOST_SECONDS_OFF = 0.5
"""Models make whole blocks of frames: 5 s came as 5.06 s (81 frames at 16 a second), 6 s as 5.875 s."""
PART_OF_LENGTH_OFF = 0.05
PART_OF_SHORT_LENGTH_OFF = 0.25
"""Of lengths for which MOST_SECONDS_OFF would be too much."""
PIXELS_OFF = 16
"""Encoders round sides to multiples of 16."""
SHAPE_OFF = 0.08
"""832x480 was delivered as 16:9, and 4096x2160 passes for it."""
AREA_OFF = 0.15
"""By the words of some providers, 720p in other shapes is a picture of as many pixels as 1280x720 has."""
BILL_OFF = Decimal("0.05")
UNBOUND_BILL = Decimal("1.5")
"""Times that a price without an upper bound may be billed before a word is said."""


def difference(job: Job, outputs: Sequence[Output] | None = None) -> Reason | None:
    """Return what came other than ordered, with the bill; None when all is as it was ordered.

    outputs: of the job; by default all of them. What was left to the model, or could not be read, is no difference;
    nor is sound that nobody ordered.
    """
    outputs = job.outputs if outputs is None else outputs
    files = [one for one in outputs if one.seconds is not None]
    count = [(_count(1), _count(len(outputs)))] if len(outputs) > 1 else []
    parts = count + [part for one in files for part in _parts(job, one)]
    ordered = list(dict.fromkeys(part[0] for part in parts))
    came = list(dict.fromkeys(part[1] for part in parts))
    bill = _bill(job)
    if not parts:
        return bill if bill and bill.values["beyond"] else None
    return Reason(ReasonCode.ORDER_DIFFERS, ordered=ordered, came=came, bill=bill)


def _parts(job: Job, output: Output) -> list[tuple[Reason, Reason]]:
    """Return each figure that differs: as ordered, as it came."""
    request, parts = job.request, list[tuple[Reason, Reason]]()
    if request.duration is not None and output.seconds is not None and _length_differs(request.duration, output):
        parts.append((_length(request.duration), _length(output.seconds)))
    if output.width and output.height and (said := _picture_differs(job, output.width, output.height)):
        parts.append((said, Reason(ReasonCode.PICTURE_SIZE, width=output.width, height=output.height)))
    if request.audio and output.sound is False:
        parts.append((Reason(ReasonCode.VIDEO_SOUND, sound=True), Reason(ReasonCode.VIDEO_SOUND, sound=False)))
    return parts


def _count(number: int) -> Reason:
    return Reason(ReasonCode.VIDEO_COUNT, number=number)


def _length(seconds: float) -> Reason:
    return Reason(ReasonCode.VIDEO_LENGTH, seconds=round(seconds, 2))


def _length_differs(ordered: int, output: Output) -> bool:
    allowed = max(min(MOST_SECONDS_OFF, ordered * PART_OF_SHORT_LENGTH_OFF), ordered * PART_OF_LENGTH_OFF)
    return abs((output.seconds or 0) - ordered) > allowed


def _picture_differs(job: Job, width: int, height: int) -> Reason | None:
    """Return the ordered picture, as far as another came: another shape, or fewer or more pixels."""
    resolution, ratio = job.request.resolution, job.request.aspect_ratio
    resolution = resolution if resolution and _size_differs(resolution, width, height) else None
    ratio = ratio if ratio and _shape_differs(ratio, width, height) else None
    return Reason(ReasonCode.PICTURE_ORDERED, resolution=resolution, shape=ratio) if resolution or ratio else None


def _size_differs(resolution: str, width: int, height: int) -> bool:
    """Compare the shorter side, then the number of pixels: either one as ordered is enough."""
    most = lines(resolution)
    if most is None:
        return False
    # 2K is both 1920x1080 and 2560x1440, by whom one asks.
    least = most if resolution.strip().lower().endswith("p") else min(most, int(resolution.strip()[:-1]) * 540)
    short, area = min(width, height), width * height
    smaller = short < least - PIXELS_OFF and area < _wide_area(least) * (1 - AREA_OFF)
    larger = short > most + PIXELS_OFF and area > _wide_area(most) * (1 + AREA_OFF)
    return smaller or larger


def _wide_area(short: int) -> float:
    return short * short * 16 / 9


def _shape_differs(ratio: str, width: int, height: int) -> bool:
    found = re.fullmatch(r"([1-9][0-9]{0,3}):([1-9][0-9]{0,3})", ratio.strip())
    if not found:
        return False
    wide, high = int(found[1]), int(found[2])
    rounding = PIXELS_OFF / min(width, height)
    return abs(width * high / (height * wide) - 1) > max(SHAPE_OFF, rounding)


def _bill(job: Job) -> Reason | None:
    """Return the bill beside the price; beyond: it is higher than the price allowed."""
    quote = job.quote
    if job.cost is None:
        return None
    price = None if quote is None else quote.usd if quote.usd is not None else quote.at_most
    most = None if quote is None else quote.at_most or (quote.usd and quote.usd * UNBOUND_BILL)
    beyond = most is not None and job.cost > most * (1 + BILL_OFF) and job.cost - most >= Decimal("0.01")
    shown = most if beyond and quote and quote.at_most else price
    return Reason(ReasonCode.BILLED, usd=job.cost, price=shown, beyond=beyond)
