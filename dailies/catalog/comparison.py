"""Prices of a request with each model, for menus: its settings carried over, priced, and put in order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dailies.catalog.carry import Carried, Carrier
from dailies.catalog.offers import quote_request
from dailies.catalog.options import Defaults, Options
from dailies.catalog.references import ReferenceModels
from dailies.errors import NoReferences
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason

COMPARED_MOST = 300
"""Models that are priced for one menu: ten times what OpenRouter offers, and still answered at once."""


@dataclass(frozen=True)
class ModelChoice:
    """A model, and what a request would come to with it.

    carried: its settings as this model takes them. quote: price of one video; None: the model does not take it.
    chosen: the request names this model. default: the model that is used where none is named.
    confirmed: it is known to take the references.
    """

    model: VideoModel
    carried: Carried
    quote: Quote | None
    chosen: bool
    default: bool
    confirmed: bool

    @property
    def usd(self) -> Decimal | None:
        """The price of one video; None: not known, or the model does not take the request."""
        return self.quote and self.quote.usd

    @property
    def refused(self) -> Reason | None:
        """Reason why the model does not take the request, for a few words (explain.short); None: it does."""
        error = self.carried.refused
        if error is None:
            return None
        return error.reason if isinstance(error, NoReferences) else error.problem


def compare(
    options: Options, models: Iterable[VideoModel], catalog: Catalog, defaults: Defaults, known: ReferenceModels
) -> list[ModelChoice]:
    """Compare models, of which at most COMPARED_MOST are looked at, by what just these settings would cost.

    The chosen one comes first, or the default where none is and it takes them; then those that are known to take the
    references, by price, unknown ones last; then those of which that is not confirmed; at the end those that do not
    take them.
    """
    carrier = Carrier(options, catalog, defaults, known)
    wanted = options.model or defaults.model
    looked_at = sorted(models, key=lambda one: one.id != wanted)[:COMPARED_MOST]

    def choice(model: VideoModel) -> ModelChoice:
        there = carrier.to(model.id)
        request, references, frames = there.request, options.references, len(options.frames)
        return ModelChoice(
            model,
            there,
            quote=request and quote_request(model, request, references=references, frames=frames),
            chosen=model.id == options.model,
            default=model.id == defaults.model,
            confirmed=known.verdict(model).enough(options.references),
        )

    def order(one: ModelChoice) -> tuple[bool, bool, bool, bool, Decimal]:
        first = one.chosen or (one.default and options.model is None and one.quote is not None)
        return not first, one.quote is None, not one.confirmed, one.usd is None, one.usd or Decimal(0)

    return sorted(map(choice, looked_at), key=order)
