"""The catalogues of dailies/locale/ are whole, and what they say fits where it is shown."""

from __future__ import annotations

import ast
import functools
import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from cogs.command_texts import CONTEXT, DESCRIPTION, CommandTexts
from dailies.language import ENGLISH, NATIVE_NAMES
from scripts.languages import LOCALE, ROOT, template, updated

LANGUAGES = [language for language in NATIVE_NAMES if language != ENGLISH]
BUTTON, TITLE, PLACEHOLDER, ENTRY = 80, 45, 100, 100
"""Maximum characters of a button, of a window's title and its fields' labels, of a field's placeholder, and of a menu's
entries and descriptions (Discord's documentation, "Component Reference")."""
CALLS = {"button": BUTTON, "window": TITLE, "Button": BUTTON}
"""Limits of the first argument, by the function that is called."""
NAMED = {
    ("Label", "text"): TITLE,
    ("Label", "description"): ENTRY,
    ("SelectOption", "label"): ENTRY,
    ("SelectOption", "description"): ENTRY,
    ("Button", "label"): BUTTON,
    ("Modal", "title"): TITLE,
}
"""Limits of arguments by function and name."""


@functools.cache
def made() -> Catalog:
    """Return the texts of the code."""
    return template()


@functools.cache
def catalog(language: str) -> Catalog:
    """Return a language's catalogue."""
    with (LOCALE / language / "dailies.po").open("rb") as source:
        return read_po(source, locale=language)


def messages(language: str) -> Iterator[tuple[Message, tuple[str, ...], tuple[str, ...]]]:
    """Yield each text with its English and its translated forms."""
    for message in catalog(language):
        if message.id:
            yield message, _forms(message.id), _forms(message.string)


def _forms(text: Any) -> tuple[str, ...]:
    return tuple(cast("list[str]", text)) if isinstance(text, list | tuple) else (str(text or ""),)


def values(text: str) -> set[str]:
    """Return the placeholders of a text, with what stands behind their colons."""
    return {f"{name}:{spec}" for _, name, spec, _ in string.Formatter().parse(text) if name is not None}


def length(text: str) -> int:
    """Count a text's characters besides its placeholders, in UTF-16 as Discord does at most."""
    return len(re.sub(r"{[^}]*}", "", text).encode("utf-16-le")) // 2


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_the_texts_of_the_code_and_no_others(language: str) -> None:
    path = LOCALE / language / "dailies.po"

    assert updated(language, made()) == path.read_bytes(), "make languages brings it up to date"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated(language: str) -> None:
    assert [message.id for message, _, forms in messages(language) if not all(forms) or message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_has_the_placeholders_of_its_text(language: str) -> None:
    wrong: list[tuple[object, str]] = []
    for message, english, forms in messages(language):
        allowed = set[str]().union(*map(values, english))
        # A form for one may say "one" in place of the number.
        needed = allowed - {"n:"} if len(english) > 1 else allowed
        wrong += [(message.id, form) for form in forms if not needed <= values(form) <= allowed]
    assert [(text, form) for text, form in wrong if not _of_two_sentences(text, form)] == []


def _of_two_sentences(text: object, form: str) -> bool:
    """True for a choice by number whose English forms have different values: each form has those of one of them."""
    return isinstance(text, tuple | list) and any(values(one) - {"n:"} <= values(form) for one in _forms(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_translation_keeps_the_space_and_the_line_breaks_around_its_text(language: str) -> None:
    def edges(text: str) -> tuple[int, int]:
        return len(text) - len(text.lstrip("\n")), len(text) - len(text.rstrip("\n"))

    found = [(english, forms) for _, english, forms in messages(language) if edges(english[-1]) != edges(forms[-1])]
    assert found == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_descriptions_of_commands_fit(language: str) -> None:
    found = [(message, forms[0]) for message, _, forms in messages(language) if message.context == CONTEXT]

    assert len(found) > 100
    assert [text for _, text in found if length(text) > DESCRIPTION] == []


async def test_each_command_fits_with_its_longest_language() -> None:
    """Names, descriptions and values of a command together: 8,000 characters, of each text its longest language."""
    from cogs.command_texts import cogs

    texts = CommandTexts()
    await texts.load()
    checked = 0
    for cog in cogs():
        sizes: list[int] = []
        for command in cog.__cog_app_commands__:
            options = getattr(command, "parameters", [])
            said = [(command.name, getattr(command, "description", ""))]
            said += [(one.display_name, str(one.description)) for one in options]
            said += [(str(one.value), one.name) for option in options for one in option.choices]
            sizes.append(sum(len(name) + _longest(text) for name, text in said))
        checked += len(sizes)
        whole = [sum(sizes)] if cog.__cog_is_app_commands_group__ else sizes
        assert [size for size in whole if size > 8000] == []
    assert checked > 15


def _longest(text: str) -> int:
    found = [catalog(language).get(text, CONTEXT) for language in LANGUAGES]
    return max([len(text), *(len(str(one.string)) for one in found if one)])


def limited() -> Iterator[tuple[str, int]]:
    """Yield the texts that stand where Discord has a limit of its own, with it."""
    for path in sorted((ROOT / "cogs").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in CALLS and node.args:
                    yield from ((text, CALLS[name]) for text in _texts(node.args[0]))
                for word in node.keywords:
                    limit = PLACEHOLDER if word.arg == "placeholder" else NAMED.get((name, word.arg or ""))
                    if limit:
                        yield from ((text, limit) for text in _texts(word.value))


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the texts for gettext in an expression."""
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("gettext", "ngettext", "pgettext"):
            literals = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            yield from literals[1:] if getattr(call.func, "id", "") == "pgettext" else literals


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_buttons_windows_and_menus_fit(language: str) -> None:
    by_text: dict[str, list[str]] = {}
    for _, english, forms in messages(language):
        for one in english:
            by_text.setdefault(one, []).extend(forms)
    found = list(limited())

    assert len(found) > 50
    too_long = [(form, limit) for text, limit in found for form in by_text.get(text, []) if length(form) > limit]
    assert too_long == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_of_the_product_is_said_as_the_glossary_says(language: str) -> None:
    terms = cast("dict[str, list[str]]", glossary(language)["terms"])
    wrong: list[tuple[str, str, str]] = []
    for term, stems in terms.items():
        word = re.compile(rf"(?<![\w/:{{@`-])(?i:{re.escape(term)})s?(?![\w}}:=`-])")
        for _, english, forms in messages(language):
            if word.search(re.sub(r"{[^}]*}", "", english[-1])):
                said = forms[-1].lower()
                wrong += [(term, english[-1], forms[-1])] if not any(stem.lower() in said for stem in stems) else []
    assert wrong == []


def glossary(language: str) -> dict[str, Any]:
    """Return a language's glossary."""
    return tomllib.loads((LOCALE / language / "glossary.toml").read_text("utf-8"))


def test_glossaries_have_the_same_words_and_say_whether_a_native_reader_has_read_the_texts() -> None:
    found = {language: glossary(language) for language in LANGUAGES}

    assert len({frozenset(one["terms"]) for one in found.values()}) == 1
    assert {type(one["reviewed"]) for one in found.values()} == {bool}
    page = (Path(ROOT) / "docs" / "languages.md").read_text("utf-8")
    for language, one in found.items():
        row = f"| {NATIVE_NAMES[language]} | `{language}` | {'yes' if one['reviewed'] else 'not yet'} |"
        assert row in page
