"""Discord's error answers.

Codes and texts are from Discord's documentation ("Opcodes and Status Codes", "JSON Error Codes"). It does not say which
HTTP status goes with which code, nor does it list the words in `errors` of a 50035: where no log of a real answer
was at hand, they follow its pattern. So a bot may rely on the code and the field, not on the word.
"""

from __future__ import annotations

from typing import Any

from sandbox.discord.jsontypes import JsonObject

_KNOWN: dict[int, tuple[int, str]] = {
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10087: (404, "Unknown tag"),
    30032: (400, "Maximum number of application commands reached (100)."),
    30046: (429, "Maximum number of edits to messages older than 1 hour reached. Try again later."),
    40005: (413, "Request entity too large"),
    40058: (400, "Cannot send a message in a forum channel"),
    40060: (400, "Interaction has already been acknowledged."),
    40061: (400, "Tag names must be unique"),
    40066: (400, "There are no tags available that can be set by non-moderators"),
    40067: (400, "A tag is required to create a forum post in this channel"),
    40094: (
        400,
        "You cannot send more than 5 follow-up messages to this interaction.",
    ),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50007: (403, "Cannot send messages to this user"),
    50006: (400, "Cannot send an empty message"),
    50013: (403, "Missing Permissions"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (
        400,
        "Tried to perform an operation on an archived thread, such as editing a message or adding a user to the thread",
    ),
    50109: (400, "The request body contains invalid JSON."),
    50278: (403, "Cannot send messages to this user due to having no mutual guilds"),
    160002: (400, "You cannot reply without permission to read message history"),
    160005: (400, "Thread is locked"),
}


class ApiError(Exception):
    """An error answer: an HTTP status and Discord's JSON body."""

    def __init__(self, status: int, body: JsonObject, headers: dict[str, str] | None = None) -> None:
        super().__init__(status, body.get("code"), body.get("message"))
        self.status = status
        self.body = body
        self.headers = headers or {}


def refuse(code: int, **extra: Any) -> ApiError:  # noqa: ANN401 (JSON values)
    """The documented answer for one of Discord's error codes, with extra fields in its body."""
    status, message = _KNOWN[code]
    return ApiError(status, {"message": message, "code": code, **extra})


def unauthorized() -> ApiError:
    """The answer to a missing or wrong bot token."""
    return ApiError(401, {"message": "401: Unauthorized", "code": 0})


def not_found() -> ApiError:
    """The answer of a route that does not exist."""
    return ApiError(404, {"message": "404: Not Found", "code": 0})


class FormErrors:
    """Collects mistakes in a body, as the nested `errors` object of code 50035."""

    def __init__(self) -> None:
        self._tree: JsonObject = {}

    def add(self, path: str, code: str, message: str) -> None:
        """Add an error for a field; `path` is dotted, list positions are numbers; "" is the whole body."""
        node = self._tree
        for part in path.split(".") if path else ():
            node = node.setdefault(part, {})
        node.setdefault("_errors", []).append({"code": code, "message": message})

    def required(self, path: str) -> None:
        """Add: the field is missing."""
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required")

    def length(self, path: str, low: int, high: int) -> None:
        """Add: the text or list is too short or too long."""
        self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {low} and {high} in length.")

    def too_long(self, path: str, high: int) -> None:
        """Add: the text or list is too long."""
        self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {high} or fewer in length.")

    def raise_if_any(self) -> None:
        """Raise 50035 if anything was added."""
        if self._tree:
            raise refuse(50035, errors=self._tree)
