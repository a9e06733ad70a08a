"""Sends a finished video, or the file that a script puts in its place."""

from __future__ import annotations

import asyncio
from pathlib import Path

from aiohttp import hdrs, web
from yarl import URL

from sandbox.openrouter.faults import JobScript
from sandbox.openrouter.forms import media_type


async def send_video(request: web.Request, path: Path, script: JobScript) -> web.StreamResponse:
    """Send the file at path, redirected, replaced or cut off if a script says so."""
    if script.redirect_to is not None:
        target = URL(script.redirect_to)
        if target.path in ("", "/"):
            target = target.join(request.rel_url)
        return web.Response(status=302, headers={hdrs.LOCATION: str(target)})
    if script.truncate_at is None and script.file is None:
        called = media_type(script.form) if script.form else script.content_type
        return web.FileResponse(path, headers={hdrs.CONTENT_TYPE: called})
    data = await asyncio.to_thread(path.read_bytes) if script.file is None else script.file
    if script.truncate_at is None:
        return web.Response(body=data, headers={hdrs.CONTENT_TYPE: script.content_type})
    part = data[: script.truncate_at]
    if not script.declare_full_length:
        return web.Response(body=part, headers={hdrs.CONTENT_TYPE: script.content_type})
    response = web.StreamResponse(headers={hdrs.CONTENT_TYPE: script.content_type})
    response.content_length = len(data)
    await response.prepare(request)
    await response.write(part)
    if request.transport is not None:
        # close, not abort: data already written must still arrive
        request.transport.close()
    return response
