"""Checks of a person's options: they give a request that the model takes, or a refusal that says what would be right.

Runs before anything is paid. Settings that the catalogue does not publish (null) are neither sent nor checked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, Any, TypeVar, get_type_hints

from dailies.catalog.nearest import default_ratio, default_resolution, nearest_seconds, not_offered, spelled
from dailies.catalog.prompt_numbers import named
from dailies.catalog.references import ReferenceModels
from dailies.errors import NoReferences, OptionRefused, TooManyReferences
from dailies.openrouter import protocol
from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.payload import Inline
from dailies.reason import Reason, ReasonCode

T = TypeVar("T", int, str)

SEED_MOST = 2**31 - 1
"""Providers take signed 32-bit seeds; Discord's integers are larger."""

_BLANK = "\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159"
"""Letters and symbols that are blank: Hangul's fillers, the empty Braille pattern, an object's place, a null note."""

LINKS_LIMIT = 30
"""Maximum links in one command; no model is known to take more references."""


@dataclass(frozen=True)
class Defaults:
    """Settings used where nothing was chosen; where the model lacks them, the nearest that it offers."""

    model: str
    duration: int
    resolution: str
    aspect_ratio: str


@dataclass(frozen=True)
class CheckedModel:
    """The model that options are checked against, all of them together: some lengths go with some resolutions only.

    notes: filled by the checks.
    """

    model: VideoModel
    options: Options
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


def check_options(
    options: Options, catalog: Catalog, defaults: Defaults, reference_models: ReferenceModels | None = None
) -> VideoRequest:
    """Check the options against the model and fill in what was not chosen.

    reference_models: by default with the facts that come with the bot.
    Raises OptionRefused that names the option, the value, and what the model offers.
    """
    reference_models = reference_models or ReferenceModels()
    if not any(map(_visible, options.prompt)):
        raise OptionRefused("prompt", "", Reason(ReasonCode.EMPTY_PROMPT))
    model = _model(options.model or defaults.model, catalog, reference_models)
    _check_references(options.references, model, catalog, reference_models)
    prompt = named(options.prompt, options.references, reference_models.naming(model.id))
    checked = CheckedModel(model, options, defaults, reference_models, notes=[])
    settings = {name: option.check(getattr(options, name), checked) for name, option in OPTIONS.items()}
    return VideoRequest(
        prompt=options.prompt,
        model=model.id,
        model_name=model.name,
        **settings,
        notes=tuple(checked.notes),
        sent_prompt=None if prompt == options.prompt else prompt,
    )


def _visible(character: str) -> bool:
    """Tell if a person sees it by itself: it is no space, control, format or combining character, and not blank."""
    category = unicodedata.category(character)
    return category[0] not in "ZM" and category not in ("Cc", "Cf", "Cs") and character not in _BLANK


def _model(model_id: str, catalog: Catalog, reference_models: ReferenceModels) -> VideoModel:
    model = catalog.get(model_id)
    if model is None:
        similar = [one for one in catalog.similar(model_id) if not reference_models.needs(catalog[one])]
        raise OptionRefused("model", model_id, Reason(ReasonCode.NOT_A_MODEL), similar)
    if needs := reference_models.needs(model):
        raise OptionRefused("model", model_id, Reason(ReasonCode.NEEDS_INPUT, input=needs))
    return model


def _check_references(count: int, model: VideoModel, catalog: Catalog, reference_models: ReferenceModels) -> None:
    """Refuse references that the model is known not to take. Others pass: people are asked before they pay."""
    verdict = reference_models.verdict(model)
    if count and verdict.takes is False:
        raise NoReferences(model.id, verdict.source, reference_models.able(catalog, count, model))
    if verdict.most is not None and count > verdict.most:
        raise TooManyReferences(model.id, count, verdict.most)
    if verdict.most is None and count > LINKS_LIMIT:  # links to messages can stand for hundreds
        raise OptionRefused("references", count, Reason(ReasonCode.MORE_THAN_ANY_TAKES, most=LINKS_LIMIT))


def _duration(wish: int | None, of: CheckedModel) -> int | None:
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


def _resolution(wish: str | None, of: CheckedModel) -> str | None:
    offered = of.model.resolutions
    return _choose("resolution", spelled(wish, offered), offered, of.model, of.notes) or of.resolution


def _aspect_ratio(wish: str | None, of: CheckedModel) -> str | None:
    offered = of.model.aspect_ratios
    chosen = _choose("aspect_ratio", spelled(wish, offered), offered, of.model, of.notes)
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


def _audio(wish: bool | None, of: CheckedModel) -> bool | None:
    """Return a value exactly when the catalogue says that the model makes sound; True is the API's default there."""
    model, notes = of.model, of.notes
    if model.audio:
        return True if wish is None else wish
    if model.audio is None and wish is not None:
        notes.append(Reason(ReasonCode.AUDIO_LEFT_OUT, model=model.id))
    if model.audio is False and wish:
        raise OptionRefused("audio", wish, Reason(ReasonCode.SILENT_MODEL, model=model.id), ["False"])
    return None


def _seed(wish: int | None, of: CheckedModel) -> int | None:
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


@dataclass(frozen=True)
class Option:
    """An option of /video, declared once for the command, the store, the paid request and the views.

    label: its name. description: its help text in the command. check: turns the chosen value (None: none) into the sent
    one (None: none) and raises OptionRefused. sent_as: its name at OpenRouter, if different. unit: follows a value.
    bare: a value needs no label. unset: text in place of a value that is not sent.
    """

    label: str
    description: str
    check: Callable[[Any, CheckedModel], Any]
    sent_as: str | None = None
    unit: str = ""
    bare: bool = False
    unset: str = "the model's own"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSettings:
    """Options besides the prompt, the model and the references. None: not given, or not sent.

    Declare a new option here. It also needs a column of its name (dailies/schema.py) with a migration; the command's
    parameter, the paid request, stored jobs and the texts about them follow from the declaration.
    """

    duration: Annotated[int | None, Option("Length", "Length in seconds", _duration, unit=" s", bare=True)] = None
    resolution: Annotated[
        str | None, Option("Resolution", "Size of the picture, as in 720p", _resolution, bare=True)
    ] = None
    aspect_ratio: Annotated[
        str | None, Option("Aspect ratio", "Shape of the picture, as in 16:9", _aspect_ratio, bare=True)
    ] = None
    audio: Annotated[
        bool | None, Option("Sound", "Sound, where the model makes it (default: yes)", _audio, sent_as="generate_audio")
    ] = None
    seed: Annotated[
        int | None, Option("Seed", "The same seed and settings give a similar video again", _seed, unset="none")
    ] = None


OPTIONS: Mapping[str, Option] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(VideoSettings, include_extras=True).items()
}
"""Options by name, in the order of the command."""


@dataclass(frozen=True)
class Options(VideoSettings):
    """Options as a person gave them. None: not given. references: number of images."""

    prompt: str
    model: str | None = None
    references: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class VideoRequest(VideoSettings):
    """Settings that were checked against the model. None: not sent, the model decides.

    prompt: as typed. sent_prompt: with references named as the model expects; None: sent as typed.
    notes: for the person, on how their options were interpreted.
    """

    prompt: str
    model: str
    model_name: str
    _: KW_ONLY
    notes: tuple[Reason, ...] = ()
    sent_prompt: str | None = None

    @property
    def options(self) -> Options:
        """The options that make the same request again."""
        return Options(self.prompt, self.model, **{name: getattr(self, name) for name in OPTIONS})

    def body(
        self,
        references: Sequence[str | Inline],
        callback_url: str | None = None,
        *,
        session_id: str | None = None,
        user: str | None = None,
    ) -> dict[str, Any]:
        """Return the body of the paid request. references: links or inline images, in order."""
        return protocol.submit_body(
            model=self.model,
            prompt=self.sent_prompt or self.prompt,
            settings={option.sent_as or name: getattr(self, name) for name, option in OPTIONS.items()},
            references=references,
            callback_url=callback_url,
            session_id=session_id,
            user=user,
        )
