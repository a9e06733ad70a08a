"""The port through which the bot counts what happens. It takes plain values only, so that every layer can use it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class DatabaseFigures:
    """Figures of the database, which all processes share. Amounts in USD.

    jobs: numbers of the jobs that have not ended, by state and model. held, spent: sums of the whole ledger.
    """

    jobs: Mapping[tuple[str, str], int]
    held: Decimal
    spent: Decimal


class Metrics:
    """Counts nothing, which is enough where no metrics are served. PrometheusMetrics counts. Times are in seconds."""

    def models(self, ids: Collection[str]) -> None:
        """Take over the ids of the models that are offered; all others count together."""

    def job_moved(self, state: str, model: str) -> None:
        """Count that a job has come to a state."""

    def job_submitted(self, seconds: float) -> None:
        """Count the time from a command to the end of its paid request."""

    def job_finished(self, model: str, seconds: float) -> None:
        """Count the time from the paid request until the video was found to be finished."""

    def job_delivered(self, seconds: float) -> None:
        """Count the time from then until the video was posted."""

    def openrouter_called(self, call: str, seconds: float) -> None:
        """Count a request to OpenRouter, whatever came of it. call: its kind."""

    def openrouter_failed(self, call: str, status: int | None, code: str) -> None:
        """Count a request that failed, besides. status: of HTTP; None: no answer came. code: of the reason."""

    def discord_called(self, status: int | None) -> None:
        """Count a request to Discord's API. status: of HTTP; None: no answer came."""

    def discord_limited(self, scope: str) -> None:
        """Count a 429. scope: what the limit is on, as Discord names it."""

    def discord_refused(self, status: int, code: int | None) -> None:
        """Count a refusal by Discord's own code; None: it names none."""

    def encoded(self, work: str, result: str, seconds: float) -> None:
        """Count an encoding. work: its kind. result: made or failed."""

    def loop_lagged(self, seconds: float) -> None:
        """Count by how much the event loop was late."""


UNCOUNTED = Metrics()
"""For what runs without metrics: the bot without METRICS_PORT, programs beside it, tests."""
