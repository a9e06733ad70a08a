"""Reasons are data: a code with its values, where a sentence was."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

from dailies.migrations.old_prices import read_basis
from dailies.migrations.old_reasons import DELIVERIES, ENDS, OPTIONS, PICTURES, TROUBLES, Json, read

revision = "0010"
down_revision = "0009"

_BECAME: dict[str, tuple[str, Callable[[str], Json]]] = {
    "trouble": ("Why the last try failed, when the job goes on.", lambda text: read(text, TROUBLES)),
    "quote_basis": ("How the quote was found; null: never quoted.", read_basis),
    "reason": (
        "A code with its values, dailies/reason_codes.py: why it did not end as it should.",
        lambda text: read(text, ENDS),
    ),
    "delivery_note": (
        "What was changed so that the video could be posted; null: nothing.",
        lambda text: read(text, DELIVERIES),
    ),
}


def upgrade() -> None:
    """Read the sentences, and put JSON in the place of text."""
    for name, (comment, reading) in _BECAME.items():
        _become_json(name, comment, reading)
    _read_notes("jobs", ["id"], lambda text: read(text, OPTIONS))
    _read_notes("job_references", ["job_id", "position"], lambda text: read(text, PICTURES))
    if op.get_bind().dialect.name == "sqlite":
        return  # it keeps no comments
    for table, comment, before in (
        (
            "jobs",
            "Reasons: what to know of how the options were taken.",
            "Sentences about options that were left out.",
        ),
        (
            "job_references",
            "Reasons: what was done to the picture.",
            "What was done to the picture, in a few words each.",
        ),
    ):
        op.alter_column(table, "notes", comment=comment, existing_comment=before)


def _become_json(name: str, comment: str, reading: Callable[[str], Json]) -> None:
    # A new column in the place of the old one, because SQLite cannot change a column's type.
    op.add_column("jobs", sa.Column(f"{name}_data", sa.JSON(none_as_null=True), comment=comment))
    rows = sa.table("jobs", sa.column("id"), sa.column(name), sa.column(f"{name}_data", sa.JSON(none_as_null=True)))
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows).where(rows.c[name].is_not(None))).all():
        value = {f"{name}_data": reading(row[1])}
        connection.execute(sa.update(rows).where(rows.c.id == row.id).values(value))
    op.execute(f"ALTER TABLE jobs DROP COLUMN {name}")
    op.execute(f"ALTER TABLE jobs RENAME COLUMN {name}_data TO {name}")


def _read_notes(table: str, keys: list[str], reading: Callable[[str], Json]) -> None:
    rows = sa.table(table, *map(sa.column, keys), sa.column("notes", sa.JSON))
    connection = op.get_bind()
    for row in connection.execute(sa.select(rows)).all():
        if row.notes:
            same = [rows.c[key] == value for key, value in zip(keys, row, strict=False)]
            connection.execute(sa.update(rows).where(*same).values(notes=[reading(note) for note in row.notes]))
