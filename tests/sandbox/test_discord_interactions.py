"""Interactions of real discord.py with the Discord stand-in."""

from __future__ import annotations

import asyncio
import io

import discord
import pytest
from discord import app_commands, ui
from PIL import Image

from sandbox.discord import Limits, PersonError, Upload, modals
from sandbox.discord.errors import ApiError
from sandbox.discord.limits import Window
from tests.support.discordbot import Bot, connected, jump, until
from tests.support.openapi import check_discord_traffic


def png(width: int = 12, height: int = 8) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(file, "PNG")
    return file.getvalue()


class Panel(ui.LayoutView):
    """A layout with a text, a button, a menu and perhaps a gallery."""

    def __init__(self, text: str = "Working", *, picture: str | None = None, disabled: bool = False) -> None:
        super().__init__(timeout=None)
        container: ui.Container[Panel] = ui.Container(ui.TextDisplay(text), accent_color=0x336699)
        if picture is not None:
            gallery: ui.MediaGallery[Panel] = ui.MediaGallery()
            gallery.add_item(media=picture, description="A reference")
            container.add_item(gallery)
        press: ui.Button[Panel] = ui.Button(label="Again", custom_id="again", disabled=disabled)
        press.callback = self.pressed
        choose: ui.Select[Panel] = ui.Select(
            custom_id="size", options=[discord.SelectOption(label=size) for size in ("480p", "720p")]
        )
        choose.callback = self.chosen
        container.add_item(ui.ActionRow(press))
        container.add_item(ui.ActionRow(choose))
        self.add_item(container)
        self.menu = choose

    async def pressed(self, interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(view=Panel("Pressed"))

    async def chosen(self, interaction: discord.Interaction) -> None:
        await interaction.response.send_message(f"size {self.menu.values[0]}", ephemeral=True)


async def test_a_slash_command_receives_its_options_and_answers() -> None:
    """Options arrive typed; a file by its name as Discord stores it and with the claims of the person's client."""
    got: list[object] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def video(interaction: discord.Interaction, prompt: str, picture: discord.Attachment, seed: int) -> None:
            got.extend([prompt, seed, picture.filename, picture.content_type, picture.width, await picture.read()])
            await interaction.response.send_message("done")

    async with connected(prepare) as (server, bot):
        channel = server.world.channel_named("dailies")
        values = {"prompt": "hello", "seed": 7, "picture": Upload("my cat.png", png(12), "image/png")}
        interaction = await (await server.person().command(channel.id, "video", values)).wait()
        assert bot.failures == []
        assert got == ["hello", 7, "my_cat.png", "image/png", 12, png(12)]
        assert interaction.state == "answered"
        assert interaction.response_message is not None
        assert interaction.response_message["content"] == "done"
        assert interaction.response_message["interaction_metadata"]["user"]["id"] == server.person().id
        check_discord_traffic(server.requests)


async def test_a_claimed_content_type_is_passed_on_unchecked() -> None:
    """Discord passes on the claims of the uploader's client, true or not."""
    got: list[object] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def take(interaction: discord.Interaction, picture: discord.Attachment) -> None:
            got.extend([picture.content_type, picture.width])
            await interaction.response.send_message("ok")

    async with connected(prepare) as (server, _):
        channel = server.world.channel_named("dailies")
        upload = Upload("cat.png", b"<html>", "image/png")
        await (await server.person().command(channel.id, "take", {"picture": upload})).wait()
        assert got == ["image/png", None]


async def test_the_payload_names_permissions_place_and_upload_limit() -> None:
    """A command's interaction carries the member's and the bot's permissions, and the invoker's own limit."""
    seen: list[discord.Interaction] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def look(interaction: discord.Interaction) -> None:
            seen.append(interaction)
            await interaction.response.send_message("ok")

    async with connected(prepare, limits=Limits(upload_bytes=1000)) as (server, _):
        server.world.user_named("Ben").upload_bytes = 5000
        thread = server.world.channel_named("Shot 12")
        await (await server.person("Ben").command(thread.id, "look")).wait()
        found = seen[0]
        assert found.filesize_limit == 5000
        assert isinstance(found.channel, discord.Thread)
        assert isinstance(found.user, discord.Member)
        assert found.permissions.manage_guild is False
        assert found.app_permissions.attach_files is True
        assert found.is_guild_integration()
        assert found.context.guild


async def test_autocomplete_offers_the_bots_choices() -> None:
    """The typed text reaches the bot with the other options; its choices come back."""

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def pick(
            interaction: discord.Interaction, model: str, duration: int | None, file: discord.Attachment | None
        ) -> None:
            await interaction.response.send_message(f"{model} {duration} {file}")

        @pick.autocomplete("duration")
        async def seconds(interaction: discord.Interaction, current: str) -> list[app_commands.Choice[int]]:
            given = interaction.namespace
            return [app_commands.Choice(name=f"{given.model} {current}s, {'a' if given.file else 'no'} file", value=5)]

        assert seconds

    async with connected(prepare) as (server, _):
        channel = server.world.channel_named("dailies")
        given: dict[str, object] = {"model": "veo", "duration": "5"}
        for files, words in (({}, "no file"), ({"file": Upload("fox.png", b"png")}, "a file")):
            choices = await server.person().autocomplete(channel.id, "pick", given | files, "duration")
            assert choices == [{"name": f"veo 5s, {words}", "value": 5}]
        check_discord_traffic(server.requests)


async def test_too_many_choices_are_refused() -> None:
    """26 choices are a 50035 that names them."""
    errors: list[discord.HTTPException] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def pick(interaction: discord.Interaction, model: str) -> None: ...

        @pick.autocomplete("model")
        async def models(interaction: discord.Interaction, _current: str) -> list[app_commands.Choice[str]]:
            choices = [app_commands.Choice(name=str(n), value=str(n)) for n in range(26)]
            try:
                await interaction.response.autocomplete(choices)
            except discord.HTTPException as error:
                errors.append(error)
            return []

        assert models

    async with connected(prepare, limits=Limits(acknowledge_seconds=0.2)) as (server, _):
        channel = server.world.channel_named("dailies")
        await server.person().autocomplete(channel.id, "pick", {"model": ""}, "model")
        await until(lambda: errors)
        assert errors[0].code == 50035
        assert "choices" in errors[0].text


async def test_a_deferred_answer_is_filled_by_an_edit() -> None:
    """A deferral shows a loading message, which the first edit turns into the answer."""
    release = asyncio.Event()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def slow(interaction: discord.Interaction) -> None:
            await interaction.response.defer(thinking=True)
            await release.wait()
            await interaction.edit_original_response(content="here")

    async with connected(prepare) as (server, _):
        interaction = await (await server.person().command(server.world.channel_named("dailies").id, "slow")).wait()
        assert interaction.state == "deferred"
        assert interaction.response_message is not None
        assert interaction.response_message["flags"] & 128
        release.set()
        await interaction.wait_answer()
        assert interaction.response_message["content"] == "here"
        assert interaction.response_message["flags"] == 0
        check_discord_traffic(server.requests)


async def test_the_first_follow_up_fills_a_deferred_answer_and_the_next_is_new() -> None:
    """After a deferral the first follow-up is no new message."""

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def twice(interaction: discord.Interaction) -> None:
            await interaction.response.defer(thinking=True)
            await interaction.followup.send("one")
            await interaction.followup.send("two", ephemeral=True)

    async with connected(prepare) as (server, _):
        channel = server.world.channel_named("dailies")
        await (await server.person().command(channel.id, "twice")).wait_answer()
        await until(lambda: len(server.world.messages(channel.id)) == 2)
        assert [m["content"] for m in server.person().messages(channel.id)] == ["one", "two"]
        assert [m["content"] for m in server.person("Ben").messages(channel.id)] == ["one"]
        check_discord_traffic(server.requests)


async def test_a_layout_is_answered_and_then_edited_by_message_id_with_an_upload() -> None:
    """The bot's own token edits the response; the gallery shows the upload, which `attachments` does not list."""

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def show(interaction: discord.Interaction) -> None:
            answer = await interaction.response.send_message(view=Panel())
            assert answer.message_id is not None
            assert interaction.channel_id is not None
            target = bot.get_partial_messageable(interaction.channel_id).get_partial_message(answer.message_id)
            file = discord.File(io.BytesIO(png(20, 10)), "ref.png")
            view = Panel("Ready", picture="attachment://ref.png")
            await target.edit(view=view, attachments=[file], allowed_mentions=discord.AllowedMentions.none())
            await target.edit(view=Panel("Later", picture="attachment://ref.png"))

    async with connected(prepare) as (server, bot):
        channel = server.world.channel_named("dailies")
        interaction = await (await server.person().command(channel.id, "show")).wait()
        await until(lambda: bot.failures or server.world.messages(channel.id)[0].edits == 2)
        assert bot.failures == []
        message = interaction.response_message
        assert message is not None
        assert message["flags"] == 1 << 15
        assert message["attachments"] == []
        media = message["components"][0]["components"][1]["items"][0]["media"]
        assert (media["width"], media["height"], media["content_type"]) == (20, 10, "image/png")
        assert message["components"][0]["components"][0]["content"] == "Later"
        assert bot.http is not None
        assert await bot.http.get_from_cdn(media["url"]) == png(20, 10)
        check_discord_traffic(server.requests)


async def test_a_response_is_edited_by_its_token_with_an_upload() -> None:
    """The token's limit is the one its payload named, which may be above the guild's."""

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def show(interaction: discord.Interaction) -> None:
            await interaction.response.defer()
            file = discord.File(io.BytesIO(bytes(1500)), "clip.mp4")
            await interaction.edit_original_response(content="done", attachments=[file])

    async with connected(prepare, limits=Limits(upload_bytes=1000)) as (server, bot):
        server.world.user_named("Ann").upload_bytes = 2000
        channel = server.world.channel_named("dailies")
        shown = (await (await server.person().command(channel.id, "show")).wait_answer()).response_message
        assert bot.failures == []
        assert shown is not None
        assert shown["attachments"][0]["size"] == 1500
        check_discord_traffic(server.requests)


async def test_a_deleted_response_is_gone() -> None:
    """The token deletes it; another edit is a 10008."""
    codes: list[int] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def show(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("a")
            await interaction.delete_original_response()
            try:
                await interaction.edit_original_response(content="b")
            except discord.NotFound as error:
                codes.append(error.code)

    async with connected(prepare) as (server, _):
        channel = server.world.channel_named("dailies")
        await server.person().command(channel.id, "show")
        await until(lambda: codes)
        assert codes == [10008]
        assert server.world.messages(channel.id) == []


async def test_a_deferred_click_is_answered_by_an_edit() -> None:
    """A click acknowledged without an answer leaves the message until the token edits it."""

    class Slow(ui.View):
        @ui.button(label="Go", custom_id="go")
        async def go(self, interaction: discord.Interaction, _button: ui.Button[Slow]) -> None:
            await interaction.response.defer()
            await interaction.edit_original_response(content="went", view=None)

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def show(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("a", view=Slow())

    async with connected(prepare) as (server, _):
        ann, channel = server.person(), server.world.channel_named("dailies")
        shown = (await (await ann.command(channel.id, "show")).wait()).response_message
        assert shown is not None
        clicked = await (await ann.click(shown["id"], "go")).wait_answer()
        assert clicked.response_message is not None
        assert (clicked.response_message["id"], clicked.response_message["content"]) == (shown["id"], "went")
        assert clicked.response_message["components"] == []
        with pytest.raises(PersonError, match="has no go"):
            await ann.click(shown["id"], "go")
        check_discord_traffic(server.requests)


async def test_a_tokens_requests_have_a_bucket_of_their_own() -> None:
    """discord.py waits for it; the channel's bucket is not touched."""
    done = asyncio.Event()

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def count(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("a")
            for number in range(5):
                await interaction.edit_original_response(content=str(number))
            done.set()

    limits = Limits(interaction_token=Window(2, 0.2), message_edit=Window(1, 600))
    async with connected(prepare, limits=limits) as (server, _):
        interaction = await server.person().command(server.world.channel_named("dailies").id, "count")
        await asyncio.wait_for(done.wait(), 30)
        assert server.requests[-1].time - interaction.created >= 0.4
        assert {r.status for r in server.requests if r.method == "PATCH"} == {200}


async def test_a_button_updates_its_message() -> None:
    """A click reaches the view's callback, whose answer changes the message."""

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def show(interaction: discord.Interaction) -> None:
            await interaction.response.send_message(view=Panel())

    async with connected(prepare) as (server, _):
        ann, channel = server.person(), server.world.channel_named("dailies")
        shown = (await (await ann.command(channel.id, "show")).wait()).response_message
        assert shown is not None
        pressed = await (await ann.click(shown["id"], "again")).wait()
        assert pressed.state == "answered"
        assert pressed.response_message is not None
        assert pressed.response_message["id"] == shown["id"]
        assert pressed.response_message["components"][0]["components"][0]["content"] == "Pressed"
        check_discord_traffic(server.requests)


async def test_a_menu_answers_only_the_person_who_chose() -> None:
    """An ephemeral answer is seen by one person, and the bot's token cannot fetch it."""

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def show(interaction: discord.Interaction) -> None:
            await interaction.response.send_message(view=Panel())

    async with connected(prepare) as (server, bot):
        ann, channel = server.person(), server.world.channel_named("dailies")
        shown = (await (await ann.command(channel.id, "show")).wait()).response_message
        assert shown is not None
        chosen = await (await ann.select(shown["id"], "size", ["720p"])).wait()
        assert chosen.ephemeral
        assert chosen.response_message is not None
        assert chosen.response_message["content"] == "size 720p"
        assert chosen.response_message["flags"] & 64
        assert len(server.person("Ben").messages(channel.id)) == 1
        target = bot.get_partial_messageable(int(channel.id))
        with pytest.raises(discord.NotFound) as caught:
            await target.fetch_message(int(chosen.response_message["id"]))
        assert caught.value.code == 10008


class Ask(ui.Modal, title="Ask"):
    """A modal with a text and files."""

    prompt: ui.Label[Ask] = ui.Label(text="Prompt", component=ui.TextInput(custom_id="prompt", max_length=20))
    files: ui.Label[Ask] = ui.Label(text="Files", component=ui.FileUpload(custom_id="files", max_values=3))

    async def on_submit(self, interaction: discord.Interaction) -> None:
        prompt, files = self.prompt.component, self.files.component
        assert isinstance(prompt, ui.TextInput)
        assert isinstance(files, ui.FileUpload)
        content = [await file.read() for file in files.values]
        await interaction.response.send_message(f"{prompt.value}: {content}", ephemeral=True)


def opens_a_modal(bot: Bot) -> None:
    @bot.tree.command(description="Test")
    async def ask(interaction: discord.Interaction) -> None:
        await interaction.response.send_modal(Ask())

    assert ask


async def test_a_modal_with_files_is_filled_in_and_sent_off() -> None:
    """Texts and uploads of a modal reach the bot."""
    async with connected(opens_a_modal) as (server, _):
        ann, channel = server.person(), server.world.channel_named("dailies")
        opened = await (await ann.command(channel.id, "ask")).wait()
        assert opened.modal is not None
        files = [Upload("a.txt", b"one"), Upload("b.txt", b"two")]
        sent = await (await ann.submit_modal(opened, {"prompt": "fly", "files": files})).wait()
        assert sent.response_message is not None
        assert sent.response_message["content"] == "fly: [b'one', b'two']"
        check_discord_traffic(server.requests)


async def test_a_modal_is_not_sent_off_unless_it_is_filled_in() -> None:
    """The client keeps a person from sending too long a text."""
    async with connected(opens_a_modal) as (server, _):
        ann, channel = server.person(), server.world.channel_named("dailies")
        opened = await (await ann.command(channel.id, "ask")).wait()
        with pytest.raises(PersonError, match="0 to 20"):
            await ann.submit_modal(opened, {"prompt": "x" * 21, "files": [Upload("a", b"")]})


@pytest.mark.parametrize("number", [0, 26])
def test_a_modals_select_has_one_to_25_options(number: int) -> None:
    """50035, as for a select in a message."""
    options = [{"label": f"Option {n}", "value": str(n)} for n in range(number)]
    select = {"type": 3, "custom_id": "s", "options": options}
    label = {"type": 18, "label": "Choose", "component": select}
    with pytest.raises(ApiError) as refused:
        modals.read({"custom_id": "m", "title": "M", "components": [label]})
    assert "options" in str(refused.value.body["errors"])


async def test_a_message_command_brings_the_message_with_its_files() -> None:
    """A context menu command shows the bot a message it could not read otherwise."""
    got: list[object] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.context_menu(name="Animate image")
        async def animate(interaction: discord.Interaction, message: discord.Message) -> None:
            got.extend([message.content, message.attachments[0].filename, await message.attachments[0].read()])
            await interaction.response.send_message("ok")

        assert animate

    async with connected(prepare) as (server, bot):
        ann, channel = server.person(), server.world.channel_named("dailies")
        message = await ann.send(channel.id, "look", [Upload("a.png", png())])
        await (await ann.message_command(channel.id, "Animate image", message["id"])).wait()
        assert bot.failures == []
        assert got == ["look", "a.png", png()]


async def test_an_interaction_without_an_answer_fails_after_three_seconds() -> None:
    """The person reads that the application did not respond, and a late answer is a 10062."""
    late: list[discord.HTTPException] = []
    limits = Limits(acknowledge_seconds=0.15)
    assert Limits().acknowledge_seconds == 3.0

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def sleep(interaction: discord.Interaction) -> None:
            await asyncio.sleep(0.25)
            try:
                await interaction.response.send_message("late")
            except discord.NotFound as error:
                late.append(error)

    async with connected(prepare, limits=limits) as (server, _):
        stream = server.subscribe()
        interaction = await server.person().command(server.world.channel_named("dailies").id, "sleep")
        await interaction.wait()
        assert (interaction.state, interaction.error) == ("failed", "The application did not respond")
        await until(lambda: late)
        assert late[0].code == 10062
        stream.close()
        events = [event async for event in stream if event["type"] == "interaction"]
        assert [event["state"] for event in events] == ["waiting", "failed"]
        assert events[-1]["error"] == "The application did not respond"


async def test_a_second_answer_is_refused() -> None:
    """An interaction is answered once: 40060."""
    codes: list[int] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def twice(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("one")
            interaction.response._response_type = None  # pyright: ignore[reportPrivateUsage] (it refuses by itself)
            try:
                await interaction.response.send_message("two")
            except discord.HTTPException as error:
                codes.append(error.code)

    async with connected(prepare) as (server, _):
        await (await server.person().command(server.world.channel_named("dailies").id, "twice")).wait()
        await until(lambda: codes)
        assert codes == [40060]


async def test_a_token_dies_after_fifteen_world_minutes() -> None:
    """Then edits by the token are a 401 with 50027, while the bot's own token still edits the message."""
    held: list[discord.Interaction] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        async def hold(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("one")
            held.append(interaction)

    async with connected(prepare) as (server, bot):
        channel = server.world.channel_named("dailies")
        interaction = await (await server.person().command(channel.id, "hold")).wait()
        await until(lambda: held)
        jump(server, 15 * 60)
        with pytest.raises(discord.HTTPException) as caught:
            await held[0].edit_original_response(content="two")
        assert (caught.value.status, caught.value.code) == (401, 50027)
        assert interaction.response_message is not None
        target = bot.get_partial_messageable(int(channel.id))
        await target.get_partial_message(int(interaction.response_message["id"])).edit(content="three")
        assert interaction.response_message["content"] == "three"


async def test_a_user_installed_app_has_five_follow_ups() -> None:
    """The sixth is refused where the bot is not a member, and taken where it is."""
    codes: list[int] = []
    sent: list[str] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        @app_commands.allowed_installs(guilds=True, users=True)
        async def talk(interaction: discord.Interaction) -> None:
            await interaction.response.send_message("one")
            try:
                for number in range(6):
                    await interaction.followup.send(str(number))
                    sent.append(str(interaction.guild_id))
            except discord.HTTPException as error:
                codes.append(error.code)

    async with connected(prepare, limits=Limits(interaction_token=None)) as (server, _):
        away = server.world.add_guild("Elsewhere", "away", bot=False)
        with pytest.raises(PersonError, match="no command"):
            await server.person().command(server.world.channel_named("away").id, "talk")
        server.world.user_named("Ann").installed = True
        await server.person().command(server.world.channel_named("away").id, "talk")
        await until(lambda: codes)
        assert (codes, sent) == ([40094], [away.id] * 5)
        await server.person().command(server.world.channel_named("dailies").id, "talk")
        await until(lambda: len(sent) == 11)


async def test_a_guild_without_the_bot_is_out_of_the_bot_s_reach() -> None:
    """The app gets no event, no channel and no message of it; its interactions name the user's installation alone."""
    seen: list[discord.Interaction] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        @app_commands.allowed_installs(guilds=True, users=True)
        async def talk(interaction: discord.Interaction) -> None:
            seen.append(interaction)
            await interaction.response.send_message("one")

    async with connected(prepare) as (server, bot):
        guild, ann = server.world.add_guild("Elsewhere", "away", bot=False), server.world.user_named("Ann")
        channel = server.world.channel_named("away")
        ann.installed = True
        await server.person().command(channel.id, "talk")
        await until(lambda: seen and channel.messages)
        assert bot.get_guild(int(guild.id)) is None
        assert not seen[0].is_guild_integration()
        assert seen[0].is_user_integration()
        assert seen[0].app_permissions.attach_files
        assert not seen[0].app_permissions.view_channel
        with pytest.raises(discord.Forbidden) as refused:
            await bot.get_partial_messageable(int(channel.id)).send("two")
        assert refused.value.code == 50001


async def test_direct_messages_name_the_permissions_that_discord_documents() -> None:
    """Files, embeds and mentions, and with the bot itself its emojis: View Channel is not among them."""
    seen: list[discord.Interaction] = []

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        @app_commands.allowed_installs(guilds=True, users=True)
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        async def talk(interaction: discord.Interaction) -> None:
            seen.append(interaction)
            await interaction.response.send_message("one")

    async with connected(prepare) as (server, _):
        ann, ben = server.world.user_named("Ann"), server.world.user_named("Ben")
        ann.installed = True
        for channel in (server.world.direct_channel(ann.id), server.world.add_group("Friends", ann, ben)):
            await server.person().command(channel.id, "talk")
        await until(lambda: len(seen) == 2)
        assert [(one.context.dm_channel, one.context.private_channel) for one in seen] == [(True, False), (False, True)]
        both = discord.Permissions(attach_files=True, embed_links=True, mention_everyone=True)
        assert seen[1].app_permissions == both
        assert seen[0].app_permissions == discord.Permissions(both.value, use_external_emojis=True)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "prompt is required"),
        ({"prompt": "x" * 11}, "0 to 10"),
        ({"prompt": "x", "seconds": 11}, "1 to 10"),
        ({"prompt": "x", "seconds": "5"}, "whole number"),
        ({"prompt": "x", "size": "999p"}, "offers only"),
        ({"prompt": "x", "colour": "red"}, "no option"),
    ],
)
async def test_the_client_keeps_wrong_options_from_the_bot(values: dict[str, object], words: str) -> None:
    """Required options, kinds, bounds and choices are checked before anything is sent."""

    def prepare(bot: Bot) -> None:
        @bot.tree.command(description="Test")
        @app_commands.choices(size=[app_commands.Choice(name="720p", value="720p")])
        async def video(
            interaction: discord.Interaction,
            prompt: app_commands.Range[str, None, 10],
            seconds: app_commands.Range[int, 1, 10] | None,
            size: str | None,
        ) -> None: ...

        assert video

    async with connected(prepare) as (server, bot):
        with pytest.raises(PersonError, match=words):
            await server.person().command(server.world.channel_named("dailies").id, "video", values)
        assert "INTERACTION_CREATE" not in bot.seen
