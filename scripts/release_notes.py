"""Prints the notes of a release, from its section of CHANGELOG.md.

Usage: python scripts/release_notes.py VERSION [--image NAME:VERSION@DIGEST]. Exit status 1 with a sentence: the version
has no section with a date, or is not that of dailies/version.py. Needs the standard library alone.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
_SECTION = re.compile(
    r"^## \[(?P<version>[^\]]+)\](?: - (?P<date>\d{4}-\d{2}-\d{2}))?\n(?P<text>.*?)(?=^## |^\[|\Z)", re.M | re.S
)
_VERSION = re.compile(r'^VERSION = "([^"]+)"$', re.MULTILINE)


class NoNotesError(Exception):
    """The release cannot be made like this; the text says why, and what to do."""


def notes(changelog: str, version: str, own: str) -> str:
    """Return a version's part of a changelog. own: the version that the code names. Raises NoNotesError."""
    if version != own:
        raise NoNotesError(f"The tag is of {version}, but dailies/version.py names {own}. Change one of them.")
    dates = {found["version"]: (found["date"], found["text"].strip()) for found in _SECTION.finditer(changelog)}
    date, text = dates.get(version, (None, ""))
    if date is None:
        raise NoNotesError(
            f"CHANGELOG.md has no section of {version} with a date. Write '## [{version}] - YYYY-MM-DD' above what is "
            "new, and an empty '## [Unreleased]' above that."
        )
    if not text:
        raise NoNotesError(f"The section of {version} in CHANGELOG.md is empty. Say what people can do now.")
    return text


def of_image(image: str) -> str:
    """Return the lines that say how to get the image. image: its name with version and digest."""
    plain = image.partition("@")[0]
    return (
        "\n## Image\n\n"
        f"`{image}`, for amd64 and arm64. In `.env`: `DAILIES_IMAGE={image}`; docs/growing.md says more.\n\n"
        f"`gh attestation verify oci://{plain} --owner {plain.split('/')[1]}` shows from which commit it was built."
    )


def main() -> int:
    """Print the notes; return the exit status."""
    parser = argparse.ArgumentParser(description="Print the notes of a release, from CHANGELOG.md.")
    parser.add_argument("version", help="as in 0.9.0")
    parser.add_argument("--image", help="name, version and digest of the published image")
    parser.add_argument("--root", type=Path, default=ROOT, help="the project's folder (default: this one)")
    given = parser.parse_args()
    own = _VERSION.search((given.root / "dailies" / "version.py").read_text("utf-8"))
    changelog = (given.root / "CHANGELOG.md").read_text("utf-8")
    try:
        text = notes(changelog, given.version, own[1] if own else "none")
    except NoNotesError as error:
        print(error, file=sys.stderr)
        return 1
    print(text + (f"\n{of_image(given.image)}" if given.image else ""))
    return 0


if __name__ == "__main__":
    sys.exit(main())
