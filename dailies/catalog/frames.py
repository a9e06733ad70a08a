"""First and last frames: which models take them, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from dailies.catalog.nearest import default_resolution, nearest_seconds, spelled
from dailies.catalog.option_checks import CheckedModel
from dailies.errors import OptionRefused
from dailies.openrouter.models import VideoModel
from dailies.openrouter.payload import Role
from dailies.openrouter.pricing import quote
from dailies.reason import Reason, ReasonCode

OFFERED = 3
"""Maximum alternative models that a refusal names."""
_FAR = Decimal("Infinity")


def takes(model: VideoModel, roles: Iterable[Role]) -> bool:
    """Tell if OpenRouter lists all of these frames for a model. What it does not list might be ignored, and paid."""
    return set(map(str, roles)) <= set(model.frame_images or ())


def check_frames(of: CheckedModel, models: Iterable[VideoModel]) -> None:
    """Refuse frames that the model does not take, or not with the other images. models: to choose others from.

    Raises OptionRefused for "frames", whose problem has a code for each case.
    """
    roles, model = of.options.frames, of.model
    if not roles:
        return
    if of.options.references:
        raise OptionRefused("frames", None, Reason(ReasonCode.FRAMES_WITH_REFERENCES))
    if len(set(roles)) < len(roles):
        raise OptionRefused("frames", None, Reason(ReasonCode.FRAME_TWICE, frame=max(roles, key=roles.count)))
    if not takes(model, roles):
        missing = [role for role in roles if not takes(model, [role])]
        problem = Reason(ReasonCode.NO_FRAMES, model=model.name, frames=missing)
        raise OptionRefused("frames", None, problem, able(of, models))
    if Role.FIRST not in roles and of.reference_models.last_needs_first(model.id):
        raise OptionRefused("frames", None, Reason(ReasonCode.LAST_FRAME_ALONE, model=model.name))


def able(of: CheckedModel, models: Iterable[VideoModel]) -> list[str]:
    """Return ids of models that take the frames of these options: the nearest price for the same settings first."""
    roles, known = of.options.frames, of.reference_models
    others = [one for one in models if one.id != of.model.id and takes(one, roles) and not known.needs(one)]
    if Role.FIRST not in roles:
        others = [one for one in others if not known.last_needs_first(one.id)]
    here = _usd(of, of.model)
    distances = {one.id: _distance(here, _usd(of, one)) for one in others}
    return sorted(distances, key=lambda one: distances[one])[:OFFERED]


def _usd(of: CheckedModel, model: VideoModel) -> Decimal | None:
    """Return the price of the same settings with another model, as near as it offers them."""
    wish, known = of.options, of.reference_models
    resolution = spelled(wish.resolution or of.defaults.resolution, model.resolutions)
    resolution = default_resolution(resolution or "", model.resolutions)
    durations = known.durations(model, references=False, resolution=resolution)
    ratios = model.aspect_ratios or (None,)
    return quote(
        model,
        duration=nearest_seconds(wish.duration or of.defaults.duration, durations),
        resolution=resolution,
        aspect_ratio=of.defaults.aspect_ratio if of.defaults.aspect_ratio in ratios else ratios[0],
        audio=model.audio and wish.audio is not False,
        frames=len(wish.frames),
    ).usd


def _distance(here: Decimal | None, there: Decimal | None) -> Decimal:
    """Return how far two prices are apart; where the first is not known, cheap ones are near."""
    return _FAR if there is None else abs(there - (here or 0))
