"""Comparisons of models: sets of jobs whose videos are judged without their models' names."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Double, ForeignKey, String, Table, false, text

from dailies.schema.base import metadata

comparisons = Table(
    "comparisons",
    metadata,
    Column("set_id", String(25), primary_key=True, comment="The first job of the set (jobs.set_id)."),
    Column("guild_id", BigInteger, index=True, comment="The server; null in a direct message."),
    Column("asker_id", BigInteger, nullable=False, comment="Who asked for it, and may end the vote."),
    Column("together", Boolean, comment="Its videos go into one message; null: not decided yet."),
    Column(
        "members",
        JSON,
        nullable=False,
        server_default=text("'[]'"),
        comment="Ids of the jobs whose videos were there as that was decided, in order.",
    ),
    Column("message_id", BigInteger, comment="The message with those videos; null: not posted, or one for each."),
    Column("channel_id", BigInteger, comment="The channel of that message, if it is not the jobs' own."),
    Column("opened_at", Double, comment="When the vote began, with the first video; null: not yet."),
    Column("ended_at", Double, index=True, comment="When the vote ended, and names were shown; null: it has not."),
    Column("winner_id", String(25), comment="The job with the most votes; null: none, or a tie."),
    Column(
        "told",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="The messages show how the vote ended.",
    ),
    comment="Comparisons of models.",
)

comparison_votes = Table(
    "comparison_votes",
    metadata,
    Column(
        "set_id", String(25), ForeignKey("comparisons.set_id"), primary_key=True, comment="The comparison voted on."
    ),
    Column("voter_id", BigInteger, primary_key=True, autoincrement=False, comment="Who voted; one vote each."),
    Column("job_id", String(25), ForeignKey("jobs.id"), nullable=False, comment="The video that they chose."),
    Column("voted_at", Double, nullable=False, comment="When they last said so."),
    comment="Votes, which may be changed until the comparison ends.",
)
