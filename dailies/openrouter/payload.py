"""The paid request's body, piece by piece: images are read and encoded as they are sent, never held in memory."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from dailies.errors import DailiesError

PIECE = 3 * 256 * 1024
"""Bytes encoded at once; a multiple of three, so that no padding comes in between."""


class Role(StrEnum):
    """The part that a picture has in a video; those of frames are OpenRouter's words for `frame_type`."""

    REFERENCE = "reference"
    """Guides subject, style or identity, and fixes no frame."""
    FIRST = "first_frame"
    LAST = "last_frame"


class Fitting(StrEnum):
    """The way in which a frame of another shape than the video's is made to fit."""

    CROP = "crop"
    PAD = "pad"


@dataclass(frozen=True)
class Fit:
    """The shape of a video, as in 16:9, and the way in which a picture is given it."""

    shape: str
    fitting: Fitting

    @property
    def sides(self) -> tuple[int, int]:
        """The two numbers of the shape. Raises ValueError for any other text."""
        wide, high = map(int, self.shape.split(":"))
        return wide, high


class FileDamaged(DailiesError):
    """A file of the bot's own does not hold what was written to it, as after a power cut. Its text is for the log."""

    def __init__(self, path: Path) -> None:
        self.path = path
        super().__init__(f"{path} does not have the SHA-256 that its record names")


@dataclass(frozen=True)
class Inline:
    """A file that goes along as a data URL. sha256: of its bytes, by which it is checked on the way."""

    media_type: str
    path: Path
    sha256: str

    @property
    def head(self) -> bytes:
        """Return the prefix of the file's bytes in base64."""
        return f"data:{self.media_type};base64,".encode()

    def size(self) -> int:
        """Return the size of the data URL in bytes. Reads the file's size: blocks. Raises OSError."""
        return len(self.head) + -(-self.path.stat().st_size // 3) * 4

    def piece(self, start: int, add: Callable[[bytes], None]) -> bytes:
        """Return PIECE bytes of the file from an offset on, in base64. add: gets them. Blocks. Raises OSError."""
        with self.path.open("rb") as file:
            file.seek(start)
            piece = file.read(PIECE)
        add(piece)
        return base64.b64encode(piece)


class Payload:
    """A JSON object in which each Inline is written as its data URL. size: bytes in all.

    Blocks during construction. Raises OSError when an image is not there.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._images: list[Inline] = []
        mark = secrets.token_hex(16)

        def marked(value: object) -> str:
            if not isinstance(value, Inline):
                raise TypeError(f"{type(value).__name__} is not JSON")
            self._images.append(value)
            return mark

        self._texts = json.dumps(body, default=marked).encode().split(mark.encode())
        self.size = sum(map(len, self._texts)) + sum(image.size() for image in self._images)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yield all of it, in order; no chunk is empty.

        Raises OSError when an image cannot be read any more, and FileDamaged before the text after an image that is not
        the right one: without that text the object is incomplete.
        """
        # Here, because the process that looks into a picture loads this file, and nothing else there needs asyncio.
        import asyncio

        first, *rest = self._texts
        yield first
        for image, text in zip(self._images, rest, strict=True):
            yield image.head
            start, digest = 0, hashlib.sha256()
            while piece := await asyncio.to_thread(image.piece, start, digest.update):
                yield piece
                start += PIECE
            if digest.hexdigest() != image.sha256:
                raise FileDamaged(image.path)
            yield text
