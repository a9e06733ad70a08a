"""Uploads and links to videos."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, String, Table

from dailies.schema.base import metadata

upload_limits = Table(
    "upload_limits",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False, comment="The server; 0: direct messages."),
    Column("claim", BigInteger, comment="Bytes by the server's boost level then; the rest holds for that level only."),
    Column("accepted", BigInteger, comment="Bytes of the largest upload that was taken; null: none was."),
    Column("accepted_at", Double, comment="When."),
    Column("refused", BigInteger, comment="Bytes of the smallest upload that was refused as too large; null: none."),
    Column("refused_at", Double, comment="When."),
    comment="How large uploads may be, as uploads have shown.",
)

shared_files = Table(
    "shared_files",
    metadata,
    Column("token_sha256", String(64), primary_key=True, comment="Of the secret in the link; the secret is not kept."),
    Column("job_id", String(25), ForeignKey("jobs.id"), nullable=False, index=True, comment="Whose video it opens."),
    Column("expires_at", Double, nullable=False, comment="From then on the link opens nothing."),
    comment="Links to videos on the bot's own web server.",
)
