"""Read the pictures that a web page's head declares. page.py runs this script in a process of its own.

It reads the page from standard input, takes the server's charset as its argument, and writes one JSON object: `base`,
the page's own base address or null, and `pictures`, addresses in order of preference. It imports only the standard
library, and works for a few seconds at most.
"""

from __future__ import annotations

import codecs
import json
import resource
import sys
from html.parser import HTMLParser

WORK_SECONDS = 3
"""Limit of processor time, which a busy machine does not use up; a usual page takes a few hundredths."""
PREFERRED = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")


class PageHeadParser(HTMLParser):
    """Collects the values of <meta> and <base>; their entities arrive resolved."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.base: str | None = None
        self.charset: str | None = None
        self.pictures: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value for name, value in reversed(attrs) if value}
        if tag == "base" and self.base is None:
            self.base = given.get("href")
        if tag != "meta":
            return
        self.charset = self.charset or given.get("charset")
        # Open Graph says property, Twitter says name; pages mix them up.
        name = (given.get("property") or given.get("name") or "").strip().lower()
        if name in PREFERRED and (content := given.get("content", "").strip()):
            self.pictures.setdefault(name, content)


def read(page: bytes, charset: str | None) -> PageHeadParser:
    """Parse a page. The charset comes from a byte order mark, else the server, else <meta>, else it is UTF-8."""
    charset = "utf-8-sig" if page.startswith(codecs.BOM_UTF8) else _codec_name(charset)
    head = _parse(page, charset or "utf-8")
    own = None if charset else _codec_name(head.charset)
    return _parse(page, own) if own else head


def _parse(page: bytes, charset: str) -> PageHeadParser:
    head = PageHeadParser()
    head.feed(page.decode(charset, errors="replace"))
    return head


def _codec_name(charset: str | None) -> str | None:
    """Return the text encoding with this name, None when there is none."""
    try:
        return codecs.lookup(charset).name if charset and "".encode(charset) == b"" else None
    except (LookupError, ValueError):
        return None


def main() -> None:
    """Read a page from standard input and print the addresses of its pictures as JSON."""
    resource.setrlimit(resource.RLIMIT_CPU, (WORK_SECONDS, WORK_SECONDS))  # beyond it the system ends the process
    head = read(sys.stdin.buffer.read(), sys.argv[1] or None)
    pictures = [head.pictures[name] for name in PREFERRED if name in head.pictures]
    json.dump({"base": head.base, "pictures": pictures}, sys.stdout)


if __name__ == "__main__":
    main()
