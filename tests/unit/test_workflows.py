"""The workflows name what exists, run pinned actions, and get no more rights than they need."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WRITES = {
    ("release.yml", "image"): {"packages", "id-token", "attestations"},
    ("release.yml", "publish"): {"contents"},
}
"""Rights to write that a job has."""


def jobs(path: Path) -> dict[str, dict[str, Any]]:
    """Return a workflow's jobs by name."""
    return yaml.safe_load(path.read_text())["jobs"]


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every step of every workflow, with a name for messages."""
    for path in FILES:
        for name, job in jobs(path).items():
            yield from ((f"{path.name}, {name}", step) for step in job.get("steps", []))


def commands() -> Iterator[str]:
    """Yield every line that is run."""
    for _, step in steps():
        yield from filter(None, map(str.strip, step.get("run", "").splitlines()))


def test_there_is_a_workflow_for_changes_for_releases_and_for_each_week() -> None:
    assert [path.name for path in FILES] == ["ci.yml", "release.yml", "weekly.yml"]


def test_every_script_and_make_target_that_is_run_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    lines = list(commands())
    scripts = [found for line in lines for found in re.findall(r"(?:\./|\b)(?:scripts/[\w.]+)|\.ci/\w+", line)]
    made = [found for line in lines for found in re.findall(r"^make ([a-z]+)", line)]

    assert {*scripts} == {".ci/run", "scripts/release_notes.py"}
    assert [one for one in scripts if not (ROOT / one).is_file()] == []
    assert made == ["audit", "test"]
    assert {*made} <= targets


def test_what_is_run_by_its_own_name_may_be_executed() -> None:
    own = [line.split()[0] for line in commands() if line.startswith((".ci/", "./", "scripts/"))]

    assert own == [".ci/run"]
    assert [one for one in own if not os.access(ROOT / one, os.X_OK)] == []


def test_every_action_is_pinned_by_its_whole_commit_with_its_version_beside_it() -> None:
    used = [
        line.strip().removeprefix("- ")
        for path in FILES
        for line in path.read_text().splitlines()
        if re.match(r"\s*(?:- )?uses: (?!\./)", line)
    ]

    assert used
    pinned = re.compile(r"uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    assert [line for line in used if not pinned.fullmatch(line)] == []


def test_one_action_has_one_version() -> None:
    used = {step["uses"] for _, step in steps() if "uses" in step}

    names = [one.partition("@")[0] for one in used]
    assert sorted(names) == sorted(set(names))


def test_a_checkout_leaves_no_token_behind() -> None:
    checkouts = [step for _, step in steps() if str(step.get("uses")).startswith("actions/checkout@")]

    assert checkouts
    assert [step for step in checkouts if step["with"]["persist-credentials"] is not False] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_workflow_may_only_read_but_for_the_jobs_that_publish(path: Path) -> None:
    assert yaml.safe_load(path.read_text())["permissions"] == {"contents": "read"}
    for name, job in jobs(path).items():
        rights: dict[str, str] = job.get("permissions", {})
        writes = {right for right, level in rights.items() if level == "write"}
        assert writes == WRITES.get((path.name, name), set())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_job_has_an_end(path: Path) -> None:
    assert [name for name, job in jobs(path).items() if "timeout-minutes" not in job and "uses" not in job] == []


def test_nothing_that_others_write_is_put_into_a_command() -> None:
    assert [line for line in commands() if "${{" in line] == []


def test_an_image_is_published_for_both_processors_after_every_test() -> None:
    release = jobs(ROOT / ".github" / "workflows" / "release.yml")
    (build,) = [one for one in release["image"]["steps"] if "build-push-action" in str(one.get("uses"))]

    assert build["with"]["platforms"] == "linux/amd64,linux/arm64"
    assert build["with"]["provenance"] == "mode=max"
    assert release["image"]["needs"] == ["test", "notes"]
    assert release["test"]["uses"] == "./.github/workflows/ci.yml"
    assert release["publish"]["needs"] == "image"
