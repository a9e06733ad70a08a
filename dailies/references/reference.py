"""What a person gave, and what became of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from yarl import URL

from dailies.catalog.options import LINKS_LIMIT
from dailies.errors import OptionRefused
from dailies.openrouter.payload import Inline
from dailies.reason import Reason, ReasonCode


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

    sha256: of the bytes as given. path, thumbnail: files under DATA_DIR; path is the one that is sent.
    media_type, width, height: of what is sent; pixels. link: the address that is sent to the model; None when the
    bytes go along inline. converted: SHA-256 of the bytes that are sent in place of the given ones.
    notes: what was done to the picture, and what else is worth knowing.
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
    converted: str | None = None
    notes: tuple[Reason, ...] = ()

    def to_send(self) -> str | Inline:
        """What goes into the request: the link, or the file whose bytes go along as a data URL."""
        return self.link or Inline(self.media_type, self.path)


def sent_of(original: Path, converted: str | None) -> Path:
    """The file that is sent: the original, or beside it the converted one."""
    return original if converted is None else original.with_name(f"{original.name}.{converted}")


def thumbnail_of(original: Path) -> Path:
    """The small picture for the status."""
    return original.with_name(f"{original.name}.jpg")


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
        raise OptionRefused("links", len(sources), Reason(ReasonCode.TOO_MANY_LINKS, most=LINKS_LIMIT))
    return list(sources.values())


def link_name(url: URL) -> str:
    """A link as a person may read it: host and path, without query (it may hold a signature), at most 80 characters."""
    text = "".join(one if one.isprintable() else "\ufffd" for one in f"{url.host}{url.path}")
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
        raise OptionRefused("links", shown, Reason(ReasonCode.NOT_A_LINK))
    if url.user is not None or url.password is not None:
        raise OptionRefused("links", url.host, Reason(ReasonCode.LINK_WITH_USER))
    return url.with_fragment(None)
