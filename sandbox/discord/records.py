"""Uploads, and the requests that were recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.discord.jsontypes import JsonObject


@dataclass(frozen=True)
class Upload:
    """A file a person attaches.

    `content_type` is what the person's client claims; None: guessed from the name, as clients do.
    """

    filename: str
    data: bytes = field(repr=False)
    content_type: str | None = None


@dataclass(frozen=True)
class RecordedFile:
    """A file part of a multipart request. `size` is in bytes."""

    field: str
    filename: str
    size: int


@dataclass(frozen=True)
class RecordedRequest:
    """One REST request and its answer's status (0: the connection was closed without an answer).

    `path` is relative to the API base and carries no query. `time` is world time in Unix seconds.
    `payload` is the JSON body, or the `payload_json` part of a multipart body.
    """

    method: str
    path: str
    query: dict[str, str]
    time: float
    status: int
    payload: object = None
    files: tuple[RecordedFile, ...] = ()
    answer: JsonObject | list[JsonObject] | None = field(default=None, repr=False)
    code: int | None = None
    route: str = ""
