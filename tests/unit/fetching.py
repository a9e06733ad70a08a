"""Shared helpers for the fetcher's tests: a fetcher, and its result for an answer."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from dailies.errors import ReferenceRefused
from dailies.references.fetch import Fetched, Fetcher
from dailies.references.reference import Source
from tests.support.images import image
from tests.support.reasons import problem_of
from tests.support.servers import Answer, serving
from tests.unit.kit import answering

FOX = image("orange")


@asynccontextmanager
async def fetching(
    origin: str, folder: Path, *, size: int = 1_000_000, seconds: float = 5, trusted: bool = True
) -> AsyncGenerator[Fetcher]:
    origins = frozenset({origin}) if trusted else frozenset[str]()
    async with Fetcher(folder, trusted=origins, size=size, seconds=seconds) as fetcher:
        yield fetcher


async def fetched(
    answer: Answer | web.Response, folder: Path, *, attached: bool = False, size: int = 1_000_000
) -> Fetched:
    served = answering(answer) if isinstance(answer, web.Response) else answer
    async with serving(served) as server, fetching(server.origin, folder, size=size) as fetcher:
        return await fetcher.fetch(Source(f"{server.origin}/fox.png", "fox.png", attached))


async def refused(answer: Answer | web.Response, folder: Path, *, attached: bool = False, size: int = 1_000_000) -> str:
    with pytest.raises(ReferenceRefused) as caught:
        await fetched(answer, folder, attached=attached, size=size)
    assert caught.value.name == "fox.png"
    assert not folder.exists() or list(folder.iterdir()) == []
    return problem_of(caught.value)


async def untrusted(url: str, folder: Path) -> str:
    async with fetching("", folder, trusted=False) as fetcher:
        with pytest.raises(ReferenceRefused) as caught:
            await fetcher.fetch(Source(url, "fox.png", attached=False))
    return problem_of(caught.value)


def redirects_to(location: str, *, times: int = 1) -> Answer:
    """Redirects so many times, then gives the image."""
    hops = [web.Response(status=302, headers={"Location": location}) for _ in range(times)]
    return answering(*hops, web.Response(body=FOX))
