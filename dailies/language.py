"""Words in the reader's language: gettext's catalogues, and the language that is spoken now.

English stands in the code and in dailies/explain/english.toml; dailies/locale/ holds the others, a folder a language.
What one person sees is in their language, what a channel sees in its server's: `speaking` says which, and everything
made within it is in that language. docs/languages.md tells how a language is added.
"""

from __future__ import annotations

import functools
import gettext as standard
import io
import string
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from importlib.resources import files
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH = "en"
NATIVE_NAMES: Mapping[str, str] = {ENGLISH: "English", "de": "Deutsch", "es": "Español", "ja": "日本語"}
"""Languages by their codes, as each calls itself."""
_SPOKEN = ContextVar("_SPOKEN", default=ENGLISH)


def known(locale: str | None) -> str:
    """Return the language for a locale as Discord names it ("de", "es-419"); English where there is no catalogue."""
    language = (locale or ENGLISH).replace("_", "-").split("-")[0].lower()
    return language if language in NATIVE_NAMES else ENGLISH


def spoken() -> str:
    """Return the code of the language that is spoken now."""
    return _SPOKEN.get()


@contextmanager
def speaking(language: str) -> Generator[None]:
    """Speak a language, as `known` returns it; tasks that begin within go on in it."""
    token = _SPOKEN.set(language)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def locale() -> Locale:
    """Return the locale of the language that is spoken now, for Babel's formats of numbers, money and dates."""
    return _locale(spoken())


def gettext(text: str, /, **values: object) -> str:
    """Return a text of ours in the language that is spoken now. values: for its placeholders, which are named."""
    # The empty text is gettext's key for a catalogue's header.
    return _filled(_catalog(spoken()).gettext(text), values) if text else text


def pgettext(context: str, text: str, /, **values: object) -> str:
    """Return a text of which the same words mean different things. context: tells them apart."""
    return _filled(_catalog(spoken()).pgettext(context, text), values)


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """Return the text for so many, by the language's own rule. The placeholder {n} is the number, or as in values."""
    return _filled(_catalog(spoken()).ngettext(one, many, number), {"n": number} | values)


def npgettext(context: str, one: str, many: str, number: int, /) -> str:
    """Return the unfilled text for so many, of which the same words mean different things."""
    return _catalog(spoken()).npgettext(context, one, many, number)


def gettext_noop(text: str) -> str:
    """Return the text itself: marks one that is kept in English, and translated where it is shown."""
    return text


class _Named(string.Formatter):
    """Fills named placeholders only, and of values nothing but their text: no {0}, no {name.attribute}."""

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, str]:  # noqa: ANN401
        return kwargs[field_name], field_name


_NAMED = _Named()


def _filled(text: str, values: Mapping[str, object]) -> str:
    return _NAMED.vformat(text, (), values) if values else text


def load() -> None:
    """Read all catalogues, so that nothing is read later; each once a process."""
    for language in NATIVE_NAMES:
        _catalog(language)
        _locale(language)


@functools.cache
def _locale(language: str) -> Locale:
    # "1 December 2026", as the texts in English say it.
    found = Locale.parse("en_GB" if language == ENGLISH else language)
    # Its data is read with the first look at any of it.
    _ = found.number_symbols
    return found


@functools.cache
def _catalog(language: str) -> standard.NullTranslations:
    """Read a catalogue, which takes about a tenth of a second."""
    if language == ENGLISH:
        return standard.NullTranslations()
    # Compiled here, so that there is no built file to keep in step with its source.
    source = (files("dailies") / "locale" / language / "dailies.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source), locale=language))
    compiled.seek(0)
    return standard.GNUTranslations(compiled)
