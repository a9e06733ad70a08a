"""The notes of a release come out of the changelog, or a sentence says what is missing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from dailies.version import VERSION
from scripts.release_notes import NoNotesError, notes

ROOT = Path(__file__).parents[2]
CHANGELOG = """\
# Changelog

## [Unreleased]

## [1.1.0] - 2026-12-02

### Added

- Two.

## [1.0.0] - 2026-12-01

### Added

- One.

## [0.9.0]

[1.1.0]: https://a.example/1.1.0
"""


def test_the_notes_are_the_version_s_own_part() -> None:
    assert notes(CHANGELOG, "1.1.0", "1.1.0") == "### Added\n\n- Two."
    assert notes(CHANGELOG, "1.0.0", "1.0.0") == "### Added\n\n- One."


@pytest.mark.parametrize("version", ["0.9.0", "2.0.0", "1", "Unreleased"])
def test_a_version_without_a_dated_section_is_refused_with_the_line_to_write(version: str) -> None:
    with pytest.raises(NoNotesError, match=re.escape(f"Write '## [{version}] - YYYY-MM-DD'")):
        notes(CHANGELOG, version, version)


def test_a_tag_of_another_version_than_the_code_s_is_refused() -> None:
    with pytest.raises(NoNotesError, match=r"dailies/version\.py names 1\.2\.0"):
        notes(CHANGELOG, "1.1.0", "1.2.0")


def test_an_empty_section_is_refused() -> None:
    with pytest.raises(NoNotesError, match="is empty"):
        notes("## [1.0.0] - 2026-12-01\n\n## [0.9.0] - 2026-11-01\n\n- One.\n", "1.0.0", "1.0.0")


def released(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command over a changelog with version 1.1.0, in a Python that has no packages."""
    (folder / "dailies").mkdir()
    (folder / "dailies" / "version.py").write_text('"""The version."""\n\nVERSION = "1.1.0"\n')
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    command = [sys.executable, "-I", "-S", str(ROOT / "scripts" / "release_notes.py"), *arguments]
    return subprocess.run([*command, "--root", str(folder)], capture_output=True, text=True, check=False)


def test_the_command_prints_the_notes_and_the_image(tmp_path: Path) -> None:
    ran = released(tmp_path, "1.1.0", "--image", "ghcr.io/studio/dailies:1.1.0@sha256:abc")

    assert ran.returncode == 0
    assert ran.stdout.startswith("### Added\n\n- Two.\n")
    assert "`DAILIES_IMAGE=ghcr.io/studio/dailies:1.1.0@sha256:abc`" in ran.stdout
    assert "gh attestation verify oci://ghcr.io/studio/dailies:1.1.0 --owner studio" in ran.stdout


def test_the_command_says_what_is_missing_and_ends_with_1(tmp_path: Path) -> None:
    ran = released(tmp_path, "1.2.0")

    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == "The tag is of 1.2.0, but dailies/version.py names 1.1.0. Change one of them.\n"


def test_the_project_s_changelog_begins_with_what_is_not_released_and_has_dates_for_the_rest() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert headings[0] == "[Unreleased]"
    assert [one for one in headings[1:] if not re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", one)] == []


def test_the_project_s_version_is_three_numbers() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSION)
