"""Modals: checked when the bot opens one, filled in and submitted by a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sandbox.discord import forms
from sandbox.discord.component_tree import (
    CHANNEL_SELECT,
    MENTIONABLE_SELECT,
    ROLE_SELECT,
    ROW,
    STRING_SELECT,
    TEXT,
    USER_SELECT,
    walk,
)
from sandbox.discord.errors import FormErrors
from sandbox.discord.jsontypes import JsonObject, copy, is_list, is_object, objects
from sandbox.discord.records import Upload

TEXT_INPUT, LABEL, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX = 4, 18, 19, 21, 22, 23
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)
IN_LABEL = (TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX)
MAX_ROWS, MAX_TITLE, MAX_VALUE = 5, 45, 4000


class ModalRefused(Exception):
    """The input does not fit the modal; the text says why."""


def read(data: JsonObject) -> JsonObject:
    """Check a modal that the bot opens; 50035. Returns it with component ids filled in."""
    errors = FormErrors()
    forms.text(errors, data, "custom_id", "data", low=1, high=100, required=True)
    forms.text(errors, data, "title", "data", low=1, high=MAX_TITLE, required=True)
    modal = copy(data)
    for at, item in enumerate(forms.items(errors, modal, "components", "data", low=1, high=MAX_ROWS)):
        path = f"data.components.{at}"
        if not is_object(item) or item.get("type") not in (ROW, LABEL, TEXT):
            errors.add(path, "UNION_TYPE_CHOICES", 'Value of field "type" must be one of (1, 10, 18).')
        elif item["type"] == LABEL:
            forms.text(errors, item, "label", path, low=1, high=45, required=True)
            forms.text(errors, item, "description", path, low=1, high=100)
            _check_input(errors, item.get("component"), f"{path}.component", IN_LABEL)
        elif item["type"] == ROW:
            for number, child in enumerate(forms.items(errors, item, "components", path, low=1, high=1)):
                _check_input(errors, child, f"{path}.components.{number}", (TEXT_INPUT,))
    seen: set[object] = set()
    for part in walk(objects(modal.get("components"))):
        custom_id = part.get("custom_id")
        if custom_id is not None and custom_id in seen:
            errors.add("data.components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")
        seen.add(custom_id)
    errors.raise_if_any()
    for number, part in enumerate(walk(modal["components"]), 1):
        part["id"] = part.get("id") or number
    return modal


def _check_input(errors: FormErrors, item: object, path: str, allowed: tuple[int, ...]) -> None:
    if not is_object(item):
        errors.required(path)
        return
    kind = item.get("type")
    if kind not in allowed:
        errors.add(path, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of {allowed}.')
        return
    forms.text(errors, item, "custom_id", path, low=1, high=100, required=True)
    if kind == TEXT_INPUT:
        _check_text_input(errors, item, path)
    elif kind == RADIO_GROUP:
        forms.select_options(errors, item, path, least=2, most=10)
    elif kind in (*SELECTS, FILE_UPLOAD, CHECKBOX_GROUP):
        _check_choice(errors, item, path)


def _check_text_input(errors: FormErrors, item: JsonObject, path: str) -> None:
    if forms.integer(errors, item, "style", path, low=1, high=2) is None:
        errors.required(f"{path}.style")
    forms.text(errors, item, "placeholder", path, high=100)
    low = forms.integer(errors, item, "min_length", path, low=0, high=MAX_VALUE) or 0
    high = forms.integer(errors, item, "max_length", path, low=1, high=MAX_VALUE) or MAX_VALUE
    if low > high:
        errors.add(f"{path}.min_length", "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
    # An empty value is none; Discord holds any other to the field's own limits.
    if item.get("value"):
        forms.text(errors, item, "value", path, low=low, high=high)


def _check_choice(errors: FormErrors, item: JsonObject, path: str) -> None:
    kind = item["type"]
    most = 25 if kind in SELECTS else 10
    absent = min(most, len(objects(item.get("options")))) if kind == CHECKBOX_GROUP else 1
    required = forms.flag(item, "required", default=True)
    _, high = forms.value_bounds(errors, item, path, most=most, absent=absent, required=required)
    if forms.flag(item, "disabled"):
        errors.add(f"{path}.disabled", "COMPONENT_DISABLED_IN_MODAL", "A select in a modal cannot be disabled")
    if kind in SELECTS:
        forms.text(errors, item, "placeholder", path, high=150)
    if kind in (STRING_SELECT, CHECKBOX_GROUP):
        forms.select_options(errors, item, path, least=max(1, min(high, most)), most=most, chosen=high)


Store = Callable[[Upload], str]


def fill(modal: JsonObject, values: Mapping[str, object], store: Store) -> list[JsonObject]:
    """The components of a submission; `values` by custom_id. ModalRefused when they do not fit.

    `store` keeps an uploaded file and returns its attachment id.
    """
    inputs = {part["custom_id"]: part for part in walk(modal["components"]) if "custom_id" in part}
    if unknown := set(values) - set(inputs):
        raise ModalRefused(f"The modal has no {', '.join(sorted(unknown))}.")
    return [_fill_one(item, values, store) for item in modal["components"]]


def _fill_one(item: JsonObject, values: Mapping[str, object], store: Store) -> JsonObject:
    done: JsonObject = {"type": item["type"], "id": item["id"]}
    if item["type"] == LABEL:
        return {**done, "component": _answer(item["component"], values, store)}
    if item["type"] == ROW:
        return {**done, "components": [_answer(child, values, store) for child in item["components"]]}
    return done


def _answer(item: JsonObject, values: Mapping[str, object], store: Store) -> JsonObject:
    custom_id, kind = item["custom_id"], item["type"]
    done: JsonObject = {"type": kind, "id": item["id"], "custom_id": custom_id}
    value = values.get(custom_id)
    required = forms.flag(item, "required", default=kind != CHECKBOX)
    if kind == TEXT_INPUT:
        return {**done, "value": _text(item, value, required)}
    if kind == CHECKBOX:
        return {**done, "value": bool(value if value is not None else item.get("default"))}
    if kind == RADIO_GROUP:
        if value is None and required:
            raise ModalRefused(f"{custom_id}: choose one.")
        _check_known(item, [value] if value is not None else [])
        return {**done, "value": value}
    chosen = _many(item, value, required)
    if kind == FILE_UPLOAD:
        uploads = [upload for upload in chosen if isinstance(upload, Upload)]
        if len(uploads) != len(chosen):
            raise ModalRefused(f"{custom_id} takes files.")
        return {**done, "values": [store(upload) for upload in uploads]}
    _check_known(item, chosen)
    return {**done, "values": [str(entry) for entry in chosen]}


def _text(item: JsonObject, value: object, required: bool) -> str:
    text = str(value) if value is not None else str(item.get("value") or "")
    low, high = item.get("min_length") or 0, item.get("max_length") or MAX_VALUE
    if required and not text:
        raise ModalRefused(f"{item['custom_id']} is required.")
    if text and not low <= len(text) <= high:
        raise ModalRefused(f"{item['custom_id']} needs {low} to {high} characters.")
    return text


def _many(item: JsonObject, value: object, required: bool) -> list[object]:
    if value is None:
        entries: list[object] = [o["value"] for o in objects(item.get("options")) if o.get("default")]
    else:
        entries = list(value) if is_list(value) else [value]
    low = item.get("min_values")
    low = 1 if low is None else low
    high = item.get("max_values") or (len(objects(item.get("options"))) if item["type"] == CHECKBOX_GROUP else 1)
    if (entries or required) and not (low if required else max(low, 1)) <= len(entries) <= high:
        raise ModalRefused(f"{item['custom_id']} takes {low} to {high}.")
    return entries


def _check_known(item: JsonObject, chosen: Sequence[object]) -> None:
    if "options" in item:
        known = {option["value"] for option in item["options"]}
        if not set(chosen) <= known:
            raise ModalRefused(f"{item['custom_id']} offers only {', '.join(sorted(known))}.")
