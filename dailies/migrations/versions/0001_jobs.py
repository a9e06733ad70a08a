"""The first schema: jobs and their references."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import optional, required

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Change the schema."""
    _jobs()
    _job_references()


def _jobs() -> None:
    op.create_table(
        "jobs",
        required("id", sa.String(25), "Ours: in the order of time, the nonce of the delivery, the video's name."),
        required("key", sa.String(64), "The interaction that asked; the same one makes one job."),
        optional("guild_id", sa.BigInteger, "The server; null in a direct message."),
        required("channel_id", sa.BigInteger, "The channel or thread of status and video."),
        required("requester_id", sa.BigInteger, "Who asked."),
        optional("status_message_id", sa.BigInteger, "The status message; null until the command was answered."),
        optional("locale", sa.String(16), "The requester's language as the platform names it."),
        required("state", sa.String(16), "How far the job came; docs/architecture.md has the picture."),
        required("told", sa.Boolean, "Whether the status message says how the job ended."),
        required("created_at", sa.Double, "When the command was answered."),
        optional("prompt", sa.Text, "As it was typed and sent; null once its author was forgotten."),
        required("model", sa.String(200), "OpenRouter's id of the model."),
        required("model_name", sa.String(200), "The model's name at that time."),
        optional("duration", sa.Integer, "Seconds; null: the model decided. So for the next columns."),
        optional("resolution", sa.String(32), "As in 720p."),
        optional("aspect_ratio", sa.String(16), "As in 16:9."),
        optional("audio", sa.Boolean, "With sound."),
        optional("seed", sa.BigInteger, "As sent."),
        required("notes", sa.JSON, "Sentences about options that were left out."),
        required("sources", sa.JSON, "References as given: name, whether attached, and a link's address."),
        optional("openrouter_id", sa.String(200), "OpenRouter's id; null until the paid request was answered."),
        optional("polling_url", sa.Text, "Where OpenRouter says the job can be looked at."),
        optional("submitted_at", sa.Double, "When OpenRouter took the job."),
        optional("remote_status", sa.String(64), "OpenRouter's last word about the job."),
        required("polls", sa.Integer, "How often the job was looked at."),
        optional("checked_at", sa.Double, "When it was last looked at."),
        optional("trouble", sa.Text, "A sentence about the last try, when it failed and the job goes on."),
        required("unsigned_urls", sa.JSON, "Where the finished video can be fetched with the key."),
        optional("cost", sa.Numeric(14, 6), "USD that OpenRouter charged; null while not known."),
        required("is_byok", sa.Boolean, "Paid with a provider key of the account's own."),
        optional("file", sa.String(64), "The video's file name below DATA_DIR/videos; null before the download."),
        optional("file_removed_at", sa.Double, "When the video was removed from the disk."),
        optional("video_message_id", sa.BigInteger, "The message that holds the video."),
        optional("ended_at", sa.Double, "When nothing more was to be done."),
        optional("reason", sa.Text, "The sentence for the requester when it did not end as it should."),
        optional("forgotten_at", sa.Double, "When the requester's words, references and video were removed."),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("key", name=op.f("uq_jobs_key")),
        comment="One row for each /video that was answered with a status. Never deleted: it is the record of money.",
    )
    op.create_index("ix_jobs_guild", "jobs", ["guild_id", "created_at"])
    op.create_index(op.f("ix_jobs_openrouter_id"), "jobs", ["openrouter_id"])
    op.create_index("ix_jobs_requester", "jobs", ["requester_id", "created_at"])
    op.create_index("ix_jobs_state", "jobs", ["state", "told"])


def _job_references() -> None:
    op.create_table(
        "job_references",
        required("job_id", sa.String(25), "The job that uses it."),
        required("position", sa.Integer, "From 0, in the order in which they are sent."),
        required("name", sa.String(200), "A file's name, or a link's host and path."),
        required("sha256", sa.String(64), "Of the bytes: the file below DATA_DIR/references."),
        required("media_type", sa.String(64), "As the bytes show."),
        required("width", sa.Integer, "Pixels."),
        required("height", sa.Integer, "Pixels."),
        optional(
            "link", sa.Text, "The address that is sent; null when the bytes go along inline, or once it was sent."
        ),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_references_job_id")),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_job_references")),
        comment="The reference images of a job, after the same picture was dropped the second time.",
    )
    op.create_index(op.f("ix_job_references_sha256"), "job_references", ["sha256"])
