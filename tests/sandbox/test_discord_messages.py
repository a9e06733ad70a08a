"""Messages, files and refusals of the Discord stand-in, through real discord.py."""

from __future__ import annotations

import asyncio
import io
import tracemalloc
from pathlib import Path

import aiohttp
import discord
import pytest
from discord import ui
from discord.http import Route

from sandbox.discord import DiscordServer, Limits, Permission, Upload
from sandbox.discord.limits import Window
from tests.support.discordbot import Bot, connected, jump, serving, until
from tests.support.openapi import check_discord_traffic


def place(server: DiscordServer, bot: Bot, name: str = "dailies") -> discord.PartialMessageable:
    """Return a channel as the bot addresses it when it knows only the id."""
    return bot.get_partial_messageable(int(server.world.channel_named(name).id))


def text_file(size: int = 10, name: str = "clip.mp4") -> discord.File:
    return discord.File(io.BytesIO(b"x" * size), name)


class Layout(ui.LayoutView):
    """A layout of given items."""

    def __init__(self, *items: ui.Item[Layout]) -> None:
        super().__init__(timeout=None)
        for item in items:
            self.add_item(item)


def button(custom_id: str, label: str = "Go") -> ui.Button[Layout]:
    return ui.Button(label=label, custom_id=custom_id)


def text(content: str) -> ui.TextDisplay[Layout]:
    return ui.TextDisplay(content)


async def refusal(work: object) -> discord.HTTPException:
    """Return Discord's refusal of some work."""
    assert asyncio.iscoroutine(work)
    with pytest.raises(discord.HTTPException) as caught:
        await work
    return caught.value


async def test_a_file_is_posted_and_served_again() -> None:
    """The attachment's link gives the bytes back, with its type, and in ranges."""
    async with connected() as (server, bot):
        message = await place(server, bot).send("video", file=text_file(1000, "my clip (1).mp4"))
        attachment = message.attachments[0]
        assert (attachment.filename, attachment.size, attachment.content_type) == ("my_clip_1.mp4", 1000, "video/mp4")
        assert await attachment.read() == b"x" * 1000
        part = {"Range": "bytes=0-9"}
        async with aiohttp.ClientSession() as session, session.get(attachment.url, headers=part) as answer:
            assert (answer.status, await answer.read()) == (206, b"x" * 10)
            assert answer.headers["Content-Type"] == "video/mp4"
        check_discord_traffic(server.requests)


async def test_a_link_dies_after_a_day_and_without_its_signature() -> None:
    """An expired or unsigned link is a 404; fetching the message gives a fresh one."""
    async with connected() as (server, bot):
        message = await place(server, bot).send(file=text_file())
        async with aiohttp.ClientSession() as session:
            jump(server, 24 * 3600 + 60)
            for url in (message.attachments[0].url, message.attachments[0].url.split("?")[0]):
                async with session.get(url) as answer:
                    assert answer.status == 404
                    assert await answer.text() == "This content is no longer available."
        again = await place(server, bot).fetch_message(message.id)
        assert await again.attachments[0].read() == b"x" * 10


async def test_a_file_over_the_guilds_limit_is_refused() -> None:
    """413 with 40005, and no message; a boosted guild takes it."""
    async with connected(limits=Limits(upload_bytes=1000)) as (server, bot):
        error = await refusal(place(server, bot).send(file=text_file(1001)))
        assert (error.status, error.code) == (413, 40005)
        assert server.world.messages() == []
        server.world.guild.upload_bytes = 2000
        await place(server, bot).send(file=text_file(1001))


async def test_a_large_upload_does_not_sit_in_memory(tmp_path: Path) -> None:
    """60 MiB go to disk in pieces, on both sides."""
    size = 60 * 1024 * 1024
    clip = tmp_path / "clip.mp4"
    with clip.open("wb") as file:
        file.truncate(size)
    async with connected(limits=Limits(upload_bytes=size)) as (server, bot):
        tracemalloc.start()
        message = await place(server, bot).send(file=discord.File(clip))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert message.attachments[0].size == size
        assert peak < 20 * 1024 * 1024


async def test_the_same_nonce_is_one_message() -> None:
    """A repeated post with an enforced nonce returns the first message, for five world minutes."""
    async with connected() as (server, bot):
        first = await place(server, bot).send("a", file=text_file(), nonce="job-1")
        second = await place(server, bot).send("b", file=text_file(), nonce="job-1")
        assert second.id == first.id
        assert second.content == "a"
        jump(server, 301)
        third = await place(server, bot).send("c", file=text_file(), nonce="job-1")
        assert third.id != first.id


async def test_the_nonce_of_a_deleted_message_makes_no_second_one() -> None:
    """10008, for as long as a nonce counts."""
    async with connected() as (server, bot):
        first = await place(server, bot).send("a", nonce="job-1")
        await server.person().delete(str(first.id))
        assert (await refusal(place(server, bot).send("b", nonce="job-1"))).code == 10008
        check_discord_traffic(server.requests)


async def test_a_nonce_has_25_characters_at_most() -> None:
    """26 are a 50035 that names the field."""
    async with connected() as (server, bot):
        error = await refusal(place(server, bot).send("a", nonce="n" * 26))
        assert error.code == 50035
        assert "nonce" in error.text


async def test_an_edit_keeps_attachments_unless_it_lists_them() -> None:
    """Content alone leaves files alone; an empty list takes them away."""
    async with connected() as (server, bot):
        message = await place(server, bot).send("a", files=[text_file(), text_file(5, "b.txt")])
        kept = await message.edit(content="b")
        assert [file.filename for file in kept.attachments] == ["clip.mp4", "b.txt"]
        one = await kept.edit(attachments=[kept.attachments[1]])
        assert [file.filename for file in one.attachments] == ["b.txt"]
        assert (await one.edit(attachments=[])).attachments == []
        check_discord_traffic(server.requests)


async def test_a_deleted_message_cannot_be_edited() -> None:
    """10008; and a deleted channel is 10003."""
    async with connected() as (server, bot):
        message = await place(server, bot).send("a")
        await server.person().delete(str(message.id))
        assert (await refusal(message.edit(content="b"))).code == 10008
        target = place(server, bot)
        server.world.delete_channel(str(target.id))
        assert (await refusal(target.send("a"))).code == 10003
        check_discord_traffic(server.requests)


@pytest.mark.parametrize(
    ("lost", "code"),
    [(Permission.VIEW_CHANNEL, 50001), (Permission.SEND_MESSAGES, 50013), (Permission.ATTACH_FILES, 50013)],
)
async def test_a_permission_that_was_taken_away_is_missed(lost: Permission, code: int) -> None:
    """The gateway tells of the change and REST refuses with Discord's code."""
    async with connected() as (server, bot):
        target = place(server, bot)
        server.world.deny(str(target.id), lost)
        await until(lambda: "CHANNEL_UPDATE" in bot.seen)
        error = await refusal(target.send("a", file=text_file()))
        assert (error.status, error.code) == (403, code)
        server.world.allow(str(target.id), lost)
        await target.send("a", file=text_file())


async def test_an_archived_thread_refuses_edits_until_somebody_writes() -> None:
    """50083 for the edit; a new message brings the thread back; a locked one stays shut."""
    async with connected() as (server, bot):
        thread = server.world.channel_named("Shot 12")
        target = place(server, bot, "Shot 12")
        message = await target.send("a")
        server.world.archive(thread.id)
        assert (await refusal(message.edit(content="b"))).code == 50083
        await target.send("hello")
        assert not thread.archived
        await message.edit(content="b")
        server.world.archive(thread.id, locked=True)
        assert (await refusal(target.send("c"))).code == 160005


async def test_an_empty_message_is_refused() -> None:
    """50006 for a new one and for an edit that leaves nothing."""
    async with connected() as (server, bot):
        assert (await refusal(place(server, bot).send())).code == 50006
        message = await place(server, bot).send("a")
        assert (await refusal(message.edit(content=""))).code == 50006


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (Layout(*[text("x" * 1001) for _ in range(4)]), "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED"),
        (Layout(ui.MediaGallery(discord.MediaGalleryItem("attachment://no.png"))), "REFERENCED_ATTACHMENT_NOT_FOUND"),
        (Layout(ui.ActionRow(button("a"), button("a"))), "COMPONENT_CUSTOM_ID_DUPLICATED"),
        (Layout(ui.ActionRow(button("a", "x" * 81))), "components.0.components.0.label"),
    ],
)
async def test_components_over_discords_limits_are_refused(view: Layout, words: str) -> None:
    """50035 that names the field or the limit."""
    async with connected() as (server, bot):
        error = await refusal(place(server, bot).send(view=view))
        assert error.code == 50035
        assert words in f"{server.requests[-1].answer} {error.text}"
        check_discord_traffic(server.requests)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"flags": 1 << 15, "content": "x", "components": [{"type": 10, "content": "y"}]}, "content"),
        ({"flags": 1 << 15, "components": [{"type": 10, "content": "y"}] * 41}, "components"),
        (
            {"flags": 1 << 15, "components": [{"type": 12, "items": [{"media": {"url": "https://a.b/c"}}] * 11}]},
            "items",
        ),
        ({"components": [{"type": 10, "content": "without the flag"}]}, "components"),
        (
            {"content": "a", "components": [{"type": 1, "components": [{"type": 2, "style": 1, "label": "b"}]}]},
            "custom_id",
        ),
        ({"content": "a", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
    ],
)
async def test_a_wrong_body_is_refused_by_field(body: dict[str, object], field: str) -> None:
    """50035 with the nested errors object, for bodies that discord.py would not let a bot send."""
    async with connected() as (server, bot):
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=place(server, bot).id)
        error = await refusal(bot.http.request(route, json=body))
        assert (error.status, error.code) == (400, 50035)
        assert f"'{field}'" in str(server.requests[-1].answer)
        check_discord_traffic(server.requests)


async def test_a_layout_shows_a_file_and_a_thumbnail() -> None:
    """Uploads and links become media with everything known of them."""
    async with connected() as (server, bot):
        thumbnail: ui.Thumbnail[Layout] = ui.Thumbnail("https://example.com/a.png", description="A link")
        file: ui.File[Layout] = ui.File("attachment://clip.mp4")
        section: ui.Section[Layout] = ui.Section(text("words"), accessory=thumbnail)
        message = await place(server, bot).send(view=Layout(section, file), file=text_file(7))
        shown, stored = message.components
        assert isinstance(shown, discord.SectionComponent)
        assert isinstance(shown.accessory, discord.ThumbnailComponent)
        assert shown.accessory.media.url == "https://example.com/a.png"
        assert isinstance(stored, discord.FileComponent)
        assert (stored.name, stored.size) == ("clip.mp4", 7)
        check_discord_traffic(server.requests)


async def test_more_text_than_discord_stores_is_its_500() -> None:
    """4,000 characters of three bytes each are within the documented limit, and fail."""
    async with connected() as (server, bot):
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=place(server, bot).id)
        url, headers = route.url, {"Authorization": f"Bot {server.token}"}
        body = {"flags": 1 << 15, "components": [{"type": 10, "content": "動" * 4000}]}
        async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
            assert answer.status == 500


async def test_a_v2_message_stays_v2() -> None:
    """An edit cannot take the flag away or add content."""
    async with connected() as (server, bot):
        message = await place(server, bot).send(view=Layout(ui.TextDisplay("a")))
        assert (await refusal(message.edit(content="b"))).code == 50035
        route = Route("PATCH", "/channels/{channel_id}/messages/{m}", channel_id=message.channel.id, m=message.id)
        error = await refusal(bot.http.request(route, json={"flags": 0, "components": []}))
        assert error.code == 50035


async def test_mentions_follow_allowed_mentions_also_in_v2_text() -> None:
    """Notified users are kept per message; a layout's text pings too, and edits never do."""
    async with connected() as (server, bot):
        ann, ben = server.person(), server.person("Ben")
        target, everybody = place(server, bot), discord.AllowedMentions.all()
        both = f"<@{ann.id}> <@{ben.id}> @everyone `<@{ben.id}>`"
        none = await target.send(both)
        assert none.mentions == []
        only = await target.send(both, allowed_mentions=discord.AllowedMentions(users=[discord.Object(ann.id)]))
        assert server.world.message(str(only.id)).pinged.users == [ann.id]
        layout = await target.send(view=Layout(ui.TextDisplay(both)), allowed_mentions=everybody)
        pinged = server.world.message(str(layout.id)).pinged
        assert pinged.users == [ann.id, ben.id]
        assert not pinged.everyone
        edited = await none.edit(content=both, allowed_mentions=everybody)
        assert len(edited.mentions) == 2
        assert server.world.message(str(none.id)).pinged.users == []


async def test_roles_and_everyone_need_the_right_to_be_mentioned() -> None:
    """A role that may not be mentioned, and everyone, are silent unless the bot may mention all."""
    async with connected() as (server, bot):
        world, target = server.world, place(server, bot)
        open_role, shut_role = world.add_role("Artists", mentionable=True), world.add_role("Owners")
        world.join(world.guild, world.add_user("Cleo")).roles.append(open_role.id)
        words = f"<@&{open_role.id}> <@&{shut_role.id}> @everyone"
        first = await target.send(words, allowed_mentions=discord.AllowedMentions.all())
        pinged = world.message(str(first.id)).pinged
        assert (pinged.roles, pinged.everyone) == ([open_role.id], False)
        world.allow(str(target.id), Permission.MENTION_EVERYONE)
        second = await target.send(words, allowed_mentions=discord.AllowedMentions.all())
        pinged = world.message(str(second.id)).pinged
        assert (pinged.roles, pinged.everyone) == ([open_role.id, shut_role.id], True)


async def test_a_reply_notifies_its_author_only_if_allowed() -> None:
    """`replied_user` decides; a message that is gone is a 50035 unless that was said to be fine."""
    async with connected() as (server, bot):
        ann, target = server.person(), place(server, bot)
        asked = await ann.send(str(target.id), "please")
        reference = discord.MessageReference(
            message_id=int(asked["id"]), channel_id=target.id, fail_if_not_exists=False
        )
        loud = await target.send("a", reference=reference, mention_author=True)
        quiet = await target.send("b", reference=reference, mention_author=False)
        assert server.world.message(str(loud.id)).pinged.users == [ann.id]
        assert server.world.message(str(quiet.id)).pinged.users == []
        assert loud.type is discord.MessageType.reply
        await ann.delete(asked["id"])
        plain = await target.send("c", reference=reference)
        assert plain.reference is None
        reference.fail_if_not_exists = True
        assert (await refusal(target.send("d", reference=reference))).code == 50035
        check_discord_traffic(server.requests)


async def test_edits_wait_for_their_bucket() -> None:
    """discord.py reads the headers and waits; nothing is refused."""
    limits = Limits(message_edit=Window(2, 0.3))
    async with connected(limits=limits) as (server, bot):
        message = await place(server, bot).send("a")
        begun = server.clock.time()
        for number in range(5):
            await message.edit(content=str(number))
        assert server.clock.time() - begun >= 0.6
        assert [r.status for r in server.requests if r.method == "PATCH"] == [200] * 5


async def test_requests_past_a_bucket_are_a_429_with_the_time_to_wait() -> None:
    """A client that ignores the headers reads retry_after, and gets through afterwards."""
    limits = Limits(message_create=Window(1, 0.2))
    async with connected(limits=limits) as (server, bot), aiohttp.ClientSession() as session:
        url = f"{server.api_base}/channels/{place(server, bot).id}/messages"
        headers = {"Authorization": f"Bot {server.token}"}
        async with session.post(url, json={"content": "a"}, headers=headers) as first:
            assert (first.status, first.headers["X-RateLimit-Remaining"]) == (200, "0")
        async with session.post(url, json={"content": "b"}, headers=headers) as second:
            body = await second.json()
            assert second.status == 429
            assert second.headers["Via"]
            assert body["global"] is False
        await asyncio.sleep(body["retry_after"])
        async with session.post(url, json={"content": "c"}, headers=headers) as third:
            assert third.status == 200
        check_discord_traffic(server.requests)


async def test_the_global_limit_is_over_all_routes() -> None:
    """The request over it is a 429 that says so."""
    limits = Limits(global_requests=Window(4, 60))
    async with connected(limits=limits) as (server, _), aiohttp.ClientSession() as session:
        headers = {"Authorization": f"Bot {server.token}"}
        answers: list[tuple[int, str | None]] = []
        for _ in range(2):
            async with session.get(f"{server.api_base}/users/@me", headers=headers) as answer:
                answers.append((answer.status, answer.headers.get("X-RateLimit-Scope")))
        assert answers == [(200, None), (429, "global")]


async def test_a_message_older_than_an_hour_is_not_edited_without_end() -> None:
    """30046 when the hour's edits are used up; a young message is not concerned."""
    limits = Limits(old_message_edits=Window(2, 36_000_000), message_edit=None)
    async with connected(limits=limits) as (server, bot), aiohttp.ClientSession() as session:
        message = await place(server, bot).send("a")
        jump(server, 3601)
        await message.edit(content="1")
        await message.edit(content="2")
        url = f"{server.api_base}/channels/{message.channel.id}/messages/{message.id}"
        headers = {"Authorization": f"Bot {server.token}"}
        async with session.patch(url, json={"content": "3"}, headers=headers) as answer:
            assert (answer.status, (await answer.json())["code"]) == (429, 30046)


async def test_history_is_read_in_pages() -> None:
    """The bot finds its own messages after a point, oldest first."""
    async with connected(limits=Limits(message_create=None)) as (server, bot):
        target = place(server, bot)
        sent = [await target.send(str(number)) for number in range(4)]
        found = [m.content async for m in target.history(after=sent[0], oldest_first=True)]
        assert found == ["1", "2", "3"]
        assert [m.content async for m in target.history(limit=2)] == ["3", "2"]
        check_discord_traffic(server.requests)


async def test_others_messages_are_empty_without_the_content_intent() -> None:
    """Only a mention lets the bot read what a person wrote."""
    async with connected() as (server, bot):
        ann, target = server.person(), place(server, bot)
        await ann.send(str(target.id), "secret", [Upload("a.txt", b"x")])
        await ann.send(str(target.id), f"<@{server.world.bot.id}> hello")
        contents = [(m.content, len(m.attachments)) async for m in target.history(oldest_first=True)]
        assert contents == [("", 0), (f"<@{server.world.bot.id}> hello", 0)]


async def test_direct_messages_can_be_opened() -> None:
    """A user's direct channel takes messages."""
    async with connected() as (server, bot):
        user = await bot.fetch_user(int(server.person().id))
        message = await user.send("hello")
        assert isinstance(message.channel, discord.DMChannel)
        check_discord_traffic(server.requests)


async def test_a_scripted_failure_strikes_before_or_after_the_effect() -> None:
    """A 503 before leaves nothing behind; a lost answer leaves the message."""
    async with connected() as (server, bot):
        target = place(server, bot)
        server.faults.add(method="POST", path="/messages$", status=503)
        assert (await refusal(target.send("a"))).status == 503
        assert server.world.messages() == []
        server.faults.add(method="POST", path="/messages$", drop=True, when="after")
        with pytest.raises(aiohttp.ClientError):
            await target.send("b")
        assert [m.data["content"] for m in server.world.messages()] == ["b"]
        assert [r.status for r in server.requests[-2:]] == [503, 0]


async def test_an_unknown_route_is_a_404_that_is_remembered() -> None:
    """Routes that the stand-in lacks are reported, not imitated."""
    async with connected() as (server, bot):
        error = await refusal(bot.http.request(Route("GET", "/voice/regions")))
        assert error.status == 404
        assert server.unknown_routes == ["GET /voice/regions"]


async def test_an_answer_can_be_slow() -> None:
    """A scripted delay is in real seconds and no failure."""
    async with connected() as (server, bot):
        server.faults.add(method="POST", path="/messages$", status=0, delay_s=0.1)
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await place(server, bot).send("a")
        assert loop.time() - begun >= 0.1


async def test_too_many_invalid_requests_are_a_ban() -> None:
    """401s over the limit end in a 429 without Via, which is no rate limit to wait for."""
    limits = Limits(invalid_requests=Window(2, 600))
    async with serving(limits=limits) as server, aiohttp.ClientSession() as session:
        seen: list[tuple[int, bool]] = []
        for _ in range(4):
            async with session.get(f"{server.api_base}/users/@me", headers={"Authorization": "Bot no"}) as answer:
                seen.append((answer.status, "Via" in answer.headers))
        assert seen == [(401, False), (401, False), (401, False), (429, False)]
