"""The page's own files and the bundled pictures, read once at the start: no disk while the loop runs."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from pathlib import Path

from sandbox.discord.jsontypes import JsonObject

HERE = Path(__file__).parent
ASSETS = HERE.parent / "assets"
PICTURES = frozenset({".png", ".jpg", ".jpeg", ".webp"})


@dataclass(frozen=True)
class StaticFile:
    """A file as it is served."""

    data: bytes
    content_type: str


def load_static() -> dict[str, StaticFile]:
    """Read everything below `static/` by URL path; `/` is the page itself. Reads the disk."""
    folder = HERE / "static"
    files = {f"/{path.relative_to(folder).as_posix()}": _read(path) for path in folder.rglob("*.*")}
    return {**files, "/": files["/index.html"]}


def load_samples() -> dict[str, StaticFile]:
    """Read the bundled reference pictures by URL path. Reads the disk."""
    pictures = sorted(path for path in ASSETS.iterdir() if path.suffix in PICTURES)
    return {f"/samples/{path.name}": _read(path) for path in pictures}


def describe_samples(samples: dict[str, StaticFile]) -> list[JsonObject]:
    """Return the pictures that the page offers: {url, name, alt}; a file's name describes the picture."""
    described: list[JsonObject] = []
    for url in samples:
        words = Path(url).stem.replace("-", " ").replace("_", " ")
        described.append({"url": url, "name": words, "alt": words})
    return described


def _read(path: Path) -> StaticFile:
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return StaticFile(path.read_bytes(), "text/javascript" if path.suffix == ".js" else kind)
