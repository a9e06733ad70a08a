"""Languages of Discord's client, and texts of commands in them."""

from __future__ import annotations

from sandbox.discord import forms
from sandbox.discord.errors import FormErrors
from sandbox.discord.jsontypes import JsonObject, is_object

LOCALES = (
    "id", "da", "de", "en-GB", "en-US", "es-ES", "es-419", "fr", "hr", "it", "lt", "hu", "nl", "no", "pl", "pt-BR",
    "ro", "fi", "sv-SE", "vi", "tr", "cs", "el", "bg", "ru", "uk", "hi", "th", "zh-CN", "ja", "zh-TW", "ko",
)  # fmt: skip
"""Discord's reference, "Locales"."""


def check_localizations(errors: FormErrors, holder: JsonObject, key: str, path: str) -> None:
    """Check the translations of a text of a command, each of 1 to 100 characters."""
    given = holder.get(f"{key}_localizations")
    if given is None:
        return
    where = f"{path}.{key}_localizations" if path else f"{key}_localizations"
    if not is_object(given):
        errors.add(where, "DICT_TYPE_CONVERT", "Only dictionaries may be used in a DictType")
        return
    for locale in given:
        if locale not in LOCALES:
            errors.add(f"{where}.{locale}", "ENUM_TYPE_COERCE", f'Value "{locale}" is not a valid enum value.')
        else:
            forms.text(errors, given, locale, where, low=1, high=100, required=True)


def longest(part: JsonObject, key: str) -> int:
    """Return the characters of a text in the language in which it is longest."""
    given = part.get(f"{key}_localizations")
    translated = [str(text) for text in given.values()] if is_object(given) else []
    return max(len(text) for text in (str(part.get(key) or ""), *translated))
