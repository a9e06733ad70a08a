"""Add the settings that servers make for themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import optional, required

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    """Change the schema. No server has set anything yet."""
    op.create_table(
        "server_settings",
        sa.Column("guild_id", sa.BigInteger, primary_key=True, autoincrement=False, comment="The server that set it."),
        sa.Column(
            "name", sa.String(40), primary_key=True, comment="A field of ServerSettings; dailies/server_settings.py."
        ),
        optional("value", sa.Text, "As text; null: it was reset, and the bot's own setting holds."),
        optional("changed_by", sa.BigInteger, "Who changed it last; null once that person was forgotten."),
        required("changed_at", sa.Double, "When."),
        comment="What a server has set with /settings; without a row, the bot's own settings hold.",
    )
