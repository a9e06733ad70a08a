"""Every figure by which Discord limits something; a test may pass its own."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True)
class Window:
    """This many requests in this many world seconds."""

    requests: int
    seconds: float


@dataclass(frozen=True)
class Limits:
    """Discord's limits. Durations are world seconds except `acknowledge_seconds`.

    Published are the token's life, the file limit, `global_requests`, `invalid_requests`, and that a nonce counts for
    "the past few minutes". `message_create`, `message_edit` and `interaction_token` are what bots observe. The other
    windows, `nonce_seconds` and `resume_seconds` are assumptions of this stand-in: nothing may depend on their figures.
    """

    acknowledge_seconds: float = 3.0
    """Real seconds to answer an interaction."""
    token_seconds: float = 15 * 60
    upload_bytes: int = 20 * MIB
    """Largest file, where a guild sets no other figure: 20 MiB since September 2026, 10 MiB before."""
    attachment_link_seconds: float = 24 * 3600
    nonce_seconds: float = 5 * 60
    message_create: Window | None = Window(5, 5)
    message_edit: Window | None = Window(5, 5)
    message_delete: Window | None = Window(5, 1)
    message_history: Window | None = Window(5, 5)
    interaction_token: Window | None = Window(5, 2)
    global_requests: Window | None = Window(50, 1)
    invalid_requests: Window | None = Window(10_000, 600)
    old_message_seconds: float = 3600
    old_message_edits: Window | None = Window(30, 3600)
    """Edits of one message older than `old_message_seconds`; the figure is not published."""
    followups: int = 5
    """Follow-ups per interaction where the app is only installed by the user."""
    resume_seconds: float = 5 * 60
    """Time for which a session without a connection can be resumed."""
    heartbeat_interval_ms: int = 41_250
    heartbeat_pause_seconds: float = 15
    """Real seconds by which a heartbeat may be late: a fast clock makes the interval shorter than a busy machine's
    pauses."""
