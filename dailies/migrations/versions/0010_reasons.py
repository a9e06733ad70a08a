"""Reasons are data: a code with its values, where a sentence was."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.old_reasons import read

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Read the sentences, and put JSON in the place of text."""
    _become_json("trouble", "troubles", "Why the last try failed, when the job goes on.")
    _become_json("quote_basis", "prices", "How the quote was found; null: never quoted.")
    _become_json("reason", "ends", "A code with its values, dailies/reason.py: why it did not end as it should.")
    _become_json("delivery_note", "deliveries", "What was changed so that the video could be posted; null: nothing.")
    _read_notes("jobs", ["id"], "options")
    _read_notes("job_references", ["job_id", "position"], "pictures")
    if op.get_bind().dialect.name == "sqlite":
        return  # it keeps no comments
    before, now = "Sentences about options that were left out.", "Reasons: what to know of how the options were taken."
    op.alter_column("jobs", "notes", comment=now, existing_comment=before)
    before, now = "What was done to the picture, in a few words each.", "Reasons: what was done to the picture."
    op.alter_column("job_references", "notes", comment=now, existing_comment=before)


def _become_json(name: str, group: str, comment: str) -> None:
    # A new column in the place of the old one, because SQLite cannot change a column's type.
    op.add_column("jobs", sa.Column(f"{name}_data", sa.JSON(none_as_null=True), comment=comment))
    rows = sa.table("jobs", sa.column("id"), sa.column(name), sa.column(f"{name}_data", sa.JSON(none_as_null=True)))
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows).where(rows.c[name].is_not(None))).all():
        value = {f"{name}_data": read(row[1], group)}
        connection.execute(sa.update(rows).where(rows.c.id == row.id).values(value))
    op.execute(f"ALTER TABLE jobs DROP COLUMN {name}")
    op.execute(f"ALTER TABLE jobs RENAME COLUMN {name}_data TO {name}")


def _read_notes(table: str, keys: list[str], group: str) -> None:
    rows = sa.table(table, *map(sa.column, keys), sa.column("notes", sa.JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows)).all():
        if row.notes:
            same = [rows.c[key] == value for key, value in zip(keys, row, strict=False)]
            connection.execute(sa.update(rows).where(*same).values(notes=[read(note, group) for note in row.notes]))
