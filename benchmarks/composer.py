"""People who work with the composer while a thousand jobs run.

    python -m benchmarks.composer --jobs 1000 --channels 10 --seconds 60

The jobs are those of benchmarks.load: submitted ones that never end, whose every check changes their status. The bot
is unmodified and a process of its own, with its default settings; stand-ins and driver share another one. Printed are:

clicks: uses of panels that were measured: buttons, menus, and windows that are opened or sent, CLICKS_PER_SECOND times
    a second, at random among what each panel offers. None of them pays.
answer_p50_ms, answer_p99_ms: from the moment Discord sends a click to the moment its answer is shown: the panel as it
    is now, or a window. One that is never answered counts as ACK_SECONDS.
kb_per_draft: what a draft whose prompt has PROMPT_LENGTH characters takes in the database, in 1024 bytes: the file with
    the drafts less the file without them, both without free pages.

The exit code is 0 only when the last two are within MOST_MS and MOST_KB, and every click was answered.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.load import Traffic, percentile, prepare
from benchmarks.running import say
from sandbox.clock import Clock
from sandbox.discord import Interaction, Person
from sandbox.discord.component_tree import STRING_SELECT
from sandbox.discord.jsontypes import objects
from sandbox.openrouter import OpenRouterServer
from sandbox.play.texts import beginning, buttons_of, label_of, menus_of
from sandbox.stack import KEY, Stack

CLICKS_PER_SECOND = 5.0
PEOPLE = 20
DRAFTS = 100
"""Drafts that are begun, so that the size of one can be told; each person works with the newest of theirs."""
PROMPT_LENGTH = 500
ACK_SECONDS = 4.0
"""Discord waits three seconds; a longer answer counts as this much."""
WARM_SECONDS = 90.0
"""The most real seconds until every job was checked once."""
MOST_MS, MOST_KB = 300.0, 10.0
SAFE_BUTTONS = ("Prompt", "Pictures", "Options", "Takes")
"""Beginnings of the labels that are pressed."""
NO_VALUE = "search"
"""Value of the entry that opens a search instead of choosing a model."""


@dataclass
class Panel:
    """A panel in the hands of one person, who does one thing after the other."""

    person: Person
    message_id: str
    busy: asyncio.Lock = field(default_factory=asyncio.Lock)


class Composing:
    """Everybody's use of their panels. waits: seconds until each click was answered."""

    def __init__(self, stack: Stack, rng: random.Random) -> None:
        self.waits: list[float] = []
        self.unanswered = 0
        self._stack = stack
        self._rng = rng

    async def open(self, person: Person, channel: str, number: int) -> Panel:
        """Begin a draft. Raises RuntimeError when the bot does not show its panel."""
        words = f"A paper boat, draft {number:03}, sails through the rain and past the lanterns of the old harbour. "
        prompt = (words * (PROMPT_LENGTH // len(words) + 1))[:PROMPT_LENGTH]
        begun = await person.command(channel, "compose", {"prompt": prompt, "duration": 5, "resolution": "480p"})
        await begun.wait_answer(ACK_SECONDS)
        message = begun.response_message
        if message is None or not menus_of(message):
            raise RuntimeError(f"/compose shows no panel: {message}")
        return Panel(person, str(message["id"]))

    async def use(self, panel: Panel) -> None:
        """Do one thing with a panel: choose, press, or fill in and send a window."""
        async with panel.busy:
            act = self._rng.choice(list(self._possible(panel)))
            clicked = await self._measured(panel.person, panel.message_id, act)
            if clicked is not None and clicked.modal is not None:
                now = time.monotonic()
                # With what its fields hold: the panel takes that as a change, and stores it.
                await self._answer(await panel.person.submit_modal(clicked, {}), now)

    def _possible(self, panel: Panel) -> Iterator[tuple[str, list[str] | None]]:
        """Yield custom ids of what can be used, each with the values that can be chosen; None for a button."""
        message = self._stack.discord.message_json(panel.message_id)
        for menu in menus_of(message):
            options = [str(one["value"]) for one in objects(menu.get("options")) if not one.get("default")]
            values = [value for value in options if value != NO_VALUE]
            if menu["type"] == STRING_SELECT and values and not menu.get("disabled"):
                yield str(menu["custom_id"]), values
        named = [(label_of(one), one) for one in buttons_of(message) if not one.get("disabled")]
        for label in SAFE_BUTTONS:
            for button in beginning(label, named):
                yield str(button["custom_id"]), None

    async def _measured(self, person: Person, message_id: str, act: tuple[str, list[str] | None]) -> Interaction | None:
        custom_id, values = act
        now = time.monotonic()
        if values is None:
            return await self._answer(await person.click(message_id, custom_id), now)
        return await self._answer(await person.select(message_id, custom_id, [self._rng.choice(values)]), now)

    async def _answer(self, clicked: Interaction, since: float) -> Interaction | None:
        try:
            await clicked.wait_answer(ACK_SECONDS)
        except TimeoutError:
            clicked.error = "not answered"
        if clicked.error is not None:
            self.unanswered += 1
            self.waits.append(ACK_SECONDS)
            return None
        self.waits.append(time.monotonic() - since)
        return clicked


async def compose(*, jobs: int, channels: int, seconds: float, drafts: int = DRAFTS) -> dict[str, float]:
    """Run it; the module's docstring explains the figures."""
    traffic, rng = Traffic(), random.Random(0)
    with tempfile.TemporaryDirectory(prefix="dailies-composer-") as folder:
        data_dir, clock = Path(folder) / "data", Clock(1.0)
        openrouter = OpenRouterServer(clock, key=KEY)
        stack = Stack(clock=clock, openrouter=openrouter, data_dir=data_dir, start_bot=False, ready_seconds=60)
        stack.discord.api.keeps_bodies = False
        openrouter.middlewares.append(traffic.openrouter())
        stack.discord.middlewares.append(traffic.discord(stack))
        async with stack:
            await prepare(stack, traffic, data_dir, jobs=jobs, channels=channels)
            await stack.start_bot()
            async with asyncio.timeout(WARM_SECONDS):
                while not all(track.checks for track in traffic.tracks.values()):  # noqa: ASYNC110 (no event)
                    await asyncio.sleep(0.1)
            say(f"{jobs} jobs run")
            composing = Composing(stack, rng)
            panels = await _open_panels(stack, composing, drafts)
            say(f"{drafts} drafts are begun")
            await _use_panels(composing, panels, seconds)
            await stack.bot.stop()
        size = await asyncio.to_thread(kb_per_draft, data_dir / "dailies.sqlite", Path(folder))
        say(f"{len(composing.waits)} clicks, {composing.unanswered} of them not answered in time")
        return {
            "clicks": len(composing.waits),
            "answer_p50_ms": round(1000 * percentile(composing.waits, 50), 1),
            "answer_p99_ms": round(1000 * percentile(composing.waits, 99), 1),
            "kb_per_draft": round(size, 2),
        }


async def _open_panels(stack: Stack, composing: Composing, drafts: int) -> list[Panel]:
    world = stack.discord.world
    people = [world.add_user(f"Person {number}").global_name or "" for number in range(min(PEOPLE, drafts))]
    where = [channel.id for channel in world.channels.values() if (channel.name or "").startswith("shots-")]
    panels: dict[str, Panel] = {}
    for number in range(drafts):
        name = people[number % len(people)]
        panels[name] = await composing.open(stack.discord.person(name), where[number % len(where)], number)
    return list(panels.values())


async def _use_panels(composing: Composing, panels: list[Panel], seconds: float) -> None:
    begins = time.monotonic()
    using: list[asyncio.Task[None]] = []
    for number in range(int(seconds * CLICKS_PER_SECOND)):
        await asyncio.sleep(max(0.0, begins + number / CLICKS_PER_SECOND - time.monotonic()))
        using.append(asyncio.create_task(composing.use(panels[number % len(panels)])))
    await asyncio.gather(*using)


def kb_per_draft(database: Path, folder: Path) -> float:
    """Return the kilobytes that each draft takes in SQLite's file."""
    copy = folder / "copy.sqlite"
    for suffix in ("", "-wal"):
        if (source := database.with_name(database.name + suffix)).exists():
            shutil.copyfile(source, copy.with_name(copy.name + suffix))
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        number = connection.execute("SELECT count(*) FROM drafts").fetchone()[0]
        whole = _bytes(connection)
        connection.execute("DELETE FROM drafts")
        return (whole - _bytes(connection)) / number / 1024


def _bytes(connection: sqlite3.Connection) -> int:
    connection.execute("VACUUM")
    return connection.execute("PRAGMA page_count").fetchone()[0] * connection.execute("PRAGMA page_size").fetchone()[0]


def main(arguments: list[str]) -> int:
    """Run the benchmark as the module's docstring says; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.composer", description="Clicks on panels, and drafts.")
    parser.add_argument("--jobs", type=int, default=1000)
    parser.add_argument("--channels", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the measured interval")
    options = parser.parse_args(arguments)
    if options.jobs < 1 or not 1 <= options.channels <= options.jobs or options.seconds < 1:
        parser.error("--jobs and --channels must be at least 1, with no fewer jobs than channels; --seconds at least 1")
    figures = asyncio.run(compose(jobs=options.jobs, channels=options.channels, seconds=options.seconds))
    print(json.dumps(figures))
    answered = figures["answer_p99_ms"] <= MOST_MS
    return 0 if answered and figures["kb_per_draft"] <= MOST_KB else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
