"""Check reference images as the bot would, without a bot, a token or a key, and without paying anything.

Each is fetched and looked into as for /video, and all of them have to fit into one request. Exit code:
0 all can be used, 1 one cannot, 2 wrong usage.
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
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal, TextIO

from dailies.catalog.facts import OWN, Facts, ModelImageLimits
from dailies.confinement.budget import MB, MEMORY
from dailies.errors import DiskFull, OptionRefused, PageGiven, ReferenceRefused, SettingsError
from dailies.explain import sentence, sentences
from dailies.reason import Reason, ReasonCode
from dailies.references.collect import Collector, collector
from dailies.references.fetch import Fetched, Fetcher
from dailies.references.page import picture_of
from dailies.references.reference import Reference, Source, read_links
from dailies.settings import VARIABLES, Settings

_LINK = re.compile(r"<?[a-z][a-z0-9+.-]*:", re.IGNORECASE)
"""Beginning of a link, of any scheme; everything else is a file."""
_MESSAGE = re.compile(r"<?https://(\w+\.)?discord(app)?\.com/channels/", re.IGNORECASE)
_DRIVE = re.compile(r"[a-z]:[\\/]", re.IGNORECASE)


@dataclass(frozen=True)
class Finding:
    """Result of one check. check: as given. media_type, width (pixels), height, bytes: of the image that is sent.

    changed: it differs from the given one. reason: for sending it in this way, or for refusing it.
    preview: for a web page, the address of the picture that it declares, which /video would offer instead.
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
    preview: str | None = None


def main(arguments: Sequence[str], environment: Mapping[str, str], output: TextIO) -> int:
    """Check the images that the arguments name and write a line for each; return the exit code."""
    parser = argparse.ArgumentParser("python -m dailies.references", description=__doc__)
    parser.add_argument("checks", nargs="+", metavar="CHECK", help="an image file, or a link to one")
    parser.add_argument("--json", action="store_true", help="write one JSON object a line")
    parser.add_argument("--model", metavar="ID", help="a model whose limits of number, size and shape count too")
    try:
        asked = parser.parse_args(arguments)
    except SystemExit as end:  # argparse has printed the error, or the help
        return int(end.code or 0)
    try:
        settings = Settings.from_env(_without_tokens(environment))
    except SettingsError as error:
        sys.stderr.write("".join(f"{problem}\n" for problem in error.problems))
        return 2
    known = {**OWN, **settings.reference_models.models}
    if asked.model and asked.model not in known:
        sys.stderr.write(f"nothing is known of {asked.model}; leave --model out, or name one of {', '.join(known)}\n")
        return 2
    MEMORY.total = int(settings.decode_memory_mb * MB)
    facts = known[asked.model] if asked.model else Facts(takes=True, source="")
    with tempfile.TemporaryDirectory(prefix="dailies-references-") as folder:
        findings = asyncio.run(_look(asked.checks[: facts.most], settings, Path(folder), facts.bounds))
    findings += [
        Finding(check, usable=False, reason=_beyond(asked.model, facts)) for check in asked.checks[len(findings) :]
    ]
    for finding in findings:
        output.write(f"{json.dumps(asdict(finding)) if asked.json else _line(finding)}\n")
    return 0 if all(finding.usable for finding in findings) else 1


def _without_tokens(environment: Mapping[str, str]) -> dict[str, str]:
    """Fill in the required variables, which are only needed to talk to Discord and OpenRouter."""
    return {**environment, **{one.name: "unused" for one in VARIABLES if one.required}}


def _beyond(model: str, facts: Facts) -> str:
    """Explain why no further image is sent to the model."""
    if not facts.takes:
        return f"is not sent: {model} doesn't accept reference images ({facts.source})"
    return f"is one too many: {model} takes up to {facts.most} reference images"


@dataclass(frozen=True)
class _Usable:
    """A check of an image that can be used by itself."""

    check: str
    source: Source
    fetched: Fetched
    reference: Reference


async def _look(checks: Sequence[str], settings: Settings, folder: Path, takes: ModelImageLimits) -> list[Finding]:
    async with Fetcher.of(settings, folder) as fetcher:
        looking = collector(fetcher, settings)
        async with asyncio.TaskGroup() as group:  # stopped, it waits for the processes that end
            tasks = [group.create_task(_one(check, fetcher, looking, takes)) for check in checks]
        looked = [task.result() for task in tasks]
        fitted, problem = await _together([one for one in looked if isinstance(one, _Usable)], looking, takes)
        return [
            one if isinstance(one, Finding) else await asyncio.to_thread(_finding, one, fitted, problem, looking)
            for one in looked
        ]


async def _one(check: str, fetcher: Fetcher, looking: Collector, takes: ModelImageLimits) -> Finding | _Usable:
    try:
        return await _looked(check, fetcher, looking, takes)
    except DiskFull as error:
        return Finding(check, usable=False, reason=sentence(error.reason))


async def _looked(check: str, fetcher: Fetcher, looking: Collector, takes: ModelImageLimits) -> Finding | _Usable:
    try:
        source, fetched = await _fetched(check, fetcher)
        return _Usable(check, source, fetched, await looking.look(source, fetched, takes))
    except PageGiven as error:
        return await _page(check, error, fetcher, looking, takes)
    except (OptionRefused, ReferenceRefused) as error:
        return Finding(check, usable=False, reason=sentence(error.problem))


async def _page(check: str, page: PageGiven, fetcher: Fetcher, looking: Collector, takes: ModelImageLimits) -> Finding:
    """Inspect the picture that a page declares, as the bot does before it offers it."""
    a_page = sentence(page.problem)
    finding = Finding(check, usable=False, reason=a_page)
    if not _LINK.match(check):
        return finding
    said = f"{a_page}. Asked for its picture, it"
    try:
        picture = await picture_of(fetcher, read_links(check)[0], requester=None)
        if picture is None:
            return replace(finding, reason=f"{a_page}. It declares no picture (og:image, twitter:image)")
        finding = replace(finding, preview=picture.url)
        said = f"{a_page}. The picture that it declares, {picture.name},"
        await looking.look(picture, await fetcher.fetch(picture), takes)
    except ReferenceRefused as error:
        return replace(finding, reason=f"{said} {sentence(error.problem)}")
    return replace(finding, reason=f"{said} can be used")


async def _together(
    usable: Sequence[_Usable], looking: Collector, takes: ModelImageLimits
) -> tuple[Mapping[str, Reference], ReferenceRefused | None]:
    """Return the references, by SHA-256, as they are sent in one request; and the error if they do not fit into one."""
    given = {one.reference.sha256: one.reference for one in reversed(usable)}
    try:
        return {one.sha256: one for one in await looking.fit(tuple(given.values()), takes)}, None
    except ReferenceRefused as error:
        return given, error


def _finding(
    one: _Usable, fitted: Mapping[str, Reference], problem: ReferenceRefused | None, looking: Collector
) -> Finding:
    """Return the finding for a usable image. Blocks: reads the file that is sent."""
    reference = fitted[one.reference.sha256]
    if problem and problem.name == reference.name:
        return Finding(one.check, usable=False, reason=sentence(problem.problem))
    content = reference.path.read_bytes()
    return Finding(
        one.check,
        usable=True,
        reason=_reason(one.source, one.fetched, reference, looking),
        transport="url" if reference.link else "inline",
        media_type=reference.media_type,
        width=reference.width,
        height=reference.height,
        bytes=len(content),
        changed=hashlib.sha256(content).hexdigest() != reference.sha256,
    )


async def _fetched(check: str, fetcher: Fetcher) -> tuple[Source, Fetched]:
    """Fetch the one image that a check names. A file counts as attached, so no link of it is sent."""
    if _LINK.match(check) and not _DRIVE.match(check):
        sources = read_links(check)
        if len(sources) != 1:
            raise OptionRefused("links", check, Reason(ReasonCode.SEVERAL_LINKS, links=len(sources)))
        if _MESSAGE.match(check):
            raise OptionRefused("links", check, Reason(ReasonCode.MESSAGE_LINK))
        return sources[0], await fetcher.fetch(sources[0])
    path = Path(check)
    return Source(url="", name=path.name, attached=True), await fetcher.read(path, path.name)


def _reason(source: Source, fetched: Fetched, reference: Reference, looking: Collector) -> str:
    if reference.converted:
        return f"the picture is changed first: {sentences(reference.notes, ', ')}"
    return "; ".join((_why(source, fetched, reference, looking), *map(sentence, reference.notes)))


def _why(source: Source, fetched: Fetched, reference: Reference, looking: Collector) -> str:
    if reference.link:
        return "the link is direct and lasts, so the link itself is sent"
    if source.attached:
        return "its bytes are sent, as those of an attachment"
    why = looking.why_inline(source, fetched, reference)
    return f"{sentence(why)}, so its bytes are sent" if why else "its bytes are sent"


def _line(finding: Finding) -> str:
    """Return a finding in words that can be passed on: without a link's query, which may be signed, or its password."""
    shown = finding.check
    if _LINK.match(shown):
        shown = re.sub(r"//[^/?#]*@", "//…@", re.sub(r"\?.*", "?…", shown, flags=re.DOTALL))
    if not finding.usable:
        return f"refused  {shown}: {finding.reason}"
    what = f"{finding.media_type}, {finding.width} × {finding.height}, {finding.bytes} bytes"
    return f"ok       {shown}: {what}{'' if finding.changed else ', as it is'}; {finding.reason}"
