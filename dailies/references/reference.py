"""What a person gave, and what became of it."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from pathlib import Path

from yarl import URL

from dailies.errors import OptionRefused

LINKS_LIMIT = 30
"""Links in one command; no model is known to take more references."""


@dataclass(frozen=True)
class Source:
    """A reference as it was given.

    url: where its bytes are. name: what a person recognises it by (file name, or host and path).
    attached: attached to the command; its link is signed and dies after about a day.
    """

    url: str
    name: str
    attached: bool


@dataclass(frozen=True)
class Reference:
    """A reference that was fetched and looked into.

    sha256: of the bytes. path, thumbnail: files under DATA_DIR. width, height: pixels.
    link: the address that is sent to the model; None when the bytes go along inline.
    page: the web page that declares this picture, where a page was given instead of an image.
    """

    name: str
    sha256: str
    path: Path
    thumbnail: Path
    media_type: str
    width: int
    height: int
    link: str | None
    page: str | None = None

    def to_send(self) -> str:
        """What goes into the request: the link, or the bytes as a data URL. Reads the file."""
        if self.link:
            return self.link
        return f"data:{self.media_type};base64,{base64.b64encode(self.path.read_bytes()).decode()}"


def read_links(text: str) -> list[Source]:
    """Split the `links` option at spaces, commas and new lines; each link once, in the order given.

    A comma inside a link stays: only one before white space or before the next http(s):// separates.
    Raises OptionRefused for what is no link.
    """
    sources: dict[str, Source] = {}
    for part in re.split(r"\s+|,+(?=\s|(?i:https?)://|$)", text):
        link = part.strip(",").removeprefix("<").removesuffix(">")
        if not link:
            continue
        url = _parse(link)
        sources.setdefault(str(url), Source(url=str(url), name=link_name(url), attached=False))
    if len(sources) > LINKS_LIMIT:
        raise OptionRefused("links", len(sources), f"at most {LINKS_LIMIT} links fit in one command")
    return list(sources.values())


def link_name(url: URL) -> str:
    """A link as a person may read it: host and path, without query (it may hold a signature), at most 80 characters."""
    text = f"{url.host}{url.path}"
    return text if len(text) <= 80 else text[:79] + "…"


def _parse(link: str) -> URL:
    shown = link.split("?", 1)[0][:80]
    try:
        url = URL(link)
        readable = bool(url.host) and url.scheme in ("http", "https")
    except ValueError:
        readable = False
        url = URL()
    if not readable:
        raise OptionRefused("links", shown, "is not a link; give https links to images, separated by spaces")
    if url.user is not None or url.password is not None:
        raise OptionRefused("links", url.host, "has a user name or password in it; give a link without")
    return url.with_fragment(None)
