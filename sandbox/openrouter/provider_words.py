"""Refusals in a provider's words, in the shapes in which OpenRouter and others pass them on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

REAL_PERSON = (
    "InputImageSensitiveContentDetected.PrivacyInformation",
    "The request failed because the input image 'content[1]' may contain real person. Request id: "
    "0217879018262296825a83ac3749be18",
)
"""Seedance's code and words for a photograph of a person."""
OUTPUT_AUDIO = (
    "OutputAudioSensitiveContentDetected.PolicyViolation",
    "The request failed because the output audio may be related to copyright restrictions.",
)
"""Seedance's code and words for sound that it made itself."""

_SAYS_NOTHING = "Provider returned error"


def _own(code: str, words: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": words, "param": "", "type": "BadRequest"}}


def _documented(raw: object) -> dict[str, Any]:
    metadata = {"provider_name": "Seed", "raw": raw}
    return {"error": {"code": 400, "message": _SAYS_NOTHING, "metadata": metadata}}


SHAPES: Mapping[str, Callable[[str, str], dict[str, Any]]] = {
    "raw text": lambda code, words: _documented(json.dumps(_own(code, words))),
    "raw object": lambda code, words: _documented(_own(code, words)),
    "raw text in raw text": lambda code, words: _documented(json.dumps({"error": json.dumps(_own(code, words))})),
    "error string": lambda _, words: {"error": words},
    "error text": lambda code, words: {"error": json.dumps(_own(code, words))},
    "error object": _own,
    "message": lambda _, words: {"message": words},
    "detail": lambda _, words: {"detail": words},
    "detail list": lambda code, words: {"detail": [{"loc": ["body", "image_urls"], "msg": words, "type": code}]},
}
"""Shapes of a body by name, made of a code and words. Of those with `error`, a job's end holds that part alone."""


def body(shape: str, refusal: tuple[str, str]) -> bytes:
    """Return the body of a refused POST."""
    return json.dumps(SHAPES[shape](*refusal)).encode()


def job_error(shape: str, refusal: tuple[str, str]) -> object:
    """Return the `error` of a failed job. Raises KeyError for a shape without one."""
    return SHAPES[shape](*refusal)["error"]
