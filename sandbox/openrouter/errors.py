"""OpenRouter's errors: `{"error": {"code", "message", "metadata"?}}` for a request, a string for a job."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sandbox.openrouter.refusals import REFUSALS, Refusal

_MESSAGES = {
    400: "Invalid request parameters",
    401: "Missing Authentication header",
    402: "Insufficient credits. Add more using https://openrouter.ai/credits",
    403: "Your input was flagged by the moderation of the provider",
    404: "Resource not found",
    413: "Request payload too large",
    429: "Rate limit exceeded",
    499: "Client closed request",
    500: "Internal Server Error",
    502: "Provider returned error",
    503: "There is no available model provider that meets your routing requirements",
}


def default_message(status: int) -> str:
    """OpenRouter's usual words for an HTTP status."""
    return _MESSAGES.get(status, "Unexpected error")


class ApiError(Exception):
    """A request refused: the HTTP status, OpenRouter's message, optional metadata and headers."""

    def __init__(
        self,
        status: int,
        message: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.status = status
        self.message = message or default_message(status)
        self.metadata = metadata
        self.headers = dict(headers or {})
        super().__init__(f"{status}: {self.message}")

    @classmethod
    def of(cls, refusal: Refusal) -> ApiError:
        """Return a documented refusal; where it comes with Retry-After, of four seconds."""
        form = REFUSALS[refusal]
        headers = {"Retry-After": "4"} if form.waits else {}
        return cls(form.status, form.message, form.metadata or None, headers)

    def body(self) -> bytes:
        return error_body(self.status, self.message, self.metadata)


class JobError(Exception):
    """A job that fails after it was accepted. `kind` is one of the words seen in job errors."""

    def __init__(self, kind: str, detail: str) -> None:
        self.kind = kind
        super().__init__(f"{kind}: {detail}")


def error_body(status: int, message: str | None = None, metadata: Mapping[str, Any] | None = None) -> bytes:
    """The JSON body of an error answer."""
    error: dict[str, Any] = {"code": status, "message": message or default_message(status)}
    if metadata is not None:
        error["metadata"] = dict(metadata)
    return json.dumps({"error": error}).encode()
