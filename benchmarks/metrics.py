"""Processor time of a look at a job (one poll of OpenRouter), with and without metrics.

    python -m benchmarks.metrics --looks 4000

A server on loopback, in a process of its own, answers each look as OpenRouter does for a job that is being worked on.
Rounds without and with metrics take turns in one process, and the difference is the median of those of neighbouring
rounds: so other work on the machine, which comes and goes, concerns both alike.

without_us, with_us: medians of a round, in microseconds of processor time for a look. more_us: what metrics add.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from statistics import median

from aiohttp import web

from dailies.metrics.port import UNCOUNTED
from dailies.metrics.prometheus import PrometheusMetrics
from dailies.openrouter.client import OpenRouter, new_session

ROUND = 10
"""Looks of a round."""
WARM_UP = 100
MOST_MORE_US = 20.0
"""Limit of what a look may cost more."""


def _serve(ready: Connection) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response(
            {"id": "gen-vid-1", "polling_url": "/api/v1/videos/gen-vid-1", "status": "in_progress"}
        )

    async def run() -> None:
        app = web.Application()
        app.router.add_get("/api/v1/videos/{job_id}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.send(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


async def _round(openrouter: OpenRouter, looks: int) -> float:
    """Return the processor time of a look, in microseconds."""
    began = time.process_time()
    for _ in range(looks):
        await openrouter.poll("gen-vid-1", None)
    return (time.process_time() - began) / looks * 1e6


async def measure(port: int, looks: int) -> dict[str, float | int]:
    """Look so many times in each of the two ways."""
    async with new_session() as session:
        base = f"http://127.0.0.1:{port}/api/v1"
        without, counting = (
            OpenRouter(session, base=base, key="none", metrics=metrics) for metrics in (UNCOUNTED, PrometheusMetrics())
        )
        await _round(without, WARM_UP)
        await _round(counting, WARM_UP)
        pairs: list[tuple[float, float]] = []
        for number in range(max(1, looks // ROUND)):
            # Each is first as often as second.
            first, second = (without, counting) if number % 2 == 0 else (counting, without)
            took = await _round(first, ROUND), await _round(second, ROUND)
            pairs.append(took if first is without else (took[1], took[0]))
    return {
        "looks": len(pairs) * ROUND,
        "without_us": round(median(one for one, _ in pairs), 1),
        "with_us": round(median(two for _, two in pairs), 1),
        "more_us": round(median(two - one for one, two in pairs), 1),
    }


def main(arguments: Sequence[str]) -> int:
    """Measure and print one JSON object. Return 1 if a look costs over MOST_MORE_US more."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.metrics", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--looks", type=int, default=4000, help="looks in each way (%(default)s)")
    looks: int = parser.parse_args(arguments).looks
    heard, ready = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(ready,), daemon=True)
    server.start()
    try:
        if not heard.poll(60):
            print("the server did not start within 60 s", file=sys.stderr)
            return 2
        found = asyncio.run(measure(heard.recv(), looks))
    finally:
        server.terminate()
        server.join()
    print(json.dumps(found))
    return 0 if found["more_us"] <= MOST_MORE_US else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
