"""The price of a job, from the prices that its model publishes. A quote is an estimate; the bill settles it.

All amounts are decimal: none is ever a float.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from dailies.openrouter.fields import USD_MOST
from dailies.openrouter.models import VideoModel
from dailies.openrouter.pricing.charge import Charge, Work, charge
from dailies.openrouter.pricing.frames import lines
from dailies.openrouter.pricing.skus import Kind, Price, Sku, Unit, read_key, read_prices
from dailies.reason import Reason, ReasonCode

_MICRO = Decimal("0.000001")


@dataclass(frozen=True)
class Quote:
    """The expected cost of a job, in USD.

    usd: None: not known. exact: the published prices cover just these settings; nothing was assumed.
    at_most: never below usd; None where no bound can be given. basis: its derivation, in a few words for people.
    """

    usd: Decimal | None
    exact: bool
    at_most: Decimal | None
    basis: Reason

    def kept(self) -> Quote:
        """Return it with amounts in whole millionths, as the database keeps them; the bound is rounded up."""
        return Quote(
            None if self.usd is None else self.usd.quantize(_MICRO, ROUND_HALF_UP),
            self.exact,
            None if self.at_most is None else self.at_most.quantize(_MICRO, ROUND_CEILING),
            self.basis,
        )


def quote(
    model: VideoModel,
    *,
    duration: int | None,
    resolution: str | None,
    aspect_ratio: str | None,
    audio: bool | None,
    references: int = 0,
    frames: int = 0,
    continuation: bool = False,
) -> Quote:
    """Return the price of a job with these settings; whether the model offers them is not checked.

    duration: seconds. references, frames: how many images. continuation: goes on with a finished job.
    None: left to the model; then the price is known when it is the same for everything that the model offers, and
    else only bounded. Raises ValueError for a length below one second or a negative count.
    """
    if (duration is not None and duration < 1) or references < 0 or frames < 0:
        raise ValueError("a job has at least one second, and no negative number of images")
    kind = Kind.REFERENCES if references else Kind.FRAMES if frames else Kind.TEXT
    kind = Kind.CONTINUATION if continuation else kind
    possible = itertools.product(
        [duration] if duration is not None else sorted(model.durations or ()),
        [resolution] if resolution is not None else _resolutions(model),
        [aspect_ratio] if aspect_ratio is not None else model.aspect_ratios or (None,),
        [audio] if audio is not None else [False] if model.audio is False else [True, False],
    )
    return _same([_price(model, Work(*choice, references, frames, kind)) for choice in possible])


def _resolutions(model: VideoModel) -> Sequence[str | None]:
    if model.resolutions:
        return model.resolutions
    # A price that no key names is possible too.
    return [*{sku.resolution for sku in map(read_key, model.pricing_skus) if sku and sku.resolution}, None]


def _same(quotes: Sequence[Quote]) -> Quote:
    """Combine the quotes of everything that the model may choose."""
    if not quotes:
        return _unknown(Reason(ReasonCode.NO_LENGTHS))
    if len({one.usd for one in quotes}) == 1:
        return next((one for one in quotes if not one.exact), quotes[0])
    bounds = [one.at_most for one in quotes if one.at_most is not None]
    return _unknown(Reason(ReasonCode.MODEL_CHOOSES), max(bounds) if len(bounds) == len(quotes) else None)


def _unknown(why: Reason, at_most: Decimal | None = None) -> Quote:
    return Quote(None, False, at_most, Reason(ReasonCode.PRICE_UNKNOWN, why=why, at_most=at_most))


def _price(model: VideoModel, work: Work) -> Quote:
    read = list(read_prices(model.pricing_skus))
    prices = [one for one in read if one]
    found = _by_key(model, work, prices)
    if found.usd is None and work.kind is Kind.REFERENCES:
        found = _from_image(found, model, work, prices)
    if found.usd is None:
        return _bounded(found, model, work, prices)
    if len(prices) < len(read):
        # A price that nobody understands may come on top.
        return replace(found, exact=False, at_most=None, basis=Reason(ReasonCode.UNKNOWN_EXTRA, basis=found.basis))
    return found


def _by_key(model: VideoModel, work: Work, prices: Sequence[Price]) -> Quote:
    """Return the price by the most specific key that fits."""
    fitting = [one for one in prices if one.sku.unit in (Unit.SECOND, Unit.TOKEN) and _fits(one.sku, work)]
    silent: list[Price] = []
    if work.audio and any(one.sku.audio for one in fitting):
        # If sound has its own price, a price that does not mention sound is one without it.
        silent = [one for one in fitting if not one.sku.audio]
        fitting = [one for one in fitting if one.sku.audio]
    if not fitting:
        return _unknown(_why_none(work, prices))
    top = max(_rank(one.sku) for one in fitting)
    charges = [(one.sku, charge(model, work, one, prices)) for one in fitting]
    known: list[Charge] = []
    for sku, found in charges:
        if isinstance(found, Charge):
            known.append(found)
        elif _rank(sku) == top:
            return _unknown(found)
    best = max((one for one in known if _rank(one.sku) == top), key=lambda one: one.usd)
    # Keys more specific in something than the best one could be meant as well: no published price covers all of it.
    rivals = [one.usd for one in known if not one.sku.conditions < best.sku.conditions]
    without = [one for one in (charge(model, work, each, prices) for each in silent) if isinstance(one, Charge)]
    dearest = max(without, key=lambda one: one.usd, default=best)
    if max(*rivals, dearest.usd) >= USD_MOST:
        return _unknown(Reason(ReasonCode.NO_AMOUNT))
    if dearest.usd > best.usd:
        # Sound makes no video cheaper, so the price with sound is not meant for this setting.
        return Quote(dearest.usd, False, None, Reason(ReasonCode.SOUND_EXTRA, basis=dearest.basis))
    exact = not best.assumed and all(usd == best.usd for usd in rivals)
    return Quote(best.usd, exact, None if best.assumed else max(rivals), best.basis)


def _fits(sku: Sku, work: Work) -> bool:
    """Return whether a price may be used: never one for another kind of job, another resolution, or other sound."""
    kinds = (work.kind,) if work.kind is Kind.CONTINUATION else (work.kind, None)
    return (
        sku.kind in kinds
        and sku.resolution in (None, (work.resolution or "").strip().lower())
        and sku.audio in (None, work.audio)
        and not sku.video_input
    )


def _rank(sku: Sku) -> tuple[int, bool, bool]:
    """Rank keys: the more specific, the better; then resolution before kind, and kind before sound."""
    return len(sku.conditions), sku.resolution is not None, sku.kind is not None


def _why_none(work: Work, prices: Sequence[Price]) -> Reason:
    if not prices:
        return Reason(ReasonCode.NO_PRICE)
    if all(one.sku.unit is Unit.MEGAPIXEL_SECOND for one in prices):
        return Reason(ReasonCode.BY_MEGAPIXEL)
    sound = work.audio if any(one.sku.audio is not None for one in prices) else None
    return Reason(ReasonCode.NOTHING_FITS, resolution=work.resolution, kind=work.kind, audio=sound)


def _from_image(found: Quote, model: VideoModel, work: Work, prices: Sequence[Price]) -> Quote:
    """Add to an unknown price with references the one with a first frame: near, but no bound.

    wan-2.6 publishes prices from text and from images, and none with references.
    """
    why = found.basis.values["why"]
    if why.code is not ReasonCode.NOTHING_FITS:
        return found
    there = _by_key(model, replace(work, kind=Kind.FRAMES), prices)
    return found if there.usd is None else _unknown(Reason(ReasonCode.PRICE_FROM_IMAGE, why=why, usd=there.usd))


def _bounded(found: Quote, model: VideoModel, work: Work, prices: Sequence[Price]) -> Quote:
    """Bound an unknown price by that of the next larger picture, everything else being the same."""
    here = lines(work.resolution) if work.resolution else None
    if here is None:
        return found
    named = {*(model.resolutions or ()), *(one.sku.resolution for one in prices if one.sku.resolution)}
    larger = sorted((size, one) for one in named if (size := lines(one)) and size > here)
    for _, resolution in larger:
        there = _by_key(model, replace(work, resolution=resolution), prices)
        if there.at_most is not None:
            return _unknown(found.basis.values["why"], there.at_most)
    return found
