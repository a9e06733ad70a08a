"""Counting for Prometheus. docs/metrics.md says what each name means; a test compares the two."""

from __future__ import annotations

import platform
from collections.abc import Callable, Collection, Iterable, Sequence

import prometheus_client
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from dailies.metrics.port import DatabaseFigures, Metrics
from dailies.version import VERSION

OTHER = "other"
"""Label of models that OpenRouter does not list (any more), and of error codes of Discord's that are not known."""
MOST_MODELS = 300
"""Models that have labels of their own, from the start of the process on: a list that changes makes no more."""

JOB_SECONDS = (1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 450, 600, 900, 1200, 1800, 2700, 3600)
CALL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 180, 600)
ENCODE_SECONDS = (0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600)
LAG_SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)

# The time at which each series began: as many lines again, which no query needs.
prometheus_client.disable_created_metrics()


class PrometheusMetrics(Metrics):
    """Counts in a registry of its own. discord_codes: error codes of Discord's that have labels of their own.

    database: the newest figures of the database; None: they could not be read, and are left out.
    """

    def __init__(self, discord_codes: Collection[int] = ()) -> None:
        self.database: DatabaseFigures | None = None
        self._codes = frozenset(discord_codes)
        self._models: set[str] = set()
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._registry.register(_FromDatabase(lambda: self.database, self._model))
        self._set_up_jobs()
        self._set_up_platforms()

    def _set_up_jobs(self) -> None:
        build = Gauge("dailies_build_info", "Versions; always 1.", ["version", "python"], registry=self._registry)
        build.labels(VERSION, platform.python_version()).set(1)
        self._moves = self._counter("dailies_job_transitions_total", "Jobs that came to a state.", "state", "model")
        self._submits = self._histogram("dailies_job_submit_seconds", "From a command to its paid request.")
        self._finishes = self._histogram(
            "dailies_job_finish_seconds", "From the paid request until the video was found finished.", "model"
        )
        self._deliveries = self._histogram("dailies_job_deliver_seconds", "From then until the video was posted.")
        self._encodes = self._histogram(
            "dailies_encode_seconds", "Encodings of videos.", "work", "result", buckets=ENCODE_SECONDS
        )

    def _set_up_platforms(self) -> None:
        self._calls = self._histogram(
            "dailies_openrouter_request_seconds", "Requests to OpenRouter.", "call", buckets=CALL_SECONDS
        )
        self._failures = self._counter(
            "dailies_openrouter_errors_total", "Requests to OpenRouter that failed.", "call", "status", "code"
        )
        self._answers = self._counter("dailies_discord_requests_total", "Requests to Discord's API.", "status")
        self._refusals = self._counter(
            "dailies_discord_errors_total", "Requests that Discord refused.", "status", "code"
        )
        self._limits = self._counter("dailies_discord_rate_limited_total", "Answers 429 of Discord's API.", "scope")
        self._lag = self._histogram(
            "dailies_loop_lag_seconds", "Lateness of the event loop, twice a second.", buckets=LAG_SECONDS
        )

    def _counter(self, name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=self._registry)

    def _histogram(self, name: str, meaning: str, *labels: str, buckets: Sequence[float] = JOB_SECONDS) -> Histogram:
        return Histogram(name, meaning, labels, registry=self._registry, buckets=buckets)

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)

    def _model(self, model: str) -> str:
        return model if model in self._models else OTHER

    def models(self, ids: Collection[str]) -> None:
        self._models.update(sorted(set(ids) - self._models)[: MOST_MODELS - len(self._models)])

    def job_moved(self, state: str, model: str) -> None:
        self._moves.labels(state, self._model(model)).inc()

    def job_submitted(self, seconds: float) -> None:
        self._submits.observe(max(0.0, seconds))

    def job_finished(self, model: str, seconds: float) -> None:
        self._finishes.labels(self._model(model)).observe(max(0.0, seconds))

    def job_delivered(self, seconds: float) -> None:
        self._deliveries.observe(max(0.0, seconds))

    def openrouter_called(self, call: str, seconds: float) -> None:
        self._calls.labels(call).observe(seconds)

    def openrouter_failed(self, call: str, status: int | None, code: str) -> None:
        self._failures.labels(call, str(status or "none"), code).inc()

    def discord_called(self, status: int | None) -> None:
        self._answers.labels(str(status or "none")).inc()

    def discord_limited(self, scope: str) -> None:
        self._limits.labels(scope).inc()

    def discord_refused(self, status: int, code: int | None) -> None:
        known = "none" if code is None else str(code) if code in self._codes else OTHER
        self._refusals.labels(str(status), known).inc()

    def encoded(self, work: str, result: str, seconds: float) -> None:
        self._encodes.labels(work, result).observe(seconds)

    def loop_lagged(self, seconds: float) -> None:
        self._lag.observe(max(0.0, seconds))


class _FromDatabase(Collector):
    """The figures of the database, as they were last read. model: returns a model's label."""

    def __init__(self, newest: Callable[[], DatabaseFigures | None], model: Callable[[str], str]) -> None:
        self._newest = newest
        self._model = model

    def collect(self) -> Iterable[Metric]:
        newest = self._newest()
        yield GaugeMetricFamily("dailies_database_read", "1: the database could be read.", float(newest is not None))
        jobs = GaugeMetricFamily("dailies_jobs", "Jobs that have not ended.", labels=["state", "model"])
        queue = GaugeMetricFamily("dailies_queue_length", "Jobs that wait for their turn.")
        held = GaugeMetricFamily("dailies_held_usd", "USD that jobs hold of the budgets.")
        spent = GaugeMetricFamily("dailies_spent_usd", "USD that all jobs have cost.")
        if newest:
            numbers: dict[tuple[str, str], int] = {}
            for (state, model), number in newest.jobs.items():
                label = state, self._model(model)
                numbers[label] = numbers.get(label, 0) + number
            for label, number in numbers.items():
                jobs.add_metric(label, number)
            queue.add_metric((), sum(number for (state, _), number in newest.jobs.items() if state == "queued"))
            held.add_metric((), float(newest.held))
            spent.add_metric((), float(newest.spent))
        yield from (jobs, queue, held, spent)
