"""Decoders share one budget of memory: who comes later waits, and nobody waits for ever."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dailies.confinement import confined
from dailies.confinement.budget import MemoryBudget
from dailies.confinement.confined import Access, run_python


class Users:
    """Tasks that hold memory until they are told to end. log: names, in the order in which they got it."""

    def __init__(self, total: int) -> None:
        self.budget = MemoryBudget(total)
        self.log: list[str] = []
        self.held: dict[str, int] = {}
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self.ends: dict[str, asyncio.Event] = {}

    async def ask(self, name: str, wanted: int) -> None:
        self.ends[name] = asyncio.Event()
        self.tasks[name] = asyncio.create_task(self._use(name, wanted))
        await asyncio.sleep(0)

    async def _use(self, name: str, wanted: int) -> None:
        async with self.budget.grant(wanted) as size:
            self.log.append(name)
            self.held[name] = size
            await self.ends[name].wait()

    async def end(self, *names: str) -> None:
        for name in names:
            self.ends[name].set()
        await asyncio.gather(*(self.tasks[name] for name in names))
        await asyncio.sleep(0)


async def test_who_comes_later_waits_until_there_is_memory() -> None:
    users = Users(100)
    await users.ask("a", 60)
    await users.ask("b", 50)
    assert (users.log, users.budget.granted) == (["a"], 60)
    await users.end("a")
    assert (users.log, users.budget.granted) == (["a", "b"], 50)
    await users.end("b")
    assert users.budget.granted == 0


async def test_a_small_one_does_not_overtake_a_large_one() -> None:
    users = Users(100)
    await users.ask("a", 60)
    await users.ask("large", 90)
    await users.ask("small", 10)
    assert users.log == ["a"]
    await users.end("a")
    assert users.log == ["a", "large", "small"]
    await users.end("large", "small")


async def test_more_than_there_is_becomes_all_there_is() -> None:
    users = Users(100)
    await users.ask("huge", 1000)
    assert users.held == {"huge": 100}
    await users.end("huge")


async def test_one_that_is_cancelled_while_it_waits_lets_the_next_go_on() -> None:
    users = Users(100)
    await users.ask("a", 60)
    await users.ask("large", 90)
    await users.ask("small", 10)
    users.tasks["large"].cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert users.log == ["a", "small"]
    await users.end("a", "small")
    assert users.budget.granted == 0


async def test_one_that_is_cancelled_as_its_turn_comes_gives_it_back() -> None:
    users = Users(100)
    await users.ask("a", 60)
    await users.ask("b", 90)
    users.ends["a"].set()
    await asyncio.sleep(0)
    users.tasks["b"].cancel()  # its turn has come, and it has not run yet
    await asyncio.gather(*users.tasks.values(), return_exceptions=True)
    assert users.budget.granted == 0


async def test_one_that_fails_gives_its_memory_back() -> None:
    budget = MemoryBudget(100)
    with pytest.raises(ValueError, match="broken"):
        async with budget.grant(60):
            raise ValueError("broken")
    assert budget.granted == 0


async def test_programs_wait_for_each_other_s_memory_and_have_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(confined, "MEMORY", MemoryBudget(500_000_000))
    script = tmp_path / "script.py"
    text = "import resource, time; began = time.time(); time.sleep(0.3)\n"
    script.write_text(f"{text}print(resource.getrlimit(resource.RLIMIT_AS)[1], began, time.time())")
    runs = [run_python(script, access=Access(200_000_000), data=b"") for _ in range(5)]
    lines = [ended.stdout.split() for ended in await asyncio.gather(*runs)]
    assert {int(limit) for limit, _, _ in lines} == {200_000_000}
    times = [(float(began), float(ended)) for _, began, ended in lines]
    at_once = [sum(began <= moment < ended for began, ended in times) for moment, _ in times]
    assert max(at_once) == 2
