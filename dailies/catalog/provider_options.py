"""Options of a model's provider: parameters that OpenRouter passes on.

OpenRouter drops in silence what it does not know, so only what a file lists with its place is ever offered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from dailies.catalog.words import INLINE
from dailies.errors import OptionRefused
from dailies.formatting import listed
from dailies.language import gettext, ngettext, pgettext
from dailies.reason import Reason, ReasonCode

Parameter: TypeAlias = "str | bool | int | float"

_PARTS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


class Kind(StrEnum):
    """Types of a parameter; the words are those of models.toml."""

    TEXT = "text"
    SWITCH = "switch"
    WHOLE = "whole"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True)
class ProviderOption:
    """A parameter of a model's provider.

    name: as in allowed_passthrough_parameters. label: for people, in the file's English, translated where it is shown;
    the same label means the same with every model.
    send: its places in provider.options, as in ("google-vertex.parameters",); only the one of the provider that makes
    the video counts. least, most: of a number; most: characters of a text. choices: words for people by value.
    """

    name: str
    label: str
    kind: Kind
    send: tuple[str, ...]
    source: str
    least: float = 0
    most: float = 0
    choices: Mapping[str, str] = field(default_factory=dict[str, str], hash=False)

    @property
    def inline(self) -> str:
        """Its label in a line of others, in the file's English as well."""
        return INLINE.get(self.label) or self.label.lower()

    def checked(self, value: object) -> Parameter:
        """Return a value as it is sent. Raises OptionRefused."""
        if isinstance(value, str):
            value = "".join(one if one.isprintable() else " " for one in value).strip()
        match self.kind:
            case Kind.SWITCH if isinstance(value, bool):
                return value
            case Kind.CHOICE if isinstance(value, str):
                if value not in self.choices:
                    raise self._refused(value, ReasonCode.PARAMETER_NO_CHOICE, offers=tuple(self.choices))
                return value
            case Kind.TEXT if isinstance(value, str):
                if len(value) > self.most:
                    raise self._refused(f"{value[:40]}…", ReasonCode.PARAMETER_TOO_LONG, most=int(self.most))
                return value
            case Kind.WHOLE | Kind.NUMBER if isinstance(value, (int, float)) and not isinstance(value, bool):
                if not self.least <= value <= self.most:  # no infinity, and nothing that is no number
                    bounds = {"least": f"{self.least:g}", "most": f"{self.most:g}"}
                    raise self._refused(str(value), ReasonCode.PARAMETER_OUT_OF_RANGE, **bounds)
                if self.kind is Kind.NUMBER or value == int(value):
                    return value if self.kind is Kind.NUMBER else int(value)
            case _:
                pass
        raise self._refused(str(value)[:40], ReasonCode.PARAMETER_WRONG_KIND, kind=str(self.kind))

    def read(self, text: str) -> Parameter | None:
        """Return the value of a filled-in field; None for an empty one. Raises OptionRefused."""
        word = text.strip()
        if not word:
            return None
        value: object = word
        if self.kind is Kind.SWITCH:
            value = {"yes": True, "on": True, "true": True, "no": False, "off": False, "false": False}.get(
                word.lower(), word
            )
        elif self.kind in (Kind.WHOLE, Kind.NUMBER):
            number = re.fullmatch(r"-?[0-9]{1,9}(?:[.,][0-9]{1,9})?", word)
            value = float(word.replace(",", ".")) if number else word
        elif self.kind is Kind.CHOICE:
            value = next((one for one, said in self.choices.items() if said.lower() == word.lower()), word)
        return self.checked(value)

    def shown(self, value: object) -> str:
        """Return a value in a person's words."""
        if isinstance(value, bool):
            return pgettext("setting", "on") if value else pgettext("setting", "off")
        if (words := self.choices.get(str(value))) is not None:
            return gettext(words)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _refused(
        self, value: str, code: ReasonCode, *, offers: Sequence[str] = (), **values: str | int
    ) -> OptionRefused:
        return OptionRefused(self.name, value, Reason(code, label=self.label, **values), offers)


def words_of(name: str) -> list[str]:
    """Return the words of a parameter's name: negative and Prompt of negativePrompt."""
    return _PARTS.findall(name)


@dataclass(frozen=True)
class OptionField:
    """A provider option with the value that a request has of it, for a window. value: None: the provider's own."""

    option: ProviderOption
    value: Parameter | None

    @property
    def text(self) -> str:
        """The value as a person fills it in; empty for none."""
        if self.value is None:
            return ""
        return ("yes" if self.value else "no") if isinstance(self.value, bool) else self.option.shown(self.value)

    @property
    def hint(self) -> str:
        """Describe what may be filled in, in a few words."""
        option = self.option
        match option.kind:
            case Kind.SWITCH:
                return gettext("yes or no")
            case Kind.CHOICE:
                return listed([gettext(one) for one in option.choices.values()], "or")
            case Kind.TEXT:
                return ngettext("at most {n} character", "at most {n} characters", int(option.most))
            case Kind.WHOLE:
                return gettext("a whole number from {least} to {most}", **self._bounds)
            case Kind.NUMBER:
                return gettext("a number from {least} to {most}", **self._bounds)

    @property
    def _bounds(self) -> dict[str, str]:
        return {"least": f"{self.option.least:g}", "most": f"{self.option.most:g}"}


def fields(options: Iterable[ProviderOption], given: Mapping[str, object]) -> tuple[OptionField, ...]:
    """Return a field for each option that a model offers. given: values by name; wrong ones are left out."""
    found: list[OptionField] = []
    for one in options:
        try:
            found.append(OptionField(one, one.checked(given[one.name]) if one.name in given else None))
        except OptionRefused:
            found.append(OptionField(one, None))
    return tuple(found)


def filled(options: Iterable[ProviderOption], texts: Mapping[str, str]) -> dict[str, Parameter]:
    """Return the values of filled-in fields by name, those of empty ones left out. Raises OptionRefused."""
    read = {one.name: one.read(texts.get(one.name, "")) for one in options}
    return {name: value for name, value in read.items() if value is not None}


def checked(options: Iterable[ProviderOption], given: Mapping[str, object], model_id: str) -> dict[str, Parameter]:
    """Return values by name as they are sent, empty texts left out. options: those that the model offers.

    Raises OptionRefused.
    """
    offered = {one.name: one for one in options}
    found: dict[str, Parameter] = {}
    for name, value in given.items():
        if name not in offered:
            problem = Reason(ReasonCode.PARAMETER_NOT_OFFERED, label=unlisted(name).label, model=model_id)
            raise OptionRefused(name, str(value)[:40], problem)
        if (one := offered[name].checked(value)) != "":
            found[name] = one
    return found


def carried(
    listed: Iterable[ProviderOption], offered: Iterable[ProviderOption], given: Mapping[str, object]
) -> tuple[dict[str, Parameter], list[ProviderOption]]:
    """Return values by name as another model takes them, and the options that it does not take.

    listed: those that the values may be of. offered: those of the other model, of which the same label means the same.
    """
    known, takes = {one.name: one for one in listed}, list(offered)
    found: dict[str, Parameter] = {}
    dropped: list[ProviderOption] = []
    for name, value in given.items():
        old = known.get(name) or unlisted(name)
        same = sorted(
            (one for one in takes if name == one.name or old.label == one.label), key=lambda one: one.name != name
        )
        try:
            if same:
                found[same[0].name] = same[0].checked(value)
            else:
                dropped.append(old)
        except OptionRefused:
            dropped.append(old)
    return found, dropped


def placed(options: Iterable[ProviderOption], given: Mapping[str, object]) -> dict[str, Any]:
    """Return values by name as `provider.options` of the request. options: includes all of them."""
    found: dict[str, Any] = {}
    for one in options:
        for place in one.send if one.name in given else ():
            inner = found
            for part in place.split("."):
                inner = inner.setdefault(part, {})
            inner[one.name] = given[one.name]
    return found


def unlisted(name: str) -> ProviderOption:
    """Return a parameter that no file lists any more; its label is its name in words, as in "Negative prompt"."""
    return ProviderOption(name, " ".join(words_of(name)).capitalize() or name, Kind.TEXT, (), "")
