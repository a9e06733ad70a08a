"""Sentences of rows from before reasons were data, and the reasons that they stood for."""

from __future__ import annotations

from typing import Any

LOOK = (
    "Before you run the command again, look at openrouter.ai/activity, or ask the bot's operator to: it shows whether "
    "this was charged."
)
HAND = (
    "It is kept on the bot's disk for a while: /jobs again tries once more, and /jobs original gives the file to you "
    "alone."
)
UNSAID: dict[str, Any] = {"status": None, "retry_after": None, "message": "", "reasons": []}
"""Values of an answer that its sentence does not hold."""
PLAIN: dict[str, Any] = {"resolution": None, "kind": None, "audio": None, "images": []}
"""Values of a price that names no settings."""
SIZELESS: dict[str, Any] = {"width": None, "height": None}

OLD: list[tuple[str, str, dict[str, Any]]] = [
    (
        "ends",
        "OpenRouter rejected the request. OpenRouter says: input_references: not supported. Change "
        "what it names and run the command again. Nothing was paid.",
        {"code": "bad_request", **UNSAID, "message": "input_references: not supported"},
    ),
    (
        "ends",
        "The request was blocked by moderation. Reasons: violence, logo. Change the prompt or the "
        "references. Nothing was paid.",
        {"code": "moderated", **UNSAID, "reasons": ["violence", "logo"]},
    ),
    (
        "ends",
        "OpenRouter or the model is busy; run the command again in 10 min. OpenRouter says: Slow "
        "down. Nothing was paid.",
        {"code": "busy", **UNSAID, "retry_after": 600, "message": "Slow down"},
    ),
    (
        "ends",
        "OpenRouter had an error of its own (HTTP 502) and named no job: it may have been paid. It "
        f"is not sent again by itself. {LOOK}",
        {"code": "server_fault", **UNSAID, "status": 502},
    ),
    (
        "ends",
        f"The request was sent, but no answer came back: it may have been paid. It is not sent again by itself. {LOOK}",
        {"code": "answer_lost", **UNSAID},
    ),
    (
        "ends",
        "The model could not make this video. It says: content_policy: {x} no. Change the prompt or the references.",
        {"code": "job_failed", "said": "content_policy: {x} no"},
    ),
    (
        "ends",
        "The job expired at OpenRouter before it was finished. It gave no reason. Run the command "
        "again to start a new one.",
        {"code": "job_expired", "said": None},
    ),
    (
        "ends",
        f"The bot was restarted before OpenRouter answered: the request may have been paid. {LOOK}",
        {"code": "left_unanswered", "cause": "restart"},
    ),
    (
        "ends",
        "The bot had an error of its own before the request was sent; run the command again. Nothing was paid.",
        {"code": "left_unsent", "cause": "bug"},
    ),
    (
        "ends",
        "Its turn did not come within 24 h; run the command again. Nothing was paid.",
        {"code": "queued_too_long", "seconds": 86400},
    ),
    (
        "ends",
        "OpenRouter's price for this video rose from $0.36 to $1.20 before it was sent. Run the "
        "command again if it is worth that. Nothing was paid.",
        {"code": "dearer", "now": "1.20", "before": "0.36"},
    ),
    (
        "ends",
        "OpenRouter named no job in answer to the request. It reports the end of every job to this "
        "bot and reported none for it in 1 h 5 min: most likely it never took it, and nothing was "
        "paid. To be sure, look at openrouter.ai/activity, or ask the bot's operator to.",
        {"code": "never_reported", "seconds": 3900},
    ),
    (
        "ends",
        f"The bot was stopped before OpenRouter answered: the request may have been paid. {LOOK} An "
        "operator of the bot looked there: it was charged $0.36.",
        {"code": "settled", "before": {"code": "left_unanswered", "cause": "stop"}, "usd": "0.36", "in_guild": False},
    ),
    (
        "ends",
        "The video is finished and paid, but 5 downloads failed, the last one: OpenRouter answered "
        "HTTP 404. It is not generated again: /jobs again downloads it once more, and the bot's "
        "operator can fetch it at OpenRouter by the job id.",
        {"code": "not_downloaded", "error": {"code": "bad_request", **UNSAID, "status": 404}, "downloads": 5},
    ),
    (
        "ends",
        "The video could not be posted here: the channel is gone; and a direct message was refused: "
        f"the person takes no direct messages from the bot. {HAND}",
        {
            "code": "not_allowed",
            "direct": {"code": "text", "text": "the person takes no direct messages from the bot"},
            "why": {"code": "text", "text": "the channel is gone"},
        },
    ),
    (
        "ends",
        "The video is 31.4 MB, more than Discord takes in this channel, and could not be made to "
        "fit. It is kept on the bot's disk for a while: /jobs again tries once more, and the bot's "
        "operator has the file. Next time, choose a shorter length or a lower resolution.",
        {"code": "file_too_large", "size": 31400000},
    ),
    (
        "ends",
        "fox.png is over 5 MB; save it smaller. Nothing was paid.",
        {"code": "text", "text": "fox.png is over 5 MB; save it smaller. Nothing was paid."},
    ),
    ("troubles", "OpenRouter answered HTTP 503", {"code": "server_fault", **UNSAID, "status": 503}),
    ("troubles", "OpenRouter answered HTTP 404", {"code": "bad_request", **UNSAID, "status": 404}),
    (
        "troubles",
        "OpenRouter's answer could not be used: the answer has no status",
        {"code": "bad_answer", **UNSAID, "message": "the answer has no status"},
    ),
    (
        "troubles",
        "download 2 failed: ffmpeg took over 60 s",
        {"code": "download_failed", "error": {"code": "ffmpeg_slow", "seconds": 60.0}, "download": 2},
    ),
    (
        "options",
        "aspect_ratio was left out: a/b does not publish what it takes",
        {"code": "option_left_out", "option": "aspect_ratio", "model": "a/b"},
    ),
    (
        "options",
        "seed was left out: a/b does not publish whether it takes one",
        {"code": "seed_left_out", "model": "a/b"},
    ),
    ("options", "the default model a/b is gone; c/d is used", {"code": "default_gone", "used": "c/d", "model": "a/b"}),
    ("pictures", "converted to JPEG", {"code": "converted", "form": "JPEG"}),
    ("pictures", "only the first of 2 pictures", {"code": "first_picture", "pictures": 2}),
    (
        "pictures",
        "scaled to 54% with the others, to keep the request under 0.3 MB",
        {"code": "scaled_together", "scale": 0.54, "bytes": 300000},
    ),
    (
        "deliveries",
        "1080p → 720p, 31 MB → 9.6 MB",
        {"code": "made_to_fit", "lines_before": 1080, "before": 31000000, "after": 9600000, "lines_after": 720},
    ),
    (
        "deliveries",
        "31 MB → 9.6 MB",
        {"code": "made_to_fit", "lines_before": 0, "before": 31000000, "after": 9600000, "lines_after": 0},
    ),
    ("deliveries", "31.4 MB, as a link", {"code": "sent_as_link", "size": 31400000}),
    (
        "prices",
        "86,400 tokens × $0.0000042",
        {"code": "by_token", **PLAIN, **SIZELESS, "tokens": "86400", "each": "0.0000042"},
    ),
    (
        "prices",
        "63,000 tokens × $0.0000035, if it is 480x1120",
        {"code": "by_token", **PLAIN, "tokens": "63000", "width": 480, "height": 1120, "each": "0.0000035"},
    ),
    (
        "prices",
        "6 s × $0.10/s, 720p with sound",
        {"code": "by_second", **PLAIN, "seconds": 6, "each": "0.10", "resolution": "720p", "audio": True},
    ),
    (
        "prices",
        "5 s × $0.18/s, 2K with references",
        {"code": "by_second", **PLAIN, "seconds": 5, "each": "0.18", "resolution": "2K", "kind": "references"},
    ),
    (
        "prices",
        "5 s × $0.07/s, 720p + 1 image × $0.002 + 2 images × $0.01",
        {
            "code": "by_second",
            **PLAIN,
            "seconds": 5,
            "each": "0.07",
            "resolution": "720p",
            "images": [[1, "0.002"], [2, "0.01"]],
        },
    ),
    (
        "prices",
        "5 s × $0.41/s, continued without sound",
        {"code": "by_second", **PLAIN, "seconds": 5, "each": "0.41", "kind": "continuation", "audio": False},
    ),
    (
        "prices",
        "5 s × $0.50/s, 4K; sound may come on top",
        {
            "code": "sound_extra",
            "basis": {"code": "by_second", **PLAIN, "seconds": 5, "each": "0.50", "resolution": "4K"},
        },
    ),
    (
        "prices",
        "5 s × $0.10/s; the model has a price that the bot does not know",
        {"code": "unknown_extra", "basis": {"code": "by_second", **PLAIN, "seconds": 5, "each": "0.10"}},
    ),
    (
        "prices",
        "the least is $0.56 (1 s × $0.28/s would be less)",
        {"code": "least", "basis": {"code": "by_second", **PLAIN, "seconds": 1, "each": "0.28"}, "least": "0.56"},
    ),
    (
        "prices",
        "not known: no published price fits 1080p from text with sound",
        {
            "code": "price_unknown",
            "at_most": None,
            "why": {"code": "nothing_fits", "resolution": "1080p", "kind": "text", "audio": True},
        },
    ),
    (
        "prices",
        "not known: it depends on what the model chooses; at most $3.00",
        {"code": "price_unknown", "at_most": "3.00", "why": {"code": "model_chooses"}},
    ),
    ("prices", "as an older bot put it", {"code": "text", "text": "as an older bot put it"}),
]
