"""Add learned facts about delivering videos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import add, optional, required

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the schema."""
    add(
        "jobs",
        required(
            "token_only",
            sa.Boolean,
            "The bot is not in that channel: only the command's token reaches it.",
            server_default=sa.false(),
        ),
    )
    _upload_limits()
    _shared_files()
    add(
        "jobs",
        optional("upload_limit", sa.BigInteger, "Bytes that the requester could upload there when they asked."),
        optional("delivery_note", sa.Text, "What was changed so that the video could be posted; null: nothing."),
        optional("video_channel_id", sa.BigInteger, "The channel of the video's message when it is not the job's own."),
    )


def _upload_limits() -> None:
    op.create_table(
        "upload_limits",
        required("guild_id", sa.BigInteger, "The server; 0: direct messages.", autoincrement=False),
        optional("claim", sa.BigInteger, "Bytes by the server's boost level then; the rest holds for that level only."),
        optional("accepted", sa.BigInteger, "Bytes of the largest upload that was taken; null: none was."),
        optional("accepted_at", sa.Double, "When."),
        optional("refused", sa.BigInteger, "Bytes of the smallest upload that was refused as too large; null: none."),
        optional("refused_at", sa.Double, "When."),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_upload_limits")),
        comment="How large uploads may be, as uploads have shown.",
    )


def _shared_files() -> None:
    op.create_table(
        "shared_files",
        required("token_sha256", sa.String(64), "Of the secret in the link; the secret is not kept."),
        required("job_id", sa.String(25), "Whose video it opens."),
        required("expires_at", sa.Double, "From then on the link opens nothing."),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_shared_files_job_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_shared_files")),
        comment="Links to videos on the bot's own web server.",
    )
    op.create_index(op.f("ix_shared_files_job_id"), "shared_files", ["job_id"])
