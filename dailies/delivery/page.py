"""The page behind a link to a video: its title, its poster and a player, for people and for what previews links."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from html import escape
from pathlib import Path

from dailies.language import gettext, spoken

TITLE_SHOWN = 80
_STYLE = (
    "body{margin:0;background:#111;color:#eee;font:16px/1.4 system-ui,sans-serif}"
    "main{max-width:1280px;margin:auto;padding:1rem}"
    "h1{font-size:1.1rem;font-weight:600;overflow-wrap:anywhere}"
    "video{display:block;width:100%;max-height:85vh;background:#000}"
    "a{color:#9cf}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
CONTENT_SECURITY = (
    f"default-src 'none'; media-src 'self'; img-src 'self'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox"
)
"""Nothing runs on the page and nothing comes from elsewhere: the title is somebody's own words."""


@dataclass(frozen=True)
class SharedVideo:
    """A job's video as a link shows it. path: of the file that came first. url: of the folder of the link's addresses.

    title: the job's prompt. sizes: width and height in pixels of each output, as far as they are known.
    hidden: a picture of it must not be shown before somebody asks for it. blind: nobody is to know its model yet.
    """

    path: Path
    url: str
    title: str
    sizes: tuple[tuple[int, int] | None, ...] = ()
    hidden: bool = False
    blind: bool = False


def page(shared: SharedVideo, name: str, film: str, poster: str | None, number: int) -> str:
    """Return the page as HTML, in the language that is spoken.

    name, film, poster: addresses below the link's; poster: None without one. number: of the output, from 1.
    """
    title = escape(_title(shared.title))
    address, film_url = escape(f"{shared.url}/{name}"), escape(f"{shared.url}/{film}")
    properties = [("og:type", "video.other"), ("og:site_name", "Dailies"), ("og:title", title), ("og:url", address)]
    cards = [("twitter:card", "player" if not shared.hidden else "summary"), ("twitter:title", title)]
    picture = ""
    if poster is not None and not shared.hidden:
        poster_url = escape(f"{shared.url}/{poster}")
        properties += [("og:image", poster_url), ("og:image:type", "image/jpeg")]
        cards.append(("twitter:image", poster_url))
        picture = f' poster="{escape(poster)}"'
    if not shared.hidden:
        size = _size(shared, number)
        properties += [("og:video", film_url), ("og:video:secure_url", film_url), ("og:video:type", "video/mp4")]
        properties += [(f"og:video:{side}", str(pixels)) for side, pixels in size.items()]
        cards += [("twitter:player", film_url), ("twitter:player:stream", film_url)]
        cards += [("twitter:player:stream:content_type", "video/mp4")]
        cards += [(f"twitter:player:{side}", str(pixels)) for side, pixels in size.items()]
    metas = [f'<meta property="{key}" content="{value}">' for key, value in properties]
    metas += [f'<meta name="{key}" content="{value}">' for key, value in cards]
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="{spoken()}">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{title}</title>",
            *metas,
            f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>",
            f"<h1>{title}</h1>",
            f'<video controls playsinline preload="metadata"{picture} src="{escape(film)}"></video>',
            f'<p><a href="{escape(film)}">{escape(gettext("The video file"))}</a></p>',
            "</main>\n</body>\n</html>\n",
        ]
    )


def _title(prompt: str) -> str:
    text = " ".join(prompt.split())
    return text if len(text) <= TITLE_SHOWN else text[: TITLE_SHOWN - 1].rstrip() + "…"


def _size(shared: SharedVideo, number: int) -> dict[str, int]:
    """Return width and height by name; players need some, so the usual ones if they are not known."""
    known = shared.sizes[number - 1] if number <= len(shared.sizes) else None
    width, height = known or (1280, 720)
    return {"width": width, "height": height}
