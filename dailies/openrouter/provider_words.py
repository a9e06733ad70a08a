"""The provider's own words in an error, whatever its shape, and what they are about.

OpenRouter passes a provider's answer on as it came: as JSON text in `error.metadata.raw`, as an object, as a string in
`error`, or as FastAPI's `detail: [{loc, msg}]`. "Provider returned error" beside it says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import cast

from dailies.openrouter.error_causes import cause_of
from dailies.openrouter.fields import READ_LIMIT, mapping, shortened, words
from dailies.reason import ReasonCode

DEPTH = 24
"""Containers inside each other that are opened, JSON in a string counted as one."""
VALUES = 2000
"""Values that are looked at in one answer."""
LISTED = 3
"""Messages of a list that are told."""
PROVIDER_LIMIT = 40
"""Maximum characters of a provider's name."""

_WORDS = (
    *("raw", "message", "msg", "errormessage", "errormsg", "statusmsg", "statusmessage", "taskstatusmsg", "failmsg"),
    *("detail", "details", "error", "errors", "failurereason", "failreason", "reason", "reasons", "description"),
    *("raimediafilteredreasons", "title", "cause"),
)
"""Keys of words for people, the most telling first, in lower case without separators."""
_CODES = ("errortype", "type", "code", "errorcode", "providercode", "statuscode", "failcode", "reason")
"""Keys of codes: for finding out what an error is about, and told where there is nothing else."""
_ECHOES = frozenset({"input", "request", "headers", "loc", "flaggedinput", "prompt", "usage", "urls", "unsignedurls"})
"""Keys whose values are no words about the error, but often the request itself."""
_EMPTY = re.compile(
    r"(?:the )?(?:(?:upstream )?provider(?: has)? returned (?:an )?error|(?:bad|invalid) request(?: error)?|"
    r"validation (?:error|failed)|(?:internal )?(?:server )?error|(?:unknown|unexpected|upstream) error|"
    r"bad gateway|unprocessable entity|(?:the )?(?:request|task|job|generation|video generation) (?:has )?failed|"
    r"failed|failure|fail|none|null|n/a)[.!]?",
    re.IGNORECASE,
)
"""Words that say only that there was an error."""
_FIELD = re.compile(r"[\w.\[\]]{1,60}", re.ASCII)


@dataclass(frozen=True)
class ProviderWords:
    """An error in others' words. said, provider: cleaned and bounded; empty: none. cause: what can be done about it."""

    said: str = ""
    provider: str = ""
    cause: ReasonCode | None = None


def provider_words(answer: Mapping[str, object]) -> ProviderWords:
    """Read an answer that is, or holds, an error. Takes time in proportion to its size, whatever it holds."""
    error, search = answer.get("error"), _Search()
    detail = _decoded(error) if isinstance(error, str) else error
    metadata = mapping(mapping(detail).get("metadata"))
    found = search.read(metadata.get("raw"), 0)
    found += search.read(error, 1) if error else []
    found += search.read({key: value for key, value in answer.items() if key != "error"}, 1)
    said = words(_best(found) or mapping(detail).get("message"))
    named = (metadata.get("provider_name"), mapping(detail).get("provider_name"), answer.get("provider_name"))
    provider = next((words(one) for one in named if isinstance(one, str) and one.strip()), "")
    kinds = [code for one in (metadata, mapping(detail)) if isinstance(code := one.get("error_type"), str)]
    return ProviderWords(said, shortened(provider, PROVIDER_LIMIT), cause_of(kinds, search.texts, search.codes))


def _best(found: list[str]) -> str:
    """Return the first whole sentence, else the first code, else words that say little. A web page is no words."""
    return max((text for text in found if text.strip()[:1] != "<"), key=_telling, default="")


def _telling(text: str) -> int:
    """Return 2 for a sentence, 1 for a code, 0 for words that say only that there was an error."""
    text = text.strip()
    if not text or _EMPTY.fullmatch(text[:100]):
        return 0
    return 2 if any(map(str.isspace, text)) or not text.isascii() else 1


@dataclass
class _Search:
    """A walk through an answer. texts, codes: everything that was passed on the way."""

    texts: list[str] = field(default_factory=list[str])
    codes: list[str] = field(default_factory=list[str])
    left: int = VALUES
    room: int = READ_LIMIT

    def read(self, value: object, depth: int) -> list[str]:
        """Return the texts for people in a value, the most telling first."""
        self.left -= 1
        if self.left < 0 or depth > DEPTH:
            return []
        if isinstance(value, str):
            return self._read_text(value, depth)
        if isinstance(value, dict):
            return self._read_object(cast("dict[str, object]", value), depth)
        return self._read_list(cast("list[object]", value), depth) if isinstance(value, list) else []

    def _read_text(self, text: str, depth: int) -> list[str]:
        inside = _decoded(text)
        if isinstance(inside, str | dict | list) and inside != text:
            found = self.read(cast("object", inside), depth + 1)
            if any(map(_telling, found)) or text.lstrip()[:1] in ("{", "["):
                return found
        if text.strip().lower() in ("", "null", "none"):
            return []
        text = text[:READ_LIMIT]
        self.room -= len(text)
        if self.room > 0 or not self.texts:
            self.texts.append(text)
        return [text]

    def _read_object(self, value: dict[str, object], depth: int) -> list[str]:
        keys: dict[str, str] = {}
        for key in value:
            keys.setdefault(re.sub(r"[-_ ]", "", key[:40]).lower(), key)
        codes = [str(value[keys[one]])[:200] for one in _CODES if one in keys and _is_code(value[keys[one]])]
        self.codes += codes
        found = [text for one in _WORDS if one in keys for text in self.read(value[keys[one]], depth + 1)]
        known = {keys[one] for one in _WORDS if one in keys}
        rest = [one for name, one in keys.items() if one not in known and name not in _ECHOES]
        found += [text for one in rest if _may_hold(value[one]) for text in self.read(value[one], depth + 1)]
        text = _best(found)
        place = _place(value.get("loc"))
        if text and place and place not in text:
            found.insert(0, f"{place}: {text}")
            self.texts.append(found[0][:READ_LIMIT])
        return found or [code for code in codes[:1] if not code.lstrip("-").isdigit()]

    def _read_list(self, value: list[object], depth: int) -> list[str]:
        each = [text for one in value[:50] if (text := _best(self.read(one, depth + 1)))]
        told = [text for text in dict.fromkeys(each) if _telling(text)] or each
        return ["; ".join(text.strip().rstrip(".") for text in told[:LISTED])] if told else []


def _is_code(value: object) -> bool:
    return isinstance(value, str | int | Decimal) and not isinstance(value, bool)


def _may_hold(value: object) -> bool:
    """Tell if a value under a key that is not known may hold words: an object, or JSON in a string."""
    return isinstance(value, dict | list) or (isinstance(value, str) and value.lstrip()[:1] in ("{", "["))


def _place(value: object) -> str:
    """Return the field that FastAPI names: ["body", "duration"]."""
    if not isinstance(value, list):
        return ""
    parts = [str(part) for part in cast("list[object]", value)[:6] if isinstance(part, str | int) and part != "body"]
    place = ".".join(parts)
    return place if _FIELD.fullmatch(place) else ""


def _decoded(text: str) -> object:
    """Return the JSON in a text, which may stand behind a few words; the text itself when there is none."""
    text = text[:READ_LIMIT].strip()
    start = 0 if text[:1] in ('"', "[") else text.find("{")
    if start < 0:
        return text
    try:
        return json.JSONDecoder(parse_float=Decimal).raw_decode(text, start)[0]
    except (ValueError, ArithmeticError, RecursionError):
        return text
