"""Kill the bot again and again, and count what was lost or doubled.

    python -m benchmarks.crash --jobs 50 --kills 20 --database sqlite

People ask for jobs while the real bot process is killed with SIGKILL at each of the points in points.py, at random
moments, while it starts, and while it stops cleanly, and is started again on the same data. Ends when every job has
ended. Exit code 0 only when nothing was lost or doubled and every requester of an unknown job was told; with
--webhooks, when none is left unknown. A request that was swallowed whole and never reported ends as "most likely not
taken" (`not_taken`), which counts as lost if OpenRouter did take it. With --power-cut, each kill also takes what was
written and not flushed (powercut.py), and every job has a reference. With --takes, every command makes a set of two to
four jobs, and what is said of each is in its row of their status. With --compare, every command compares two to four
models, whose videos come once, most of them in one message. With --composer, people compose their jobs in panels
(composing.py): most kills then fall between two clicks.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.composing import COMPOSER_POINTS, Composers
from benchmarks.databases import DATABASES, database
from benchmarks.people import WITH_REFERENCE, People
from benchmarks.points import COMPARED_POINTS, LATE_SECONDS, POINTS, Point, Tap
from benchmarks.powercut import PowerCut
from benchmarks.running import say
from benchmarks.verdict import UNKNOWN, Verdict, ended, judge
from sandbox.botprocess import ROOT
from sandbox.clock import Clock
from sandbox.openrouter import OpenRouterServer
from sandbox.stack import KEY, Stack
from tests.support.videos import render

SPEED = 30.0
POINT_SECONDS = 12.0
"""Time to wait for a point, in real seconds."""
CATCH_UP_SECONDS = 6.0
"""Time the people have, in real seconds, to get their jobs accepted before the bot is killed again."""
RANDOM_SECONDS = 2.5
STOP_SECONDS = 0.4
"""Real seconds after SIGTERM within which the bot is killed; most clean stops take longer."""
REPORT_WAITS = (5.0, 25.0, *(125.0,) * 60)
"""World seconds between OpenRouter's tries to report a job, for about two hours, which is longer than a run. How long
the real one keeps trying is not documented; the bot assumes a day."""
REPORT_WAIT = "300"
"""World seconds of silence that end a doubt: longer than the gap between two tries, as the bot assumes."""
END_SECONDS = 60.0
"""Time the last jobs have, in real seconds, once nobody kills the bot any more."""
SETTLE_SECONDS = LATE_SECONDS + 1
"""Real seconds after all have ended in which a second video would still show up."""
RANDOM_SHARE = 4
"""Every fourth kill is not at a point."""


@dataclass
class Report:
    """The printed result. seconds: real ones, the starts of the bot included."""

    jobs: int
    kills: int
    verdict: Verdict
    seconds: float
    struck: Counter[str] = field(default_factory=Counter[str])
    """Count of kills by place; goes to standard error, as does the next one."""
    damaged: Counter[str] = field(default_factory=Counter[str])

    def to_json(self) -> str:
        """Format as one line."""
        counts = {name: value for name, value in asdict(self.verdict).items() if name != "problems"}
        return json.dumps({"jobs": self.jobs, "kills": self.kills, **counts, "seconds": round(self.seconds, 1)})


class Crash:
    """One run against a stack. Its bot has to be off at the start. power_cut: strikes after each kill."""

    def __init__(
        self,
        stack: Stack,
        tap: Tap,
        people: People,
        rng: random.Random,
        power_cut: PowerCut | None = None,
        points: Sequence[Point] = POINTS,
    ) -> None:
        self.struck: Counter[str] = Counter()
        self._stack = stack
        self._tap = tap
        self._people = people
        self._rng = rng
        self._power_cut = power_cut
        self._points = points

    async def kill_all(self, jobs: int, kills: int) -> None:
        """Kill the bot that often; jobs are asked for evenly in between."""
        await self._stack.start_bot()
        plan = schedule(kills, self._rng, self._points)
        for number, point in enumerate(plan, start=1):
            if self._stack.bot.running:
                await self._people.caught_up(jobs * (number - 1) // kills, CATCH_UP_SECONDS)
            # More jobs are asked for once the point is watched for, so that it is met from a job's beginning.
            allowing = asyncio.create_task(self._people.allow(-(-jobs * number // kills)))
            where = await self._kill(point)
            await allowing
            self.struck[where] += 1
            say(f"kill {number} of {kills}: {where}; {len(self._people.asked)} jobs asked for")
            await self._stack.bot.kill()
            if self._power_cut:
                await asyncio.to_thread(self._power_cut.strike)
            await self._offline()
            await asyncio.sleep(self._rng.choice((0.0, 0.0, 1.0)))
            if plan[number : number + 1] != [START]:
                await self._stack.start_bot()
        if not self._stack.bot.running:
            await self._stack.start_bot()

    async def _kill(self, point: Point | str) -> str:
        """End the bot; returns where it was."""
        if isinstance(point, Point):
            if await self._tap.strike(point, POINT_SECONDS):
                return point.name
            point = f"at random: the point did not come ({point.name})"
        elif point == START:
            await self._stack.bot.start()
        await asyncio.sleep(self._rng.uniform(0.2, RANDOM_SECONDS))
        if point == STOP:
            self._stack.bot.signal(signal.SIGTERM)
            await asyncio.sleep(self._rng.uniform(0, STOP_SECONDS))
        self._stack.bot.signal(signal.SIGKILL)
        return point

    async def _offline(self) -> None:
        """Wait until Discord has noticed, so that the next bot is not taken for this one."""
        while self._stack.discord.bot_online:  # noqa: ASYNC110 (the gateway has no event for it)
            await asyncio.sleep(0.01)


START = "while starting"
RANDOM = "at random"
STOP = "while stopping"


def schedule(kills: int, rng: random.Random, points: Sequence[Point] = POINTS) -> list[Point | str]:
    """Choose where to kill: every stage of a job once, then its other moments, mixed with random ones."""
    rest = list(points)
    rng.shuffle(rest)
    stages = {point.stage: point for point in rest}
    queue = [*stages.values(), *(point for point in rest if point not in stages.values())]
    loose = kills // RANDOM_SHARE
    plan: list[Point | str] = [queue[number % len(queue)] for number in range(kills - loose)]
    plan += [(RANDOM, START, STOP)[number % 3] for number in range(loose)]
    rng.shuffle(plan)
    if plan and plan[0] == START:
        plan[0] = RANDOM  # the first start is needed to register the commands
    return plan


async def crash(
    *,
    jobs: int,
    kills: int,
    seed: int,
    speed: float = SPEED,
    settings: Mapping[str, str] | None = None,
    webhooks: bool = False,
    power_cut: bool = False,
    composer: bool = False,
    takes: bool = False,
    compare: bool = False,
) -> Report:
    """Run it. settings: additional ones for the bot. Raises BotNotReadyError when the bot does not start again."""
    rng = random.Random(seed)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dailies-crash-") as folder:
        video = await asyncio.to_thread(render, Path(folder) / "video.mp4")
        clock = Clock(speed)
        openrouter = OpenRouterServer(clock, key=KEY, queue_seconds=15, work_seconds=25, seed=seed, video=video)
        openrouter.webhooks.waits = REPORT_WAITS
        log, data_dir = Path(folder) / "flushes", Path(folder) / "data"
        stack = Stack(
            clock=clock,
            openrouter=openrouter,
            environment=_environment(settings, log if power_cut else None, takes=takes or compare),
            data_dir=data_dir,
            bot_script=ROOT / ("benchmarks/flushes.py" if power_cut else "bot.py"),
            webhooks=webhooks,
            start_bot=False,
        )
        stack.discord.api.keeps_bodies = False
        tap = _tap(stack, await asyncio.to_thread(video.read_bytes), rng)
        async with stack:
            share, kind = 1 if power_cut else WITH_REFERENCE, Composers if composer else People
            people = kind(stack, jobs, rng, with_reference=share, in_sets=takes, compared=compare)
            points = COMPOSER_POINTS if composer else COMPARED_POINTS if compare else POINTS
            cuts = PowerCut(data_dir, log, rng) if power_cut else None
            run = Crash(stack, tap, people, rng, cuts, points)
            asking = asyncio.create_task(people.work())
            try:
                await run.kill_all(jobs, kills)
                await people.allow(jobs)
                await asking
                await _all_ended(people, webhooks=webhooks)
            finally:
                asking.cancel()
            verdict = await _judged(stack, people, seed, webhooks=webhooks)
            damaged = cuts.damaged if cuts else Counter[str]()
            return Report(len(people.asked), kills, verdict, time.monotonic() - started, run.struck, damaged)


def _tap(stack: Stack, film: bytes, rng: random.Random) -> Tap:
    """Return what kills the bot between two requests, listening to both stand-ins."""
    tap = Tap(lambda: stack.bot.signal(signal.SIGKILL), stack.discord.faults, film, rng)
    for server in (stack.discord, stack.openrouter):
        server.middlewares.append(tap.middleware())
    return tap


def _environment(settings: Mapping[str, str] | None, flushes: Path | None, *, takes: bool) -> dict[str, str]:
    environment = {"POLL_INTERVAL_SECONDS": "10", "REPORT_WAIT_SECONDS": REPORT_WAIT, **(settings or {})}
    environment |= {"CONFIRM_ABOVE_USD": "never"} if takes else {}
    return environment | ({"FLUSH_LOG": str(flushes)} if flushes else {})


async def _judged(stack: Stack, people: People, seed: int, *, webhooks: bool) -> Verdict:
    verdict = judge(stack, people.asked, people.unanswered, compared=people.compared)
    if webhooks and verdict.unknown:
        verdict.problems.append(f"{verdict.unknown} jobs are left unknown, although ends are reported")
    for problem in verdict.problems:
        say(f"PROBLEM: {problem}")
    if verdict.problems:
        log = Path(tempfile.gettempdir()) / f"dailies-crash-{seed}.log"
        await asyncio.to_thread(log.write_bytes, await asyncio.to_thread(stack.bot.log_path.read_bytes))
        say(f"the bot's log is kept as {log}")
    return verdict


async def _all_ended(people: People, *, webhooks: bool) -> None:
    """Wait for the ends; jobs without one by then are lost."""
    deadline = time.monotonic() + END_SECONDS
    settled = False
    while time.monotonic() < deadline and not settled:
        await asyncio.sleep(0.1)
        doubts = webhooks and any(one.status.startswith(UNKNOWN) for one in people.asked)
        if not doubts and all(ended(one) for one in people.asked):
            # A request that was held back may still take effect, and with it a second video; and a report of
            # OpenRouter's may bring a job back whose paid request got no answer.
            await asyncio.sleep(SETTLE_SECONDS)
            settled = all(ended(one) for one in people.asked)


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.crash", description="Kill the bot and count.")
    parser.add_argument("--jobs", type=int, default=50)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--speed", type=float, default=SPEED, help="world seconds in a real second")
    parser.add_argument("--webhooks", action="store_true", help="OpenRouter reports the ends of jobs to the bot")
    parser.add_argument("--power-cut", action="store_true", help="damage what was not flushed at each kill")
    parser.add_argument("--composer", action="store_true", help="people compose their jobs in panels")
    parser.add_argument("--takes", action="store_true", help="people ask for two to four takes at once")
    parser.add_argument("--compare", action="store_true", help="people compare two to four models")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or options.kills < 1:
        parser.error("--jobs and --kills must be at least 1")
    with database(options.database) as settings:
        report = asyncio.run(
            crash(
                jobs=options.jobs,
                kills=options.kills,
                seed=options.seed,
                speed=options.speed,
                settings=settings,
                webhooks=options.webhooks,
                power_cut=options.power_cut,
                composer=options.composer,
                takes=options.takes,
                compare=options.compare,
            )
        )
    for where, times in sorted(report.struck.items()):
        say(f"{times:4} × {where}")
    for damage, files in sorted(report.damaged.items()):
        say(f"{files:4} files {damage}")
    print(report.to_json())
    return 0 if report.verdict.good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
