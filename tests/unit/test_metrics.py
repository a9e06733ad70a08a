"""Metrics: their labels are bounded, their server answers whatever the database does, and the sources are counted."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp
import imageio_ffmpeg
import pytest
from aiohttp import web
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from cogs.interactions.answers_counted import KNOWN_CODES, count_answers
from dailies.errors import Busy, MediaError, SettingsError
from dailies.media.encode import Encoder
from dailies.media.normalise import Conversion, Work
from dailies.media.probe import probe
from dailies.metrics.port import DatabaseFigures
from dailies.metrics.prometheus import MOST_MODELS, OTHER, PrometheusMetrics
from dailies.openrouter.client import OpenRouter, new_session
from dailies.web.metrics import MetricsServer
from tests.support.servers import serving
from tests.unit.kit import KEY, Sleeps, answering, failed, said

FFMPEG = imageio_ffmpeg.get_ffmpeg_exe()
FIGURES = DatabaseFigures({("queued", "a/b"): 2, ("submitted", "c/d"): 1}, Decimal("1.5"), Decimal("20.25"))


def read(metrics: PrometheusMetrics) -> list[Metric]:
    """Return everything that is counted, as Prometheus reads it."""
    return list(text_string_to_metric_families(metrics.text().decode()))


def value(families: list[Metric], sample: str, **labels: str) -> float | None:
    """Return the value of a sample with these labels; None when there is none."""
    found = [one for family in families for one in family.samples if one.name == sample and one.labels == labels]
    return found[0].value if found else None


def labels(families: list[Metric], name: str, label: str) -> set[str]:
    """Return the values that a label has."""
    return {one.labels[label] for family in families if family.name == name for one in family.samples}


def test_models_that_are_not_offered_count_together() -> None:
    metrics = PrometheusMetrics()
    metrics.models(["a/b"])

    for model in ("a/b", "an/old-one", "c/d"):
        metrics.job_moved("failed", model)
    metrics.database = FIGURES

    families = read(metrics)
    assert labels(families, "dailies_job_transitions", "model") == {"a/b", OTHER}
    assert value(families, "dailies_job_transitions_total", state="failed", model=OTHER) == 2
    assert value(families, "dailies_jobs", state="submitted", model=OTHER) == 1


def test_a_list_of_models_that_keeps_changing_makes_no_more_labels() -> None:
    metrics = PrometheusMetrics()
    for day in range(5):
        names = [f"day-{day}/{number}" for number in range(100)]
        metrics.models(names)
        for name in names:
            metrics.job_moved("checking", name)

    assert len(labels(read(metrics), "dailies_job_transitions", "model")) == MOST_MODELS + 1


def test_two_bots_of_one_process_count_apart() -> None:
    one, two = PrometheusMetrics(), PrometheusMetrics()
    one.job_submitted(3)

    assert value(read(one), "dailies_job_submit_seconds_count") == 1
    assert value(read(two), "dailies_job_submit_seconds_count") == 0


def test_a_clock_that_was_set_back_counts_as_no_time() -> None:
    metrics = PrometheusMetrics()
    metrics.job_delivered(-5)

    assert value(read(metrics), "dailies_job_deliver_seconds_sum") == 0


async def scraped(port: int) -> list[Metric]:
    """Scrape what is served on a port."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return list(text_string_to_metric_families(await response.text()))


async def test_a_scrape_has_the_database_s_figures() -> None:
    async def figures() -> DatabaseFigures:
        return FIGURES

    async with MetricsServer(PrometheusMetrics(), figures, seconds=30).listening("127.0.0.1", 0) as port:
        families = await scraped(port)

    assert value(families, "dailies_queue_length") == 2
    assert value(families, "dailies_held_usd") == 1.5
    assert value(families, "dailies_spent_usd") == 20.25
    assert value(families, "dailies_database_read") == 1


async def test_a_slow_database_delays_no_scrape_for_long_and_is_read_once_for_all() -> None:
    readings, released = 0, asyncio.Event()

    async def figures() -> DatabaseFigures:
        nonlocal readings
        readings += 1
        await released.wait()
        return FIGURES

    async with MetricsServer(PrometheusMetrics(), figures, seconds=0.05).listening("127.0.0.1", 0) as port:
        for families in await asyncio.gather(*(scraped(port) for _ in range(5))):
            assert value(families, "dailies_database_read") == 0
            assert value(families, "dailies_spent_usd") is None
            assert value(families, "dailies_job_submit_seconds_count") == 0
        assert readings == 1
        released.set()
        await asyncio.sleep(0)
        later = await scraped(port)

    assert value(later, "dailies_database_read") == 1


async def test_a_broken_database_leaves_the_other_figures() -> None:
    async def figures() -> DatabaseFigures:
        raise OSError("gone")

    async with MetricsServer(PrometheusMetrics(), figures, seconds=30).listening("127.0.0.1", 0) as port:
        families = await scraped(port)

    assert value(families, "dailies_database_read") == 0
    assert value(families, "dailies_job_submit_seconds_count") == 0


async def test_a_taken_port_is_named_with_its_setting() -> None:
    async def figures() -> DatabaseFigures:
        return FIGURES

    server = MetricsServer(PrometheusMetrics(), figures, seconds=30)
    async with server.listening("127.0.0.1", 0) as port:
        with pytest.raises(SettingsError, match=f"METRICS_HOST, METRICS_PORT: 127.0.0.1 port {port} cannot be used"):
            await server.listening("127.0.0.1", port).__aenter__()


async def test_each_try_at_openrouter_is_counted_with_its_error() -> None:
    metrics = PrometheusMetrics()
    once = {"id": "j1", "status": "in_progress"}
    async with serving(answering(failed(429), failed(503), said(once))) as server, new_session() as session:
        openrouter = OpenRouter(session, base=server.base, key=KEY, metrics=metrics, sleep=Sleeps())
        await openrouter.poll("j1", None)

    families = await asyncio.to_thread(read, metrics)
    assert value(families, "dailies_openrouter_request_seconds_count", call="poll") == 3
    assert value(families, "dailies_openrouter_errors_total", call="poll", status="429", code="busy") == 1
    assert value(families, "dailies_openrouter_errors_total", call="poll", status="503", code="busy") == 1


async def test_a_platform_s_words_are_in_the_log_at_debug_alone(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with serving(answering(failed(429, "about a red kite"))) as server, new_session() as session:
        openrouter = OpenRouter(session, base=server.base, key=KEY, sleep=Sleeps())
        with pytest.raises(Busy):
            await openrouter.poll("j1", None)

    spoken = {one.levelname for one in caplog.records if "about a red kite" in one.getMessage()}
    assert spoken == {"DEBUG"}


@asynccontextmanager
async def discord(metrics: PrometheusMetrics, *answers: web.Response) -> AsyncGenerator[tuple[Any, str]]:
    """Yield a session that is counted as discord.py's is, and the address of a server that answers in this order."""
    trace = aiohttp.TraceConfig()
    count_answers(trace, metrics)
    async with serving(answering(*answers)) as server, aiohttp.ClientSession(trace_configs=[trace]) as session:
        yield session, server.base


async def test_discord_s_answers_are_counted_by_status_and_its_own_code() -> None:
    metrics = PrometheusMetrics(KNOWN_CODES)
    refusals = (said({"code": 50013}, 403), said({"code": 987654}, 400), web.Response(status=502, text="<html>"))
    async with discord(metrics, said({}), *refusals) as (session, base):
        for _ in range(4):
            async with session.get(base) as response:
                await response.text()

    families = await asyncio.to_thread(read, metrics)
    for status in ("200", "403", "400", "502"):
        assert value(families, "dailies_discord_requests_total", status=status) == 1
    assert value(families, "dailies_discord_errors_total", status="403", code="50013") == 1
    assert value(families, "dailies_discord_errors_total", status="400", code=OTHER) == 1
    assert value(families, "dailies_discord_errors_total", status="502", code="none") == 1
    assert value(families, "dailies_discord_errors_total", status="200", code="none") is None


async def test_discord_s_rate_limits_are_counted_by_what_they_are_on() -> None:
    metrics = PrometheusMetrics()
    limits = [{"X-RateLimit-Scope": "shared"}, {"X-RateLimit-Global": "true"}, {"X-RateLimit-Scope": "of a new kind"}]
    answers = [*(said({}, 429, one) for one in limits), web.Response(status=429, text="1015", content_type="text/html")]
    async with discord(metrics, *answers) as (session, base):
        for _ in answers:
            async with session.get(base) as response:
                await response.text()

    families = await asyncio.to_thread(read, metrics)
    assert labels(families, "dailies_discord_rate_limited", "scope") == {"shared", "global", OTHER, "address"}


async def test_a_request_without_an_answer_is_counted() -> None:
    metrics = PrometheusMetrics()
    async with discord(metrics, said({})) as (session, _):
        with pytest.raises(aiohttp.ClientError):
            await session.get("http://127.0.0.1:1/")

    families = await asyncio.to_thread(read, metrics)
    assert value(families, "dailies_discord_requests_total", status="none") == 1


@pytest.mark.slow
async def test_encodings_are_counted_by_their_result(mp4: Path, tmp_path: Path) -> None:
    metrics = PrometheusMetrics()
    video = await probe(FFMPEG, mp4, seconds=60)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no film")

    async def say(_: int) -> None:
        pass

    encoder = Encoder(FFMPEG, jobs=1, seconds=60, metrics=metrics)
    await encoder.convert(mp4, video, Conversion(Work.PICTURE), tmp_path / "made.mp4", say)
    with pytest.raises(MediaError):
        await encoder.convert(broken, video, Conversion(Work.PICTURE), tmp_path / "none.mp4", say)

    families = await asyncio.to_thread(read, metrics)
    assert value(families, "dailies_encode_seconds_count", work="picture", result="made") == 1
    assert value(families, "dailies_encode_seconds_count", work="picture", result="failed") == 1
