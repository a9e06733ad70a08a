"""Uploaded files: kept on disk, named and described as Discord does, served under signed links."""

from __future__ import annotations

import hashlib
import hmac
import mimetypes
import re
import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image, UnidentifiedImageError

from sandbox.clock import Clock
from sandbox.discord.jsontypes import JsonObject


@dataclass
class StoredFile:
    """A file on disk. `folder` is "attachments" or "ephemeral-attachments" (slash commands, modals)."""

    id: str
    owner_id: str
    filename: str
    title: str | None
    path: Path
    size: int
    content_type: str | None
    width: int | None = None
    height: int | None = None
    description: str | None = None
    folder: str = "attachments"

    @property
    def url_path(self) -> str:
        """Path of its link, below the origin."""
        return f"/{self.folder}/{self.owner_id}/{self.id}/{self.filename}"


def sanitise(filename: str) -> str:
    """Return a file name as Discord stores it: spaces become underscores, other unusual characters go."""
    name = re.sub(r"[^A-Za-z0-9._\-]", "", re.sub(r"\s+", "_", filename.rsplit("/", 1)[-1]))
    return name.lstrip(".") or "unknown"


def guess_type(filename: str) -> str | None:
    """Return the content type by name; text gets a charset, as Discord adds one."""
    kind = mimetypes.guess_type(filename)[0]
    return f"{kind}; charset=utf-8" if kind is not None and kind.startswith("text/") else kind


def _image_size(path: Path) -> tuple[int | None, int | None]:
    try:
        with Image.open(path) as image:
            return image.size
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None, None  # Discord gives no size for files that it cannot read


class FileStore:
    """All files of a world, in a temporary folder that goes when the store is closed."""

    def __init__(self, clock: Clock, lifetime: float) -> None:
        self._clock = clock
        self._lifetime = lifetime
        self._secret = secrets.token_bytes(32)
        self._folder = tempfile.TemporaryDirectory(prefix="sandbox-discord-")
        self._files: dict[str, StoredFile] = {}
        self.origin = ""

    def close(self) -> None:
        """Delete everything."""
        self._folder.cleanup()

    def temporary(self) -> Path:
        """Return a fresh path for a file that is being received."""
        return Path(self._folder.name) / secrets.token_hex(16)

    def adopt(
        self,
        path: Path,
        *,
        file_id: str,
        owner_id: str,
        filename: str,
        content_type: str | None = None,
        description: str | None = None,
        ephemeral: bool = False,
    ) -> StoredFile:
        """Take over a received file. `content_type` None: Discord's own guess by name."""
        name = sanitise(filename)
        kind = content_type if content_type is not None else guess_type(name)
        width, height = _image_size(path) if (kind or "").startswith("image/") else (None, None)
        stored = StoredFile(
            id=file_id,
            owner_id=owner_id,
            filename=name,
            title=None if name == filename else Path(filename).stem,
            path=path,
            size=path.stat().st_size,
            content_type=kind,
            width=width,
            height=height,
            description=description,
            folder="ephemeral-attachments" if ephemeral else "attachments",
        )
        self._files[stored.url_path] = stored
        return stored

    def forget(self, stored: StoredFile) -> None:
        """Drop a file whose request was refused; its bytes go with the request."""
        self._files.pop(stored.url_path, None)

    def url(self, stored: StoredFile, *, proxy: bool = False) -> str:
        """Make a link that is good for the link lifetime from now on."""
        issued = int(self._clock.time())
        expires = int(issued + self._lifetime)
        mark = self._sign(stored.url_path, expires, issued)
        prefix = "/media" if proxy else ""
        return f"{self.origin}{prefix}{stored.url_path}?ex={expires:x}&is={issued:x}&hm={mark}&"

    def find(self, url: str) -> StoredFile | None:
        """Return the file that a link of this server names, whatever its signature."""
        if not url.startswith(f"{self.origin}/"):
            return None
        return self._files.get(urlsplit(url).path.removeprefix("/media"))

    def open(self, path: str, query: dict[str, str]) -> StoredFile | None:
        """Return the file under a path, if its link is signed by this server and has not expired."""
        try:
            expires, issued = int(query["ex"], 16), int(query["is"], 16)
        except (KeyError, ValueError):
            return None
        good = hmac.compare_digest(query.get("hm", ""), self._sign(path, expires, issued))
        return self._files.get(path) if good and self._clock.time() < expires else None

    def describe(self, stored: StoredFile) -> JsonObject:
        """Make Discord's attachment object, with fresh links."""
        data: JsonObject = {
            "id": stored.id,
            "filename": stored.filename,
            "size": stored.size,
            "url": self.url(stored),
            "proxy_url": self.url(stored, proxy=True),
        }
        optional = {
            "content_type": stored.content_type,
            "width": stored.width,
            "height": stored.height,
            "title": stored.title,
            "description": stored.description,
            "ephemeral": stored.folder == "ephemeral-attachments" or None,
        }
        return data | {key: value for key, value in optional.items() if value is not None}

    def describe_media(self, stored: StoredFile) -> JsonObject:
        """Make Discord's media item of a component, with fresh links."""
        return {
            "id": stored.id,
            "url": self.url(stored),
            "proxy_url": self.url(stored, proxy=True),
            "width": stored.width,
            "height": stored.height,
            "content_type": stored.content_type,
            "attachment_id": stored.id,
        }

    def _sign(self, path: str, expires: int, issued: int) -> str:
        text = f"{path}?ex={expires:x}&is={issued:x}".encode()
        return hmac.new(self._secret, text, hashlib.sha256).hexdigest()
