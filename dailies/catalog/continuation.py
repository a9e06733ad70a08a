"""Continuing a finished video with the model that made it: which models do, and what is refused.

OpenRouter's documentation says only that the earlier job must be completed, that the same model goes on, and that some
models support it. Nothing says what pictures beside the earlier video would do, so none are sent.
"""

from __future__ import annotations

from functools import lru_cache

from dailies.catalog.option_checks import CheckedModel
from dailies.errors import OptionRefused
from dailies.openrouter.models import MODELS_MOST, VideoModel
from dailies.openrouter.pricing.skus import Kind, read_key
from dailies.reason import Reason, ReasonCode


@lru_cache(maxsize=MODELS_MOST)
def continues(model: VideoModel) -> bool:
    """Tell if a model can continue a finished video: those with a price for it can; nothing else is published."""
    return any(sku.kind is Kind.CONTINUATION for sku in map(read_key, model.pricing_skus) if sku)


def check_continuation(of: CheckedModel) -> None:
    """Refuse to continue a video with a model that did not make it or cannot, or with pictures.

    Raises OptionRefused for "continues", whose problem has a code for each case.
    """
    options, model = of.options, of.model
    if options.continues is None:
        return
    problem: Reason | None = None
    if options.continues_model not in (None, model.id):
        problem = Reason(ReasonCode.CONTINUES_OTHER_MODEL, made_by=options.continues_model)
    elif not continues(model):
        problem = Reason(ReasonCode.CONTINUES_NOT, model=model.name)
    elif options.references or options.frames:
        problem = Reason(ReasonCode.CONTINUES_WITHOUT_IMAGES)
    if problem:
        raise OptionRefused("continues", None, problem)
