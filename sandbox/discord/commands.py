"""Registered application commands: checked as Discord checks them, with ids and versions that last.

Rules are from Discord's documentation ("Application Commands").
"""

from __future__ import annotations

import re

from sandbox.discord import forms
from sandbox.discord.errors import FormErrors, refuse
from sandbox.discord.jsontypes import JsonObject, is_list, is_object, objects
from sandbox.discord.locales import check_localizations, longest
from sandbox.discord.snowflake import Snowflakes

CHAT_INPUT, USER_COMMAND, MESSAGE_COMMAND = 1, 2, 3
SUB_COMMAND, SUB_GROUP, STRING, INTEGER, BOOLEAN, USER, CHANNEL, ROLE, MENTIONABLE, NUMBER, ATTACHMENT = range(1, 12)
MAX_SIZE = 8000
_MAX_COMMANDS = {CHAT_INPUT: 100, USER_COMMAND: 15, MESSAGE_COMMAND: 15}


class Commands:
    """The commands of one application, global and per guild."""

    def __init__(self, application_id: str, snowflakes: Snowflakes) -> None:
        self._application_id = application_id
        self._snowflakes = snowflakes
        self._scopes: dict[str | None, list[JsonObject]] = {None: []}
        self.registered = False
        """True if commands were ever registered, even an empty list."""

    def listed(self, guild_id: str | None) -> list[JsonObject]:
        """The commands of a guild, or the global ones."""
        return self._scopes.get(guild_id, [])

    def visible(self, guild_id: str | None) -> list[JsonObject]:
        """Commands that a person in a guild sees: the global ones and the guild's."""
        return [*self._scopes[None], *(self.listed(guild_id) if guild_id else [])]

    def find(self, guild_id: str | None, name: str, kind: int) -> JsonObject | None:
        """Return a command by name; the guild's own takes precedence."""
        known = reversed(self.visible(guild_id))
        return next((c for c in known if c["name"] == name and c["type"] == kind), None)

    def overwrite(self, guild_id: str | None, payload: object) -> list[JsonObject]:
        """Replace all commands of a scope; 50035. Commands that did not change keep their id and version."""
        errors = FormErrors()
        if not is_list(payload):
            errors.add("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
            errors.raise_if_any()
        given = objects(payload)
        seen: set[tuple[object, object]] = set()
        for at, command in enumerate(given):
            _check_command(errors, command, str(at))
            key = (command.get("type") or CHAT_INPUT, command.get("name"))
            if key in seen:
                errors.add(str(at), "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique")
            seen.add(key)
        errors.raise_if_any()
        for kind, most in _MAX_COMMANDS.items():
            if sum((command.get("type") or CHAT_INPUT) == kind for command in given) > most:
                raise refuse(30032)
        old = {(command["type"], command["name"]): command for command in self.listed(guild_id)}
        self._scopes[guild_id] = [self._stored(command, guild_id, old) for command in given]
        self.registered = True
        return self._scopes[guild_id]

    def add(self, guild_id: str | None, payload: JsonObject) -> JsonObject:
        """Register one command, replacing one of the same name and type."""
        key = (payload.get("type") or CHAT_INPUT, payload.get("name"))
        rest = [c for c in self.listed(guild_id) if (c["type"], c["name"]) != key]
        errors = FormErrors()
        _check_command(errors, payload, "")
        errors.raise_if_any()
        old = {(c["type"], c["name"]): c for c in self.listed(guild_id)}
        stored = self._stored(payload, guild_id, old)
        self._scopes[guild_id] = [*rest, stored]
        self.registered = True
        return stored

    def by_id(self, guild_id: str | None, command_id: str) -> JsonObject:
        """Return a command by id; 10063."""
        for command in self.listed(guild_id):
            if command["id"] == command_id:
                return command
        raise refuse(10063)

    def remove(self, guild_id: str | None, command_id: str) -> None:
        """Remove a command; 10063."""
        self.listed(guild_id).remove(self.by_id(guild_id, command_id))

    def _stored(self, command: JsonObject, guild_id: str | None, old: dict[tuple[int, str], JsonObject]) -> JsonObject:
        kind = command.get("type") or CHAT_INPUT
        permissions = command.get("default_member_permissions")
        data: JsonObject = {
            "application_id": self._application_id,
            "type": kind,
            "name": command["name"],
            "description": command.get("description") or "",
            "name_localizations": command.get("name_localizations"),
            "description_localizations": command.get("description_localizations"),
            "default_member_permissions": None if permissions is None else str(permissions),
            "nsfw": bool(command.get("nsfw", False)),
            "integration_types": command.get("integration_types") or [0],
        }
        if guild_id is None:
            data |= {"contexts": command.get("contexts"), "dm_permission": command.get("dm_permission", True)}
        else:
            data["guild_id"] = guild_id
        if command.get("options"):
            data["options"] = [_stored_option(option) for option in objects(command["options"])]
        before = old.get((kind, command["name"]))
        if before is not None and {**before, "id": 0, "version": 0} == {**data, "id": 0, "version": 0}:
            return before
        return {
            "id": before["id"] if before else self._snowflakes.next(),
            "version": self._snowflakes.next(),
            **data,
        }


def _stored_option(option: JsonObject) -> JsonObject:
    done = {key: value for key, value in option.items() if value is not None}
    if option.get("options"):
        done["options"] = [_stored_option(child) for child in objects(option["options"])]
    return done


def _check_command(errors: FormErrors, command: JsonObject, path: str) -> None:
    kind = command.get("type") or CHAT_INPUT
    if kind not in (CHAT_INPUT, USER_COMMAND, MESSAGE_COMMAND):
        errors.add(_at(path, "type"), "BASE_TYPE_CHOICES", "Value must be one of {1, 2, 3}.")
        return
    name = forms.text(errors, command, "name", path, low=1, high=32, required=True)
    if kind != CHAT_INPUT:
        if command.get("description"):
            errors.add(
                _at(path, "description"),
                "APPLICATION_COMMAND_CONTEXT_MENU_DESCRIPTION_NON_EMPTY",
                "Context menu commands cannot have description",
            )
        return
    _check_name(errors, name, _at(path, "name"))
    forms.text(errors, command, "description", path, low=1, high=100, required=True)
    check_localizations(errors, command, "description", path)
    _check_options(errors, command, path, depth=0)
    if _size(command) > MAX_SIZE:
        errors.add(path, "APPLICATION_COMMAND_TOO_LARGE", f"Command exceeds maximum size ({MAX_SIZE})")


def _size(part: JsonObject) -> int:
    """Characters of names, descriptions and values of a command with its options and choices; of each text as many as
    its longest language has.
    """
    own = longest(part, "name") + longest(part, "description") + len(str(part.get("value") or ""))
    return own + sum(_size(inner) for key in ("options", "choices") for inner in objects(part.get(key)))


def _at(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _check_name(errors: FormErrors, name: str | None, path: str) -> None:
    # ^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$ in Discord's words; \w knows letters and digits of all scripts.
    if name is not None and not (
        re.fullmatch(r"[-_'\w\u0900-\u097f\u0e00-\u0e7f]{1,32}", name) and name == name.lower()
    ):
        errors.add(path, "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid")


def _check_options(errors: FormErrors, holder: JsonObject, path: str, *, depth: int) -> None:
    names: set[object] = set()
    optional_seen = False
    for at, option in enumerate(forms.items(errors, holder, "options", path, high=25)):
        where = _at(path, f"options.{at}")
        if not is_object(option):
            errors.add(where, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        name = forms.text(errors, option, "name", where, low=1, high=32, required=True)
        _check_name(errors, name, f"{where}.name")
        forms.text(errors, option, "description", where, low=1, high=100, required=True)
        check_localizations(errors, option, "description", where)
        if name in names:
            errors.add(where, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists")
        names.add(name)
        if option.get("required") and optional_seen:
            errors.add(
                where,
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
                "Required options must be placed before non-required options",
            )
        optional_seen = optional_seen or not option.get("required")
        _check_option(errors, option, where, depth)


def _check_option(errors: FormErrors, option: JsonObject, where: str, depth: int) -> None:
    kind = option.get("type")
    if kind not in range(1, 12) or (kind in (SUB_COMMAND, SUB_GROUP) and depth > (kind == SUB_COMMAND)):
        errors.add(f"{where}.type", "UNION_TYPE_CHOICES", 'Value of field "type" is not allowed here.')
    elif kind in (SUB_COMMAND, SUB_GROUP):
        _check_options(errors, option, where, depth=depth + 1)
    if option.get("choices") and option.get("autocomplete"):
        errors.add(
            where,
            "APPLICATION_COMMAND_OPTIONS_CHOICES_AUTOCOMPLETE",
            "Autocomplete and choices cannot both be set",
        )
    if option.get("autocomplete") and kind not in (STRING, INTEGER, NUMBER):
        errors.add(
            f"{where}.autocomplete", "APPLICATION_COMMAND_AUTOCOMPLETE_TYPE", "Option type cannot have autocomplete"
        )
    check_choices(errors, option, where)
    forms.integer(errors, option, "min_length", where, low=0, high=6000)
    forms.integer(errors, option, "max_length", where, low=1, high=6000)


def check_choices(errors: FormErrors, holder: JsonObject, path: str) -> None:
    """Check choices, of an option or of an autocomplete answer: 25 at most, names and texts to 100."""
    for at, choice in enumerate(forms.items(errors, holder, "choices", path, high=25)):
        where = _at(path, f"choices.{at}")
        if not is_object(choice):
            errors.add(where, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        forms.text(errors, choice, "name", where, low=1, high=100, required=True)
        check_localizations(errors, choice, "name", where)
        if choice.get("value") is None:
            errors.required(f"{where}.value")
        elif isinstance(choice["value"], str) and not 1 <= len(choice["value"]) <= 100:
            errors.length(f"{where}.value", 1, 100)
