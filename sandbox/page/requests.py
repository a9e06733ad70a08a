"""Requests of the page: JSON objects, and forms of one JSON part and files."""

from __future__ import annotations

import json
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field

from aiohttp import BodyPartReader, web

from sandbox.discord import Upload
from sandbox.discord.jsontypes import JsonObject, is_object

JSON_LIMIT = 256 * 1024


@dataclass
class Form:
    """A multipart form: its `payload` part, and (part name, file) in the order sent."""

    payload: JsonObject = field(default_factory=dict[str, object])
    files: list[tuple[str, Upload]] = field(default_factory=list[tuple[str, Upload]])

    def grouped(self) -> dict[str, list[Upload]]:
        """Files by part name."""
        groups: dict[str, list[Upload]] = {}
        for name, upload in self.files:
            groups.setdefault(name, []).append(upload)
        return groups


def _object(text: bytes) -> JsonObject:
    value: object = json.loads(text)
    if not is_object(value):
        raise web.HTTPBadRequest(text="The request is not a JSON object.")
    return value


async def read_json(request: web.Request) -> JsonObject:
    """Return the JSON object in a request's body; 415 for another type, 413 above 256 KiB, 400 for no object."""
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="Send application/json.")
    return _object(await _bounded(request.content.iter_chunked(65536), JSON_LIMIT))


async def read_form(request: web.Request, limit: int) -> Form:
    """Read a multipart form of at most `limit` bytes in all; 415 for another type, 413 above the limit."""
    if request.content_type != "multipart/form-data":
        raise web.HTTPUnsupportedMediaType(text="Send multipart/form-data.")
    if request.content_length is not None and request.content_length > limit + JSON_LIMIT:
        raise _too_large(limit)
    form, left = Form(), limit
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise web.HTTPBadRequest(text="A part of the form is a form itself.")
        if part.name == "payload":
            form.payload = _object(await _bounded(_chunks(part), JSON_LIMIT))
            continue
        data = await _bounded(_chunks(part), left)
        left -= len(data)
        kind = part.headers.get("Content-Type")
        form.files.append((part.name or "file", Upload(part.filename or "file", data, kind)))
    return form


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(65536):
        yield bytes(chunk)


async def _bounded(chunks: AsyncIterable[bytes], limit: int) -> bytes:
    data = bytearray()
    async for chunk in chunks:
        data += chunk
        if len(data) > limit:
            raise _too_large(limit)
    return bytes(data)


def _too_large(limit: int) -> web.HTTPRequestEntityTooLarge:
    text = f"This is more than the {limit / 1024 / 1024:.0f} MiB that can be sent at once."
    return web.HTTPRequestEntityTooLarge(max_size=limit, actual_size=limit + 1, text=text)


def text(payload: JsonObject, name: str) -> str:
    """Return a string that the payload must have; 400 without."""
    value: object = payload.get(name)
    if not isinstance(value, str):
        raise web.HTTPBadRequest(text=f"{name} is missing.")
    return value
