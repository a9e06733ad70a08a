"""Reads request bodies. Files are streamed to disk: an upload never sits in memory."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import BodyPartReader, web

from sandbox.discord.errors import FormErrors, refuse
from sandbox.discord.files import FileStore, StoredFile
from sandbox.discord.jsontypes import JsonObject, is_object, objects
from sandbox.discord.snowflake import Snowflakes


@dataclass(frozen=True)
class Part:
    """A file part received."""

    field: str
    filename: str
    path: Path
    size: int


@dataclass
class Body:
    """A request's body: its JSON (`payload_json` in a form) and its files."""

    payload: object = None
    parts: list[Part] = field(default_factory=list[Part])
    adopted: list[StoredFile] = field(default_factory=list[StoredFile])

    @property
    def data(self) -> JsonObject:
        """Return the JSON object; 50035 for anything else."""
        if self.payload is None:
            return {}
        if not is_object(self.payload):
            errors = FormErrors()
            errors.add("", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            errors.raise_if_any()
        return self.payload if is_object(self.payload) else {}

    def check_size(self, limit: int) -> None:
        """Raise 40005 (HTTP 413) if a file is larger; the limit is per file (Discord's "Uploading Files")."""
        if any(part.size > limit for part in self.parts):
            raise refuse(40005)

    def adopt(self, store: FileStore, snowflakes: Snowflakes, owner_id: str, listed: object) -> dict[str, StoredFile]:
        """Put the files into the store, by n of `files[n]`; `listed` is the body's `attachments`."""
        about = {str(item.get("id")): item for item in objects(listed)}
        stored: dict[str, StoredFile] = {}
        for at, part in enumerate(self.parts):
            found = re.fullmatch(r"files?\[?(\d*)\]?", part.field)
            key = found[1] if found and found[1] else str(at)
            entry = about.get(key, {})
            stored[key] = store.adopt(
                part.path,
                file_id=snowflakes.next(),
                owner_id=owner_id,
                filename=str(entry.get("filename") or part.filename),
                description=entry.get("description"),
            )
        self.adopted += stored.values()
        return stored

    def discard(self, store: FileStore, *, refused: bool) -> None:
        """Delete the files that nobody adopted, and if the request was refused the others too."""
        if refused:
            for stored in self.adopted:
                store.forget(stored)
            self.adopted.clear()
        kept = {stored.path for stored in self.adopted}
        for part in self.parts:
            if part.path not in kept:
                part.path.unlink(missing_ok=True)


async def receive(request: web.Request, store: FileStore) -> Body:
    """Read a whole body; 50109 for broken JSON, 40005 if it is too large."""
    if request.content_type.startswith("multipart/"):
        return await _receive_form(request, store)
    try:
        raw = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise refuse(40005) from None
    return Body(_parse(raw) if raw else None)


async def _receive_form(request: web.Request, store: FileStore) -> Body:
    body = Body()
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "payload_json":
            body.payload = _parse(bytes(await part.read(decode=True)))
        elif part.filename is not None:
            body.parts.append(await _receive_file(part, store.temporary()))
    return body


async def _receive_file(part: BodyPartReader, path: Path) -> Part:
    size = 0
    file = await asyncio.to_thread(path.open, "wb")
    try:
        while chunk := await part.read_chunk(256 * 1024):
            size += len(chunk)
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
    return Part(part.name or "", part.filename or "", path, size)


def _parse(raw: bytes) -> object:
    try:
        return json.loads(raw)
    except ValueError:
        raise refuse(50109) from None
