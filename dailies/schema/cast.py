"""Named references of teams, and the jobs that used them."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from dailies.schema.base import metadata

cast_entries = Table(
    "cast_entries",
    metadata,
    Column("id", String(25), primary_key=True, comment="Ours, in the order of time."),
    Column("scope", String(32), nullable=False, comment="The server or channel in which the name holds."),
    Column("guild_id", BigInteger, index=True, comment="The server; null in a direct message."),
    Column("channel_id", BigInteger, comment="The channel; null for the whole server."),
    Column("name", String(65), nullable=False, comment="As written, without the @; a look has a slash."),
    Column("name_key", String(200), nullable=False, comment="The name as it is compared."),
    Column("note", Text, nullable=False, comment="What whoever added it wrote about it."),
    Column("added_by", BigInteger, nullable=False, index=True, comment="Who added it."),
    Column("added_at", Double, nullable=False, comment="When it was added."),
    Column("changed_at", Double, nullable=False, comment="When it was last changed."),
    Column("revision", Integer, nullable=False, comment="Counted from 1 at each change: a click names the one it saw."),
    Column("age_restricted", Boolean, nullable=False, comment="Added in an age-restricted channel: it stays in such."),
    Column("consent_person", String(200), comment="Whose likeness it is; null: nobody's."),
    Column("consent_until", Double, comment="When the consent ends; null: it has no end."),
    Column("consent_by", BigInteger, comment="Who said that there is consent."),
    Column("consent_at", Double, comment="When they said so."),
    UniqueConstraint("scope", "name_key", name="uq_cast_entries_name"),
    comment="Named references: @name in a prompt brings their pictures along.",
)

cast_pictures = Table(
    "cast_pictures",
    metadata,
    Column("entry_id", String(25), ForeignKey("cast_entries.id"), primary_key=True, comment="Whose picture it is."),
    Column("position", Integer, primary_key=True, autoincrement=False, comment="From 0."),
    Column("sha256", String(64), nullable=False, index=True, comment="The file below DATA_DIR/references."),
    Column("name", String(200), nullable=False, comment="A file's name, or a link's host and path."),
    Column("link", Text, nullable=False, comment="A public link that it came from; empty: none."),
    Column("description", Text, comment="Its alt text; null: none."),
    Column("spoiler", Boolean, nullable=False, comment="Hidden until clicked where it was given."),
    Column("width", Integer, comment="Pixels."),
    Column("height", Integer, comment="Pixels."),
    comment="The pictures of named references, kept as long as those.",
)

job_cast = Table(
    "job_cast",
    metadata,
    Column("job_id", String(25), ForeignKey("jobs.id"), primary_key=True, comment="The job that used the name."),
    Column("name_key", String(200), primary_key=True, comment="The name as it is compared."),
    Index("ix_job_cast_name", "name_key"),
    comment="The named references that each job used.",
)
