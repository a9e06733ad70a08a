"""Reference images, fetched and decoded as OpenRouter does it: after the job was accepted.

Every problem is a JobError, so the job fails with one of the words that OpenRouter's job errors use.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import ipaddress
import urllib.parse
import warnings
from dataclasses import dataclass

import aiohttp
from PIL import Image, ImageOps, UnidentifiedImageError
from yarl import URL

from sandbox.openrouter.errors import JobError

_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
_KEPT_SIDE = 2048
"""Pixels. Thirty references of 6000 x 6000 would take 4 GB, and no frame here shows that much."""
_REDIRECTS = {301, 302, 303, 307, 308}


@dataclass(frozen=True)
class ReferenceLimits:
    """Limits of a provider. The figures are those documented for Seedance, the bot's default model."""

    max_bytes: int = 30 * 1024 * 1024
    min_side: int = 300
    max_side: int = 6000
    timeout: float = 10.0
    """Real seconds for one image."""
    max_redirects: int = 5


class ReferenceFetcher:
    """Fetches references for jobs. Use `await close()` when done.

    It fetches from loopback addresses only: the sandbox has no business outside.
    """

    def __init__(self, limits: ReferenceLimits) -> None:
        self._limits = limits
        self._session: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def image(self, url: str) -> Image.Image:
        """Return the image at an http, https or data URL, upright, in RGB. Raises JobError."""
        data = self._from_data_url(url) if url.startswith("data:") else await self._download(url)
        if len(data) > self._limits.max_bytes:
            raise JobError("image_too_large", f"more than {self._limits.max_bytes} bytes")
        return await asyncio.to_thread(self._decode, data)

    def _from_data_url(self, url: str) -> bytes:
        header, _, payload = url.partition(",")
        try:
            if header.endswith(";base64"):
                return base64.b64decode(payload, validate=True)
            return urllib.parse.unquote_to_bytes(payload)
        except (ValueError, binascii.Error) as error:
            raise JobError("unsupported_image_format", f"the data URL cannot be decoded: {error}") from None

    async def _download(self, url: str) -> bytes:
        try:
            async with asyncio.timeout(self._limits.timeout):
                return await self._follow(URL(url))
        except TimeoutError:
            raise JobError("image_download_failed", f"no image after {self._limits.timeout:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise JobError("image_download_failed", f"{_without_query(url)}: {error}") from None

    async def _follow(self, url: URL) -> bytes:
        if self._session is None:
            # A certificate proves nothing on loopback, where tests serve https with one of their own.
            self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False), trust_env=False)
        for _ in range(self._limits.max_redirects + 1):
            _require_loopback(url)
            async with self._session.get(url, allow_redirects=False) as response:
                if response.status in _REDIRECTS and "Location" in response.headers:
                    url = url.join(URL(response.headers["Location"]))
                    continue
                if response.status != 200:
                    raise JobError("image_download_failed", f"HTTP {response.status}")
                return await self._read(response)
        raise JobError("image_download_failed", "too many redirects")

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        data = bytearray()
        async for chunk in response.content.iter_any():
            data += chunk
            if len(data) > self._limits.max_bytes:
                raise JobError("image_too_large", f"more than {self._limits.max_bytes} bytes")
        return bytes(data)

    def _decode(self, data: bytes) -> Image.Image:
        limits = self._limits
        try:
            with warnings.catch_warnings():
                # Pillow warns of a decompression bomb before it refuses one; the check below is stricter.
                warnings.simplefilter("ignore", Image.DecompressionBombWarning)
                with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                    if min(image.size) < limits.min_side:
                        raise JobError("image_too_small", f"{_size(image)}, at least {limits.min_side} px a side")
                    if max(image.size) > limits.max_side:
                        raise JobError("image_too_large", f"{_size(image)}, at most {limits.max_side} px a side")
                    image.thumbnail((_KEPT_SIDE, _KEPT_SIDE))
                    return ImageOps.exif_transpose(image).convert("RGBA")
        except UnidentifiedImageError:
            raise JobError("unsupported_image_format", "not an image in a supported format") from None
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            # Errors that Pillow's decoders raise for a file that is cut off or broken.
            raise JobError("unsupported_image_format", f"the image cannot be decoded: {error}") from None


def _require_loopback(url: URL) -> None:
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("not an http(s) URL")
    if url.host == "localhost":
        return  # the one name that is looked up: not even a DNS query leaves the machine
    try:
        inside = ipaddress.ip_address(url.host).is_loopback
    except ValueError:
        inside = False
    if not inside:
        raise ValueError("the sandbox fetches from this machine only")


def _size(image: Image.Image) -> str:
    return f"{image.width}x{image.height} px"


def _without_query(url: str) -> str:
    """Return a link without its query: a signed link carries its secret there, which has no place in a message."""
    return url.partition("?")[0][:200]
