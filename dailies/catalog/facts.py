"""Files of facts about what models take besides what OpenRouter publishes, in the format of models.toml next to this.

models.toml comes with the bot; an operator's own file, named by REFERENCE_MODELS, takes precedence.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from dailies.catalog import option_entries, provider_options
from dailies.catalog.inputs import Input
from dailies.catalog.provider_options import ProviderOption
from dailies.language import gettext
from dailies.openrouter.fields import mapping
from dailies.reason import Reason, ReasonCode

NAMING = "reference image {n}"
"""Words with which a prompt names its n-th reference where the model has no syntax of its own."""
IMAGES_MOST = 100
"""Larger numbers in a file are typing errors; no model is known to take half as many."""


@dataclass(frozen=True)
class ModelImageLimits:
    """Limits of a model on one image. Pixels; ratio: width divided by height. None: not known."""

    least_side: int | None = None
    most_side: int | None = None
    ratio: tuple[float, float] | None = None

    def problem(self, width: int, height: int) -> Reason | None:
        """Return the reason why an image of this size is refused; None when it is not. The long side is not checked."""
        if self.ratio and not self.ratio[0] <= width / height <= self.ratio[1]:
            low, high = self.ratio
            return Reason(ReasonCode.WRONG_SHAPE, wide=width > height, ratio=width / height, low=low, high=high)
        if self.least_side and min(width, height) < self.least_side:
            return Reason(ReasonCode.TOO_SMALL, width=width, height=height, least=self.least_side)
        return None


ANY = ModelImageLimits()
"""Limits of a model of which nothing is known."""


@dataclass(frozen=True)
class LengthRule:
    """Lengths in seconds that a model offers at these resolutions, written in lower case."""

    resolutions: frozenset[str]
    durations: tuple[int, ...]


@dataclass(frozen=True)
class Facts:
    """Known facts about one model.

    takes: the model takes reference images; None: not known. source: of this knowledge. most: maximum number; None: not
    known. naming: a prompt's name for the n-th reference, with {n}. durations: seconds that it offers with references;
    empty: the same as without. bounds: limits on one image. rules: lengths at some resolutions. needs: an input without
    which it makes nothing. refuses_people: it refuses pictures of real people. last_needs_first: it takes a last frame
    only together with a first one. provider_options: parameters of its provider; None: nothing is said of them.
    """

    takes: bool | None
    source: str
    most: int | None = None
    naming: str = NAMING
    durations: tuple[int, ...] = ()
    bounds: ModelImageLimits = ANY
    rules: tuple[LengthRule, ...] = ()
    needs: Input | None = None
    refuses_people: bool = False
    last_needs_first: bool = False
    provider_options: tuple[ProviderOption, ...] | None = None

    def allows(self, duration: int, *, references: bool, resolution: str | None) -> bool:
        """Tell if no rule speaks against a length in seconds. resolution: None: the model's own."""
        at = resolution and resolution.strip().lower()
        rules = [rule.durations for rule in self.rules if at in rule.resolutions]
        rules += [self.durations] if references and self.durations else []
        return all(duration in durations for durations in rules)


@dataclass(frozen=True)
class FactsFile:
    """Facts by model id, and the file that they are from. path: None when there is none."""

    path: Path | None = None
    models: Mapping[str, Facts] = field(default_factory=dict[str, Facts])


def read(text: str) -> FactsFile:
    """Read the file that REFERENCE_MODELS names; no facts for an empty text. Blocks.

    Raises ValueError whose text ends the sentence "<path> …".
    """
    if not text:
        return FactsFile()
    path = Path(text)
    try:
        return FactsFile(path, parse(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ValueError(f"cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ValueError("is not a text file in UTF-8") from error


def parse(text: str) -> dict[str, Facts]:
    """Parse a file's text. Raises ValueError that names each wrong key and what would be right."""
    try:
        entries = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not TOML: {error}") from error
    problems: list[str] = []
    models = {model: facts for model, entry in entries.items() if (facts := _entry(model, entry, problems))}
    if problems:
        raise ValueError(f"has mistakes: {'; '.join(problems)}")
    return models


def _entry(model: str, entry: object, problems: list[str]) -> Facts | None:
    if not isinstance(entry, dict) or "/" not in model:
        problems.append(f'[{model}] is not a model; an entry begins with a line like ["google/veo-3.1"]')
        return None
    given = cast("dict[str, object]", entry)
    before = len(problems)
    options, wrong = option_entries.parse(given.get("options", []))
    problems += [f'["{model}"] {one}' for one in wrong]
    for key, value in given.items():
        if key not in _RULES:
            problems.append(f'["{model}"] {key} is not known; the keys are {", ".join(_RULES)}')
        elif not _RULES[key][0](value):
            problems.append(f'["{model}"] {key} = {value!r} must be {_RULES[key][1]}')
    # An entry about something else says nothing of images.
    missing = ["images"] if not {"images", "rules", "needs", "options"} & given.keys() else []
    missing += ["source"] if "source" not in given else []
    problems += [f'["{model}"] {key} is missing; it must be {_RULES[key][1]}' for key in missing]
    return None if len(problems) > before else _facts(given, options if "options" in given else None)


def _facts(given: Mapping[str, object], options: tuple[ProviderOption, ...] | None) -> Facts:
    images = cast("int | bool | None", given.get("images"))
    needs = cast("str | None", given.get("needs"))
    ratio = cast("list[float] | None", given.get("ratio"))
    return Facts(
        takes=None if images is None else images > 0,
        source=cast("str", given["source"]),
        most=None if images is None or images is True else int(images),
        naming=cast("str", given.get("naming", NAMING)),
        durations=tuple(cast("list[int]", given.get("durations", []))),
        bounds=ModelImageLimits(
            least_side=cast("int | None", given.get("least_side")),
            most_side=cast("int | None", given.get("most_side")),
            ratio=(float(ratio[0]), float(ratio[1])) if ratio else None,
        ),
        rules=tuple(map(_length_rule, cast("list[dict[str, Any]]", given.get("rules", [])))),
        needs=Input(needs) if needs else None,
        refuses_people="real_people" in given,
        last_needs_first="last_frame" in given,
        provider_options=options,
    )


def _length_rule(rule: Mapping[str, Any]) -> LengthRule:
    resolutions = cast("list[str]", rule["when"]["resolution"])
    return LengthRule(frozenset(one.lower() for one in resolutions), tuple(rule["durations"]))


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _side(value: object) -> bool:
    return _whole(value, 1, 100_000)


def _naming(value: object) -> bool:
    return isinstance(value, str) and 3 <= len(value) <= 60 and value.count("{n}") == 1


def _list(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else []


def _durations(value: object) -> bool:
    lengths = _list(value)
    return bool(lengths) and all(_whole(one, 1, 3600) for one in lengths)


def _length_rules(value: object) -> bool:
    return bool(_list(value)) and all(map(_is_length_rule, _list(value)))


def _is_length_rule(value: object) -> bool:
    rule = mapping(value)
    when = mapping(rule.get("when"))
    words = _list(when.get("resolution"))
    known = rule.keys() == {"when", "durations"} and when.keys() == {"resolution"} and bool(words)
    return known and all(isinstance(one, str) and one.strip() for one in words) and _durations(rule["durations"])


def _ratio(value: object) -> bool:
    pair = _list(value)
    if len(pair) != 2:
        return False
    low, high = pair
    number = (int, float)
    return isinstance(low, number) and isinstance(high, number) and 0 < low < high < 1000


def _source(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value.strip()) <= 100


_RULES: dict[str, tuple[Callable[[object], bool], str]] = {
    "images": (
        lambda value: value is True or _whole(value, 0, IMAGES_MOST),
        f"a whole number from 0 to {IMAGES_MOST}, or true",
    ),
    "naming": (_naming, "a text of at most 60 characters with {n} in it once, as in @Image{n}"),
    "durations": (_durations, "a list of whole seconds, as in [8]"),
    "least_side": (_side, "a whole number of pixels"),
    "most_side": (_side, "a whole number of pixels"),
    "ratio": (_ratio, "two numbers, the smaller one first, as in [0.4, 2.5]"),
    "rules": (_length_rules, 'a list of rules, as in [{ when = { resolution = ["1080p", "4K"] }, durations = [8] }]'),
    "needs": (lambda value: value in list(Input), f"one of {', '.join(Input)}"),
    "real_people": (lambda value: value == "refused", '"refused"'),
    "last_frame": (lambda value: value == "with first frame", '"with first frame"'),
    "options": (lambda _: True, "a list of tables"),  # dailies/catalog/option_entries.py says what is wrong
    "source": (_source, "a text of at most 100 characters that says where this is known from"),
}
"""Each key, its check, and what would be right."""

OWN: Mapping[str, Facts] = parse(files("dailies.catalog").joinpath("models.toml").read_text(encoding="utf-8"))
"""The file that comes with the bot."""

_LISTED = {one.name: one for facts in OWN.values() for one in facts.provider_options or ()}


def option_words(name: str, value: object) -> tuple[str, str]:
    """Return the label of a provider's parameter, and a value of it in words, whichever model they are of."""
    listed = _option_of(name)
    return gettext(listed.label), listed.shown(value)


def option_inline(name: str) -> str:
    """Return the label of a provider's parameter as it stands in a line of others, whichever model it is of."""
    return gettext(_option_of(name).inline)


def _option_of(name: str) -> ProviderOption:
    return _LISTED.get(name) or provider_options.unlisted(name)
