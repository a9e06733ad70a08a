"""An option is added in one place, and every door of /video has it: in a copy of the bot that really declares one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("bot.py", "cogs", "dailies", "sandbox", "tests", "pyproject.toml")

DECLARED = """
    camera: Annotated[str | None, Option("Camera", "How the camera moves", _camera, sent_as="camera_motion")] = None
"""
MEANING = """
def _camera(wish: str | None, of: CheckedModel) -> str:
    if wish == "wild":
        raise OptionRefused("camera", wish, Reason(ReasonCode.NOT_OFFERED, model=of.model.id), ["still", "orbit"])
    return wish or "still"


"""
COLUMN = """    Column("camera", String(40), comment="How the camera moves."),
"""
MIGRATION = '''"""How the camera moves."""

import sqlalchemy as sa
from alembic import op

revision = "9000"
down_revision = "{}"


def upgrade() -> None:
    """Change the schema."""
    op.add_column("jobs", sa.Column("camera", sa.String(40), comment="How the camera moves."))
'''


def insert(file: Path, before: str, text: str) -> None:
    """Write a text into a file, in front of the only place where it says `before`."""
    source = file.read_text(encoding="utf-8")
    assert source.count(before) == 1, (file, before)
    file.write_text(source.replace(before, text + before), encoding="utf-8")


@pytest.mark.slow
def test_an_option_that_is_declared_once_is_in_every_door(tmp_path: Path) -> None:
    for name in COPIED:
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, tmp_path / name)
    options = tmp_path / "dailies" / "catalog" / "options.py"
    insert(options, "\n\nOPTIONS: Mapping", DECLARED.rstrip())
    insert(options, "@dataclass(frozen=True)\nclass Option:", MEANING.lstrip())
    insert(tmp_path / "dailies" / "schema" / "jobs.py", '    Column("notes", JSON, nullable=False, comment', COLUMN)
    versions = tmp_path / "dailies" / "migrations" / "versions"
    head = max(one.name for one in versions.glob("[0-9]*.py"))[:4]
    (versions / "9000_camera.py").write_text(MIGRATION.format(head), encoding="utf-8")
    migrate = tmp_path / "dailies" / "migrate.py"
    steps = migrate.read_text(encoding="utf-8")
    assert steps.count(f'REVISION = "{head}"') == 1
    migrate.write_text(steps.replace(f'REVISION = "{head}"', 'REVISION = "9000"'), encoding="utf-8")

    # Without what an outer run tells its own workers.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    tests = ("tests/bot/added_option.py", "tests/unit/test_database.py")
    command = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, "-k", "added_option or lead_to")
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
