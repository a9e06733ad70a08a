"""Brings the catalogues of dailies/locale/ up to date with the texts of the code: make languages.

New texts come in untranslated, texts that are gone leave, and what is translated stays. LANGUAGE=fr begins another
language; docs/languages.md tells the rest.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import io
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))  # started as a file, from anywhere

from babel import Locale  # noqa: E402  # after the path is set
from babel.messages.catalog import Catalog, Message  # noqa: E402
from babel.messages.pofile import read_po, write_po  # noqa: E402

from cogs.command_texts import CONTEXT, command_texts  # noqa: E402
from dailies.explain.sentences import plural_forms  # noqa: E402
from dailies.language import ENGLISH, NATIVE_NAMES  # noqa: E402

importlib.import_module("cogs.client")  # loads every cog

LOCALE = ROOT / "dailies" / "locale"
UNTOLD = tuple(
    f'"{name}'.encode()
    for name in ("Project-Id", "Report-", "POT-", "PO-Revision", "Last-Tr", "Language-Team", "Generated")
)
"""Lines of a header that change without cause, or that nobody fills in."""
TEXTS = ROOT / "dailies" / "explain" / "english.toml"

Text: TypeAlias = "tuple[str | tuple[str, str], str | None, str]"
"""One text or its two forms, its context, and the file that says it."""


def texts() -> Iterator[Text]:
    """Yield all texts, each of the places that have it."""
    for folder in ("cogs", "dailies"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for said, context in of_python(path.read_text("utf-8")):
                yield said, context, path.relative_to(ROOT).as_posix()
    tables = tomllib.loads(TEXTS.read_text("utf-8"))
    where = TEXTS.relative_to(ROOT).as_posix()
    for table, prefix, suffix in (("phrases", "phrase ", ""), ("sentences", "", ""), ("short", "", ", short")):
        for name, template in tables[table].items():
            for said, context in _of_template(template, f"{prefix}{name}{suffix}"):
                yield said, context, where
    yield from _of_commands()


def of_python(source: str) -> Iterator[tuple[str | tuple[str, str], str | None]]:
    """Yield the texts of a Python file in their order, also of those within f-strings, which Babel's own reader skips.

    One that is no literal has been marked where it is kept.
    """
    calls = [one for one in ast.walk(ast.parse(source)) if isinstance(one, ast.Call) and isinstance(one.func, ast.Name)]
    for call in sorted(calls, key=lambda one: (one.lineno, one.col_offset)):
        name = call.func.id if isinstance(call.func, ast.Name) else ""
        literals = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        match name, literals:
            case "gettext" | "gettext_noop", [said]:
                yield said, None
            case "ngettext", [one, many]:
                yield (one, many), None
            case "pgettext", [context, said]:
                yield said, context
            case _:
                pass


def _of_template(template: Any, context: str) -> Iterator[tuple[str | tuple[str, str], str]]:  # noqa: ANN401
    if isinstance(template, str):
        # Punctuation and spaces are to be translated, too; what is nothing but a value is not.
        if re.sub(r"{[^{}]*}", "", template):
            yield template, context
        return
    kind = next(iter(template))
    forms = plural_forms(template) if kind == "plural" else None
    if forms:
        yield forms, context
    for case, one in template.items():
        if case != kind and not (forms and case in ("one", "other")):
            yield from _of_template(one, f"{context} {case}")


def _of_commands() -> Iterator[Text]:
    """Yield the descriptions of commands and options, and the names of choices that are words."""
    for said in command_texts():
        yield said, CONTEXT, "cogs"


def template() -> Catalog:
    """Return the catalogue of all texts, untranslated."""
    catalog = Catalog(charset="utf-8")
    for said, context, where in texts():
        catalog.add(said, context=context, locations=[(where, 0)])
    return catalog


def updated(language: str, made: Catalog) -> bytes:
    """Return a language's catalogue with exactly the texts of the code."""
    path = LOCALE / language / "dailies.po"
    kept = read_po(io.BytesIO(path.read_bytes()), locale=language) if path.exists() else Catalog(locale=language)
    name = Locale.parse(language).english_name
    catalog = Catalog(locale=language, charset="utf-8", fuzzy=False, header_comment=f"# {name} texts of Dailies.")
    for message in made:
        if message.id:
            old = kept.get(message.id, message.context)
            catalog.add(
                message.id, old.string if old else None, message.locations, context=message.context,
                user_comments=old.user_comments if old else (),
            )  # fmt: skip
    target = io.BytesIO()
    write_po(target, catalog, width=0, omit_header=False, include_lineno=False, sort_by_file=True)
    return b"\n".join(line for line in target.getvalue().splitlines() if not line.startswith(UNTOLD)) + b"\n"


def main() -> None:
    """Write every catalogue, or that of a new language."""
    parser = argparse.ArgumentParser(description="Bring the catalogues up to date.")
    parser.add_argument("--add", metavar="LANGUAGE", help="begin another language, as in fr")
    added = parser.parse_args().add
    made = template()
    for language in sorted({*NATIVE_NAMES, *([added] if added else [])} - {ENGLISH}):
        (LOCALE / language).mkdir(parents=True, exist_ok=True)
        (LOCALE / language / "dailies.po").write_bytes(updated(language, made))
        catalog = read_po(io.BytesIO(updated(language, made)))
        left = sum(not _translated(message) for message in catalog if message.id)
        print(f"{language}: {len(made)} texts, {left} to translate")  # noqa: T201


def _translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple) else bool(message.string)


if __name__ == "__main__":
    main()
