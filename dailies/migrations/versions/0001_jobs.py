"""The first schema: jobs and their references."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Change the schema."""
    _jobs()
    _job_references()


def _jobs() -> None:
    op.create_table(
        "jobs",
        *_asked(),
        *_settings(),
        *_course(),
        *_outcome(),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
        comment="One row for each /video that was answered with a status. Never deleted: it is the record of money.",
    )
    op.create_index("ix_jobs_guild", "jobs", ["guild_id", "created_at"])
    op.create_index(op.f("ix_jobs_openrouter_id"), "jobs", ["openrouter_id"])
    op.create_index("ix_jobs_requester", "jobs", ["requester_id", "created_at"])
    op.create_index("ix_jobs_state", "jobs", ["state", "told"])


def _asked() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "id",
            sa.String(25),
            nullable=False,
            comment="Ours: in the order of time, the nonce of the delivery, the video's name.",
        ),
        sa.Column(
            "key", sa.String(64), nullable=False, comment="The interaction that asked; the same one makes one job."
        ),
        sa.Column("guild_id", sa.BigInteger, comment="The server; null in a direct message."),
        sa.Column("channel_id", sa.BigInteger, nullable=False, comment="The channel or thread of status and video."),
        sa.Column("requester_id", sa.BigInteger, nullable=False, comment="Who asked."),
        sa.Column(
            "status_message_id", sa.BigInteger, comment="The status message; null until the command was answered."
        ),
        sa.Column("locale", sa.String(16), comment="The requester's language as the platform names it."),
        sa.Column(
            "state",
            sa.String(16),
            nullable=False,
            comment="How far the job came; docs/architecture.md has the picture.",
        ),
        sa.Column("told", sa.Boolean, nullable=False, comment="Whether the status message says how the job ended."),
        sa.Column("created_at", sa.Double, nullable=False, comment="When the command was answered."),
        sa.Column("prompt", sa.Text, comment="As it was typed and sent; null once its author was forgotten."),
    ]


def _settings() -> list[sa.Column[Any]]:
    return [
        sa.Column("model", sa.String(200), nullable=False, comment="OpenRouter's id of the model."),
        sa.Column("model_name", sa.String(200), nullable=False, comment="The model's name at that time."),
        sa.Column("duration", sa.Integer, comment="Seconds; null: the model decided. So for the next columns."),
        sa.Column("resolution", sa.String(32), comment="As in 720p."),
        sa.Column("aspect_ratio", sa.String(16), comment="As in 16:9."),
        sa.Column("audio", sa.Boolean, comment="With sound."),
        sa.Column("seed", sa.BigInteger, comment="As sent."),
        sa.Column("notes", sa.JSON, nullable=False, comment="Sentences about options that were left out."),
        sa.Column(
            "sources",
            sa.JSON,
            nullable=False,
            comment="References as given: name, whether attached, and a link's address.",
        ),
    ]


def _course() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "openrouter_id", sa.String(200), comment="OpenRouter's id; null until the paid request was answered."
        ),
        sa.Column("polling_url", sa.Text, comment="Where OpenRouter says the job can be looked at."),
        sa.Column("submitted_at", sa.Double, comment="When OpenRouter took the job."),
        sa.Column("remote_status", sa.String(64), comment="OpenRouter's last word about the job."),
        sa.Column("polls", sa.Integer, nullable=False, comment="How often the job was looked at."),
        sa.Column("checked_at", sa.Double, comment="When it was last looked at."),
        sa.Column("trouble", sa.Text, comment="A sentence about the last try, when it failed and the job goes on."),
    ]


def _outcome() -> list[sa.Column[Any]]:
    return [
        sa.Column(
            "unsigned_urls", sa.JSON, nullable=False, comment="Where the finished video can be fetched with the key."
        ),
        sa.Column("cost", sa.Numeric(14, 6), comment="USD that OpenRouter charged; null while not known."),
        sa.Column("is_byok", sa.Boolean, nullable=False, comment="Paid with a provider key of the account's own."),
        sa.Column(
            "file", sa.String(64), comment="The video's file name below DATA_DIR/videos; null before the download."
        ),
        sa.Column("file_removed_at", sa.Double, comment="When the video was removed from the disk."),
        sa.Column("video_message_id", sa.BigInteger, comment="The message that holds the video."),
        sa.Column("ended_at", sa.Double, comment="When nothing more was to be done."),
        sa.Column("reason", sa.Text, comment="The sentence for the requester when it did not end as it should."),
        sa.Column("forgotten_at", sa.Double, comment="When the requester's words, references and video were removed."),
    ]


def _job_references() -> None:
    op.create_table(
        "job_references",
        sa.Column("job_id", sa.String(25), nullable=False, comment="The job that uses it."),
        sa.Column("position", sa.Integer, nullable=False, comment="From 0, in the order in which they are sent."),
        sa.Column("name", sa.String(200), nullable=False, comment="A file's name, or a link's host and path."),
        sa.Column("sha256", sa.String(64), nullable=False, comment="Of the bytes: the file below DATA_DIR/references."),
        sa.Column("media_type", sa.String(64), nullable=False, comment="As the bytes show."),
        sa.Column("width", sa.Integer, nullable=False, comment="Pixels."),
        sa.Column("height", sa.Integer, nullable=False, comment="Pixels."),
        sa.Column(
            "link",
            sa.Text,
            comment="The address that is sent; null when the bytes go along inline, or once it was sent.",
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_references_job_id")),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_job_references")),
        comment="The reference images of a job, after the same picture was dropped the second time.",
    )
    op.create_index(op.f("ix_job_references_sha256"), "job_references", ["sha256"])
