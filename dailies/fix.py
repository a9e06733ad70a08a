"""The draft that is nearest to a refused one: a valid value in place of the wrong one, and everything else kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dailies.catalog.carry import Carried
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import OPTIONS, Options, VideoRequest
from dailies.catalog.prompt_numbers import renumbered
from dailies.draft import Draft
from dailies.errors import DailiesError, OptionRefused, ReferenceRefused
from dailies.openrouter.payload import Role
from dailies.reason import Reason, ReasonCode
from dailies.references.reference import Source, each_source_once
from dailies.references.roles import FRAMES


@dataclass(frozen=True)
class Fixed:
    """A draft that was changed, and what was changed, a few words each."""

    draft: Draft
    changes: tuple[Reason, ...]


def fixed(draft: Draft, error: DailiesError, guide: ModelGuide) -> Fixed | None:
    """Return the draft without the mistake that it was refused for; None: only its person can cure that.

    It may be refused for another one next. Raises CatalogMissing.
    """
    if not isinstance(error, OptionRefused):
        return None
    option = error.reason.values["option"]
    if option in OPTIONS or option in draft.options.provider_options:
        return _carried(draft, guide.carry(draft.counted))
    cure = _CURES.get(option)
    return cure(draft, error, guide) if cure else None


def cheaper(draft: Draft, request: VideoRequest, values: Mapping[str, int | str]) -> Fixed | None:
    """Return the draft with other values of settings. request: what it makes so far."""
    given: dict[str, Any] = {name: value for name, value in values.items() if getattr(request, name) != value}
    changes = [
        Reason(ReasonCode.SETTING_CHANGED, option=name, before=getattr(request, name), after=value)
        for name, value in given.items()
    ]
    return Fixed(replace(draft, options=replace(draft.options, **given)), tuple(changes)) if given else None


def fewer(draft: Draft, takes: int) -> Fixed:
    """Return the draft with another number of takes."""
    change = Reason(ReasonCode.SETTING_CHANGED, option="takes", before=draft.takes, after=takes)
    return Fixed(replace(draft, takes=takes), (change,))


def without_refused(sources: Sequence[Source], error: DailiesError) -> tuple[Source, ...]:
    """Return the pictures without the one that was refused. Of two with its name nobody knows which, so both stay."""
    named = [one for one in sources if isinstance(error, ReferenceRefused) and one.name == error.name]
    undecided = isinstance(error, ReferenceRefused) and error.problem.code is ReasonCode.FRAME_SHAPE
    return tuple(sources) if len(named) != 1 or undecided else tuple(one for one in sources if one is not named[0])


def fitting_model(guide: ModelGuide, options: Options) -> str | None:
    """Return a model that is known to take the images, where the default one is not; None: the default one."""
    model, known = guide.model(None), guide.references
    if model is None or (options.references and known.verdict(model).enough(options.references)):
        return None
    try:
        guide.check(options)
    except OptionRefused as error:
        if options.frames:
            return str(error.offers[0]) if error.offers else None
    return next(iter(known.able(guide.catalog, options.references, model)), None) if options.references else None


def frames_only(draft: Draft) -> Fixed:
    """Return the draft with its first and last frame alone."""
    return _with(draft, [one for one in draft.sources if one.role in FRAMES], Reason(ReasonCode.ONLY_FRAMES))


def references_only(draft: Draft) -> Fixed:
    """Return the draft with all its pictures as references."""
    pictures = [replace(one, role=Role.REFERENCE, fitting=None) for one in draft.sources]
    return _with(draft, each_source_once(pictures), Reason(ReasonCode.ONLY_REFERENCES))


def _carried(draft: Draft, carried: Carried, *changes: Reason) -> Fixed | None:
    near = carried.options
    values: dict[str, Any] = {name: getattr(near, name) for name in OPTIONS}
    options = replace(draft.options, **values, continues=near.continues, provider_options=near.provider_options)
    if changes:
        options = replace(options, model=near.model)
    return None if options == draft.options else Fixed(replace(draft, options=options), (*changes, *carried.changes))


def _other_model(draft: Draft, error: OptionRefused, guide: ModelGuide) -> Fixed | None:
    """Carry everything over to a model that takes it: the most similar one, else the default."""
    before, options = error.reason.values["value"], draft.counted
    offers = [*map(str, error.offers), guide.default_model]
    takes = [one for one in offers if one != before and guide.carry(options, one).refused is None]
    # A further refusal, by another model, is cured next.
    chosen = next(iter(takes or [one for one in offers if one != before]), None)
    if chosen is None:
        return None
    change = Reason(ReasonCode.SETTING_CHANGED, option="model", before=before, after=chosen)
    return _carried(draft, guide.carry(options, chosen), change)


def _cut(draft: Draft, error: OptionRefused, _: ModelGuide) -> Fixed:
    """Keep the first references."""
    most, given = error.problem.values["most"], draft.counted.references
    kept = [one for one in draft.sources if one.role is Role.REFERENCE][:most]
    sources = [one for one in draft.sources if one.role in FRAMES or one in kept]
    return _with(draft, sources, Reason(ReasonCode.ONLY_FIRST_IMAGES, most=most, given=given))


def _numbers(draft: Draft, error: OptionRefused, _: ModelGuide) -> Fixed | None:
    """Let the prompt name only images that are there."""
    options = draft.counted
    prompt = renumbered(draft.options.prompt, options.references, options.frames)
    if prompt == draft.options.prompt:
        return None
    change = Reason(ReasonCode.NUMBER_CHANGED, before=error.reason.values["value"])
    return Fixed(replace(draft, options=replace(draft.options, prompt=prompt)), (change,))


def _frames(draft: Draft, error: OptionRefused, guide: ModelGuide) -> Fixed | None:
    match error.problem.code:
        case ReasonCode.FRAMES_WITH_REFERENCES:
            return frames_only(draft)
        case ReasonCode.FRAME_TWICE:
            roles: set[Role] = set()
            kept = [one for one in draft.sources if one.role not in roles and not roles.add(one.role)]
            return _with(draft, kept, Reason(ReasonCode.ONE_FRAME_EACH))
        case ReasonCode.NO_FRAMES:
            before = draft.options.model or guide.default_model
            other = OptionRefused("model", before, error.problem, error.offers)
            return _other_model(draft, other, guide) if error.offers else None
        case ReasonCode.LAST_FRAME_ALONE:
            last = [one for one in draft.sources if one.role is Role.LAST]
            return _with(draft, [replace(last[0], role=Role.FIRST), *last], Reason(ReasonCode.FRAME_LOOPED))
        case _:
            return None


def _with(draft: Draft, sources: Sequence[Source], change: Reason) -> Fixed:
    return Fixed(replace(draft, sources=tuple(sources)), (change,))


_CURES: dict[str, Callable[[Draft, OptionRefused, ModelGuide], Fixed | None]] = {
    "model": _other_model,
    "references": _cut,
    "prompt": _numbers,
    "frames": _frames,
}
