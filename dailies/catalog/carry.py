"""A request carried over to another model: each of its settings as near as that model offers it.

Nothing is lost that the model could take, and everything that changed is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from dailies.catalog import provider_options
from dailies.catalog.nearest import closest, distance, nearest_seconds, spelled
from dailies.catalog.options import OPTIONS, Defaults, Options, VideoRequest, check_options
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.openrouter.models import Catalog, VideoModel
from dailies.reason import Reason, ReasonCode

_NO_PROMPT = "(only the settings)"
"""Stands for the prompt where settings are compared: what is wrong with a prompt is wrong with every model."""


@dataclass(frozen=True)
class Carried:
    """Options as a model takes them. changes: what the video has now otherwise, a few words each.

    refused: why the model does not take them all the same; only the person can cure that. None: it takes them.
    request: of the settings alone, without the prompt; None where they are refused.
    """

    options: Options
    changes: tuple[Reason, ...] = ()
    refused: OptionRefused | None = None
    request: VideoRequest | None = None


def carried(
    options: Options,
    model_id: str,
    catalog: Catalog,
    defaults: Defaults,
    reference_models: ReferenceModels | None = None,
) -> Carried:
    """Carry options over to a model; with their own model, it mends what that one refuses.

    Settings that were not chosen stay open: the defaults hold, with the new model too.
    """
    carrier = Carrier(options, catalog, defaults, reference_models or ReferenceModels())
    there = carrier.to(model_id)
    return replace(there, refused=_checked(there.options, catalog, defaults, carrier.known)[1])


class Carrier:
    """Carries the settings of one request over to several models. Its prompt is not looked at.

    Refusals name no other models: to look for them costs more than all the rest.
    """

    def __init__(self, options: Options, catalog: Catalog, defaults: Defaults, known: ReferenceModels) -> None:
        self.known = known
        self._options = options
        self._catalog = catalog
        self._defaults = defaults
        self._before = self._checked(options, catalog.get(options.model or defaults.model))[0] or options

    def to(self, model_id: str) -> Carried:
        """Carry them over to the model with this id."""
        options, model = self._options, self._catalog.get(model_id)
        near = replace(options, model=model_id)
        if model is not None:
            near = _sized(near, model, self.known)
            if model_id != (options.continues_model or options.model or self._defaults.model):
                near = replace(near, continues=None, continues_model=None)
        near, dropped = self._with_provider_options(near, model)
        near, request, refused = self._mended(near, model)
        changes = _changes(self._before, request or near, model, options)
        return Carried(near, (*changes, *dropped), refused, request)

    def _with_provider_options(self, options: Options, model: VideoModel | None) -> tuple[Options, list[Reason]]:
        if not options.provider_options or model is None:
            return options, []
        listed = self.known.listed_options(self._options.model or self._defaults.model)
        offered = self.known.provider_options(model)
        found, dropped = provider_options.carried(listed, offered, options.provider_options)
        words = [Reason(ReasonCode.PARAMETER_DROPPED, label=one.inline) for one in dropped]
        return replace(options, provider_options=found), words

    def _mended(
        self, options: Options, model: VideoModel | None
    ) -> tuple[Options, VideoRequest | None, OptionRefused | None]:
        """Replace each setting that is refused by the nearest that is offered; leave it open where none is near."""
        mended: set[str] = set()
        while True:
            request, error = self._checked(options, model)
            name: str = error.reason.values["option"] if error else ""
            if error is None or name not in OPTIONS or getattr(options, name) is None:
                return options, request, error
            instead = None if name in mended else _instead(getattr(options, name), error)
            change: dict[str, Any] = {name: instead}
            options = replace(options, **change)
            mended.add(name)

    def _checked(self, options: Options, model: VideoModel | None) -> tuple[VideoRequest | None, OptionRefused | None]:
        alone = Catalog([model] if model else [])
        return _checked(replace(options, prompt=_NO_PROMPT), alone, self._defaults, self.known)


def _checked(
    options: Options, catalog: Catalog, defaults: Defaults, known: ReferenceModels
) -> tuple[VideoRequest | None, OptionRefused | None]:
    try:
        return check_options(options, catalog, defaults, known), None
    except OptionRefused as error:
        return None, error


def _sized(options: Options, model: VideoModel, known: ReferenceModels) -> Options:
    """Return the options with the nearest pair of a resolution and a length: some lengths go with some resolutions."""
    referenced, wish = options.references > 0, options.duration
    resolution = spelled(options.resolution, model.resolutions)
    if wish is None or resolution is None or not model.resolutions:
        return options
    if resolution in model.resolutions and wish in (
        known.durations(model, references=referenced, resolution=resolution) or ()
    ):
        return options

    def pair(at: str) -> tuple[str, int]:
        durations = known.durations(model, references=referenced, resolution=at)
        return at, wish if durations is None else nearest_seconds(wish, durations) or wish

    pairs = [pair(at) for at in model.resolutions if distance(at, resolution) < float("inf") or at == resolution]
    if not pairs:
        return options

    def away(one: tuple[str, int]) -> tuple[float, int]:
        apart = 0.0 if one[0] == resolution else distance(one[0], resolution)
        return round(apart + distance(one[1], wish), 9), one[1]

    at, seconds = min(pairs, key=away)
    return replace(options, resolution=at, duration=seconds)


def _instead(value: bool | int | str, error: OptionRefused) -> int | str | None:
    if error.problem.code is ReasonCode.SEED_OUT_OF_RANGE:
        return min(max(int(value), 0), error.problem.values["most"])
    refused: Any = value
    offers: Sequence[Any] = [one for one in error.offers if type(one) is type(value)]
    return closest(refused, offers) if offers else None


def _changes(
    before: Options | VideoRequest, after: Options | VideoRequest, model: VideoModel | None, asked: Options
) -> list[Reason]:
    """List settings of the video that differ. before, after: Options where a model refuses them. asked: what was
    chosen.
    """
    changes: list[Reason] = []
    # Of a refused request only what was chosen is known.
    known = [name for name in OPTIONS if isinstance(before, VideoRequest) and isinstance(after, VideoRequest)]
    for name in known or [name for name in OPTIONS if getattr(asked, name) is not None]:
        old, new = getattr(before, name), getattr(after, name)
        if old == new or (isinstance(old, str) and spelled(old, [str(new)]) == new):
            continue
        # Without sound there is no difference between a model that was told so and one that makes none.
        if name == "audio" and not old and not new:
            continue
        if new is None and _refuses(model, name):
            changes.append(Reason(ReasonCode.SETTING_DROPPED, option=name))
        else:
            changes.append(Reason(ReasonCode.SETTING_CHANGED, option=name, before=old, after=new))
    if asked.continues and not after.continues:
        changes.append(Reason(ReasonCode.SETTING_DROPPED, option="continues"))
    return changes


def _refuses(model: VideoModel | None, name: str) -> bool:
    """Tell if a model is known to have nothing of a setting, so that it is not the model's choice."""
    return model is not None and getattr(model, name, None) is False
