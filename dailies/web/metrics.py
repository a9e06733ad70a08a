"""The server of the metrics: one page, on a port of its own, for whoever can reach it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable

from aiohttp import web
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from dailies.errors import SettingsError
from dailies.metrics.port import DatabaseFigures
from dailies.metrics.prometheus import PrometheusMetrics
from dailies.web.accepting import listeners

log = logging.getLogger(__name__)

LAG_SECONDS = 0.5
"""Pause between two measurements of the event loop's lateness."""


class MetricsServer:
    """Serves what is counted at /metrics. read: reads the database's figures. seconds: limit of waiting for them.

    The figures are read for each scrape and not kept beside the database: they are those of all processes, and survive
    restarts. One reading at a time, however many ask; one that is slow goes on, and the next scrape has it.
    """

    def __init__(
        self, metrics: PrometheusMetrics, read: Callable[[], Awaitable[DatabaseFigures]], *, seconds: float
    ) -> None:
        self._metrics = metrics
        self._read = read
        self._seconds = seconds
        self._reading: asyncio.Task[DatabaseFigures | None] | None = None

    @contextlib.asynccontextmanager
    async def listening(self, host: str, port: int) -> AsyncGenerator[int]:
        """Serve inside the block; yields the port, for which 0 takes a free one. Raises SettingsError."""
        app = web.Application()
        app.router.add_get("/metrics", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            try:
                opened = await listeners(host, port)
            except OSError as error:
                problem = f"METRICS_HOST, METRICS_PORT: {host} port {port} cannot be used: {error.strerror or error}"
                raise SettingsError([problem]) from error
            for one in opened:
                await web.SockSite(runner, one).start()
            bound: int = opened[0].getsockname()[1]
            log.info("metrics are served on %s port %d", host, bound)
            watching = asyncio.create_task(self._watch_loop())
            try:
                yield bound
            finally:
                watching.cancel()
        finally:
            await runner.cleanup()
            if self._reading:
                self._reading.cancel()
                await asyncio.gather(self._reading, return_exceptions=True)

    async def _answer(self, _: web.Request) -> web.Response:
        self._metrics.database = await self._figures()
        # Some milliseconds with many models, in which the event loop has better things to do.
        text = await asyncio.to_thread(self._metrics.text)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})

    async def _figures(self) -> DatabaseFigures | None:
        if self._reading is None or self._reading.done():
            self._reading = asyncio.create_task(self._read_once())
        # Not cancelled when it is slow: a query that is given up keeps its connection all the same.
        await asyncio.wait([self._reading], timeout=self._seconds)
        return self._reading.result() if self._reading.done() else None

    async def _read_once(self) -> DatabaseFigures | None:
        try:
            return await self._read()
        except Exception as error:  # noqa: BLE001
            # Whatever it is: all other figures are served, and the one about the database says that it failed.
            log.warning("the figures of the database could not be read: %s", type(error).__name__)
            return None

    async def _watch_loop(self) -> None:
        clock = asyncio.get_running_loop().time
        while True:
            due = clock() + LAG_SECONDS
            await asyncio.sleep(LAG_SECONDS)
            self._metrics.loop_lagged(clock() - due)
