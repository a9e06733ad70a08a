"""Every setting of the bot: its variable, its unit, its default and its check.

`VARIABLES` is the one list. The README's table and .env.example are held against it by a test.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from dailies import values
from dailies.catalog import facts

DISCORD_API = "https://discord.com/api/v10"
OPENROUTER_API = "https://openrouter.ai/api/v1"


@dataclass(frozen=True)
class Variable:
    """One environment variable. `parse` gets the text and raises ValueError that ends the sentence.

    empty: what an empty text stands for, where that is not the default.
    """

    name: str
    parse: Callable[[str], object]
    default: str
    help: str
    required: bool = False
    secret: bool = False
    empty: str | None = None


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "DISCORD_TOKEN",
        values.secret,
        "",
        "The bot's token, from the Bot page of the Discord developer portal.",
        True,
        True,
    ),
    Variable(
        "OPENROUTER_API_KEY",
        values.secret,
        "",
        "An OpenRouter key with credits, from openrouter.ai/keys.",
        True,
        True,
    ),
    Variable(
        "DEFAULT_MODEL",
        values.model,
        "bytedance/seedance-2.0-fast",
        "The model that /video uses when none is chosen.",
    ),
    Variable(
        "DEFAULT_DURATION_SECONDS",
        values.whole(1, 600),
        "5",
        "Length when none is chosen; the nearest that the model offers.",
    ),
    Variable(
        "DEFAULT_RESOLUTION",
        values.words,
        "720p",
        "Resolution when none is chosen; without it the model's smallest.",
    ),
    Variable("DEFAULT_ASPECT_RATIO", values.words, "16:9", "Shape when none is chosen; without it the model's first."),
    Variable(
        "CONFIRM_ABOVE_USD",
        values.usd_or_never,
        "0.50",
        "A price above this, or one that is not known, is asked about first; 0: every price; empty or never: none.",
        empty="never",
    ),
    Variable(
        "BUDGET_USER_DAY_USD", values.optional_usd, "", "What each person may spend a day, per server; empty: no limit."
    ),
    Variable("BUDGET_USER_MONTH_USD", values.optional_usd, "", "The same for a month."),
    Variable("BUDGET_GUILD_DAY_USD", values.optional_usd, "", "What each server may spend a day; empty: no limit."),
    Variable("BUDGET_GUILD_MONTH_USD", values.optional_usd, "", "The same for a month."),
    Variable(
        "BUDGET_UNKNOWN_USD", values.usd, "5", "What a job holds of its budgets when its price has no known bound."
    ),
    Variable("BUDGET_TIMEZONE", values.zone, "UTC", "Where days and months begin, as in Europe/Berlin."),
    Variable(
        "BUDGET_ROLE_IDS",
        values.snowflakes("role"),
        "",
        "Roles that may use /budget too, comma-separated; empty: only people with Manage Server.",
    ),
    Variable(
        "JOBS_PER_USER",
        values.optional_whole(1, 1000),
        "",
        "Jobs that one person may have running per server; more wait in line; empty: no limit.",
    ),
    Variable(
        "JOBS_PER_GUILD",
        values.optional_whole(1, 100_000),
        "",
        "Jobs that one server may have running; empty: no limit.",
    ),
    Variable(
        "OPERATOR_CHANNEL_ID",
        values.snowflake("channel"),
        "",
        "Channel where the bot tells its operators of low credits and changed models; empty: the log alone.",
    ),
    Variable("LOW_CREDITS_USD", values.usd, "5", "What the key has left when the operators are warned, once."),
    Variable(
        "POLL_INTERVAL_SECONDS",
        values.number(10, 3600),
        "30",
        "Seconds between two checks of a running job; 10 is the least.",
    ),
    Variable(
        "POLL_LIMIT",
        values.whole(1, 10000),
        "60",
        "Intervals that a job is checked for before the bot gives up.",
    ),
    Variable("DATA_DIR", values.path, "data", "Folder for videos, reference images and the bot's own notes."),
    Variable(
        "DATABASE_URL",
        values.optional,
        "",
        "PostgreSQL as postgresql+asyncpg://user:password@host/name; empty: SQLite in DATA_DIR.",
        secret=True,
    ),
    Variable("KEEP_DAYS", values.number(0.01, 3650), "14", "Days that videos and reference images stay in DATA_DIR."),
    Variable(
        "MIN_FREE_MB",
        values.number(0, 10_000_000),
        "500",
        "Room that DATA_DIR needs, in MB; with less a command is refused before it is paid.",
    ),
    Variable(
        "DEV_GUILD_ID",
        values.snowflake("server"),
        "",
        "Register the commands in this server only, at once; empty: everywhere.",
    ),
    Variable("SHARD_IDS", values.shard_ids, "", "Shards that this process serves, as in 0-3,7; needs SHARD_COUNT too."),
    Variable(
        "SHARD_COUNT", values.optional_whole(1, 100_000), "", "Shards in all; empty: one process serves all servers."
    ),
    Variable("LOG_LEVEL", values.level, "INFO", "DEBUG, INFO, WARNING or ERROR."),
    Variable("FFMPEG", values.optional, "", "Path of an ffmpeg; empty: the one that is installed with the bot."),
    Variable(
        "CATALOG_REFRESH_SECONDS",
        values.number(60, 86400),
        "3600",
        "Seconds between two looks at OpenRouter's list of models.",
    ),
    Variable(
        "REQUEST_TIMEOUT_SECONDS", values.number(1, 86400), "30", "Limit of one check or list request to OpenRouter."
    ),
    Variable(
        "SUBMIT_TIMEOUT_SECONDS", values.number(10, 86400), "180", "Limit of the paid request, its upload included."
    ),
    Variable("DOWNLOAD_TIMEOUT_SECONDS", values.number(1, 86400), "600", "Limit of one download of a finished video."),
    Variable(
        "DOWNLOAD_TRIES",
        values.whole(1, 100),
        "5",
        "Downloads of a finished video before the bot gives up; it is never generated again.",
    ),
    Variable("MAX_VIDEO_MB", values.number(1, 100000), "1000", "Largest video that is downloaded, in MB."),
    Variable("MEDIA_TIMEOUT_SECONDS", values.number(1, 86400), "60", "Limit of looking into a video with ffmpeg."),
    Variable("TRANSCODE_JOBS", values.whole(1, 64), "1", "Videos that are made smaller at the same time."),
    Variable(
        "TRANSCODE_TIMEOUT_SECONDS", values.number(1, 86400), "900", "Limit of making one video smaller for Discord."
    ),
    Variable("REFERENCE_MAX_MB", values.number(0.1, 1000), "20", "Largest reference image, in MB."),
    Variable("REFERENCE_TIMEOUT_SECONDS", values.number(1, 86400), "15", "Limit of fetching one reference image."),
    # The sandbox speeds up the bot's clock, and gives it more of these seconds for the same real time.
    Variable(
        "LOOK_SECONDS",
        values.number(0.1, 1000),
        "1.5",
        "How long a command looks at images and messages before it is answered; Discord gives 3 seconds in all.",
    ),
    # Pillow itself warns above 89 and refuses above 178.
    Variable("REFERENCE_MAX_MEGAPIXELS", values.number(1, 89), "80", "Largest reference image, in millions of pixels."),
    Variable(
        "REFERENCE_PORTS",
        values.ports,
        "443",
        "Ports that links may name, comma-separated; trusted origins may have others.",
    ),
    Variable(
        "REFERENCE_MAX_SIDE",
        values.whole(512, 16000),
        "6000",
        "Longest side of an image that is sent, in pixels; larger ones are scaled down.",
    ),
    Variable("REFERENCE_DECODE_SECONDS", values.number(1, 86400), "30", "Limit of opening and converting one image."),
    Variable(
        "REFERENCE_TRANSPORT",
        values.transport,
        "auto",
        "How images are sent: `auto`, `url` (as links only) or `inline` (as bytes only).",
    ),
    Variable(
        "REQUEST_MAX_MB",
        values.number(1, 1000),
        "50",
        "Largest request to OpenRouter, images included, in MB; over it they are scaled down together.",
    ),
    Variable(
        "REFERENCE_TRUSTED_ORIGINS",
        values.origins,
        "",
        "Origins (https://assets.example, comma-separated) that may be private or plain http; empty: none.",
    ),
    Variable(
        "REFERENCE_MODELS",
        facts.read,
        "",
        "A TOML file that corrects what is known of models and reference images; empty: none.",
    ),
    Variable(
        "GATEWAY_TIMEOUT_SECONDS",
        values.number(1, 86400),
        "60",
        "Silence of Discord's gateway after which the bot connects anew; a sign of life is due every 41 seconds.",
    ),
    Variable("STATUS_TIMEOUT_SECONDS", values.number(1, 86400), "30", "Limit of one edit of the status message."),
    Variable("DELIVERY_TRIES", values.whole(1, 100), "6", "Tries to post a finished video while Discord fails."),
    Variable("UPLOAD_TIMEOUT_SECONDS", values.number(1, 86400), "300", "Limit of one upload to Discord."),
    Variable("SHUTDOWN_SECONDS", values.number(1, 86400), "20", "Limit of a clean stop after SIGTERM or Ctrl-C."),
    Variable(
        "PUBLIC_URL",
        values.public_url,
        "",
        "https address of this bot's web server: it serves large videos and takes webhooks; empty: no web server.",
    ),
    Variable(
        "OPENROUTER_WEBHOOK_SECRET",
        values.optional_secret,
        "",
        "The signing secret for webhooks, from your OpenRouter workspace; needs PUBLIC_URL; empty: the bot only polls.",
        secret=True,
    ),
    Variable(
        "REPORT_WAIT_SECONDS",
        values.number(60, 604_800),
        "21600",
        "Seconds without a report after which a request that got no answer counts as never taken; with webhooks.",
    ),
    Variable("WEB_HOST", values.words, "0.0.0.0", "Address that the web server listens on."),  # noqa: S104
    Variable("WEB_PORT", values.whole(1, 65535), "8080", "Port of the web server; plain http."),
    Variable(
        "DISCORD_API_BASE",
        values.base,
        DISCORD_API,
        "Discord's API; change it for a rate-limit proxy or the sandbox.",
    ),
    Variable(
        "OPENROUTER_API_BASE", values.base, OPENROUTER_API, "OpenRouter's API; the key is sent to this origin only."
    ),
)
