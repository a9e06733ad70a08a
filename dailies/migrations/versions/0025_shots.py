"""Add shots, decisions on videos, screenings and cuts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dailies.migrations.columns import add, optional, required

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Change the schema. Earlier jobs are takes of no shot, and nobody has looked for their marks."""
    add(
        "jobs",
        optional("shot_id", sa.String(25), "The shot of which it is a take; null: of none."),
        optional("shot", sa.String(100), "The name of that shot, as written."),
        optional("shot_take", sa.Integer, "Its number among the takes of that shot, from 1."),
        optional("post_id", sa.BigInteger, "The forum post that its videos go into; null: where it was asked for."),
        required(
            "marks",
            sa.JSON,
            "What its files carry, as it was read: dailies/media/marks.py.",
            server_default=sa.text("'{}'"),
        ),
    )
    op.create_index("ix_jobs_shot_id", "jobs", ["shot_id"])
    add(
        "comparisons", optional("channel_id", sa.BigInteger, "The channel of that message, if it is not the jobs' own.")
    )
    _shots()
    _chosen_shots()
    _shot_forums()
    _decisions()
    _approved_posts()
    _screenings()
    _shared_screenings()
    _screening_schedules()


def _shots() -> None:
    op.create_table(
        "shots",
        sa.Column("id", sa.String(25), primary_key=True, comment="Ours, in the order of time."),
        optional("guild_id", sa.BigInteger, "The server; null in a direct message."),
        required("channel_id", sa.BigInteger, "The channel that it belongs to."),
        required("name", sa.String(100), "As written."),
        required("name_key", sa.String(200), "The name as it is compared."),
        sa.Column(
            "takes",
            sa.Integer,
            nullable=False,
            server_default=sa.text("0"),
            comment="Numbers given to its takes so far; none is given twice.",
        ),
        optional("place", sa.Integer, "Its place in the cut, from 1; null: behind those that have one, by age."),
        optional("post_id", sa.BigInteger, "The forum post that it is; null: none."),
        optional("post_asked_at", sa.Double, "Since when a post may be there that is not known yet; null: none is."),
        optional("created_by", sa.BigInteger, "Who named it first; null once that person was forgotten."),
        required("created_at", sa.Double, "When it was first named."),
        sa.UniqueConstraint("channel_id", "name_key", name="uq_shots_name"),
        sa.UniqueConstraint("post_id", name="uq_shots_post_id"),
        comment="Shots: the parts of a film of which takes are made.",
    )
    op.create_index("ix_shots_guild_id", "shots", ["guild_id"])


def _chosen_shots() -> None:
    op.create_table(
        "chosen_shots",
        sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False, comment="The channel."),
        sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False, comment="Who works there."),
        sa.Column(
            "shot_id",
            sa.String(25),
            sa.ForeignKey("shots.id"),
            nullable=False,
            comment="Their shot until they name another.",
        ),
        required("chosen_at", sa.Double, "When."),
        comment="The shot that each person last worked on in a channel.",
    )


def _shot_forums() -> None:
    op.create_table(
        "shot_forums",
        sa.Column(
            "channel_id",
            sa.BigInteger,
            primary_key=True,
            autoincrement=False,
            comment="The channel whose shots they are.",
        ),
        required("guild_id", sa.BigInteger, "Its server."),
        required("forum_id", sa.BigInteger, "The forum in which each shot has a post."),
        optional("set_by", sa.BigInteger, "Who said so; null once that person was forgotten."),
        required("set_at", sa.Double, "When."),
        comment="Channels whose shots are posts of a forum.",
    )
    op.create_index("ix_shot_forums_guild_id", "shot_forums", ["guild_id"])


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column(
            "job_id",
            sa.String(25),
            sa.ForeignKey("jobs.id"),
            primary_key=True,
            comment="The job whose video it is about.",
        ),
        sa.Column("output", sa.Integer, primary_key=True, autoincrement=False, comment="Number of that video, from 1."),
        sa.Column(
            "number",
            sa.Integer,
            primary_key=True,
            autoincrement=False,
            comment="From 1; the highest holds. A click names the one it saw, and can only make the next.",
        ),
        required("verdict", sa.String(16), "approved, retake or withdrawn; dailies/review.py."),
        optional("by_id", sa.BigInteger, "Who said so; null once that person was forgotten."),
        required("decided_at", sa.Double, "When."),
        optional("note", sa.Text, "What to do otherwise, in their words; null: nothing was said, or it was forgotten."),
        optional("at_seconds", sa.Double, "The second of the video that the note is about; null: the whole."),
        optional("reply_id", sa.BigInteger, "The message with the note; null: none."),
        optional("told_at", sa.Double, "When the video's message showed it, or a reply said so; null: not yet."),
        comment="What was said about videos, never deleted: each with its author and time.",
    )


def _approved_posts() -> None:
    op.create_table(
        "approved_posts",
        sa.Column(
            "job_id", sa.String(25), sa.ForeignKey("jobs.id"), primary_key=True, comment="The job whose video it is."
        ),
        sa.Column("output", sa.Integer, primary_key=True, autoincrement=False, comment="Number of that video, from 1."),
        required("channel_id", sa.BigInteger, "The channel for approved videos at that time."),
        required("wanted_at", sa.Double, "When it was approved for that channel."),
        optional("sent_at", sa.Double, "When it was last sent: it may be there, whatever else is known."),
        optional("message_id", sa.BigInteger, "The message there; null: not posted yet."),
        optional("ended_at", sa.Double, "When it was posted, given up or withdrawn; null: still to do."),
        optional("reason", sa.JSON, "Why it was not posted; null: it was, or it is still to do."),
        comment="Approved videos on their way to the channel for them, each once.",
    )
    op.create_index("ix_approved_posts_ended_at", "approved_posts", ["ended_at"])


def _screenings() -> None:
    op.create_table(
        "screenings",
        sa.Column(
            "id", sa.String(25), primary_key=True, comment="Ours, in the order of time; the nonce of its message."
        ),
        required("kind", sa.String(16), "screening or cut; dailies/screening.py."),
        optional("guild_id", sa.BigInteger, "The server; null in a direct message."),
        required("channel_id", sa.BigInteger, "The channel whose takes it shows, and where it is posted."),
        optional("asked_by", sa.BigInteger, "Who asked for it; null: the schedule, or that person was forgotten."),
        optional("slot", sa.String(32), "The scheduled moment, as in 2026-12-01T17:00; null: asked for."),
        required("wanted", sa.JSON, "Which takes: all since the last one, a shot's, or approved ones."),
        required("entries", sa.JSON, "The takes in order: job, output, reel, start in it, or why not."),
        required("created_at", sa.Double, "When it was asked for; later takes come in the next one."),
        optional("status_id", sa.BigInteger, "The message that shows its progress; null: none."),
        required("files", sa.JSON, "Names below DATA_DIR/videos.", server_default=sa.text("'[]'")),
        optional("sent_at", sa.Double, "When it was last sent: it may be there, whatever else is known."),
        required("messages", sa.JSON, "Messages with its files, in order.", server_default=sa.text("'[]'")),
        optional("ended_at", sa.Double, "When it was posted, or given up; null: still being made."),
        optional("reason", sa.JSON, "Why there is none; null: there is, or it is still being made."),
        optional("file_removed_at", sa.Double, "When its files were removed; null: they are kept."),
        sa.UniqueConstraint("channel_id", "slot", name="uq_screenings_slot"),
        comment="Films of several takes: screenings and cuts.",
    )
    op.create_index("ix_screenings_guild_id", "screenings", ["guild_id"])
    op.create_index("ix_screenings_ended_at", "screenings", ["ended_at"])


def _shared_screenings() -> None:
    op.create_table(
        "shared_screenings",
        sa.Column(
            "token_sha256",
            sa.String(64),
            primary_key=True,
            comment="Of the secret in the link; the secret is not kept.",
        ),
        sa.Column(
            "screening_id",
            sa.String(25),
            sa.ForeignKey("screenings.id"),
            nullable=False,
            comment="Whose films it opens.",
        ),
        required("hidden", sa.Boolean, "No picture of it is shown before somebody asks for it."),
        required("expires_at", sa.Double, "From then on the link opens nothing."),
        comment="Links to screenings and cuts on the bot's own web server.",
    )
    op.create_index("ix_shared_screenings_screening_id", "shared_screenings", ["screening_id"])


def _screening_schedules() -> None:
    op.create_table(
        "screening_schedules",
        sa.Column("channel_id", sa.BigInteger, primary_key=True, autoincrement=False, comment="The channel."),
        required("guild_id", sa.BigInteger, "Its server."),
        required("minute", sa.Integer, "Minute of the day, in BUDGET_TIMEZONE."),
        required("weekdays", sa.Integer, "A bit for each day, Monday the lowest."),
        required("since", sa.Double, "When it was set: earlier moments of it are not due."),
        optional("set_by", sa.BigInteger, "Who set it; null once that person was forgotten."),
        comment="Channels with a screening at a time of the day.",
    )
    op.create_index("ix_screening_schedules_guild_id", "screening_schedules", ["guild_id"])
