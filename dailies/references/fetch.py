"""Fetching reference images: guarded, limited, and checked by their first bytes while they arrive."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import tempfile
import time
from collections.abc import AsyncGenerator, AsyncIterable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from ssl import SSLContext
from typing import IO

import aiohttp
from yarl import URL

from dailies import ssrf_guard as guard
from dailies.disk import writing
from dailies.errors import PageGiven, ReferenceRefused
from dailies.fair_slots import FairSlots
from dailies.files import make_folder, put_once
from dailies.reason import Reason, ReasonCode
from dailies.references import expiring_links as signed
from dailies.references.reference import Source
from dailies.references.sniff import HEAD, refusal, sniff
from dailies.settings import Settings

REDIRECTS = 3
CHUNK = 64 * 1024
AT_ONCE = 8
"""Maximum concurrent fetches of the whole bot."""
AT_ONCE_EACH = 3
"""Maximum concurrent fetches for one person."""


@dataclass(frozen=True)
class Fetched:
    """A fetched file on disk.

    media_type: by its first bytes. redirected: the link was not the image's own. misnamed: the site declared another
    content type than media_type.
    """

    path: Path
    sha256: str
    media_type: str
    redirected: bool
    misnamed: bool = False


class Fetcher:
    """Fetches links into a folder, each under the name of its SHA-256.

    trusted: origins that may be private or plain http, on any port. ports: allowed for all other links. size: limit in
    bytes, after decoding. seconds: limit of one fetch, redirects included. lookup: as socket.getaddrinfo. open_socket:
    opens the sockets of public links. tls: context that verifies the certificates of public links. now: Unix seconds.
    """

    def __init__(
        self,
        folder: Path,
        *,
        trusted: frozenset[str],
        size: int,
        seconds: float,
        ports: frozenset[int] = guard.HTTPS_ONLY,
        lookup: guard.Lookup = socket.getaddrinfo,
        open_socket: Callable[[guard.AddressInfo], socket.socket] = guard.open_socket,
        tls: SSLContext | bool = True,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._trusted = trusted
        self._ports = ports
        self._size = size
        self._seconds = seconds
        self._now = now
        self._slots = FairSlots(AT_ONCE, AT_ONCE_EACH)
        self._resolver = guard.SystemResolver(lookup)
        self._public = _session(guard.public_connector(self._resolver, open_socket, tls))
        self._private = _session(aiohttp.TCPConnector(resolver=self._resolver, use_dns_cache=False, force_close=True))

    @classmethod
    def of(cls, settings: Settings, folder: Path) -> Fetcher:
        """Return a fetcher configured from the settings. Must be called in the loop that it runs in."""
        return cls(
            folder,
            trusted=settings.reference_trusted_origins,
            ports=settings.reference_ports,
            size=int(settings.reference_max_mb * 1_000_000),
            seconds=settings.reference_timeout_seconds,
        )

    async def __aenter__(self) -> Fetcher:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._public.close()
        await self._private.close()
        await self._resolver.close()

    def is_trusted(self, url: URL) -> bool:
        """Tell if the address is on an origin that REFERENCE_TRUSTED_ORIGINS names."""
        try:
            return str(url.origin()) in self._trusted
        except ValueError:  # no scheme, no host, or an invalid one, as in https://[::g]/
            return False

    async def fetch(self, source: Source, *, requester: int | None = None) -> Fetched:
        """Fetch one reference. requester: id of the person who requested it, None for an operator.

        Raises ReferenceRefused with the reason, and DiskFull when it finds no room.
        """
        async with self.opened(source, requester=requester) as (response, redirected):
            self._check_answer(response, source)
            fetched = await self._store(response.content.iter_chunked(CHUNK), source.name, redirected)
            return replace(fetched, misnamed=response.content_type != fetched.media_type)

    async def read(self, path: Path, name: str) -> Fetched:
        """Read a file of this machine within the same limits. Only for operators, who may read it anyway."""
        if not await asyncio.to_thread(path.is_file):
            raise ReferenceRefused(name, Reason(ReasonCode.FILE_MISSING))
        async with self._slots.one(None):
            try:
                file = await asyncio.to_thread(path.open, "rb")
                try:
                    return await self._store(_chunks(file), name, redirected=False)
                finally:
                    await asyncio.to_thread(file.close)
            except OSError as error:
                raise ReferenceRefused(name, Reason(ReasonCode.FILE_UNREADABLE, problem=error.strerror)) from error

    @asynccontextmanager
    async def opened(
        self, source: Source, *, requester: int | None = None
    ) -> AsyncGenerator[tuple[aiohttp.ClientResponse, bool]]:
        """Open a link, guarded as in every fetch; yield the response, of any status, and True if it was redirected.

        The limits of time and of concurrent fetches apply inside the block; the limit of size is up to the caller.
        Raises ReferenceRefused, also for connections that break inside the block.
        """
        name = source.name
        async with self._slots.one(requester):
            try:
                async with asyncio.timeout(self._seconds):
                    response, redirected = await self._follow(source)
                    async with response:
                        yield response, redirected
            except TimeoutError as error:
                raise ReferenceRefused(name, Reason(ReasonCode.FETCH_SLOW, seconds=self._seconds)) from error
            except aiohttp.ClientError as error:
                raise ReferenceRefused(name, Reason(ReasonCode.CONNECTION_BROKE)) from error

    async def _follow(self, source: Source) -> tuple[aiohttp.ClientResponse, bool]:
        url = guard.parse(source.url, source.name)
        for hop in range(REDIRECTS + 1):
            try:
                response = await self._get(url, source.name)
            except ReferenceRefused as error:
                if not hop:
                    raise
                way = Reason(ReasonCode.REDIRECTS_TO, host=_shown(url), problem=error.problem)
                raise ReferenceRefused(error.name, way) from error
            location = response.headers.get("Location")
            if response.status not in (301, 302, 303, 307, 308) or not location:
                return response, hop > 0
            response.close()
            url = self._next(url, location, source.name)
        raise ReferenceRefused(source.name, Reason(ReasonCode.REDIRECTS_TOO_OFTEN, most=REDIRECTS))

    def _next(self, url: URL, location: str, name: str) -> URL:
        try:
            # Parsed again, because join does not check the host.
            return guard.parse(str(url.join(guard.parse(location, name))), name)
        except (ReferenceRefused, ValueError) as error:
            raise ReferenceRefused(name, Reason(ReasonCode.REDIRECT_UNREADABLE)) from error

    async def _get(self, url: URL, name: str) -> aiohttp.ClientResponse:
        trusted = self.is_trusted(url)
        guard.check_no_user(url, name)
        if not trusted:
            guard.check(url, name, self._ports)
        if late := signed.expired(url, self._now()):
            raise ReferenceRefused(name, late)
        try:
            return await (self._private if trusted else self._public).get(url, allow_redirects=False)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise ReferenceRefused(name, Reason(_unreached(error))) from error

    def _check_answer(self, response: aiohttp.ClientResponse, source: Source) -> None:
        if response.status == 404 and (problem := signed.gone(response.url)):
            raise ReferenceRefused(source.name, problem)
        if response.status != 200:
            code = ReasonCode.ANSWERED_ATTACHMENT if source.attached else _answered(response.status)
            raise ReferenceRefused(source.name, Reason(code, status=response.status))
        if (response.content_length or 0) > self._size:
            raise self._too_large(source.name)

    async def _store(self, chunks: AsyncIterable[bytes], name: str, redirected: bool) -> Fetched:
        with writing():
            file = await asyncio.to_thread(self._temporary)
            path = Path(file.name)
            try:
                sha256, media_type = await self._copy(chunks, file, name)
                target = self._folder / sha256
                await asyncio.to_thread(put_once, path, target, sha256)
            finally:
                await asyncio.to_thread(_discard, file, path)
        return Fetched(path=target, sha256=sha256, media_type=media_type, redirected=redirected)

    async def _copy(self, chunks: AsyncIterable[bytes], file: IO[bytes], name: str) -> tuple[str, str]:
        digest, size, head, media_type = hashlib.sha256(), 0, b"", None
        async for chunk in chunks:
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
        make_folder(self._folder)
        return tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False)

    def _too_large(self, name: str) -> ReferenceRefused:
        return ReferenceRefused(name, Reason(ReasonCode.BYTES_BEYOND, bytes=self._size))


def _accepted(head: bytes, name: str) -> str:
    media_type = sniff(head)
    problem = refusal(media_type)
    if media_type == "text/html" and problem:
        raise PageGiven(name, problem)
    if problem or media_type is None:
        raise ReferenceRefused(name, problem or Reason(ReasonCode.NOT_AN_IMAGE))
    return media_type


async def _chunks(file: IO[bytes]) -> AsyncGenerator[bytes]:
    while chunk := await asyncio.to_thread(file.read, CHUNK):
        yield chunk


def _answered(status: int) -> ReasonCode:
    if status in (401, 403):
        return ReasonCode.ANSWERED_PRIVATE
    return ReasonCode.ANSWERED_LATER if status == 429 or status >= 500 else ReasonCode.ANSWERED


def _shown(url: URL) -> str:
    return (url.host or url.scheme or "another address")[:80]


def _unreached(error: Exception) -> ReasonCode:
    """Return the reason code for a failed connection."""
    if isinstance(error.__cause__, guard.PrivateAddress):
        return ReasonCode.PRIVATE_ADDRESS
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return ReasonCode.NAME_NOT_FOUND
    if isinstance(error, aiohttp.ClientSSLError):
        return ReasonCode.CERTIFICATE_WRONG
    if isinstance(error, aiohttp.ClientConnectorError):
        return ReasonCode.SITE_UNREACHED
    if isinstance(error, aiohttp.ClientConnectionError):
        return ReasonCode.CONNECTION_BROKE
    return ReasonCode.NOT_A_WEB_SITE


def _discard(file: IO[bytes], path: Path) -> None:
    try:
        file.close()
    finally:  # on a full disk, closing fails too
        path.unlink(missing_ok=True)


def _session(connector: aiohttp.TCPConnector) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None),
        trust_env=False,
        headers={"User-Agent": "DailiesBot (reference images)", "Accept": "image/*", "Accept-Encoding": "identity"},
    )
