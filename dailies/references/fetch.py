"""Fetching reference images: guarded, bounded, checked by their first bytes while they come."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import aiohttp
from yarl import URL

from dailies.errors import ReferenceRefused
from dailies.references import guard
from dailies.references.reference import Source
from dailies.references.sniff import HEAD, refusal, sniff

REDIRECTS = 3
CHUNK = 64 * 1024
AT_ONCE = 8
"""Fetches that run at the same time in the whole bot."""


@dataclass(frozen=True)
class Fetched:
    """Bytes on disk. media_type: as the first bytes show. redirected: the link was not the image's own."""

    path: Path
    sha256: str
    media_type: str
    redirected: bool


class Fetcher:
    """Fetches links into a folder, each under the name of its SHA-256.

    trusted: origins that may be private or plain http. size: bytes at most. seconds: limit of one fetch.
    """

    def __init__(self, folder: Path, *, trusted: frozenset[str], size: int, seconds: float) -> None:
        self._folder = folder
        self._trusted = trusted
        self._size = size
        self._seconds = seconds
        self._places = asyncio.Semaphore(AT_ONCE)
        self._public = _session(aiohttp.TCPConnector(resolver=guard.PublicResolver(), use_dns_cache=False))
        self._private = _session(aiohttp.TCPConnector())

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._public.close()
        await self._private.close()

    def is_trusted(self, url: URL) -> bool:
        """Whether the address is on an origin that REFERENCE_TRUSTED_ORIGINS names."""
        return str(url.origin()) in self._trusted

    async def fetch(self, source: Source) -> Fetched:
        """Fetch one reference. Raises ReferenceRefused that says what is wrong with it."""
        name = source.name
        try:
            async with (
                self._places,
                asyncio.timeout(self._seconds),
                self._open(URL(source.url), source) as (response, redirected),
            ):
                self._check_answer(response, source)
                return await self._store(response, name, redirected)
        except TimeoutError as error:
            raise ReferenceRefused(
                name, f"did not arrive within {self._seconds:g} s; try again, or attach the image"
            ) from error
        except (aiohttp.ClientError, ValueError) as error:
            if isinstance(error.__cause__, guard.PrivateAddress):
                raise ReferenceRefused(name, "points to a private address; only public links are fetched") from error
            raise ReferenceRefused(name, "could not be fetched; check the address, or attach the image") from error

    @asynccontextmanager
    async def _open(self, url: URL, source: Source) -> AsyncGenerator[tuple[aiohttp.ClientResponse, bool]]:
        for hop in range(REDIRECTS + 1):
            trusted = self.is_trusted(url)
            if not trusted:
                guard.check(url, source.name)
            session = self._private if trusted else self._public
            async with session.get(url, allow_redirects=False) as response:
                location = response.headers.get("Location")
                if response.status not in (301, 302, 303, 307, 308) or not location:
                    yield response, hop > 0
                    return
            url = url.join(URL(location))
        raise ReferenceRefused(source.name, f"redirects more than {REDIRECTS} times; give the image's own address")

    def _check_answer(self, response: aiohttp.ClientResponse, source: Source) -> None:
        if response.status != 200:
            hint = "attach it again" if source.attached else "check the address, or attach the image"
            raise ReferenceRefused(source.name, f"was answered with HTTP {response.status}; {hint}")
        if (response.content_length or 0) > self._size:
            raise self._too_large(source.name)

    async def _store(self, response: aiohttp.ClientResponse, name: str, redirected: bool) -> Fetched:
        file = await asyncio.to_thread(self._temporary)
        path = Path(file.name)
        try:
            sha256, media_type = await self._copy(response, file, name)
            target = self._folder / sha256
            await asyncio.to_thread(path.replace, target)
        finally:
            await asyncio.to_thread(_discard, file, path)
        return Fetched(path=target, sha256=sha256, media_type=media_type, redirected=redirected)

    async def _copy(self, response: aiohttp.ClientResponse, file: IO[bytes], name: str) -> tuple[str, str]:
        digest, size, head, media_type = hashlib.sha256(), 0, b"", None
        async for chunk in response.content.iter_chunked(CHUNK):
            size += len(chunk)
            if size > self._size:
                raise self._too_large(name)
            if media_type is None:
                head += chunk[:HEAD]
                if len(head) >= HEAD:
                    media_type = _accepted(head, name)
            digest.update(chunk)
            await asyncio.to_thread(file.write, chunk)
        media_type = media_type or _accepted(head, name)
        await asyncio.to_thread(file.close)
        return digest.hexdigest(), media_type

    def _temporary(self) -> IO[bytes]:
        self._folder.mkdir(parents=True, exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False)

    def _too_large(self, name: str) -> ReferenceRefused:
        return ReferenceRefused(name, f"is over {self._size / 1_000_000:g} MB; save it smaller")


def _accepted(head: bytes, name: str) -> str:
    media_type = sniff(head)
    problem = refusal(media_type)
    if problem or media_type is None:
        raise ReferenceRefused(name, problem or "is not an image")
    return media_type


def _discard(file: IO[bytes], path: Path) -> None:
    file.close()
    path.unlink(missing_ok=True)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,
        headers={"User-Agent": "DailiesBot (reference images)", "Accept": "image/*"},
    )
