"""Discord's stand-in goes away as Discord does: an outage, a limit on everything, Cloudflare's page, no gateway."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest

from sandbox.discord import DiscordServer
from tests.support.discordbot import connected, jump, serving, until


async def answer(server: DiscordServer, path: str) -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers of a GET."""
    headers = {"Authorization": f"Bot {server.token}"}
    async with aiohttp.ClientSession() as session, session.get(server.api_base + path, headers=headers) as response:
        return response.status, await response.text(), dict(response.headers)


async def test_an_outage_answers_everything_with_503_until_it_is_over() -> None:
    async with serving() as server:
        fault = server.faults.outage(7200)
        assert [(await answer(server, "/users/@me"))[0] for _ in range(3)] == [503] * 3
        jump(server, 7201)
        assert (await answer(server, "/users/@me"))[0] == 200
        assert fault.struck == 3


async def test_a_limit_on_everything_says_how_long_and_spares_answers_to_interactions() -> None:
    async with serving() as server:
        server.faults.limit_globally(60)
        jump(server, 20)
        status, body, headers = await answer(server, "/users/@me")
        assert (status, headers["X-RateLimit-Global"]) == (429, "true")
        assert 38 <= float(headers["Retry-After"]) <= 40
        assert '"global":true' in body.replace(" ", "")
        assert "Via" in headers
        assert (await answer(server, "/webhooks/1/token/messages/@original"))[0] == 404


@pytest.mark.parametrize("status", [403, 429])
async def test_a_blocked_address_gets_a_page_that_is_not_discord_s(status: int) -> None:
    async with serving() as server:
        server.faults.block(60, status=status)
        answered, body, headers = await answer(server, "/users/@me")
        assert answered == status
        assert "1015" in body
        assert headers["Content-Type"].startswith("text/html")
        assert "Via" not in headers
        assert headers["Retry-After"] == "60"


async def test_a_gateway_that_was_away_takes_no_resume_but_a_new_session() -> None:
    async with connected(speed=20) as (server, bot):
        server.gateway.go_away(20)
        await until(lambda: not server.bot_online)
        await asyncio.sleep(0.2)
        assert not server.bot_online
        await until(lambda: server.bot_online, timeout=60)
        assert server.gateway.resumes == 0
        assert server.gateway.identifies == 2
        await until(bot.is_ready)
