"""Advice on a refused or failed request, from what is known of its model; dailies/explain/ makes sentences of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from dailies.catalog.frames import takes
from dailies.catalog.options import VideoRequest
from dailies.catalog.references import ReferenceModels
from dailies.openrouter.models import VideoModel
from dailies.openrouter.payload import Role
from dailies.openrouter.pricing import Quote
from dailies.reason import Reason, ReasonCode

_OF_PICTURES = frozenset(
    {
        ReasonCode.ADVICE_DOWNLOAD,
        ReasonCode.ADVICE_FORMAT,
        ReasonCode.ADVICE_LARGE,
        ReasonCode.ADVICE_PICTURE,
        ReasonCode.ADVICE_SHAPE,
        ReasonCode.ADVICE_SMALL,
    }
)
"""Advice that makes no sense to a request without images."""


@dataclass(frozen=True)
class RefusedRequest:
    """A request, most often one that was refused or failed. references, frames: how many images guide it, and how many
    fix its frames. model: None: not in the list any more.
    """

    request: VideoRequest
    references: int
    model: VideoModel | None
    frames: int = 0

    @property
    def images(self) -> int:
        """Number of images of both kinds."""
        return self.references + self.frames

    def others(self, models: Iterable[VideoModel], known: ReferenceModels) -> list[str]:
        """Return names of models that take these images and are not known to refuse people in them."""
        if self.model is None:
            return []
        fitting = [one for one in models if takes(one, (Role.FIRST, Role.LAST)[: self.frames])]
        names = {one.id: one.name for one in fitting}
        return [names[one] for one in known.able(fitting, self.references, self.model, people=True)]


def advice(
    cause: ReasonCode | None,
    of: RefusedRequest,
    models: Iterable[VideoModel],
    reference_models: ReferenceModels,
    quote: Callable[[VideoRequest, int, int], Quote | None],
) -> Reason | None:
    """Return what can be done about a cause; None where nothing is known.

    models: to choose others from. quote: prices a request by today's catalogue.
    """
    request, bounds = of.request, reference_models.bounds(of.request.model)
    match cause:
        case ReasonCode.ADVICE_PEOPLE if of.images:
            others = of.others(models, reference_models)
            return Reason(ReasonCode.ADVICE_PEOPLE, model=request.model_name, offers=others)
        case ReasonCode.ADVICE_SOUND if request.audio:
            silent = quote(replace(request, audio=False), of.references, of.frames)
            return Reason(ReasonCode.ADVICE_SOUND, usd=silent and silent.usd)
        case ReasonCode.ADVICE_PEOPLE | ReasonCode.ADVICE_SOUND:
            return Reason(ReasonCode.ADVICE_CONTENT)
        case ReasonCode.ADVICE_CONTINUATION if request.continues is None:
            return None
        case ReasonCode.ADVICE_SETTING:
            return _settings(of, reference_models)
        case None:
            return None
        case _ if cause in _OF_PICTURES and not of.images:
            return None
        case ReasonCode.ADVICE_LARGE:
            return Reason(ReasonCode.ADVICE_LARGE, model=request.model_name, most=bounds.most_side)
        case ReasonCode.ADVICE_SMALL:
            return Reason(ReasonCode.ADVICE_SMALL, model=request.model_name, least=bounds.least_side)
        case ReasonCode.ADVICE_SHAPE:
            low, high = bounds.ratio or (None, None)
            return Reason(ReasonCode.ADVICE_SHAPE, model=request.model_name, low=low, high=high)
        case _:
            return Reason(cause)


def _settings(of: RefusedRequest, reference_models: ReferenceModels) -> Reason:
    model = of.model
    durations = model and reference_models.durations(model, references=of.references > 0)
    return Reason(
        ReasonCode.ADVICE_SETTING,
        model=of.request.model_name,
        durations=durations or (),
        resolutions=(model and model.resolutions) or (),
        aspect_ratios=(model and model.aspect_ratios) or (),
    )


def people_hint(of: RefusedRequest, models: Iterable[VideoModel], known: ReferenceModels) -> Reason | None:
    """Return the hint, before anything is paid, that a model refuses photos of real people; None without images."""
    if of.model is None or not of.images or not known.refuses_people(of.model.id):
        return None
    return Reason(ReasonCode.REFUSES_PEOPLE, model=of.model.name, offers=of.others(models, known))
