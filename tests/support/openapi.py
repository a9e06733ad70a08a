"""Checks the bot's requests and the stand-in's answers against Discord's own OpenAPI document.

The document is not part of this project. Where it lies beside it, in ../shared/discord/openapi.json, the checks
run; elsewhere the test that asks for them is skipped.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, relevance
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from sandbox.discord import RecordedRequest

DOCUMENT = Path(__file__).parents[3] / "shared" / "discord" / "openapi.json"
_NAME = "urn:discord"


@functools.cache
def _document() -> dict[str, Any]:
    if not DOCUMENT.exists():
        pytest.skip(f"Discord's OpenAPI document is not at {DOCUMENT.name} beside the project")
    document = cast("dict[str, Any]", json.loads(DOCUMENT.read_text()))
    schemas = document["components"]["schemas"]
    # The document is stricter here than Discord's API and its written documentation:
    # ids are also taken as numbers, and discord.py sends them so;
    schemas["SnowflakeType"] = {"anyOf": [schemas["SnowflakeType"], {"type": "integer", "minimum": 0}]}
    # a field's error has a word for its code ("Error Messages" in the reference);
    word = {"type": "object", "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}
    schemas["InnerErrors"]["properties"]["_errors"]["items"] = {**word, "required": ["code", "message"]}
    # a 429 carries a code only sometimes ("Exceeding A Rate Limit").
    schemas["RatelimitedResponse"]["allOf"] = schemas["RatelimitedResponse"]["allOf"][1:]
    return document


@functools.cache
def _registry() -> Registry[Any]:
    resource: Resource[Any] = Resource(contents=_document(), specification=DRAFT202012)
    empty: Registry[Any] = Registry()
    return empty.with_resource(_NAME, resource)


@functools.cache
def _operation(method: str, path: str) -> tuple[str, dict[str, Any]] | None:
    """Return the operation of a path below the API base. Of several templates the one with most literal parts wins."""
    paths: dict[str, dict[str, Any]] = _document()["paths"]
    found = [
        (template.count("{"), template)
        for template, operations in paths.items()
        if method.lower() in operations and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
    ]
    if not found:
        return None
    template = min(found)[1]
    return template, paths[template][method.lower()]


def _pointer(*parts: str) -> str:
    return "/".join(
        part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for part in parts
    )


@functools.cache
def _validator(pointer: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"{_NAME}#/{pointer}"}, registry=_registry())


def _check(pointer: str, value: object, what: str) -> None:
    checker: Any = _validator(pointer)
    if checker.is_valid(value):  # much faster than collecting errors, and nearly always true
        return
    errors: list[ValidationError] = list(checker.iter_errors(value))
    error = max(errors, key=relevance)
    where = "/".join(map(str, error.absolute_path))
    raise AssertionError(f"{what}: {where or 'body'}: {error.message[:600]}")


def check_discord_request(method: str, path: str, body: object) -> None:
    """Raise AssertionError for a body that Discord does not take for this call; `path` is below the API base.

    A multipart request is checked by its `payload_json`. Calls the document does not know fail too.
    """
    operation = _operation(method, path)
    assert operation is not None, f"Discord has no {method} {path}"
    template, description = operation
    content = description.get("requestBody", {}).get("content", {})
    if "application/json" not in content:
        assert body is None, f"{method} {template} takes no body"
        return
    parts = ("paths", template, method.lower(), "requestBody", "content", "application/json", "schema")
    _check(_pointer(*parts), {} if body is None else body, f"{method} {template} request")


def check_discord_answer(method: str, path: str, status: int, answer: object) -> None:
    """Raise AssertionError for an answer that Discord does not give to this call, errors included."""
    operation = _operation(method, path)
    assert operation is not None, f"Discord has no {method} {path}"
    template, description = operation
    if status >= 500 or status == 0:
        return
    if status >= 400:
        schema = "RatelimitedResponse" if status == 429 else "ErrorResponse"
        _check(_pointer("components", "schemas", schema), answer, f"{method} {template} {status} answer")
        return
    known = description["responses"]
    assert str(status) in known, f"{method} {template} does not answer {status}"
    content = known[str(status)].get("content", {})
    if "application/json" not in content:
        assert answer is None, f"{method} {template} answers {status} without a body"
        return
    parts = ("paths", template, method.lower(), "responses", str(status), "content", "application/json", "schema")
    _check(_pointer(*parts), answer, f"{method} {template} {status} answer")


def check_discord_traffic(requests: Iterable[RecordedRequest]) -> None:
    """Check every recorded request that was accepted, and every answer.

    It takes tens of milliseconds a request: with a bot on a fast clock call it when the bot has stopped.
    """
    for request in requests:
        if request.status < 400 and request.status:
            check_discord_request(request.method, request.path, request.payload)
        check_discord_answer(request.method, request.path, request.status, request.answer)
