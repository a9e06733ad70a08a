"""The documents agree with the code."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from dailies.settings import VARIABLES, meanings

ROOT = Path(__file__).parent.parent
NOUN_OR_VERB_FIRST = ("bot.py", "benchmarks", "cogs", "dailies", "sandbox", "scripts", "tests")
"""Files and folders whose docstrings begin with a verb or with the noun that they document."""
QUESTION_OR_POINTER = re.compile(r"(What|Whether|Who|Whose|Where|When|Why|How|Which|See)\b")
QUOTED_QUESTION_OR_POINTER = re.compile(rf"[\"\']{QUESTION_OR_POINTER.pattern}")


def test_env_example_has_every_setting_with_its_default_and_a_comment() -> None:
    entries = re.findall(r"^# (.+)\n(?:# )?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert entries == [(meanings()[v.name], v.name, v.default) for v in VARIABLES]


def test_every_file_that_the_architecture_names_exists() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()

    named = set(re.findall(r"`((?:cogs|dailies|sandbox|tests|docs)/[\w./]+)`", text))
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def defined_in(path: Path) -> set[str]:
    """Names that a file defines at its top, and those of its classes' members as Class.member."""
    names: set[str] = set()
    if path.suffix == ".toml":
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        return {f"{table}.{key}" for table, entries in tables.items() for key in entries}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            members = (one for one in node.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))
            names |= {f"{node.name}.{one.name}" for one in members}
        if isinstance(node, ast.AnnAssign | ast.Assign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {one.id for one in targets if isinstance(one, ast.Name)}
    return names


def test_whoever_follows_the_sixty_second_table_finds_the_names_where_it_says() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    table = text.partition("## Find it in sixty seconds")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \| `([\w/]+\.(?:py|toml))` \| `([\w.]+)` \|$", table, re.MULTILINE)

    assert len(rows) == len(table.strip().splitlines()) - 2 >= 10
    assert [row for row in rows if row[2] not in defined_in(ROOT / row[1])] == []


def test_the_architecture_has_a_row_for_every_folder_of_the_bot() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text()
    folders = {
        str(path.parent.relative_to(ROOT)) for top in ("cogs", "dailies") for path in (ROOT / top).glob("*/__init__.py")
    }

    assert sorted(one for one in folders if f"`{one}`" not in text) == []


def test_nothing_below_the_composition_root_imports_it() -> None:
    importing = [
        path
        for name in ("cogs", "dailies", "sandbox")
        for path in (ROOT / name).rglob("*.py")
        if re.search(r"^\s*(?:from bot\b|import (?:.*[ ,])?bot\b)", path.read_text(), re.MULTILINE)
    ]

    assert importing == []


def test_requirements_name_no_index_and_no_path() -> None:
    for path in ROOT.glob("requirements*.txt"):
        assert not re.search(r"--index-url|--extra-index|--find-links|file://|https?://", path.read_text()), path.name


def pins(name: str) -> dict[str, set[str]]:
    """Requirements of a compiled file, "name==version ; marker" -> their hashes. Fails on a line of any other form."""
    lines = (ROOT / name).read_text().replace("\\\n", "").splitlines()
    found = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    assert [line for line in found if not re.match(r"[a-z0-9-]+==[^ ]+ (; .+?)? *--hash=sha256:", line)] == []
    return {line.split("--hash")[0].strip(): set(re.findall(r"--hash=(sha256:[0-9a-f]{64})\b", line)) for line in found}


def test_every_package_is_pinned_by_hashes() -> None:
    assert all(pins("requirements.txt").values())
    assert all(pins("requirements-dev.txt").values())


def test_development_has_the_bot_s_packages_in_the_same_versions() -> None:
    runs, develops = pins("requirements.txt"), pins("requirements-dev.txt")

    assert {pin: develops.get(pin) for pin in runs} == runs


def test_every_python_gets_the_same_versions() -> None:
    names = [pin.split("==")[0] for pin in pins("requirements-dev.txt")]

    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", ["Makefile", "Dockerfile"])
def test_nothing_is_installed_without_its_hash(name: str) -> None:
    installs = re.findall(r"pip install.*", (ROOT / name).read_text())

    assert installs
    assert [line for line in installs if "--require-hashes" not in line] == []


def test_docstrings_begin_neither_as_a_question_nor_with_see() -> None:
    files = [path for name in NOUN_OR_VERB_FIRST for path in sorted((ROOT / name).rglob("*.py")) or [ROOT / name]]
    # To parse them all takes seconds, and hardly any has a string that begins like this.
    suspects = [path for path in files if QUOTED_QUESTION_OR_POINTER.search(path.read_text())]
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in suspects
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        if QUESTION_OR_POINTER.match(node.value.value)
    ]

    assert {path.relative_to(ROOT).parts[0] for path in files} == {*NOUN_OR_VERB_FIRST}
    assert found == []
