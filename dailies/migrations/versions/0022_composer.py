"""Add drafts, and what jobs need that came from others: lineage, takes, frames and continuations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import add, optional, required

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Change the schema. Earlier jobs have no lineage, and all their pictures are references."""
    add(
        "jobs",
        optional(
            "continues", sa.String(200), "OpenRouter's id of the finished job that the video continues; null: of none."
        ),
        required(
            "provider_options",
            sa.JSON,
            "Parameters of the model's provider, by the names of dailies/catalog/models.toml.",
            server_default=sa.text("'{}'"),
        ),
        optional("origin_id", sa.String(25), "The job that it came from; null: asked for anew."),
        optional("origin_how", sa.String(16), "again, edit, next_shot, last_frame or continuation; dailies/job.py."),
        optional("origin_hops", sa.Integer, "Last frames in a row that led to it."),
        optional("root_id", sa.String(25), "The first job of its lineage; null: older than lineages."),
        required("take", sa.Integer, "Its number among the jobs of its lineage, from 1.", server_default=sa.text("1")),
        optional("set_id", sa.String(25), "The first job of the takes asked for together; null: alone."),
        optional("set_place", sa.Integer, "Its place in that set, from 1."),
        optional("set_size", sa.Integer, "Number of takes in that set."),
    )
    op.create_index("ix_jobs_root_id", "jobs", ["root_id"])
    op.create_index("ix_jobs_set_id", "jobs", ["set_id"])
    add(
        "job_references",
        required(
            "role",
            sa.String(16),
            "reference, first_frame or last_frame.",
            server_default=sa.text("'reference'"),
        ),
        optional(
            "fitting", sa.String(8), "crop or pad: how a frame of another shape was made to fit; null: it was not."
        ),
    )
    op.create_table(
        "drafts",
        sa.Column("id", sa.String(25), primary_key=True, comment="Ours, in the order of time."),
        required("person_id", sa.BigInteger, "Whose draft it is; nobody else sees it."),
        optional("guild_id", sa.BigInteger, "The server; null in a direct message."),
        required("channel_id", sa.BigInteger, "The channel or thread in which it was begun."),
        required("revision", sa.Integer, "Counted from 1 at each change: a click names the one it saw."),
        required("content", sa.JSON, "Options, pictures, takes and origin; dailies/store/drafts.py."),
        required("created_at", sa.Double, "When it was begun."),
        required("changed_at", sa.Double, "When it was last changed; removed a day later."),
        comment="Requests that are being composed. Nothing of them is sent or paid.",
    )
    op.create_index("ix_drafts_changed_at", "drafts", ["changed_at"])
    op.create_index("ix_drafts_person", "drafts", ["person_id", "changed_at"])
