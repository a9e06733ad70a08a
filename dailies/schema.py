"""The tables. Comments explain every table and column.

Migrations (dailies/migrations) bring an existing database to this schema; a test compares the two.
Times are Unix seconds. Ids of guilds, channels, messages and users are Discord's snowflakes.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
    Text,
    false,
    text,
)

from dailies.columns import ReasonColumn, Usd

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

jobs = Table(
    "jobs",
    metadata,
    Column(
        "id",
        String(25),
        primary_key=True,
        comment="Ours: in the order of time, the nonce of the delivery, the video's name.",
    ),
    Column(
        "key",
        String(64),
        nullable=False,
        unique=True,
        comment="The interaction that asked; the same one makes one job.",
    ),
    Column("guild_id", BigInteger, comment="The server; null in a direct message."),
    Column("channel_id", BigInteger, nullable=False, comment="The channel or thread of status and video."),
    Column("requester_id", BigInteger, nullable=False, comment="Who asked."),
    Column("status_message_id", BigInteger, comment="The status message; null until the command was answered."),
    Column(
        "token_only",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="The bot is not in that channel: only the command's token reaches it.",
    ),
    Column("locale", String(16), comment="The requester's language as the platform names it."),
    Column("state", String(16), nullable=False, comment="How far the job came; docs/architecture.md has the picture."),
    Column("told", Boolean, nullable=False, comment="Whether the status message says how the job ended."),
    Column("created_at", Double, nullable=False, comment="When the command was answered."),
    Column("prompt", Text, comment="As it was typed and sent; null once its author was forgotten."),
    Column(
        "sent_prompt",
        Text,
        comment="As it was sent, where references were named as the model expects; null: as it was typed.",
    ),
    Column("model", String(200), nullable=False, comment="OpenRouter's id of the model."),
    Column("model_name", String(200), nullable=False, comment="The model's name at that time."),
    Column("duration", Integer, comment="Seconds; null: the model decided. So for the next columns."),
    Column("resolution", String(32), comment="As in 720p."),
    Column("aspect_ratio", String(16), comment="As in 16:9."),
    Column("audio", Boolean, comment="With sound."),
    Column("seed", BigInteger, comment="As sent."),
    Column("notes", JSON, nullable=False, comment="Reasons: what to know of how the options were taken."),
    Column(
        "sources",
        JSON,
        nullable=False,
        comment="References as given: name, marks, alt text, whether attached, and a link's address.",
    ),
    Column(
        "openrouter_id", String(200), index=True, comment="OpenRouter's id; null until the paid request was answered."
    ),
    Column("polling_url", Text, comment="Where OpenRouter says the job can be looked at."),
    Column("submitted_at", Double, comment="When the paid request was sent."),
    Column(
        "callback_url",
        Text,
        comment="Where OpenRouter was asked to report its end; null when no report can be counted on.",
    ),
    Column("send_at", Double, comment="When it is sent again, after OpenRouter refused it as busy; null: at once."),
    Column(
        "busy_seconds",
        Double,
        nullable=False,
        server_default=text("0"),
        comment="Seconds that it was made to wait because OpenRouter was busy.",
    ),
    Column("remote_status", String(64), comment="OpenRouter's last word about the job."),
    Column("polls", Integer, nullable=False, comment="How often the job was looked at."),
    Column("checked_at", Double, comment="When it was last looked at."),
    Column(
        "running_at",
        Double,
        comment="When it was last known to be unfinished, by a check or a report of its end; null: never.",
    ),
    Column("trouble", ReasonColumn, comment="Why the last try failed, when the job goes on."),
    Column("completed_at", Double, comment="Since when its finished video is downloaded; null: it is not finished."),
    Column("cost", Numeric(14, 6), comment="USD that OpenRouter charged; null while not known."),
    Column(
        "quote_usd",
        Numeric(20, 6),
        comment="USD that the job would probably cost, when it was asked for; null: not known.",
    ),
    Column("quote_at_most", Numeric(20, 6), comment="USD that it should not go beyond; null: not known."),
    Column(
        "quote_exact",
        Boolean,
        comment="Whether the published prices say quote_usd of just these settings; null: never quoted.",
    ),
    Column("quote_basis", ReasonColumn, comment="How the quote was found; null: never quoted."),
    Column("is_byok", Boolean, nullable=False, comment="Paid with a provider key of the account's own."),
    Column("file", String(64), comment="The video's file name below DATA_DIR/videos; null before the download."),
    Column(
        "outputs",
        JSON,
        nullable=False,
        server_default=text("'[]'"),
        comment="Each file of the finished job: its figures, its message, and why it is missing.",
    ),
    Column("file_removed_at", Double, comment="When the video was removed from the disk."),
    Column("video_message_id", BigInteger, comment="The message that holds the video."),
    Column("ended_at", Double, comment="When nothing more was to be done."),
    Column(
        "reason",
        ReasonColumn,
        comment="A code with its values, dailies/reason.py: why it did not end as it should.",
    ),
    Column("forgotten_at", Double, comment="When the requester's words, references and video were removed."),
    Column("upload_limit", BigInteger, comment="Bytes that the requester could upload there when they asked."),
    Column("delivery_note", ReasonColumn, comment="What was changed so that the video could be posted; null: nothing."),
    Column("video_channel_id", BigInteger, comment="The channel of the video's message when it is not the job's own."),
    Column(
        "new_status_id",
        BigInteger,
        comment="The status message since the first one was deleted; null: it was not. There is no third one.",
    ),
    Column(
        "follow_up_at",
        Double,
        comment="When the video was last sent with the command's token, and not refused: it may be there.",
    ),
    Column(
        "age_restricted",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="Asked for in an age-restricted channel, or made of what comes from one.",
    ),
    Index("ix_jobs_requester", "requester_id", "created_at"),
    Index("ix_jobs_guild", "guild_id", "created_at"),
    Index("ix_jobs_state", "state", "told"),
    comment="One row for each /video that was answered with a status. Never deleted: it is the record of money.",
)

job_references = Table(
    "job_references",
    metadata,
    Column("job_id", String(25), ForeignKey("jobs.id"), primary_key=True, comment="The job that uses it."),
    Column("position", Integer, primary_key=True, comment="From 0, in the order in which they are sent."),
    Column("name", String(200), nullable=False, comment="A file's name, or a link's host and path."),
    Column(
        "sha256", String(64), nullable=False, index=True, comment="Of the bytes: the file below DATA_DIR/references."
    ),
    Column("media_type", String(64), nullable=False, comment="As the bytes show."),
    Column("width", Integer, nullable=False, comment="Pixels."),
    Column("height", Integer, nullable=False, comment="Pixels."),
    Column("link", Text, comment="The address that is sent; null when the bytes go along inline, or once it was sent."),
    Column("page", Text, comment="The web page that declares this picture, where one does."),
    Column("converted", String(64), comment="SHA-256 of the bytes sent in place of the given ones; null: those are."),
    Column(
        "notes",
        JSON,
        nullable=False,
        server_default=text("'[]'"),
        comment="Reasons: what was done to the picture.",
    ),
    Column(
        "spoiler",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="Hidden until clicked where it was given; so is all that is made of it.",
    ),
    Column("description", Text, comment="Its alt text, as its author wrote it; null: none."),
    comment="The reference images of a job, after the same picture was dropped the second time.",
)

job_accounts = Table(
    "job_accounts",
    metadata,
    Column("job_id", String(25), ForeignKey("jobs.id"), primary_key=True, comment="The job that counts."),
    Column("scope", String(16), primary_key=True, comment="channel or role."),
    Column("subject_id", BigInteger, primary_key=True, comment="A channel, for a thread the one it is in; or a role."),
    Index("ix_job_accounts_subject", "scope", "subject_id"),
    comment="On whose budgets a job counts besides its server's and its requester's: as the job was made.",
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Integer, primary_key=True, comment="In the order of writing."),
    Column("job_id", String(25), ForeignKey("jobs.id"), nullable=False, index=True, comment="The job it is about."),
    Column("at", Double, nullable=False, comment="When it was written."),
    Column("entry", String(16), nullable=False, comment="hold, release or settlement; dailies/money/ledger.py."),
    Column("held", Usd, nullable=False, comment="Millionths of a USD that the job holds from now on more, or less."),
    Column(
        "spent", Usd, nullable=False, comment="Millionths of a USD that the job is known to have cost, more or less."
    ),
    Column("is_byok", Boolean, nullable=False, comment="Paid with a provider key of the account's own."),
    Column(
        "said_by",
        BigInteger,
        comment="The person who said what the job cost; null: it follows from OpenRouter's answers.",
    ),
    comment="What jobs hold of the budgets and what they spent. Rows are only ever added; the sums are the truth.",
)

budgets = Table(
    "budgets",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False, comment="The server that set it."),
    Column(
        "scope", String(16), primary_key=True, comment="each, user, role, channel or guild; dailies/money/budget.py."
    ),
    Column(
        "subject_id",
        BigInteger,
        primary_key=True,
        autoincrement=False,
        comment="The user, role or channel; 0 for each and guild.",
    ),
    Column("period", String(16), primary_key=True, comment="day or month, in the operator's time zone."),
    Column("usd", Usd, nullable=False, comment="Millionths of a USD that jobs may cost in a period."),
    Column("set_by", BigInteger, nullable=False, comment="Who set it."),
    Column("set_at", Double, nullable=False, comment="When."),
    comment="What a server lets its jobs cost; without a row, the operator's settings hold.",
)

job_limits = Table(
    "job_limits",
    metadata,
    Column("guild_id", BigInteger, primary_key=True, autoincrement=False, comment="The server that set it."),
    Column("per_user", Integer, comment="Jobs that one person may have running; null: the operator's setting."),
    Column("per_guild", Integer, comment="Jobs that the server may have running; null: the operator's setting."),
    Column("set_by", BigInteger, nullable=False, comment="Who set it."),
    Column("set_at", Double, nullable=False, comment="When."),
    comment="How many jobs a server lets run at once; the rest waits in line.",
)

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
