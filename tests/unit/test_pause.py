"""While every request is refused, nothing is written until that is over, and nothing ends by it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import discord
import pytest
from discord.http import Route

from cogs.interactions.discord_errors import upload_errors
from cogs.interactions.pause import BLOCKED_SECONDS, LONGEST_WAIT, Pause
from cogs.status.edit_queue import EditQueue, Key, Urgency
from cogs.status.rate_limits import RateLimitHeaders, rate_limit_trace
from dailies.delivery.chat import Upload
from dailies.errors import ChatUnavailable, NotAllowed
from tests.support.discordbot import Bot, connected, until
from tests.unit.test_editor import editor_harness, failed

JSON = {"Content-Type": "application/json", "Via": "1.1 google"}
PAGE = {"Content-Type": "text/html; charset=UTF-8"}
TEXT = {"Content-Type": "text/plain; charset=UTF-8"}


@pytest.mark.parametrize(
    ("status", "headers", "seconds"),
    [
        (429, JSON | {"Retry-After": "60"}, 60.0),
        (429, JSON | {"Retry-After": "5"}, 0.0),
        (429, JSON | {"Retry-After": "5", "X-RateLimit-Global": "true"}, 5.0),
        (429, JSON | {"Retry-After": "5", "X-RateLimit-Scope": "global"}, 5.0),
        (429, PAGE | {"Retry-After": "600"}, 600.0),
        (429, PAGE, BLOCKED_SECONDS),
        (403, PAGE, BLOCKED_SECONDS),
        (403, TEXT, BLOCKED_SECONDS),
        (403, JSON, 0.0),
        (403, {"Content-Type": "application/json"}, 0.0),
        (404, PAGE, 0.0),
        (503, PAGE | {"Retry-After": "60"}, 0.0),
        (200, JSON, 0.0),
    ],
)
async def test_answers_that_refuse_everything_pause_for_as_long_as_they_say(
    status: int, headers: dict[str, str], seconds: float
) -> None:
    pause = Pause()
    pause.note(status, headers)
    assert pause.left == pytest.approx(seconds, abs=0.1)


async def test_a_shorter_pause_does_not_end_a_longer_one() -> None:
    pause = Pause()
    pause.hold(600)
    pause.hold(5)
    assert pause.left == pytest.approx(600, abs=0.1)


async def test_edits_wait_for_the_end_of_a_pause_those_with_a_command_s_token_too() -> None:
    sent: list[Key] = []

    async def send(key: Key, _: str) -> RateLimitHeaders | None:
        sent.append(key)
        return RateLimitHeaders(status=200)

    pause = Pause()
    queue = EditQueue(send, pause)
    pause.hold(0.3)
    for key in (1, "a-job"):
        queue.offer(key, "a-job", Urgency.END)
    await asyncio.sleep(0.1)
    assert sent == []
    await until(lambda: len(sent) == 2)
    await queue.close()


async def test_a_limit_on_everything_ends_although_who_met_it_has_given_up() -> None:
    pause = Pause()

    def prepare(bot: Bot) -> None:
        bot.http.http_trace = rate_limit_trace(pause)
        pause.released = lambda: bot.http._global_over.set()  # pyright: ignore[reportPrivateUsage]

    async with connected(prepare) as (server, bot):
        server.faults.limit_globally(0.5)
        with suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                await bot.http.request(Route("GET", "/users/@me"))
        async with asyncio.timeout(10):
            assert await bot.http.request(Route("GET", "/users/@me"))


@pytest.mark.parametrize("status", [403, 429])
async def test_a_page_of_cloudflare_s_is_no_refusal_of_an_upload(status: int) -> None:
    async with connected() as (server, bot):
        server.faults.block(60, status=status)
        with pytest.raises(ChatUnavailable):
            async with upload_errors(Upload((), "x", Path("/nowhere")), seconds=10):
                await bot.http.request(Route("GET", "/users/@me"))


async def test_discord_s_own_403_is_a_refusal() -> None:
    async with connected() as (server, bot):
        server.faults.add(path="/users", status=403, body={"code": 50013, "message": "Missing Permissions"})
        with pytest.raises(NotAllowed):
            async with upload_errors(Upload((), "x", Path("/nowhere")), seconds=10):
                await bot.http.request(Route("GET", "/users/@me"))


async def test_a_wait_that_is_longer_than_an_edit_s_fails_at_once() -> None:
    async with connected() as (server, bot):
        bot.http.max_ratelimit_timeout = LONGEST_WAIT
        server.faults.limit_globally(60)
        with pytest.raises(discord.RateLimited):
            await bot.http.request(Route("GET", "/users/@me"))


@pytest.mark.parametrize("token", [False, True])
async def test_an_end_that_met_cloudflare_s_page_is_not_told(token: bool) -> None:
    async with editor_harness() as on:
        job = await on.job(token=token)
        fault = on.server.faults.block(60, status=403)
        told = asyncio.create_task(on.editor.show(failed(job)))
        await until(lambda: fault.struck > 1)
        assert not told.done()
        on.server.faults.clear()
        assert await told
        assert on.edits[-1] == ("token" if token else "bot", 200, "a Failed")


async def test_an_overloaded_api_has_not_refused_an_end() -> None:
    async with editor_harness() as on:
        job = await on.job(token=False)
        on.server.faults.add(method="PATCH", status=403, body={"code": 40333, "message": "internal network error"})
        assert await on.editor.show(failed(job))
        assert [status for _, status, _ in on.edits] == [403, 200]
