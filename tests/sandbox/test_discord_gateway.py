"""The gateway of the Discord stand-in and its commands, through real discord.py and bare WebSockets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from yarl import URL

from sandbox.discord import DiscordServer, Limits
from sandbox.discord.gateway import MESSAGE_CONTENT
from tests.support.discordbot import TOKEN, Bot, connected, serving, until
from tests.support.openapi import check_discord_traffic


def hello_command(bot: Bot) -> None:
    @bot.tree.command(description="Test")
    async def hello(interaction: discord.Interaction) -> None:
        await interaction.response.send_message("hello")

    assert hello


UPGRADE = (
    b"GET /gateway/?v=10&encoding=json HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


@asynccontextmanager
async def socket(server: DiscordServer) -> AsyncGenerator[aiohttp.ClientWebSocketResponse]:
    """Open a WebSocket that was told HELLO."""
    url = server.origin.replace("http", "ws", 1) + "/gateway/?v=10&encoding=json"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as connection:
        assert (await connection.receive_json())["op"] == 10
        yield connection


def identify(token: str = TOKEN, intents: int = 1, **extra: object) -> dict[str, object]:
    return {"op": 2, "d": {"token": token, "intents": intents, "properties": {}, **extra}}


async def test_a_bot_becomes_ready_and_knows_the_guild() -> None:
    """READY comes first, then the guild with its channels, thread and the bot's own member."""
    async with connected(hello_command) as (server, bot):
        assert bot.seen[:2] == ["READY", "GUILD_CREATE"]
        guild = bot.guilds[0]
        assert [channel.name for channel in guild.text_channels] == ["dailies", "general"]
        assert [thread.name for thread in guild.threads] == ["Shot 12"]
        assert guild.me.guild_permissions.attach_files
        assert server.bot_online
        assert server.snapshot()["bot"]["online"] is True
        check_discord_traffic(server.requests)


async def test_a_wrong_token_is_refused_by_rest_and_gateway() -> None:
    """401 and close code 4004."""
    async with serving() as server:
        async with Bot() as bot:
            with pytest.raises(discord.LoginFailure):
                await bot.start("wrong")
        async with socket(server) as connection:
            await connection.send_json(identify("wrong"))
            await connection.receive()
            assert connection.close_code == 4004


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ({"op": 99, "d": None}, 4003),
        (identify(intents=MESSAGE_CONTENT), 4014),
        (identify(intents=-1), 4013),
        (identify(shard=[2, 2]), 4010),
        ({"op": 6, "d": {"token": "wrong", "session_id": "x", "seq": 1}}, 4004),
        ("no json", 4002),
    ],
)
async def test_a_wrong_frame_closes_the_connection(frame: object, code: int) -> None:
    """The session is closed with the code that says why."""
    async with serving() as server, socket(server) as connection:
        await connection.send_json(frame)
        await connection.receive()
        assert connection.close_code == code


async def test_a_dropped_connection_is_resumed_and_misses_nothing() -> None:
    """An interaction that came while the line was cut is replayed with the same session."""
    async with connected(hello_command) as (server, bot):
        channel = server.world.channel_named("dailies")
        server.gateway.drop()
        assert not server.bot_online
        interaction = await (await server.person().command(channel.id, "hello")).wait()
        assert interaction.state == "answered"
        assert bot.seen[-1] == "RESUMED"
        assert (server.gateway.identifies, server.gateway.resumes) == (1, 1)


async def test_reconnect_on_demand_is_a_resume() -> None:
    """RECONNECT makes the client come back with its session."""
    async with connected() as (server, _):
        server.gateway.ask_reconnect()
        await until(lambda: server.gateway.resumes == 1 and server.bot_online)
        assert server.gateway.identifies == 1


async def test_an_invalidated_session_is_identified_anew() -> None:
    """INVALID_SESSION makes the client start over; it goes on working."""
    async with connected(hello_command) as (server, bot):
        server.gateway.invalidate()
        await until(lambda: server.gateway.identifies == 2 and bot.seen[-1] == "GUILD_CREATE", timeout=30)
        channel = server.world.channel_named("dailies")
        assert (await (await server.person().command(channel.id, "hello")).wait()).state == "answered"


async def test_a_forgotten_session_cannot_be_resumed() -> None:
    """RESUME is answered with INVALID_SESSION, and the client starts over."""
    async with serving() as server, socket(server) as connection:
        await connection.send_json({"op": 6, "d": {"token": TOKEN, "session_id": "gone", "seq": 3}})
        assert await connection.receive_json() == {"op": 9, "d": False}
    async with connected() as (server, _):
        server.gateway.drop()
        server.gateway.forget_sessions()
        await until(lambda: server.gateway.identifies == 2)
        assert server.gateway.resumes == 0


async def test_a_client_that_talks_too_much_is_closed() -> None:
    """120 frames in a world minute, heartbeats aside."""
    async with serving() as server, socket(server) as connection:
        await connection.send_json(identify())
        for _ in range(120):
            await connection.send_json({"op": 3, "d": {}})
        while not connection.closed:
            await connection.receive()
        assert connection.close_code == 4008


async def test_a_resume_sends_only_what_was_missed() -> None:
    """Sequence numbers continue where they stopped."""
    async with serving() as server:
        async with socket(server) as first:
            await first.send_json(identify())
            ready: dict[str, Any] = await first.receive_json()
            assert (ready["t"], ready["s"]) == ("READY", 1)
            assert ready["d"]["resume_gateway_url"].startswith("ws://127.0.0.1")
            server.gateway.drop()
        server.world.add_channel("new")
        async with socket(server) as second:
            session = ready["d"]["session_id"]
            await second.send_json({"op": 6, "d": {"token": TOKEN, "session_id": session, "seq": 1}})
            frames = [await second.receive_json() for _ in range(3)]
        assert [(f["t"], f["s"]) for f in frames] == [("GUILD_CREATE", 2), ("CHANNEL_CREATE", 3), ("RESUMED", 4)]


async def test_a_connection_without_heartbeats_is_closed() -> None:
    """A zombie is closed with 4009, a heartbeat is acknowledged."""
    limits = Limits(heartbeat_interval_ms=20, heartbeat_pause_seconds=1)
    async with serving(limits=limits) as server, socket(server) as connection:
        await connection.send_json({"op": 1, "d": None})
        assert await connection.receive_json() == {"op": 11}
        await connection.receive()
        assert connection.close_code == 4009


async def test_a_client_leaves_a_connection_that_acknowledges_nothing() -> None:
    """discord.py takes silence for a zombie and resumes elsewhere."""
    limits = Limits(heartbeat_interval_ms=50)
    async with connected(limits=limits, heartbeat_timeout=0.3) as (server, _):
        server.gateway.acknowledges = False
        await until(lambda: server.gateway.resumes)
        server.gateway.acknowledges = True
        assert server.gateway.identifies == 1


async def test_a_client_that_gives_up_before_it_is_answered_is_no_failure(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is logged, as nothing went wrong here."""
    async with serving() as server:
        for turns in range(20):  # of the loop, so that in some the connection breaks just before the answer
            _, writer = await asyncio.open_connection("127.0.0.1", URL(server.origin).port)
            writer.write(UPGRADE)
            for _ in range(turns):
                await asyncio.sleep(0)
            writer.transport.abort()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_events_follow_the_intents() -> None:
    """Without the messages intent there is no MESSAGE_CREATE; with it others' content is left out."""
    intents = discord.Intents(guilds=True, guild_messages=True)
    async with connected() as (server, bot):
        channel = server.world.channel_named("dailies")
        await server.person().send(channel.id, "hello")
        server.world.add_channel("new")
        await until(lambda: bot.seen[-1] == "CHANNEL_CREATE")
        assert "MESSAGE_CREATE" not in bot.seen
    async with connected(intents=intents) as (server, bot):
        got: list[discord.Message] = []
        bot.event(_collector(got))
        channel = server.world.channel_named("dailies")
        await server.person().send(channel.id, "hello")
        await until(lambda: got)
        assert (got[0].content, got[0].author.name) == ("", "ann")


def _collector(got: list[discord.Message]) -> Any:
    async def on_message(message: discord.Message) -> None:
        got.append(message)

    return on_message


async def test_an_interaction_goes_to_the_shard_of_its_guild() -> None:
    """(guild id >> 22) % shards decides."""
    async with serving() as server:
        shard = (int(server.world.guild.id) >> 22) % 2
        async with socket(server) as right, socket(server) as wrong:
            await right.send_json(identify(shard=[shard, 2]))
            await wrong.send_json(identify(shard=[1 - shard, 2]))
            assert len((await right.receive_json())["d"]["guilds"]) == 1
            assert (await wrong.receive_json())["d"]["guilds"] == []
            assert (await right.receive_json())["t"] == "GUILD_CREATE"
            server.world.add_channel("new")
            assert (await right.receive_json())["t"] == "CHANNEL_CREATE"
            with pytest.raises(asyncio.TimeoutError):
                await wrong.receive(timeout=0.05)


async def test_an_unchanged_command_keeps_its_id_and_version() -> None:
    """A sync of the same commands changes nothing; a changed one keeps its id."""
    async with connected(hello_command) as (server, bot):
        before = dict(server.commands.listed(None)[0])
        await bot.tree.sync()
        assert server.commands.listed(None)[0] == before
        command = bot.tree.get_command("hello")
        assert isinstance(command, app_commands.Command)
        command.description = "Other"
        await bot.tree.sync()
        after = server.commands.listed(None)[0]
        assert (after["id"], after["description"]) == (before["id"], "Other")
        assert after["version"] != before["version"]
        fetched = await bot.tree.fetch_commands()
        assert [c.name for c in fetched] == ["hello"]
        check_discord_traffic(server.requests)


async def test_guild_commands_are_seen_beside_global_ones() -> None:
    """A person sees the union, and uses the guild's own where names meet."""
    async with connected(hello_command) as (server, bot):
        guild = discord.Object(int(server.world.guild.id))
        bot.tree.copy_global_to(guild=guild)
        await bot.tree.sync(guild=guild)
        assert len(server.commands.visible(server.world.guild.id)) == 2
        channel = server.world.channel_named("dailies")
        interaction = await (await server.person().command(channel.id, "hello")).wait()
        assert interaction.data["guild_id"] == server.world.guild.id
        check_discord_traffic(server.requests)


def option(**fields: object) -> dict[str, object]:
    return {"type": 3, "name": "a", "description": "A", **fields}


LONG = [{"name": "n" * 100, "value": f"{number:0100}"} for number in range(25)]
"""Choices of 5,000 characters; a command may have 8,000 in all."""


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ({"name": "Upper", "description": "x"}, "name"),
        ({"name": "two words", "description": "x"}, "name"),
        ({"name": "a", "description": ""}, "description"),
        ({"name": "a", "description": "x" * 101}, "description"),
        ({"name": "a", "description": "x", "options": [option(name=f"o{n}") for n in range(26)]}, "options"),
        ({"name": "a", "description": "x", "options": [option(), option(name="b", required=True)]}, "1"),
        ({"name": "a", "description": "x", "options": [option(), option()]}, "1"),
        ({"name": "a", "description": "x", "options": [option(choices=[{"name": "", "value": "x"}])]}, "choices"),
        ({"name": "a", "description": "x", "options": [option(type=99)]}, "type"),
        (
            {"name": "a", "description": "x", "options": [option(choices=LONG), option(name="b", choices=LONG)]},
            "_errors",
        ),
    ],
)
async def test_a_wrong_command_is_refused(command: dict[str, object], field: str) -> None:
    """50035 that names the command by its place and the field, and nothing is registered."""
    async with serving() as server, aiohttp.ClientSession() as session:
        url = f"{server.api_base}/applications/{server.world.application_id}/commands"
        async with session.put(url, json=[command], headers={"Authorization": f"Bot {TOKEN}"}) as answer:
            body = await answer.json()
        assert (answer.status, body["code"]) == (400, 50035)
        assert f"'{field}'" in str(body["errors"]["0"])
        assert server.commands.listed(None) == []


async def test_watchers_hear_of_bot_commands_and_messages() -> None:
    """The event stream has everything that a page needs, in order."""
    async with serving() as server:
        stream = server.subscribe()
        async with socket(server) as connection:
            await connection.send_json(identify())
            await connection.receive_json()
            await server.person().send(server.world.channel_named("dailies").id, "hi")
        await until(lambda: not server.bot_online)
        stream.close()
        events = [event async for event in stream]
        assert [event["type"] for event in events] == ["bot", "message_create", "bot"]
        assert [event.get("online") for event in events] == [True, None, False]
        assert events[1]["message"]["content"] == "hi"


async def test_a_menu_of_a_member_without_rights_is_not_shown_commands_for_managers() -> None:
    """A command's default permissions keep others from using it."""

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        @app_commands.default_permissions(manage_guild=True)
        async def budget(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("ok")

        assert budget

    async with connected(prepare) as (server, _):
        channel = server.world.channel_named("dailies")
        with pytest.raises(Exception, match="may not"):
            await server.person("Ben").command(channel.id, "budget")
        assert (await (await server.person().command(channel.id, "budget")).wait()).state == "answered"


async def test_subcommands_are_found_by_their_path() -> None:
    """A group's subcommand gets its options."""
    got: list[str] = []

    def prepare(bot: Bot) -> None:
        group = app_commands.Group(name="library", description="Test")

        @group.command(description="Test")
        async def show(interaction: discord.Interaction, name: str) -> None:
            got.append(name)
            await interaction.response.send_message("ok")

        assert show
        bot.tree.add_command(group)

    async with connected(prepare) as (server, _):
        channel = server.world.channel_named("dailies")
        await (await server.person().command(channel.id, "library show", {"name": "cat"})).wait()
        assert got == ["cat"]
