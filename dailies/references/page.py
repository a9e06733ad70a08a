"""A web page was given instead of an image: the picture that it declares as its preview.

The page is a stranger's, and the standard library's HTML parser needs quadratic time for some of them (five seconds
for 64 KB, measured), in one piece that holds up every other thread. So it runs in a process of its own, which gives up
after a few seconds of work and gets nothing of this process's environment.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from yarl import URL

from dailies import processes
from dailies.references.fetch import Fetcher
from dailies.references.reference import Source, link_name

PAGE_BYTES = 512 * 1024
"""What is read of a page; the head of a usual one has a tenth of that."""
ADDRESS_MOST = 4096
"""Characters of an address; longer ones are inline images, which no page declares for others."""
_SCRIPT = Path(__file__).with_name("page_worker.py")


async def picture_of(fetcher: Fetcher, source: Source, *, requester: int | None) -> Source | None:
    """The picture that the page behind a link declares, None when it declares none.

    The page is fetched as every reference is. Raises ReferenceRefused.
    """
    body = bytearray()
    async with fetcher.opened(source, requester=requester) as (response, _):
        async for chunk in response.content.iter_chunked(64 * 1024):
            body += chunk[: PAGE_BYTES - len(body)]
            if len(body) >= PAGE_BYTES:
                break
        # Inside, so that the limit of fetches at once holds for the processes too.
        address = await declared(bytes(body), response.charset, response.url)
    return Source(url=str(address), name=link_name(address), attached=False) if address else None


async def declared(page: bytes, charset: str | None, url: URL) -> URL | None:
    """The address of the picture that a page at this address declares; never anything but http or https."""
    ended = await processes.run([sys.executable, "-I", str(_SCRIPT), charset or ""], data=page, env={})
    # The parser raises AssertionError for some broken declarations: a page without a preview.
    return choose(json.loads(ended.stdout), url) if ended.returncode == 0 else None


def choose(found: Mapping[str, object], url: URL) -> URL | None:
    """The first usable address of what head.py found on a page at this address."""
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
        address = URL(str(base.join(URL(text.strip()))))  # read anew, because join does not look at the host
    except ValueError:
        return None
    if address.scheme == "http" and base.scheme == "https" and address.explicit_port is None:
        address = address.with_scheme("https")  # as browsers do with pictures of such pages
    return address.with_fragment(None) if address.scheme in ("http", "https") and address.host else None
