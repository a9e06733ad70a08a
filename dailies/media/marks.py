"""Marks of a video's making: what a file says of it, and what is written into each file that is made here.

Three kinds are read: Content Credentials (C2PA), which are signed, IPTC's source type, and plain metadata. None of them
survives a new container, so a file that carries the first is left as it is where that is possible (normalise.py).
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from dailies.confinement.confined import Access, run_python
from dailies.media.container import XMP
from dailies.media.probe import REMEMBERED, Video
from dailies.reason import Reason, ReasonCode

log = logging.getLogger(__name__)

MADE_WITH_AI = "Made with AI"
GENERATED = "trainedAlgorithmicMedia"
"""IPTC's code for what a trained model has made."""
SECONDS = 15.0
"""Longest reading of Content Credentials, the wait for memory included: a delivery waits for it."""
MEMORY = 120_000_000
"""Bytes of address space for the reader, besides those of the file. Measured: 60 to 100 MB."""
MOST_HELD = 2 << 28
"""Bytes of a file that are held at most: it is hashed in pieces of 256 MB, of which there are two."""
NAME_MOST = 100
"""Characters of a name that are written or kept."""
VALID = ("Valid", "Trusted")
"""The library's words for a signature that holds; it is given no list of signers to trust."""

_SCRIPT = Path(__file__).with_name("credentials_worker.py")
_NAMESPACE = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"


def label(models: Sequence[str]) -> str:
    """Return the words for a file's metadata. models: names of those that made it; none: nobody may know them yet."""
    names = ", ".join(filter(None, map(_plain, models)))
    return f"{MADE_WITH_AI}: {names}" if names else MADE_WITH_AI


def metadata(models: Sequence[str]) -> list[str]:
    """Return ffmpeg's arguments that write the label into an MP4. models: as of `label`."""
    return ["-metadata", f"comment={label(models)}"]


def xmp(models: Sequence[str]) -> bytes:
    """Return an XMP packet that says by IPTC's properties that a trained model made it. models: as of `label`."""
    system = escape(", ".join(filter(None, map(_plain, models))))
    used = f"<Iptc4xmpExt:AISystemUsed>{system}</Iptc4xmpExt:AISystemUsed>" if system else ""
    kind = f"http://cv.iptc.org/newscodes/digitalsourcetype/{GENERATED}"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{_NAMESPACE}">'
        f"<Iptc4xmpExt:DigitalSourceType>{kind}</Iptc4xmpExt:DigitalSourceType>{used}"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def append_xmp(path: Path, models: Sequence[str]) -> None:
    """Write an XMP packet behind the last box of an MP4, where it moves nothing. Blocks. Raises OSError.

    ffmpeg writes XMP into QuickTime files alone. models: as of `label`.
    """
    packet = XMP + xmp(models)
    with path.open("ab") as file:
        file.write((8 + len(packet)).to_bytes(4) + b"uuid" + packet)


def _plain(name: str) -> str:
    """Return a name in one line, without characters that metadata or XML cannot hold."""
    return " ".join("".join(one if one.isprintable() else " " for one in name).split())[:NAME_MOST]


async def read_marks(path: Path, video: Video) -> tuple[Reason, ...]:
    """Return the marks that a file carries, as far as they can be read. video: `probe`'s description of it.

    Never raises: what cannot be read is a mark that could not be read.
    """
    found = [await _credentials(path)] if video.credentials else []
    if video.source_type:
        found.append(Reason(ReasonCode.MARK_SOURCE, kind=video.source_type))
    if (text := video.tags.get("comment", "")).startswith(MADE_WITH_AI):
        found.append(Reason(ReasonCode.MARK_LABEL, text=_plain(text)))
    if "aigc" in video.tags:
        found.append(Reason(ReasonCode.MARK_AIGC))
    return tuple(found)


async def _credentials(path: Path) -> Reason:
    """Return a file's Content Credentials, and if their signature holds. They are not read again while it stays."""
    try:
        stat = await asyncio.to_thread(path.stat)
        key = path, stat.st_ino, stat.st_mtime_ns
        if key not in _known:
            async with asyncio.timeout(SECONDS):
                _known[key] = await _read_confined(path, stat.st_size)
    except (OSError, TimeoutError, ValueError, KeyError, TypeError) as error:
        log.warning("%s: its Content Credentials cannot be read: %r", path.name, error)
        return Reason(ReasonCode.MARK_CREDENTIALS, state="unread", issuer=None)
    found = _known[key]
    if len(_known) > REMEMBERED:
        del _known[next(iter(_known))]
    return found


_known: dict[tuple[Path, int, int], Reason] = {}
"""Credentials as they were read last, oldest first."""


async def _read_confined(path: Path, size: int) -> Reason:
    """Read a file's Content Credentials with native code, confined. size: bytes of the file. Raises what is wrong."""
    access = Access(memory=MEMORY + min(size, MOST_HELD), reads=(path,))
    ended = await run_python(_SCRIPT, str(path), access=access, data=b"")
    if ended.returncode:
        raise ChildProcessError(f"the reader ended with {ended.returncode}")
    said = json.loads(ended.stdout)
    issuer = _plain(str(said["issuer"] or ""))
    mismatch = any(_is_mismatch(str(code)) for code in said["codes"])
    state = "valid" if said["state"] in VALID else "changed" if mismatch else "invalid"
    return Reason(ReasonCode.MARK_CREDENTIALS, state=state, issuer=issuer or None)


def _is_mismatch(code: str) -> bool:
    """Tell if a status code says that the file is not the one that was signed."""
    return code.startswith("assertion.") and code.endswith(".mismatch")
