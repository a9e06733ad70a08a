"""The paid request's body: the same JSON, with images as data URLs, and never whole in memory."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import tracemalloc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from dailies.openrouter.payload import PIECE, Inline, Payload
from dailies.openrouter.protocol import image_reference


def inline_of(path: Path, data: bytes) -> Inline:
    path.write_bytes(data)
    return Inline("image/png", path, hashlib.sha256(data).hexdigest())


async def all_of(body: Mapping[str, Any]) -> bytes:
    payload = await asyncio.to_thread(Payload, body)
    chunks = [chunk async for chunk in payload.chunks()]
    assert payload.size == sum(map(len, chunks))
    assert all(chunks)
    return b"".join(chunks)


@pytest.mark.parametrize("size", [0, 1, 2, 3, PIECE - 1, PIECE, PIECE + 1])
async def test_an_image_stands_in_the_body_as_a_data_url(tmp_path: Path, size: int) -> None:
    inline = inline_of(tmp_path / "image", bytes(range(256)) * (size // 256) + bytes(size % 256))
    body = {"prompt": 'a "kite" 🪁', "references": [image_reference(inline), image_reference("https://a.example/b")]}
    written = await all_of(body)
    sent = json.loads(written)
    url = sent["references"][0]["image_url"]["url"]
    assert base64.b64decode(url.removeprefix("data:image/png;base64,")) == inline.path.read_bytes()
    assert len(url) == await asyncio.to_thread(inline.size)
    assert sent["references"][1] == image_reference("https://a.example/b")
    assert sent["prompt"] == body["prompt"]


async def test_a_large_image_does_not_go_through_memory(tmp_path: Path) -> None:
    image = inline_of(tmp_path / "image", bytes(20_000_000))
    tracemalloc.start()
    try:
        payload = await asyncio.to_thread(Payload, {"a": image})
        async for _ in payload.chunks():
            pass
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 10_000_000  # two pieces, and other work of this process meanwhile


def test_a_missing_image_is_an_error_before_anything_is_sent(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Payload({"a": Inline("image/png", tmp_path / "gone", "0" * 64)})


def test_what_is_not_json_is_an_error() -> None:
    with pytest.raises(TypeError):
        Payload({"a": object()})
