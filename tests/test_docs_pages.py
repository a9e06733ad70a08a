"""The pages of the documentation name only what exists, and those made from the code have all of it."""

from __future__ import annotations

import functools
import importlib.util
import re
import subprocess
from pathlib import Path

import markdown
import pytest
import yaml

import bot
from cogs.status.view import title
from dailies.job import State
from dailies.settings import VARIABLES, Variable, meanings
from scripts import docs_hook
from tests.unit.kit import a_job

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))
LINES_MOST = 150
NOT_SETTINGS = {
    "APPLICATION_ID",
    "COMPOSE_PROFILES",
    "DAILIES_IMAGE",
    "POSTGRES_PASSWORD",
    "PR_SET_DUMPABLE",
    "PYTHON_IMAGE",
    "RLIMIT_AS",
    "RLIMIT_CPU",
}
"""Names in capitals that are something else."""
NOT_COMMANDS = {"content"}
"""Addresses of APIs that look like commands."""


def named(path: Path) -> str:
    return path.name


OF_GITHUB = [ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
"""Pages that GitHub looks for in the root."""
each = pytest.mark.parametrize("path", [README, *OF_GITHUB, *PAGES], ids=named)


@functools.cache
def text(path: Path) -> str:
    """Return a page with what is made from the code."""
    return docs_hook.on_page_markdown(path.read_text(encoding="utf-8"))


@functools.cache
def html(path: Path) -> str:
    """Return a page as the site has it."""
    return markdown.markdown(text(path), extensions=["tables", "toc", "def_list", "pymdownx.superfences"])


@functools.cache
def code(path: Path) -> tuple[str, ...]:
    """Return the code of a page: each block between fences, then each span."""
    blocks = re.findall(r"^ *```\w*\n(.*?)^ *```$", text(path), re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^ *```.*?^ *```$", "", text(path), flags=re.MULTILINE | re.DOTALL)
    return (*blocks, *re.findall(r"`([^`\n]+(?:\n[^`\n]+)?)`", rest))


def in_code(pattern: str, path: Path) -> set[str]:
    return {found for part in code(path) for found in re.findall(pattern, part, re.MULTILINE)}


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= LINES_MOST


@each
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r'(?:href|src)="(?!https?:)([^"#]*)#?([^"]*)"', html(path))

    for target, anchor in links:
        file = path.parent / target if target else path
        assert file.is_file(), target
        assert not anchor or f'id="{anchor}"' in html(file.resolve()), f"{target}#{anchor}"


def test_every_page_is_in_the_navigation() -> None:
    site = yaml.safe_load((ROOT / "mkdocs.yml").read_text())
    listed = re.findall(r"[\w-]+\.md", str(site["nav"]))

    assert sorted(listed) == [path.name for path in PAGES]


@each
def test_make_has_the_targets_that_are_named(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert in_code(r"\bmake ([a-z]+)(?!\w)", path) <= targets


@each
def test_bot_py_has_the_subcommands_that_are_named(path: Path) -> None:
    subcommands = set(re.findall(r"^python bot\.py ([a-z]+)", bot.__doc__ or "", re.MULTILINE))

    assert subcommands >= {"check", "backup"}
    assert in_code(r"\bbot\.py ([a-z]+)", path) <= subcommands


@each
def test_modules_that_are_started_by_name_exist(path: Path) -> None:
    assert [name for name in in_code(r"\bpython -m ([\w.]+)", path) if importlib.util.find_spec(name) is None] == []


@each
def test_settings_that_are_named_exist(path: Path) -> None:
    found = in_code(r"(?<![\w$./])[A-Z]{2,}(?:_[A-Z]+)+(?![\w…])", path)

    assert found - {variable.name for variable in VARIABLES} <= NOT_SETTINGS


@each
def test_slash_commands_that_are_named_exist(path: Path) -> None:
    commands = {one.name for one in docs_hook.all_commands()}
    commands |= {one.group for one in docs_hook.all_commands() if one.group}

    found = {part[1:] for part in code(path) if re.fullmatch(r"/[a-z]+(?: [a-z]+)?", part)}
    assert found - NOT_COMMANDS <= commands


def test_shell_commands_can_be_read_by_a_shell() -> None:
    blocks = re.findall(r"^ *```sh\n(.*?)^ *```$", "\n".join(map(text, [README, *PAGES])), re.MULTILINE | re.DOTALL)

    assert len(blocks) > 20
    subprocess.run(["bash", "-n"], input="\n".join(blocks), text=True, check=True)


def test_crontab_lines_can_be_read_by_cron_and_a_shell() -> None:
    lines = re.findall(r"^(?:[\d*]+ ){5}(.+)$", text(ROOT / "docs" / "server.md"), re.MULTILINE)

    assert len(lines) == 4
    assert [line for line in lines if re.search(r"(?<!\\)%", line)] == []  # it would end the command
    subprocess.run(["bash", "-n"], input="\n".join(lines), text=True, check=True)


def test_a_unit_and_a_container_have_the_same_time_to_stop() -> None:
    unit = "\n".join(code(ROOT / "docs" / "server.md"))
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    [seconds] = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)

    assert compose["x-bot"]["stop_grace_period"] == f"{seconds}s"


def test_pages_agree_on_the_configuration_of_the_proxy() -> None:
    server, operations = (
        in_code(r"dailies\.example \{[^}]*\}", ROOT / "docs" / name) for name in ("server.md", "operations.md")
    )

    assert server == operations != set()


def test_the_page_of_settings_has_each_with_its_default_and_meaning() -> None:
    entries = re.findall(r"^`([A-Z_]+)`\n: +(.+?) *\n +(.+?)(?: · .+)?$", docs_hook.settings(), re.MULTILINE)

    assert entries == [(v.name, meanings()[v.name], default(v)) for v in VARIABLES]


def default(variable: Variable) -> str:
    if variable.required:
        return "**Required**"
    return f"Default: `{variable.default}`" if variable.default else "Default: empty"


def test_headings_stand_above_settings_that_exist() -> None:
    assert docs_hook.SECTIONS.keys() <= {variable.name for variable in VARIABLES}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("LOW_CREDITS_USD", "US dollars"),
        ("KEEP_DAYS", "days, 0.01 to 3,650"),
        ("JOBS_PER_USER", "1 to 1,000"),
        ("WEB_HOST", ""),
    ],
)
def test_the_page_of_settings_has_units_and_ranges(name: str, values: str) -> None:
    [variable] = [one for one in VARIABLES if one.name == name]

    assert docs_hook.values(variable) == values


def test_the_page_of_commands_has_options_with_their_limits() -> None:
    page = docs_hook.reference()

    entries = dict(re.findall(r"^`(\w+)`\n: +.+? *\n +(.+)$", page, re.MULTILINE))

    assert entries["prompt"] == "**Required** · Text, up to 6,000 characters"
    assert entries["takes"] == "Whole number, 1 to 4"
    assert entries["period"] == "**Required** · `day` or `month`"
    assert entries["model"] == "Text, with suggestions"


def test_the_page_about_money_has_a_row_for_every_status() -> None:
    table = text(ROOT / "docs" / "money.md").partition("## What each status means")[2].partition("\n## ")[0]

    assert [words for state in State if (words := title(a_job(state=state))) not in table] == []
