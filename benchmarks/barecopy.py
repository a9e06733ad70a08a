"""Download a file and upload it to a Discord channel with plain aiohttp; prints the seconds. Used by delivery.py."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import aiohttp

CHUNK = 256 * 1024


async def copy(given: dict[str, str]) -> float:
    """Copy it once. given: download, key, upload, token, target. Returns seconds."""
    target = Path(given["target"])
    async with aiohttp.ClientSession() as session:
        started = time.monotonic()
        headers = {"Authorization": f"Bearer {given['key']}"}
        async with session.get(given["download"], headers=headers) as response:
            response.raise_for_status()
            with target.open("wb") as file:  # noqa: ASYNC230 (nothing else runs here)
                async for chunk in response.content.iter_chunked(CHUNK):
                    file.write(chunk)
        form = aiohttp.FormData()
        form.add_field("payload_json", json.dumps({"content": "bare copy"}))
        with target.open("rb") as file:  # noqa: ASYNC230 (as above)
            form.add_field("files[0]", file, filename="copy.bin", content_type="application/octet-stream")
            headers = {"Authorization": f"Bot {given['token']}"}
            async with session.post(given["upload"], data=form, headers=headers) as response:
                response.raise_for_status()
                await response.read()
        return time.monotonic() - started


if __name__ == "__main__":
    print(asyncio.run(copy(json.loads(sys.argv[1]))))
