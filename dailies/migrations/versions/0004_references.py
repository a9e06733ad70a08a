"""Add how references are sent."""

from __future__ import annotations

import sqlalchemy as sa

from dailies.migrations.columns import add, optional, required

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Change the schema. References of earlier jobs were sent as they were given."""
    add(
        "jobs",
        optional(
            "sent_prompt",
            sa.Text,
            "As it was sent, where references were named as the model expects; null: as it was typed.",
        ),
    )
    add(
        "job_references",
        optional("page", sa.Text, "The web page that declares this picture, where one does."),
        optional("converted", sa.String(64), "SHA-256 of the bytes sent in place of the given ones; null: those are."),
        required(
            "notes", sa.JSON, "What was done to the picture, in a few words each.", server_default=sa.text("'[]'")
        ),
    )
