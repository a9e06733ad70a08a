"""`provider.options`: what of them reaches the provider. The rest is dropped, and nobody is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sandbox.openrouter.catalog import Model
from sandbox.openrouter.errors import ApiError

_PROVIDERS = {
    "alibaba": ("alibaba", "atlas-cloud"),
    "black-forest-labs": ("black-forest-labs",),
    "bytedance": ("seed", "byteplus"),
    "google": ("google-vertex", "google-ai-studio"),
    "heygen": ("heygen",),
    "minimax": ("minimax",),
    "runway": ("runway",),
    "x-ai": ("xai",),
}
"""Slugs of the providers that may serve an author's models; of any other author, every slug counts as the right one.

OpenRouter publishes no list of which provider serves which model, so where two are likely, both are served.
"""
_BARE = frozenset({"atlas-cloud"})
"""Slugs under which the names stand by themselves, as in OpenRouter's example for it. Under every other one they stand
in `parameters`, as its cookbook and its skill have it."""


def passed_on(provider: Mapping[str, Any], model: Model) -> dict[str, Any]:
    """Return the options that the provider gets. Raises ApiError (400) for options that are no objects."""
    matched = _PROVIDERS.get(model.id.partition("/")[0])
    found: dict[str, Any] = {}
    for slug, given in _object(provider.get("options", {}), "provider.options").items():
        known = _object(given, f"provider.options.{slug}")
        if slug not in _BARE:
            known = _object(known.get("parameters", {}), f"provider.options.{slug}.parameters")
        if matched is None or slug in matched:
            found |= {name: value for name, value in known.items() if name in model.passthrough}
    return found


def _object(value: object, name: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ApiError(400, f"Invalid request parameters: {name}: expected an object")
    return cast("dict[str, Any]", value)
