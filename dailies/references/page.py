"""Previews of web pages that were given instead of images: the pictures that the pages declare.

Pages are untrusted, and the standard library's HTML parser needs quadratic time for some (five seconds for 64 KB,
measured), during which it blocks every other thread. So it runs in a confined process, which gives up after a few
seconds of work.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from yarl import URL

from dailies.confinement.confined import Access, run_python
from dailies.references.fetch import Fetcher
from dailies.references.reference import Source, link_name

PAGE_BYTES = 512 * 1024
"""Bytes read of a page; the head of a usual one has a tenth of that."""
ADDRESS_MOST = 4096
"""Maximum characters of an address; longer ones are inline images, which no page declares for others."""
_SCRIPT = Path(__file__).with_name("page_worker.py")
_ACCESS = Access(memory=200_000_000)
"""Measured: 40 MB of address space for the largest page."""


async def picture_of(fetcher: Fetcher, source: Source, *, requester: int | None) -> Source | None:
    """Return the picture that the page behind a link declares, None when it declares none.

    The page is fetched like every reference. Raises ReferenceRefused.
    """
    body = bytearray()
    async with fetcher.opened(source, requester=requester) as (response, _):
        async for chunk in response.content.iter_chunked(64 * 1024):
            body += chunk[: PAGE_BYTES - len(body)]
            if len(body) >= PAGE_BYTES:
                break
        # Inside, so that the limit of concurrent fetches applies to the processes too.
        address = await declared(bytes(body), response.charset, response.url)
    return Source(url=str(address), name=link_name(address), attached=False) if address else None


async def declared(page: bytes, charset: str | None, url: URL) -> URL | None:
    """Return the address, http or https, of the picture that a page at `url` declares."""
    ended = await run_python(_SCRIPT, charset or "", access=_ACCESS, data=page)
    # The parser raises AssertionError for some broken declarations: a page without a preview.
    return choose(json.loads(ended.stdout), url) if ended.returncode == 0 else None


def choose(found: Mapping[str, object], url: URL) -> URL | None:
    """Return the first usable address that page_worker.py found on a page at `url`."""
    base = _join(url, found.get("base")) or url
    pictures = found.get("pictures")
    for text in cast("list[object]", pictures) if isinstance(pictures, list) else []:
        if address := _join(base, text):
            return address
    return None


def _join(base: URL, text: object) -> URL | None:
    if not isinstance(text, str) or not text or len(text) > ADDRESS_MOST:
        return None
    try:
        address = URL(str(base.join(URL(text.strip()))))  # parsed again, because join does not check the host
    except ValueError:
        return None
    if address.scheme == "http" and base.scheme == "https" and address.explicit_port is None:
        address = address.with_scheme("https")  # as browsers do with pictures of such pages
    return address.with_fragment(None) if address.scheme in ("http", "https") and address.host else None
