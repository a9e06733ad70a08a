"""Settings that servers have made for themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, String, Table, Text

from dailies.schema.base import metadata

server_settings = Table(
    "server_settings",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False, comment="The server that set it."),
    Column("name", String(40), primary_key=True, comment="A field of ServerSettings; dailies/server_settings.py."),
    Column("value", Text, comment="As text; null: it was reset, and the bot's own setting holds."),
    Column("changed_by", BigInteger, comment="Who changed it last; null once that person was forgotten."),
    Column("changed_at", Double, nullable=False, comment="When."),
    comment="What a server has set with /settings; without a row, the bot's own settings hold.",
)
