"""Add learned facts about delivering videos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Change the schema."""
    op.add_column(
        "jobs",
        sa.Column(
            "token_only",
            sa.Boolean,
            nullable=False,
            server_default=sa.false(),
            comment="The bot is not in that channel: only the command's token reaches it.",
        ),
    )
    _upload_limits()
    _shared_files()
    _columns()


def _upload_limits() -> None:
    op.create_table(
        "upload_limits",
        sa.Column(
            "guild_id", sa.BigInteger, autoincrement=False, nullable=False, comment="The server; 0: direct messages."
        ),
        sa.Column(
            "claim",
            sa.BigInteger,
            comment="Bytes by the server's boost level then; the rest holds for that level only.",
        ),
        sa.Column("accepted", sa.BigInteger, comment="Bytes of the largest upload that was taken; null: none was."),
        sa.Column("accepted_at", sa.Double, comment="When."),
        sa.Column(
            "refused", sa.BigInteger, comment="Bytes of the smallest upload that was refused as too large; null: none."
        ),
        sa.Column("refused_at", sa.Double, comment="When."),
        sa.PrimaryKeyConstraint("guild_id", name=op.f("pk_upload_limits")),
        comment="How large uploads may be, as uploads have shown.",
    )


def _shared_files() -> None:
    op.create_table(
        "shared_files",
        sa.Column(
            "token_sha256", sa.String(64), nullable=False, comment="Of the secret in the link; the secret is not kept."
        ),
        sa.Column("job_id", sa.String(25), nullable=False, comment="Whose video it opens."),
        sa.Column("expires_at", sa.Double, nullable=False, comment="From then on the link opens nothing."),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_shared_files_job_id")),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_shared_files")),
        comment="Links to videos on the bot's own web server.",
    )
    op.create_index(op.f("ix_shared_files_job_id"), "shared_files", ["job_id"])


def _columns() -> None:
    op.add_column(
        "jobs",
        sa.Column(
            "upload_limit", sa.BigInteger, comment="Bytes that the requester could upload there when they asked."
        ),
    )
    op.add_column(
        "jobs",
        sa.Column(
            "delivery_note", sa.Text, comment="What was changed so that the video could be posted; null: nothing."
        ),
    )
    op.add_column(
        "jobs",
        sa.Column(
            "video_channel_id",
            sa.BigInteger,
            comment="The channel of the video's message when it is not the job's own.",
        ),
    )
