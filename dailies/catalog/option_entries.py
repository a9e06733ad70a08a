"""Entries about provider options in files like models.toml, and the rule of what is never taken.

A parameter that carries a link or media, or changes shape, size, length, price or version, is refused, whoever lists
it: what is shown, held and paid for is what this bot knows of.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

from dailies.catalog.provider_options import Kind, ProviderOption, words_of
from dailies.openrouter.fields import mapping

TEXT_MOST = 2500
"""Characters of a text, at most; no provider is known to take a longer one."""
CHOICES_MOST = 25
"""Entries of a menu at Discord."""

_STEMS = ("url", "image", "video", "audio", "frame", "callback", "webhook", "base64", "duration", "resolution")
"""Parts of words that name media, a link, or what the bot has options of its own for."""
_NEVER = """
    uri link href src source file media mask picture photo voice background reference element asset bucket storage gcs
    upload thumbnail input
    size ratio aspect width height dimension length second fps fit output format codec container
    price cost credit tier service mode quality draft upscale model version variant n num count sample batch plan
    key token user id seed
"""
_WORDS = frozenset(_NEVER.split())
"""Words that name links and media; shape, size and length; price and version; what OpenRouter or this bot sends itself.
"""
_ITSELF = "prompt"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_PLACE = re.compile(r"[a-z0-9][a-z0-9/-]{0,63}(?:\.[A-Za-z][A-Za-z0-9_]{0,63})*")


def denied(name: str) -> bool:
    """Tell if a parameter is never taken, by the words of its name."""
    words = [word.lower() for word in words_of(name)]
    singular = {word.removesuffix("s") for word in words} | {*words}
    return name.lower() == _ITSELF or bool(singular & _WORDS) or any(stem in word for word in words for stem in _STEMS)


def parse(value: object) -> tuple[tuple[ProviderOption, ...], list[str]]:
    """Return the options of a model's entry in a file, and what is wrong with them, in words."""
    if not isinstance(value, list):
        return (), ['options must be a list of tables, which begin with a line like [["google/veo-3.1".options]]']
    found: list[ProviderOption] = []
    problems: list[str] = []
    for entry in cast("list[object]", value):
        given = mapping(entry)
        if any(one.name == given.get("name") for one in found):
            problems.append(f"options, {given['name']!r}: is there twice")
        elif wrong := _problem(given):
            problems.append(f"options, {given.get('name')!r}: {wrong}")
        else:
            found.append(_option(given))
    return tuple(found), problems


def _problem(given: Mapping[str, Any]) -> str | None:
    """Return what is wrong with one option of a file."""
    name, kind, send = given.get("name"), given.get("type"), given.get("send")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return "name must be a parameter's name, as in allowed_passthrough_parameters"
    if denied(name):
        return "is refused: it carries a link or media, or changes shape, size, length, price or version"
    if unknown := given.keys() - {"name", "label", "type", "send", "source", "least", "most", "choices"}:
        return f"{min(unknown)} is not known"
    if kind not in list(Kind):
        return f"type must be one of {', '.join(Kind)}"
    if not _words(given.get("label"), 40) or not _words(given.get("source"), 100):
        return "label (at most 40 characters) and source (at most 100) must be texts"
    places = cast("list[object]", send) if isinstance(send, list) else []
    if not places or not all(isinstance(one, str) and _PLACE.fullmatch(one) and not _hidden(one) for one in places):
        return 'send must be a list of places in provider.options, as in ["google-vertex.parameters"]'
    return _bounds_problem(Kind(kind), given)


def _hidden(place: str) -> bool:
    """Tell if a place behind the provider's slug has a name that is never taken."""
    return any(map(denied, place.split(".")[1:]))


def _bounds_problem(kind: Kind, given: Mapping[str, Any]) -> str | None:
    least, most, choices = given.get("least"), given.get("most"), given.get("choices")
    numbers = [one for one in (least, most) if isinstance(one, (int, float)) and not isinstance(one, bool)]
    match kind:
        case Kind.TEXT if not (len(numbers) == 1 and least is None and 1 <= numbers[0] <= TEXT_MOST):
            return f"most must be a number of characters from 1 to {TEXT_MOST}"
        case Kind.WHOLE | Kind.NUMBER if not (len(numbers) == 2 and -1e9 <= numbers[0] < numbers[1] <= 1e9):
            return "least and most must be two numbers, the smaller one first"
        case Kind.CHOICE if not (
            1 <= len(mapping(choices)) <= CHOICES_MOST and all(_words(one, 100) for one in mapping(choices).values())
        ):
            return "choices must be a table of 1 to 25 values with words for people"
        case _:
            return None


def _option(given: Mapping[str, Any]) -> ProviderOption:
    return ProviderOption(
        given["name"],
        given["label"],
        Kind(given["type"]),
        tuple(given["send"]),
        given["source"],
        given.get("least", 0),
        given.get("most", 0),
        mapping(given.get("choices")),
    )


def _words(value: object, most: int) -> bool:
    return isinstance(value, str) and 1 <= len(value.strip()) <= most and value.isprintable()
