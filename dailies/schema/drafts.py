"""Requests that are being composed."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Double, Index, Integer, String, Table

from dailies.schema.base import metadata

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(25), primary_key=True, comment="Ours, in the order of time."),
    Column("person_id", BigInteger, nullable=False, comment="Whose draft it is; nobody else sees it."),
    Column("guild_id", BigInteger, comment="The server; null in a direct message."),
    Column("channel_id", BigInteger, nullable=False, comment="The channel or thread in which it was begun."),
    Column("revision", Integer, nullable=False, comment="Counted from 1 at each change: a click names the one it saw."),
    Column("content", JSON, nullable=False, comment="Options, pictures, takes and origin; dailies/store/drafts.py."),
    Column("created_at", Double, nullable=False, comment="When it was begun."),
    Column("changed_at", Double, nullable=False, index=True, comment="When it was last changed; removed a day later."),
    Index("ix_drafts_person", "person_id", "changed_at"),
    comment="Requests that are being composed. Nothing of them is sent or paid.",
)
