"""Add the cast, and comparisons of models."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import add, optional, required

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    """Change the schema. Earlier references are of no cast, and earlier sets compare no models."""
    add(
        "jobs",
        required("compared", sa.Boolean, "Its set compares models, whose names are hidden.", server_default=sa.false()),
        optional("votes", sa.Integer, "Votes for it, counted as the vote on its set ended; null: that has not ended."),
    )
    add(
        "job_references",
        required("cast", sa.JSON, "Names of the cast that it shows.", server_default=sa.text("'[]'")),
    )
    _cast()
    _pictures()
    _comparisons()


def _cast() -> None:
    op.create_table(
        "cast_entries",
        sa.Column("id", sa.String(25), primary_key=True, comment="Ours, in the order of time."),
        required("scope", sa.String(32), "The server or channel in which the name holds."),
        optional("guild_id", sa.BigInteger, "The server; null in a direct message."),
        optional("channel_id", sa.BigInteger, "The channel; null for the whole server."),
        required("name", sa.String(65), "As written, without the @; a look has a slash."),
        required("name_key", sa.String(200), "The name as it is compared."),
        required("note", sa.Text, "What whoever added it wrote about it."),
        required("added_by", sa.BigInteger, "Who added it."),
        required("added_at", sa.Double, "When it was added."),
        required("changed_at", sa.Double, "When it was last changed."),
        required("revision", sa.Integer, "Counted from 1 at each change: a click names the one it saw."),
        required("age_restricted", sa.Boolean, "Added in an age-restricted channel: it stays in such."),
        optional("consent_person", sa.String(200), "Whose likeness it is; null: nobody's."),
        optional("consent_until", sa.Double, "When the consent ends; null: it has no end."),
        optional("consent_by", sa.BigInteger, "Who said that there is consent."),
        optional("consent_at", sa.Double, "When they said so."),
        sa.UniqueConstraint("scope", "name_key", name="uq_cast_entries_name"),
        comment="Named references: @name in a prompt brings their pictures along.",
    )
    op.create_index("ix_cast_entries_guild_id", "cast_entries", ["guild_id"])
    op.create_index("ix_cast_entries_added_by", "cast_entries", ["added_by"])


def _pictures() -> None:
    op.create_table(
        "cast_pictures",
        sa.Column(
            "entry_id",
            sa.String(25),
            sa.ForeignKey("cast_entries.id"),
            primary_key=True,
            comment="Whose picture it is.",
        ),
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=False, comment="From 0."),
        required("sha256", sa.String(64), "The file below DATA_DIR/references."),
        required("name", sa.String(200), "A file's name, or a link's host and path."),
        required("link", sa.Text, "A public link that it came from; empty: none."),
        optional("description", sa.Text, "Its alt text; null: none."),
        required("spoiler", sa.Boolean, "Hidden until clicked where it was given."),
        optional("width", sa.Integer, "Pixels."),
        optional("height", sa.Integer, "Pixels."),
        comment="The pictures of named references, kept as long as those.",
    )
    op.create_index("ix_cast_pictures_sha256", "cast_pictures", ["sha256"])
    op.create_table(
        "job_cast",
        sa.Column(
            "job_id", sa.String(25), sa.ForeignKey("jobs.id"), primary_key=True, comment="The job that used the name."
        ),
        sa.Column("name_key", sa.String(200), primary_key=True, comment="The name as it is compared."),
        comment="The named references that each job used.",
    )
    op.create_index("ix_job_cast_name", "job_cast", ["name_key"])


def _comparisons() -> None:
    op.create_table(
        "comparisons",
        sa.Column("set_id", sa.String(25), primary_key=True, comment="The first job of the set (jobs.set_id)."),
        optional("guild_id", sa.BigInteger, "The server; null in a direct message."),
        required("asker_id", sa.BigInteger, "Who asked for it, and may end the vote."),
        optional("together", sa.Boolean, "Its videos go into one message; null: not decided yet."),
        required(
            "members",
            sa.JSON,
            "Ids of the jobs whose videos were there as that was decided, in order.",
            server_default=sa.text("'[]'"),
        ),
        optional("message_id", sa.BigInteger, "The message with those videos; null: not posted, or one for each."),
        optional("opened_at", sa.Double, "When the vote began, with the first video; null: not yet."),
        optional("ended_at", sa.Double, "When the vote ended, and names were shown; null: it has not."),
        optional("winner_id", sa.String(25), "The job with the most votes; null: none, or a tie."),
        required("told", sa.Boolean, "The messages show how the vote ended.", server_default=sa.false()),
        comment="Comparisons of models.",
    )
    op.create_index("ix_comparisons_guild_id", "comparisons", ["guild_id"])
    op.create_index("ix_comparisons_ended_at", "comparisons", ["ended_at"])
    op.create_table(
        "comparison_votes",
        sa.Column(
            "set_id",
            sa.String(25),
            sa.ForeignKey("comparisons.set_id"),
            primary_key=True,
            comment="The comparison voted on.",
        ),
        sa.Column(
            "voter_id", sa.BigInteger, primary_key=True, autoincrement=False, comment="Who voted; one vote each."
        ),
        sa.Column(
            "job_id", sa.String(25), sa.ForeignKey("jobs.id"), nullable=False, comment="The video that they chose."
        ),
        required("voted_at", sa.Double, "When they last said so."),
        comment="Votes, which may be changed until the comparison ends.",
    )
