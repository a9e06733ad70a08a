"""References as they were given, and as they are used."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from yarl import URL

from dailies.catalog.option_checks import LINKS_LIMIT
from dailies.errors import OptionRefused
from dailies.openrouter.payload import Fitting, Inline, Role
from dailies.reason import Reason, ReasonCode
from dailies.references.expiring_links import original

SPOILER_NAME = "SPOILER_"
"""Beginning of the name of a file that Discord hides until clicked."""


@dataclass(frozen=True)
class Source:
    """A reference as it was given.

    url: where its bytes are. name: what a person recognises it by (file name, or host and path).
    attached: attached to the command; its link is signed and dies after about a day.
    spoiler: hidden until clicked where it was given. description: its alt text, as its author wrote it.
    kept: the original on this disk, if an earlier job has fetched it; nothing is fetched then. Jobs do not store it.
    role: its part in the video. fitting: how a frame of another shape is made to fit; None: sent as it is.
    width, height: pixels, as Discord says, or as they were when it was looked into; None: not known.
    cast: names of the cast that it shows, without the @.
    """

    url: str
    name: str
    attached: bool
    spoiler: bool = False
    description: str | None = None
    kept: Path | None = None
    role: Role = Role.REFERENCE
    fitting: Fitting | None = None
    width: int | None = None
    height: int | None = None
    cast: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reference:
    """A reference that was fetched and looked into.

    sha256: of the bytes as given. path, thumbnail: files under DATA_DIR; path is the one that is sent.
    media_type, width, height: of what is sent; pixels. link: the address that is sent to the model; None when the
    bytes go along inline. converted: SHA-256 of the bytes that are sent in place of the given ones.
    notes: what was done to the picture, and what else is worth knowing.
    page: the web page that declares this picture, where a page was given instead of an image.
    spoiler, description, role, fitting, cast: of its source.
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
    spoiler: bool = False
    description: str | None = None
    role: Role = Role.REFERENCE
    fitting: Fitting | None = None
    cast: tuple[str, ...] = ()

    def to_send(self) -> str | Inline:
        """Return what goes into the request: the link, or the file whose bytes go along as a data URL."""
        return self.link or Inline(self.media_type, self.path, self.converted or self.sha256)


def source_of(reference: Reference, original: Path) -> Source:
    """Return the source that stands for an earlier job's reference. original: its bytes as given, on this disk."""
    return Source(
        reference.link or "",
        reference.name,
        attached=False,
        spoiler=reference.spoiler,
        description=reference.description,
        kept=original,
        role=reference.role,
        fitting=reference.fitting,
        cast=reference.cast,
    )


Marked = TypeVar("Marked", Source, Reference)


def each_once(given: Iterable[Marked], key: Callable[[Marked], str]) -> list[Marked]:
    """Return each once, at its first place; a spoiler if it was one anywhere, and with all names of the cast that it
    has. key: tells which are the same.
    """
    kept: dict[str, Marked] = {}
    for one in given:
        first = kept.setdefault(key(one), one)
        names = tuple(dict.fromkeys((*first.cast, *one.cast)))
        if (one.spoiler and not first.spoiler) or names != first.cast:
            kept[key(one)] = replace(first, spoiler=first.spoiler or one.spoiler, cast=names)
    return list(kept.values())


def each_source_once(given: Iterable[Source]) -> list[Source]:
    """Return each source once; the same picture may be a first and a last frame, which makes a loop."""
    return each_once(given, lambda one: f"{one.role} {one.kept or one.url}")


def sent_of(original: Path, converted: str | None) -> Path:
    """The file that is sent: the original, or beside it the converted one."""
    return original if converted is None else original.with_name(f"{original.name}.{converted}")


def thumbnail_of(original: Path) -> Path:
    """The small picture for the status."""
    return original.with_name(f"{original.name}.jpg")


_HIDDEN = r"\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff"
"""Characters that copying adds and nobody sees: soft hyphens, zero-width spaces, marks of the direction of writing."""
_LINK = re.compile(
    r"(?<![A-Za-z0-9])(?i:https?)://"
    rf"(?:(?![,;|()\[\]\uff0c\u3001\uff1b]{{1,9}}(?i:https?)://|\|\|)[^\s<>\"`{_HIDDEN}])+"
)
"""An address up to white space, a quote, a spoiler's end, or a separator and the next address."""
_MARKS = ".,:;!?'*~|\\\u2019\u201d\u3002\uff0c\u3001\uff1a\uff1b\uff01\uff1f\uff09\u300d\u300f\u3011\u300b"
"""Marks that belong to the sentence or the markup where an address ends with it, also in Chinese and Japanese."""
_MEANT = re.compile(r":/|\bwww\.|\b(?:data|blob):|\w\.\w[^\s/]{0,80}[/:?]")
"""Signs that a word was meant as an address."""


_CODE = re.compile(r"(?<!\\)(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_SPOILER = re.compile(r"(?<!\\)\|\|(.+?)\|\|", re.DOTALL)


def spoilers(text: str) -> list[range]:
    """Return where a message's text is hidden until clicked: between double bars that are not code."""
    shown = _CODE.sub(lambda code: " " * len(code[0]), text)
    return [range(*match.span(1)) for match in _SPOILER.finditer(shown)]


def links_in(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the addresses that a text holds, as Discord would link them, and whether a spoiler hides each."""
    hidden = spoilers(text)
    for match in _LINK.finditer(text):
        link = _bare(match[0], text[match.start() - 1 : match.start()])
        yield link, any(match.start() in part for part in hidden)


def read_links(text: str) -> list[Source]:
    """Find the addresses in the `links` option as Discord itself would link them; each once, in the order given.

    They may stand in brackets, spoilers, masked links and sentences; a comma inside one stays.
    Raises OptionRefused for an address that cannot be read, and for a text without any.
    """
    sources: list[Source] = []
    hidden = spoilers(text)
    words, end = "", 0
    for match in _LINK.finditer(text):
        between, link = text[end : match.start()], _bare(match[0], text[match.start() - 1 : match.start()])
        end = match.start() + len(link)
        words += between[: between.rfind("[")] if between.endswith("](") else between  # without a masked link's label
        sources.append(linked(_parse(link), spoiler=any(match.start() in part for part in hidden)))
    words = re.sub(rf"[\s,<>{_HIDDEN}]+", " ", words + text[end:]).strip()
    for word in words.split():
        if not sources or _MEANT.search(word):
            raise OptionRefused("links", word.split("?", 1)[0][:80], Reason(ReasonCode.NOT_A_LINK))
    sources = each_source_once(sources)
    if len(sources) > LINKS_LIMIT:
        raise OptionRefused("links", len(sources), Reason(ReasonCode.TOO_MANY_LINKS, most=LINKS_LIMIT))
    return sources


def _bare(link: str, before: str) -> str:
    """An address without the brackets and marks around it. before: the character in front of it, if any."""
    depth = 0
    for at, one in enumerate(link):
        depth += (one in "([{") - (one in ")]}")
        if depth < 0:
            link = link[:at]
            break
    return link.rstrip(_MARKS + "_" * (before == "_"))


def linked(url: URL, *, spoiler: bool = False) -> Source:
    """Return the source that an address names. spoiler: hidden where it stands; a file's name may say so, too."""
    url = original(url)
    return Source(str(url), link_name(url), attached=False, spoiler=spoiler or url.name.startswith(SPOILER_NAME))


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
