"""The models of a comparison: one request, carried over to each of them, with its price and what it cannot do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options, VideoRequest
from dailies.errors import OptionRefused, TooManyReferences
from dailies.openrouter.models import VideoModel
from dailies.openrouter.payload import Role
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode


@dataclass(frozen=True)
class Contender:
    """One model of a comparison. model: None when it is not in the list.

    references: how many of the references go along, the first ones. request, quote: None when the model does not take
    the request. changes: what its video has otherwise, a few words each. refused: why the model does not take it.
    """

    model_id: str
    model: VideoModel | None
    references: int
    request: VideoRequest | None = None
    quote: Quote | None = None
    changes: tuple[Reason, ...] = ()
    refused: Reason | None = None


def contenders(guide: ModelGuide, options: Options, model_ids: Sequence[str]) -> tuple[Contender, ...]:
    """Carry a request over to each of these models. Raises CatalogMissing."""
    return tuple(_contender(guide, options, model_id) for model_id in model_ids)


def _contender(guide: ModelGuide, options: Options, model_id: str) -> Contender:
    there = guide.carry(options, model_id)
    changes = there.changes
    if isinstance(error := there.refused, TooManyReferences) and (fewer := _fewer(options, error.most)):
        there = guide.carry(fewer, model_id)
        changes = (*there.changes, Reason(ReasonCode.FEWER_REFERENCES, most=error.most))
    model, references = guide.model(model_id), there.options.references
    try:
        request = guide.check(there.options)
    except OptionRefused as refusal:
        return Contender(model_id, model, references, changes=changes, refused=refusal.reason)
    quote = guide.quote(request, references, len(options.frames))
    return Contender(model_id, model, references, request, quote, changes)


def _fewer(options: Options, most: int) -> Options | None:
    """Return the options with the first references only; None if nothing would be left of them, or of one of the cast
    that the prompt names.
    """
    cast = {
        name: tuple(one for one in numbers if isinstance(one, Role) or one <= most)
        for name, numbers in options.cast.items()
    }
    return replace(options, references=most, cast=cast) if most and all(cast.values()) else None
