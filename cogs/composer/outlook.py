"""Outlook of a draft: the request that it makes, its price, and what stands in its way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from dailies.catalog.contenders import Contender, contenders
from dailies.catalog.final import Final, final_of
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import Options, VideoRequest
from dailies.catalog.provider_options import OptionField
from dailies.draft import Draft
from dailies.errors import CatalogMissing, OptionRefused, ReferenceRefused, RefusedError
from dailies.job import Job
from dailies.money.budget import BudgetLeft
from dailies.openrouter.models import VideoModel
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason
from dailies.references.fitting import fitted_size
from dailies.references.roles import counts, needed_fit
from dailies.review import Decision

STAND_IN = "…"
"""Prompt with which the settings of a draft are checked when its own cannot be sent."""


@dataclass(frozen=True)
class Outlook:
    """A draft as it stands. model: None when it is not in the list. request: None when it cannot be made.

    problem: why it cannot be generated; None: it can. quote: the price of one take.
    lengths, resolutions, shapes: what the model offers now. provider: options of its provider.
    unconfirmed: nobody knows if the model uses its references. hint: what is worth knowing before it is paid.
    origin: the job that it comes from, if it is there. notes: what was said that a retake of it is to do.
    unknown: names in its prompt that are not in the cast. contenders: the models that it compares, if it does.
    final: the draft as a final; None: that changes nothing.
    """

    draft: Draft
    model: VideoModel | None = None
    request: VideoRequest | None = None
    problem: Reason | None = None
    quote: Quote | None = None
    lengths: tuple[int, ...] = ()
    resolutions: tuple[str, ...] = ()
    shapes: tuple[str, ...] = ()
    provider: tuple[OptionField, ...] = ()
    unconfirmed: bool = False
    hint: Reason | None = None
    budgets_left: Sequence[BudgetLeft] | None = None
    origin: Job | None = None
    notes: tuple[Decision, ...] = ()
    unknown: tuple[str, ...] = ()
    contenders: tuple[Contender, ...] = ()
    final: Final | None = None

    @property
    def shape(self) -> str | None:
        """The shape of the video, as in 16:9; None: not known."""
        return self.request.aspect_ratio if self.request else self.draft.options.aspect_ratio

    @property
    def total(self) -> Decimal | None:
        """The price of all takes, or of the videos of all models, in USD; None: not known."""
        if self.contenders:
            prices = [one.quote.usd for one in self.contenders if one.quote and one.quote.usd is not None]
            return sum(prices, Decimal(0)) if len(prices) == len(self.contenders) else None
        return None if self.quote is None or self.quote.usd is None else self.quote.usd * self.draft.takes


def outlook(guide: ModelGuide, draft: Draft) -> Outlook:
    """Return what a draft comes to by the list of models alone."""
    guide, options = guide.with_own(draft.defaults), draft.counted
    try:
        model = guide.catalog.get(options.model or guide.default_model)
        request, problem = _checked(guide, options)
        # Each model's row says what that one cannot do; a prompt that cannot be sent is said once.
        worded = options if request is None or problem is None else replace(options, prompt=STAND_IN)
        compared = contenders(guide, worded, draft.models)
    except CatalogMissing as error:
        return Outlook(draft, problem=error.reason)
    if model is None:
        return Outlook(draft, problem=problem)
    problem = problem or next((one.refused for one in compared if one.refused), None)
    problem = problem or next(filter(None, (_unfit(guide, draft, one) for one in _requests(request, compared))), None)
    referenced = options.references > 0
    resolution = request.resolution if request else options.resolution
    images = counts(draft.sources)
    return Outlook(
        draft,
        model,
        request,
        problem,
        quote=guide.quote(request, *images) if request else None,
        lengths=guide.references.durations(model, references=referenced, resolution=resolution) or (),
        resolutions=model.resolutions or (),
        shapes=model.aspect_ratios or (),
        provider=guide.option_fields(options),
        unconfirmed=images.references > 0 and not compared and guide.references.verdict(model).takes is None,
        hint=next(filter(None, (guide.people_hint(one, *images) for one in _requests(request, compared))), None),
        contenders=compared,
        final=None if compared else final_of(guide, options),
    )


def _requests(request: VideoRequest | None, compared: Sequence[Contender]) -> list[VideoRequest]:
    return [one.request for one in compared if one.request] or ([request] if request else [])


def _unfit(guide: ModelGuide, draft: Draft, request: VideoRequest) -> Reason | None:
    """Return that a picture does not go with the model; or not with the video, and nobody chose how it is made to."""
    bounds = guide.references.bounds(request.model)
    for one in draft.sources:
        if not one.width or not one.height:
            continue
        size = one.width, one.height
        try:
            fit = needed_fit(one, *size, request.aspect_ratio)
        except ReferenceRefused as error:
            return error.reason
        if problem := bounds.problem(*(fitted_size(size, fit) if fit else size)):
            return ReferenceRefused(one.name, problem).reason
    return None


def _checked(guide: ModelGuide, options: Options) -> tuple[VideoRequest | None, Reason | None]:
    """Return the request, with a stand-in for a prompt that cannot be sent, and what is wrong.

    Raises CatalogMissing.
    """
    try:
        return guide.check(options), None
    except OptionRefused as error:
        wrong = error.reason
        if wrong.values["option"] != "prompt":
            return None, wrong
    except RefusedError as error:
        return None, error.reason
    try:
        return guide.check(replace(options, prompt=STAND_IN)), wrong
    except RefusedError as error:
        return None, error.reason
