"""Draft, then final: the same request on the model and at the resolution that a team calls final."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options
from dailies.openrouter.models import VideoModel


@dataclass(frozen=True)
class Final:
    """A request as a final. other_model: it is another model than the draft's. usd: its price; None: not known."""

    options: Options
    model: VideoModel
    resolution: str | None
    other_model: bool
    usd: Decimal | None


def final_of(guide: ModelGuide, options: Options, model_id: str | None = None) -> Final | None:
    """Return a request as a final: on this model, else on the operator's final model, else on its own, at the final
    resolution, or the nearest that there is. None if that changes nothing, or cannot be made.

    Raises CatalogMissing.
    """
    own = options.model or guide.default_model
    wanted = model_id or guide.final.model or own
    model = guide.catalog.get(wanted)
    now = guide.carry(options, own).request
    there = guide.carry(replace(options, resolution=guide.final.resolution or options.resolution), wanted)
    request, refused = there.request, there.refused
    if model is None or request is None or (refused and refused.reason.values["option"] != "prompt"):
        return None
    if now is not None and (now.model, now.resolution) == (request.model, request.resolution):
        return None
    quote = guide.quote(request, options.references, len(options.frames))
    return Final(there.options, model, request.resolution, wanted != own, quote and quote.usd)
