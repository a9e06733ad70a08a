"""The models that somebody may want, with what each would cost, cheapest first."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from dailies.catalog.offers import quote_request
from dailies.catalog.options import Defaults, Options, VideoRequest, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.pricing import Quote


@dataclass(frozen=True)
class ModelFilter:
    """What somebody looks for. None: anything. duration: seconds. at_most: USD.

    references: only models known to take reference images.
    """

    duration: int | None = None
    resolution: str | None = None
    references: bool = False
    at_most: Decimal | None = None


@dataclass(frozen=True)
class Offer:
    """A model with the request that /video would make of the wish, and its price."""

    model: VideoModel
    request: VideoRequest
    quote: Quote


def offers(
    catalog: Catalog, defaults: Defaults, wish: ModelFilter, known: ReferenceModels | None = None
) -> list[Offer]:
    """Models that offer the wish, by price; those whose price is not known come last, in the catalogue's order.

    What was not wished is as in /video. A price with references is one with a single reference image. A model whose
    price is not known is not known to keep below at_most, so it is left out then.
    known: of models and references; by default what comes with the bot.
    """
    known = known or ReferenceModels()
    found = (
        _offer(model, catalog, defaults, wish, known)
        for model in catalog
        if known.verdict(model).takes or not wish.references
    )
    kept = [one for one in found if one and _affordable(one.quote, wish.at_most)]
    return sorted(kept, key=lambda one: (one.quote.usd is None, one.quote.usd or 0))


def _offer(
    model: VideoModel, catalog: Catalog, defaults: Defaults, wish: ModelFilter, known: ReferenceModels
) -> Offer | None:
    references = int(wish.references)
    options = Options(
        prompt="(only the price)",
        model=model.id,
        duration=wish.duration,
        resolution=wish.resolution,
        references=references,
    )
    try:
        request = check_options(options, catalog, defaults, known)
    except OptionRefused:
        return None
    return Offer(model, request, quote_request(model, request, references=references))


def _affordable(quote: Quote, at_most: Decimal | None) -> bool:
    return at_most is None or (quote.usd is not None and quote.usd <= at_most)


def stand_in(
    catalog: Catalog, defaults: Defaults, known: ReferenceModels | None = None
) -> tuple[Defaults, tuple[str, ...]]:
    """The defaults with a model that is in the list, and sentences about it where that is not the chosen one.

    A default model that vanished is replaced by the cheapest one that is known to take reference images and offers the
    default resolution. Where there is none, the defaults stay as they are, and /video says that the model is gone.
    """
    if catalog.get(defaults.model) is not None:
        return defaults, ()
    found = offers(catalog, defaults, ModelFilter(resolution=defaults.resolution, references=True), known)
    priced = [one.model for one in found if one.quote.usd is not None]
    if not priced:
        return defaults, ()
    notes = (
        f"the default model {defaults.model} is gone; {priced[0].id} is used",
        f"it is the cheapest that is known to take references in {defaults.resolution}",
    )
    return replace(defaults, model=priced[0].id), notes
