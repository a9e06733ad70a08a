"""Checks of a person's options against a model: the value that is sent, or a refusal that says what would be right.

Settings that the catalogue does not publish (null) are neither sent nor checked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from dailies.catalog.inputs import Input
from dailies.catalog.nearest import (
    default_ratio,
    default_resolution,
    nearest_seconds,
    nearest_shape,
    not_offered,
    spelled,
)
from dailies.catalog.references import ReferenceModels
from dailies.errors import NoReferences, OptionRefused, TooManyReferences
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.payload import Role
from dailies.reason import Reason, ReasonCode

T = TypeVar("T", int, str)

SEED_MOST = 2**31 - 1
"""Providers take signed 32-bit seeds; Discord's integers are larger."""

_BLANK = "\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159"
"""Letters and symbols that are blank: Hangul's fillers, the empty Braille pattern, an object's place, a null note."""

LINKS_LIMIT = 30
"""Maximum links in one command; no model is known to take more references."""


class Wishes(Protocol):
    """The options that checks of other options look at."""

    @property
    def duration(self) -> int | None:
        """Length in seconds."""
        ...

    @property
    def resolution(self) -> str | None:
        """Resolution, as typed."""
        ...

    @property
    def references(self) -> int:
        """Number of images that guide without fixing frames."""
        ...

    @property
    def frames(self) -> tuple[Role, ...]:
        """Roles of the images that fix frames."""
        ...

    @property
    def shape(self) -> float | None:
        """Width divided by height of the first of those images; None: not known."""
        ...

    @property
    def continues(self) -> str | None:
        """OpenRouter's id of the finished job that the video continues."""
        ...

    @property
    def continues_model(self) -> str | None:
        """Id of the model that made it; None: not known."""
        ...

    @property
    def audio(self) -> bool | None:
        """Sound, as chosen."""
        ...


@dataclass(frozen=True)
class Defaults:
    """Settings used where nothing was chosen; where the model lacks them, the nearest that it offers."""

    model: str
    duration: int
    resolution: str
    aspect_ratio: str
    audio: bool = True


@dataclass(frozen=True)
class OwnDefaults:
    """Defaults that a server has set for itself. None: the operator's."""

    model: str | None = None
    duration: int | None = None
    resolution: str | None = None
    aspect_ratio: str | None = None
    audio: bool | None = None

    def over(self, defaults: Defaults) -> Defaults:
        """Return them, and the operator's where there are none."""
        given: dict[str, Any] = {name: value for name, value in vars(self).items() if value is not None}
        return replace(defaults, **given)


NOTHING_SET = OwnDefaults()


@dataclass(frozen=True)
class CheckedModel:
    """The model that options are checked against, all of them together: some lengths go with some resolutions only.

    notes: filled by the checks.
    """

    model: VideoModel
    options: Wishes
    defaults: Defaults
    reference_models: ReferenceModels
    notes: list[Reason]

    @property
    def resolution(self) -> str | None:
        """The resolution that is chosen, or else the nearest to the default one at the chosen length."""
        if self.model.resolutions and self.options.resolution is not None:
            return spelled(self.options.resolution, self.model.resolutions)
        fitting = self.reference_models.resolutions(
            self.model, references=self.options.references > 0, duration=self.options.duration
        )
        return default_resolution(self.defaults.resolution, fitting)

    @property
    def durations(self) -> tuple[int, ...] | None:
        """Seconds that it offers at that resolution, with the references."""
        return self.reference_models.durations(
            self.model, references=self.options.references > 0, resolution=self.resolution
        )


def visible(character: str) -> bool:
    """Tell if a person sees it by itself: it is no space, control, format or combining character, and not blank."""
    category = unicodedata.category(character)
    return category[0] not in "ZM" and category not in ("Cc", "Cf", "Cs") and character not in _BLANK


def usable_model(
    model_id: str, catalog: Catalog, reference_models: ReferenceModels, *, continuation: bool = False
) -> VideoModel:
    """Return a model that works from what this bot sends. continuation: which includes a finished video."""
    model = catalog.get(model_id)
    if model is None:
        similar = [one for one in catalog.similar(model_id) if not reference_models.needs(catalog[one])]
        raise OptionRefused("model", model_id, Reason(ReasonCode.NOT_A_MODEL), similar)
    needs = reference_models.needs(model)
    if needs and not (continuation and needs is Input.CONTINUATION):
        raise OptionRefused("model", model_id, Reason(ReasonCode.NEEDS_INPUT, input=needs))
    return model


def check_references(count: int, model: VideoModel, catalog: Catalog, reference_models: ReferenceModels) -> None:
    """Refuse references that the model is known not to take. Others pass: people are asked before they pay."""
    verdict = reference_models.verdict(model)
    if count and verdict.takes is False:
        raise NoReferences(model.id, verdict.source, reference_models.able(catalog, count, model))
    if verdict.most is not None and count > verdict.most:
        raise TooManyReferences(model.id, count, verdict.most)
    if verdict.most is None and count > LINKS_LIMIT:  # links to messages can stand for hundreds
        raise OptionRefused("references", count, Reason(ReasonCode.MORE_THAN_ANY_TAKES, most=LINKS_LIMIT))


def duration(wish: int | None, of: CheckedModel) -> int | None:
    durations = of.durations
    if wish is not None and durations and wish not in durations and wish in (of.model.durations or ()):
        raise OptionRefused("duration", wish, _only_elsewhere(wish, of), durations)
    chosen = _choose("duration", wish, durations, of.model, of.notes)
    return chosen if chosen is not None else nearest_seconds(of.defaults.duration, durations)


def _only_elsewhere(duration: int, of: CheckedModel) -> Reason:
    """Return why a length that the model makes is not offered with these references and this resolution."""
    model, referenced = of.model, of.options.references > 0

    def offered(*, references: bool, resolution: str | None) -> bool:
        found = of.reference_models.durations(model, references=references, resolution=resolution)
        return duration in (found or ())

    elsewhere = [one for one in model.resolutions or () if offered(references=referenced, resolution=one)]
    return Reason(
        ReasonCode.NOT_OFFERED_SO,
        model=model.id,
        references=referenced and not offered(references=True, resolution=None),
        resolution=None if offered(references=False, resolution=of.resolution) else of.resolution,
        resolutions=elsewhere,
    )


def resolution(wish: str | None, of: CheckedModel) -> str | None:
    offered = of.model.resolutions
    return _choose("resolution", spelled(wish, offered), offered, of.model, of.notes) or of.resolution


def aspect_ratio(wish: str | None, of: CheckedModel) -> str | None:
    offered = of.model.aspect_ratios
    chosen = _choose("aspect_ratio", spelled(wish, offered), offered, of.model, of.notes)
    if chosen is None and of.options.frames and of.options.shape:
        chosen = nearest_shape(of.options.shape, offered)
    return chosen or default_ratio(of.defaults.aspect_ratio, offered)


def _choose(
    option: str, value: T | None, offered: Sequence[T] | None, model: VideoModel, notes: list[Reason]
) -> T | None:
    """Return the value if the model offers it; None, with a note, if the model publishes nothing about it."""
    if value is None:
        return None
    if offered is None:
        notes.append(Reason(ReasonCode.OPTION_LEFT_OUT, option=option, model=model.id))
        return None
    if value not in offered:
        raise OptionRefused(option, value, not_offered(value, offered, model.id), offered)
    return value


def audio(wish: bool | None, of: CheckedModel) -> bool | None:
    """Return a value exactly when the catalogue says that the model makes sound."""
    model, notes = of.model, of.notes
    if model.audio:
        return of.defaults.audio if wish is None else wish
    if model.audio is None and wish is not None:
        notes.append(Reason(ReasonCode.AUDIO_LEFT_OUT, model=model.id))
    if model.audio is False and wish:
        raise OptionRefused("audio", wish, Reason(ReasonCode.SILENT_MODEL, model=model.id), ["False"])
    return None


def seed(wish: int | None, of: CheckedModel) -> int | None:
    model, notes = of.model, of.notes
    if wish is None:
        return None
    if model.seed is False:
        raise OptionRefused("seed", wish, Reason(ReasonCode.SEED_NOT_TAKEN, model=model.id))
    if not 0 <= wish <= SEED_MOST:
        raise OptionRefused("seed", wish, Reason(ReasonCode.SEED_OUT_OF_RANGE, most=SEED_MOST))
    if model.seed is None:
        notes.append(Reason(ReasonCode.SEED_LEFT_OUT, model=model.id))
        return None
    return wish
