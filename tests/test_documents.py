"""What the documents say is what the code does."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from dailies.variables import VARIABLES

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def test_the_readme_s_table_has_every_setting_with_its_default_and_meaning() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \|$", README, re.MULTILINE)

    expected = [
        (v.name, "required" if v.required else f"`{v.default}`" if v.default else "empty", v.help) for v in VARIABLES
    ]
    assert rows == expected


def test_env_example_has_every_setting_with_its_default_and_a_comment() -> None:
    entries = re.findall(r"^# (.+)\n(?:# )?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert entries == [(v.help, v.name, v.default) for v in VARIABLES]


def test_every_make_target_of_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    named = set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))
    assert named
    assert named <= targets


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()

    named = set(re.findall(r"`((?:cogs|dailies|sandbox|tests|docs)/[\w./]+)`", text))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_nothing_below_the_composition_root_imports_it() -> None:
    folders = [ROOT / name for name in ("cogs", "dailies", "sandbox")]
    importing = [
        path
        for folder in folders
        for path in folder.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if (isinstance(node, ast.ImportFrom) and node.module == "bot")
        or (isinstance(node, ast.Import) and any(alias.name == "bot" for alias in node.names))
    ]

    assert importing == []


def test_requirements_name_no_index_and_no_path() -> None:
    for path in ROOT.glob("requirements*.txt"):
        assert not re.search(r"--index-url|--extra-index|--find-links|file://|https?://", path.read_text()), path.name
