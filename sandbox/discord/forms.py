"""Small checks of JSON fields that add Discord's own words to the errors of a form."""

from __future__ import annotations

from sandbox.discord.errors import FormErrors
from sandbox.discord.jsontypes import JsonObject, is_integer, is_list, is_object


def text(
    errors: FormErrors, data: JsonObject, key: str, path: str, *, low: int = 0, high: int, required: bool = False
) -> str | None:
    """A text field between `low` and `high` characters; None when absent, null or wrong."""
    value = data.get(key)
    where = f"{path}.{key}" if path else key
    if value is None:
        if required:
            errors.required(where)
        return None
    if not isinstance(value, str):
        errors.add(where, "STRING_TYPE_CONVERT", "Could not interpret value as string.")
        return None
    if len(value) < low:
        errors.length(where, low, high)
    elif len(value) > high:
        errors.too_long(where, high) if low == 0 else errors.length(where, low, high)
    return value


def integer(
    errors: FormErrors, data: JsonObject, key: str, path: str, *, low: int | None = None, high: int | None = None
) -> int | None:
    """An integer field within bounds; None when absent, null or wrong."""
    value = data.get(key)
    where = f"{path}.{key}" if path else key
    if value is None:
        return None
    if isinstance(value, str) and value.lstrip("-").isdigit():
        value = int(value)
    if not is_integer(value):
        errors.add(where, "NUMBER_TYPE_COERCE", f'Value "{value}" is not int.')
        return None
    if low is not None and value < low:
        errors.add(where, "NUMBER_TYPE_MIN", f"int value should be greater than or equal to {low}.")
    if high is not None and value > high:
        errors.add(where, "NUMBER_TYPE_MAX", f"int value should be less than or equal to {high}.")
    return value


def items(errors: FormErrors, data: JsonObject, key: str, path: str, *, low: int = 0, high: int) -> list[object]:
    """A list field between `low` and `high` items; empty when absent, null or wrong."""
    value = data.get(key)
    where = f"{path}.{key}" if path else key
    if value is None:
        if low:
            errors.required(where)
        return []
    if not is_list(value):
        errors.add(where, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType.")
        return []
    if not low <= len(value) <= high:
        errors.length(where, low, high)
    return list(value)


def flag(data: JsonObject, key: str, default: bool = False) -> bool:
    """A boolean field, with a default if absent or null."""
    value = data.get(key)
    return default if value is None else bool(value)


def value_bounds(
    errors: FormErrors, item: JsonObject, path: str, *, most: int = 25, absent: int = 1, required: bool = False
) -> tuple[int, int]:
    """Range of the number of values: `min_values` and `max_values`; without them 1 and `absent`.

    most: the largest figure allowed. required: a choice has to be made; Discord then refuses a minimum of 0, also in
    messages (discord-api-docs pull request 8177 and issue 7800).
    """
    low = integer(errors, item, "min_values", path, low=0, high=most)
    high = integer(errors, item, "max_values", path, low=1, high=most)
    if low == 0 and required:
        errors.add(
            f"{path}.min_values",
            "SELECT_COMPONENT_REQUIRED_ZERO_MIN_VALUES",
            "Select menus marked as required cannot have a min_values of 0",
        )
    bounds = (1 if low is None else low, absent if high is None else high)
    if bounds[0] > bounds[1]:
        errors.add(f"{path}.min_values", "NUMBER_TYPE_MAX", f"int value should be less than or equal to {bounds[1]}.")
    return bounds


def select_options(
    errors: FormErrors, item: JsonObject, path: str, *, least: int = 1, most: int = 25, chosen: int = 1
) -> list[JsonObject]:
    """The options of a select: `least` to `most`, their texts to 100, no value twice, at most `chosen` by default."""
    values: set[object] = set()
    options: list[JsonObject] = []
    for at, option in enumerate(items(errors, item, "options", path, low=least, high=most)):
        where = f"{path}.options.{at}"
        if not is_object(option):
            errors.add(where, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        text(errors, option, "label", where, low=1, high=100, required=True)
        value = text(errors, option, "value", where, low=1, high=100, required=True)
        text(errors, option, "description", where, high=100)
        if value in values:
            errors.add(
                f"{where}.value",
                "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED",
                "The specified option value is already used",
            )
        values.add(value)
        options.append({k: v for k, v in option.items() if v is not None})
    if sum(bool(option.get("default")) for option in options) > chosen:
        errors.add(
            f"{path}.options",
            "SELECT_COMPONENT_TOO_MANY_DEFAULT_VALUES",
            f"At most {chosen} of the options can be selected by default",
        )
    return options
