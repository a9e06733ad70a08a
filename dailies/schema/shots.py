"""Shots, what people said about their takes, and films made of several takes."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from dailies.columns import ReasonColumn
from dailies.schema.base import metadata

shots = Table(
    "shots",
    metadata,
    Column("id", String(25), primary_key=True, comment="Ours, in the order of time."),
    Column("guild_id", BigInteger, index=True, comment="The server; null in a direct message."),
    Column("channel_id", BigInteger, nullable=False, comment="The channel that it belongs to."),
    Column("name", String(100), nullable=False, comment="As written."),
    Column("name_key", String(200), nullable=False, comment="The name as it is compared."),
    Column(
        "takes",
        Integer,
        nullable=False,
        server_default=text("0"),
        comment="Numbers given to its takes so far; none is given twice.",
    ),
    Column("place", Integer, comment="Its place in the cut, from 1; null: behind those that have one, by age."),
    Column("post_id", BigInteger, unique=True, comment="The forum post that it is; null: none."),
    Column("post_asked_at", Double, comment="Since when a post may be there that is not known yet; null: none is."),
    Column("created_by", BigInteger, comment="Who named it first; null once that person was forgotten."),
    Column("created_at", Double, nullable=False, comment="When it was first named."),
    UniqueConstraint("channel_id", "name_key", name="uq_shots_name"),
    comment="Shots: the parts of a film of which takes are made.",
)

chosen_shots = Table(
    "chosen_shots",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False, comment="The channel."),
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, comment="Who works there."),
    Column(
        "shot_id", String(25), ForeignKey("shots.id"), nullable=False, comment="Their shot until they name another."
    ),
    Column("chosen_at", Double, nullable=False, comment="When."),
    comment="The shot that each person last worked on in a channel.",
)

shot_forums = Table(
    "shot_forums",
    metadata,
    Column(
        "channel_id", BigInteger, primary_key=True, autoincrement=False, comment="The channel whose shots they are."
    ),
    Column("guild_id", BigInteger, nullable=False, index=True, comment="Its server."),
    Column("forum_id", BigInteger, nullable=False, comment="The forum in which each shot has a post."),
    Column("set_by", BigInteger, comment="Who said so; null once that person was forgotten."),
    Column("set_at", Double, nullable=False, comment="When."),
    comment="Channels whose shots are posts of a forum.",
)

decisions = Table(
    "decisions",
    metadata,
    Column("job_id", String(25), ForeignKey("jobs.id"), primary_key=True, comment="The job whose video it is about."),
    Column("output", Integer, primary_key=True, autoincrement=False, comment="Number of that video, from 1."),
    Column(
        "number",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="From 1; the highest holds. A click names the one it saw, and can only make the next.",
    ),
    Column("verdict", String(16), nullable=False, comment="approved, retake or withdrawn; dailies/review.py."),
    Column("by_id", BigInteger, comment="Who said so; null once that person was forgotten."),
    Column("decided_at", Double, nullable=False, comment="When."),
    Column("note", Text, comment="What to do otherwise, in their words; null: nothing was said, or it was forgotten."),
    Column("at_seconds", Double, comment="The second of the video that the note is about; null: the whole."),
    Column("reply_id", BigInteger, comment="The message with the note; null: none."),
    Column("told_at", Double, comment="When the video's message showed it, or a reply said so; null: not yet."),
    comment="What was said about videos, never deleted: each with its author and time.",
)

approved_posts = Table(
    "approved_posts",
    metadata,
    Column("job_id", String(25), ForeignKey("jobs.id"), primary_key=True, comment="The job whose video it is."),
    Column("output", Integer, primary_key=True, autoincrement=False, comment="Number of that video, from 1."),
    Column("channel_id", BigInteger, nullable=False, comment="The channel for approved videos at that time."),
    Column("wanted_at", Double, nullable=False, comment="When it was approved for that channel."),
    Column("sent_at", Double, comment="When it was last sent: it may be there, whatever else is known."),
    Column("message_id", BigInteger, comment="The message there; null: not posted yet."),
    Column("ended_at", Double, index=True, comment="When it was posted, given up or withdrawn; null: still to do."),
    Column("reason", ReasonColumn, comment="Why it was not posted; null: it was, or it is still to do."),
    comment="Approved videos on their way to the channel for them, each once.",
)

screenings = Table(
    "screenings",
    metadata,
    Column("id", String(25), primary_key=True, comment="Ours, in the order of time; the nonce of its message."),
    Column("kind", String(16), nullable=False, comment="screening or cut; dailies/screening.py."),
    Column("guild_id", BigInteger, index=True, comment="The server; null in a direct message."),
    Column(
        "channel_id", BigInteger, nullable=False, comment="The channel whose takes it shows, and where it is posted."
    ),
    Column("asked_by", BigInteger, comment="Who asked for it; null: the schedule, or that person was forgotten."),
    Column("slot", String(32), comment="The scheduled moment, as in 2026-12-01T17:00; null: asked for."),
    Column("wanted", JSON, nullable=False, comment="Which takes: all since the last one, a shot's, or approved ones."),
    Column("entries", JSON, nullable=False, comment="The takes in order: job, output, reel, start in it, or why not."),
    Column("created_at", Double, nullable=False, comment="When it was asked for; later takes come in the next one."),
    Column("status_id", BigInteger, comment="The message that shows its progress; null: none."),
    Column("files", JSON, nullable=False, server_default=text("'[]'"), comment="Names below DATA_DIR/videos."),
    Column("sent_at", Double, comment="When it was last sent: it may be there, whatever else is known."),
    Column("messages", JSON, nullable=False, server_default=text("'[]'"), comment="Messages with its files, in order."),
    Column("ended_at", Double, index=True, comment="When it was posted, or given up; null: still being made."),
    Column("reason", ReasonColumn, comment="Why there is none; null: there is, or it is still being made."),
    Column("file_removed_at", Double, comment="When its files were removed; null: they are kept."),
    UniqueConstraint("channel_id", "slot", name="uq_screenings_slot"),
    comment="Films of several takes: screenings and cuts.",
)

shared_screenings = Table(
    "shared_screenings",
    metadata,
    Column("token_sha256", String(64), primary_key=True, comment="Of the secret in the link; the secret is not kept."),
    Column(
        "screening_id",
        String(25),
        ForeignKey("screenings.id"),
        nullable=False,
        index=True,
        comment="Whose films it opens.",
    ),
    Column("hidden", Boolean, nullable=False, comment="No picture of it is shown before somebody asks for it."),
    Column("expires_at", Double, nullable=False, comment="From then on the link opens nothing."),
    comment="Links to screenings and cuts on the bot's own web server.",
)

screening_schedules = Table(
    "screening_schedules",
    metadata,
    Column("channel_id", BigInteger, primary_key=True, autoincrement=False, comment="The channel."),
    Column("guild_id", BigInteger, nullable=False, index=True, comment="Its server."),
    Column("minute", Integer, nullable=False, comment="Minute of the day, in BUDGET_TIMEZONE."),
    Column("weekdays", Integer, nullable=False, comment="A bit for each day, Monday the lowest."),
    Column("since", Double, nullable=False, comment="When it was set: earlier moments of it are not due."),
    Column("set_by", BigInteger, comment="Who set it; null once that person was forgotten."),
    comment="Channels with a screening at a time of the day.",
)
