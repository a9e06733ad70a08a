"""What would become of reference images, without a bot, a token or a key, and without anything being paid.

Each is fetched and looked into exactly as for /video. Exit code: 0 all can be used, 1 one cannot, 2 wrong usage.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, TextIO

from yarl import URL

from dailies.errors import OptionRefused, ReferenceRefused, SettingsError
from dailies.references.collect import Collector, collector
from dailies.references.fetch import Fetched, Fetcher
from dailies.references.reference import Reference, Source, read_links
from dailies.settings import Settings
from dailies.variables import VARIABLES

_LINK = re.compile(r"<?[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""What begins like this is a link, of whatever scheme; everything else is a file."""
_DRIVE = re.compile(r"[a-z]:[\\/]", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """What became of one check. check: as it was given. media_type, width (pixels), height, bytes: of what is sent.

    changed: whether that differs from what was given. reason: why it is sent so, or why it cannot be used.
    """

    check: str
    usable: bool
    reason: str
    transport: Literal["url", "inline"] | None = None
    media_type: str | None = None
    width: int | None = None
    height: int | None = None
    bytes: int | None = None
    changed: bool | None = None


def main(arguments: Sequence[str], environment: Mapping[str, str], output: TextIO) -> int:
    """Look at what the arguments name and write a line for each; returns the exit code."""
    parser = argparse.ArgumentParser("python -m dailies.references", description=__doc__)
    parser.add_argument("checks", nargs="+", metavar="CHECK", help="an image file, or a link to one")
    parser.add_argument("--json", action="store_true", help="write one JSON object a line")
    try:
        asked = parser.parse_args(arguments)
    except SystemExit as end:  # argparse has said what is wrong, or given the help
        return int(end.code or 0)
    try:
        settings = Settings.from_env(_without_tokens(environment))
    except SettingsError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        return 2
    with tempfile.TemporaryDirectory(prefix="dailies-references-") as folder:
        findings = asyncio.run(_look(asked.checks, settings, Path(folder)))
    for finding in findings:
        output.write(f"{json.dumps(asdict(finding)) if asked.json else _line(finding)}\n")
    return 0 if all(finding.usable for finding in findings) else 1


def _without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """Nothing here talks to Discord or OpenRouter: what is required only for that need not be there."""
    return {**environment, **{one.name: "unused" for one in VARIABLES if one.required}}


async def _look(checks: Sequence[str], settings: Settings, folder: Path) -> list[Finding]:
    async with Fetcher.of(settings, folder) as fetcher:
        looking = collector(fetcher, settings)
        return list(await asyncio.gather(*(_finding(check, fetcher, looking) for check in checks)))


async def _finding(check: str, fetcher: Fetcher, looking: Collector) -> Finding:
    try:
        source, fetched = await _fetched(check, fetcher)
        reference = await looking.look(source, fetched)
    except OptionRefused as error:
        return Finding(check, usable=False, reason=error.problem)
    except ReferenceRefused as error:
        return Finding(check, usable=False, reason=error.problem)
    content = await asyncio.to_thread(reference.path.read_bytes)
    return Finding(
        check,
        usable=True,
        reason=_reason(source, fetched, reference, fetcher),
        transport="url" if reference.link else "inline",
        media_type=reference.media_type,
        width=reference.width,
        height=reference.height,
        bytes=len(content),
        changed=hashlib.sha256(content).hexdigest() != fetched.sha256,
    )


async def _fetched(check: str, fetcher: Fetcher) -> tuple[Source, Fetched]:
    """The one image that a check names. A file counts as attached, without a link that would last."""
    if _LINK.match(check) and not _DRIVE.match(check):
        sources = read_links(check)
        if len(sources) != 1:
            raise OptionRefused("links", check, f"holds {len(sources)} links; give each as an argument of its own")
        return sources[0], await fetcher.fetch(sources[0])
    path = Path(check)
    return Source(url="", name=path.name, attached=True), await fetcher.read(path, path.name)


def _reason(source: Source, fetched: Fetched, reference: Reference, fetcher: Fetcher) -> str:
    if reference.link:
        return "the link is direct and lasts, so the link itself is sent"
    if reference.converted:
        return f"the picture is changed before its bytes are sent: {', '.join(reference.notes)}"
    if source.attached:
        return "a file is sent as an attachment is: its bytes, unless Discord's link to it lasts"
    if fetched.redirected:
        return "the link redirects, so the bytes are sent"
    if fetcher.is_trusted(URL(source.url)):
        return "the link is on a trusted origin, which others may not reach, so the bytes are sent"
    return "the bytes are sent"


def _line(finding: Finding) -> str:
    """A finding in words. A link's query stays out: it may hold a signature, and lines are passed on."""
    shown = re.sub(r"\?.*", "?…", finding.check, flags=re.DOTALL) if _LINK.match(finding.check) else finding.check
    if not finding.usable:
        return f"refused  {shown}: {finding.reason}"
    what = f"{finding.media_type}, {finding.width} × {finding.height}, {finding.bytes} bytes"
    changed = ", changed" if finding.changed else ", as it is"
    return f"ok       {shown}: {what}{changed}; {finding.reason}"
