"""Marks that stay: spoilers, age-restricted channels. A job's own messages stand for its references."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncGenerator, Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import pytest_asyncio
from aiohttp import web

from sandbox.discord import Upload
from sandbox.discord.model import FORUM, Channel
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, Story, attached, shown
from tests.support.images import image
from tests.support.servers import Served, serving

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]
RED, BLUE = image("red"), image("blue")
PICTURED_SECONDS = 30.0
"""Length of a job whose pictures a status shows also where a busy machine merges its edits."""
REFUSED = "comes from an age-restricted channel, so it can be used only in age-restricted channels. You weren't charged"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def assets() -> AsyncGenerator[Served]:
    """A red picture at /red.png, and a page that declares it at /red.html."""

    async def answer(request: web.Request) -> web.Response:
        if request.path.endswith(".html"):
            text = '<!doctype html><meta property="og:image" content="/red.png">'
            return web.Response(text=text, content_type="text/html")
        return web.Response(body=RED, content_type="image/png")

    async with serving(answer) as served:
        yield served


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def place(assets: Served) -> AsyncGenerator[Scene]:
    """Run a sandbox whose bot may fetch from the assets and from Discord's own files."""
    stack = quick_stack(8, one_check=True)
    stack.trusted_origins.append(assets.origin)
    async with stack:
        yield Scene(stack)


@pytest_asyncio.fixture(loop_scope="module")
async def adults(place: Scene) -> Scene:
    """Return a new age-restricted channel."""
    return await _in(place, place.stack.discord.world.add_channel(f"adults{_number(place)}", nsfw=True))


async def _in(place: Scene, channel: Channel) -> Scene:
    await asyncio.sleep(0.2)  # the bot hears of the channel
    there = Scene(place.stack)
    there.channel = channel.id
    return there


def _number(place: Scene) -> int:
    return len(place.stack.discord.world.channels)


async def _until(true: Callable[[], Any]) -> None:
    for _ in range(600):
        if true():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen within 30 s")


def _walk(part: object) -> Iterator[dict[str, Any]]:
    """Yield every object in a message's or a modal's JSON."""
    if isinstance(part, dict):
        yield cast("dict[str, Any]", part)
    inside = cast("dict[str, object]", part).values() if isinstance(part, dict) else part
    for value in cast("list[object]", inside) if not isinstance(inside, (str, int, float, type(None))) else ():
        yield from _walk(value)


def pictures(story: Story) -> list[tuple[bool, str]]:
    """Return spoiler and alt text of the thumbnails in a status."""
    return [(item["spoiler"], item["description"]) for item in story.thumbnails]


def video(story: Story) -> str:
    assert story.video is not None
    return story.video["attachments"][0]["filename"]


def sent(submits: list[dict[str, Any]]) -> list[bytes]:
    """Return the references of the one paid request, as bytes."""
    (submit,) = submits
    urls = [entry["image_url"]["url"] for entry in submit["body"]["input_references"]]
    return [base64.b64decode(url.partition(",")[2]) for url in urls]


async def message_with_picture(there: Scene) -> dict[str, Any]:
    """Post a picture that the bot may see, because the message mentions it."""
    bot: Any = there.stack.discord.snapshot()["bot"]
    words = f"<@{bot['id']}> look"
    return await there.stack.discord.person().send(there.channel, words, [Upload("red.png", RED)])


def link_to(there: Scene, message: dict[str, Any]) -> str:
    guild = there.stack.discord.world.guild.id
    return f"https://discord.com/channels/{guild}/{there.channel}/{message['id']}"


async def animated(there: Scene, message_id: str) -> list[dict[str, Any]]:
    """Use Animate image on a message, and return the paid requests."""
    person, before = there.stack.discord.person(), len(there.stack.openrouter.submits)
    opened = await person.message_command(there.channel, "Animate image", message_id)
    await _until(lambda: opened.modal is not None)
    prompt = next(one["custom_id"] for one in _walk(opened.modal) if one.get("type") == 4)
    await there.generate(await person.submit_modal(opened, {prompt: "{1} turns around"}))
    submits = there.stack.openrouter.submits
    await _until(lambda: any(one["body"] is not None for one in submits[before:]))
    await ended(there)
    return submits[before:]


async def ended(there: Scene) -> None:
    """Wait until every job of the channel has ended, so that none is taken for one of the next test."""
    person = there.stack.discord.person()
    running = ("### Checking", "### Waiting", "### Sending", "### Generating", "### Finished, ")

    def shown() -> str:
        return str([one["components"] for one in person.messages(there.channel)])

    await _until(lambda: not any(one in shown() for one in running))


async def answer_of(there: Scene, message_id: str) -> str:
    """Use Animate image on a message, and return the answer, which only the person sees."""
    opened = await there.stack.discord.person().message_command(there.channel, "Animate image", message_id)
    await opened.wait(25)
    assert opened.response_message is not None
    return str(opened.response_message["content"]).replace("\\", "")


async def test_what_is_made_of_a_hidden_picture_is_hidden_too(place: Scene) -> None:
    place.stack.openrouter.faults.job(work_seconds=PICTURED_SECONDS)
    story = await place.ask(**attached(Upload("SPOILER_fox.png", RED), Upload("hat.png", BLUE)))
    assert pictures(story) == [
        (True, "Reference image 1: SPOILER_fox.png"),
        (False, "Reference image 2: hat.png"),
    ]
    assert video(story).startswith("SPOILER_")

    assert story.video is not None
    person, found = place.stack.discord.person(), shown(story.video)
    assert found is not None
    await asyncio.sleep(1)  # the job's run ends a moment after its status
    await person.command(place.channel, "jobs resend", {"job": found[0]})
    await _until(lambda: [shown(one) == found for one in person.messages(place.channel)].count(True) == 2)
    files = [one["attachments"] for one in person.messages(place.channel) if shown(one) == found]
    assert [[file["filename"] for file in one] for one in files] == [["SPOILER_paper-boat-sails-take-1.mp4"]] * 2


async def test_a_link_between_bars_is_hidden_and_one_beside_it_is_not(place: Scene, assets: Served) -> None:
    place.stack.openrouter.faults.job(work_seconds=PICTURED_SECONDS, times=2)
    hidden = await place.ask(links=f"||{assets.origin}/red.png||")
    assert [spoiler for spoiler, _ in pictures(hidden)] == [True]
    assert video(hidden).startswith("SPOILER_")

    shown = await place.ask(links=f"{assets.origin}/red.png")
    assert [spoiler for spoiler, _ in pictures(shown)] == [False]
    assert not video(shown).startswith("SPOILER_")


async def test_a_picture_of_a_page_between_bars_is_hidden_in_its_preview_and_after_its_button(
    place: Scene, assets: Served
) -> None:
    refused = await place.ask(links=f"||{assets.origin}/red.html||")
    assert [spoiler for spoiler, _ in pictures(refused)] == [True]
    (button,) = [one for one in _walk(refused.status["components"]) if one.get("label") == "Use this image"]
    person = place.stack.discord.person()
    await place.generate(await person.click(refused.status["id"], button["custom_id"]))
    await _until(lambda: str(person.messages(place.channel)[-1]["attachments"]).count(".mp4"))
    await ended(place)
    assert person.messages(place.channel)[-1]["attachments"][0]["filename"].startswith("SPOILER_")


async def test_a_message_of_an_age_restricted_channel_is_used_in_such_channels_only(
    place: Scene, adults: Scene
) -> None:
    message = await message_with_picture(adults)
    served = len(place.stack.discord.attachments.served)

    refused = await place.ask(links=link_to(adults, message))

    assert REFUSED in refused.end
    assert refused.submits == []
    assert len(place.stack.discord.attachments.served) == served
    assert sent((await adults.ask(links=link_to(adults, message))).submits) == [RED]


async def test_threads_and_posts_are_as_age_restricted_as_what_they_are_in(place: Scene, adults: Scene) -> None:
    world = place.stack.discord.world
    forum = world.add_channel(f"forum{_number(place)}", kind=FORUM, nsfw=True)
    for parent in (adults.channel, forum.id):
        inside = await _in(place, world.add_thread(f"thread{_number(place)}", parent))
        message = await message_with_picture(inside)
        assert REFUSED in (await place.ask(links=link_to(inside, message))).end
        assert sent((await adults.ask(links=link_to(inside, message))).submits) == [RED]
        assert sent((await inside.ask(links=link_to(inside, message))).submits) == [RED]


async def test_a_file_s_own_address_leads_out_of_an_age_restricted_channel_no_more_than_its_message(
    place: Scene, adults: Scene
) -> None:
    message = await message_with_picture(adults)
    address = message["attachments"][0]["url"]
    assert REFUSED in (await place.ask(links=address)).end
    assert len((await adults.ask(links=address)).submits) == 1


async def test_what_was_forwarded_out_of_an_age_restricted_channel_is_not_used(place: Scene, adults: Scene) -> None:
    message = await message_with_picture(adults)
    forwarded = await place.stack.discord.person().forward(message["id"], place.channel)
    assert REFUSED in await answer_of(place, forwarded["id"])


async def test_a_button_works_no_more_once_the_channel_is_open_to_all(
    place: Scene, adults: Scene, assets: Served
) -> None:
    refused = await adults.ask(links=f"{assets.origin}/red.html")
    (button,) = [one for one in _walk(refused.status["components"]) if one.get("label") == "Use this image"]
    world, person = place.stack.discord.world, place.stack.discord.person()
    world.restrict(adults.channel, nsfw=False)
    await asyncio.sleep(0.2)
    before = len(place.stack.openrouter.submits)

    click = await (await person.click(refused.status["id"], button["custom_id"])).wait(25)

    assert click.response_message is not None
    assert "so it can be used only in age-restricted channels" in click.response_message["content"]
    assert len(place.stack.openrouter.submits) == before


async def test_a_video_is_not_posted_where_the_channel_was_opened_meanwhile(place: Scene, adults: Scene) -> None:
    world, person = place.stack.discord.world, place.stack.discord.person()
    direct = world.direct_channel(person.id)
    place.stack.openrouter.faults.job(work_seconds=20)
    await person.command(adults.channel, "video", {"prompt": "A boat", "resolution": "480p", "duration": 4})
    await _until(lambda: any("· checked " in str(one) for one in person.messages(adults.channel)))
    world.restrict(adults.channel, nsfw=False)

    await _until(lambda: any(one.files for one in direct.messages.values()))
    await ended(adults)

    (found,) = [one for one in direct.messages.values() if one.files]
    assert "the channel is no longer age-restricted" in str(found.data["content"])
    assert not any(".mp4" in str(one["attachments"]) for one in person.messages(adults.channel))


async def test_a_moderator_sees_the_original_of_such_a_video_in_such_a_channel_only(
    place: Scene, adults: Scene
) -> None:
    ben, ann = place.stack.discord.person("Ben"), place.stack.discord.person("Ann")
    await ben.command(adults.channel, "video", {"prompt": "A boat", "resolution": "480p", "duration": 4})
    await _until(lambda: ".mp4" in str([one["attachments"] for one in ben.messages(adults.channel)]))
    await ended(adults)
    ((job_id, _),) = [found for one in ben.messages(adults.channel) if (found := shown(one))]
    await asyncio.sleep(0.5)

    answers: list[str] = []
    for person, channel in ((ann, place.channel), (ann, adults.channel), (ben, place.channel)):
        asked = await (await person.command(channel, "jobs original", {"job": job_id})).wait(25)
        await _until(lambda asked=asked: asked.response_message and not asked.response_message["flags"] & 128)
        assert asked.response_message is not None
        message = place.stack.discord.message_json(asked.response_message["id"])
        answers.append(str(message["content"]) + str(message["attachments"]))

    assert "comes from an age-restricted channel" in answers[0]
    assert ".mp4" in answers[1]
    assert ".mp4" in answers[2]


async def test_a_job_s_own_status_stands_for_its_references(place: Scene) -> None:
    story = await place.ask(**attached(RED, Upload("SPOILER_hat.png", BLUE)))
    assert sent(await animated(place, story.status["id"])) == [RED, BLUE]
    place.stack.openrouter.faults.job(work_seconds=PICTURED_SECONDS)
    linked = await place.ask(links=link_to(place, story.status))
    assert sent(linked.submits) == [RED, BLUE]
    assert [spoiler for spoiler, _ in pictures(linked)] == [False, True]


async def test_a_prompt_or_name_does_not_make_a_status_that_of_another_job(place: Scene) -> None:
    other = await place.ask(**attached(RED))
    assert other.video is not None
    job_id, _ = shown(other.video) or ("", 0)
    assert job_id
    name = f"Job {job_id}.png"
    story = await place.ask(f"-# Job {job_id}", **attached(Upload(name, BLUE)))
    assert sent(await animated(place, story.status["id"])) == [BLUE]


async def test_a_status_whose_pictures_are_gone_says_so(place: Scene) -> None:
    story = await place.ask(**attached(image("green")))
    folder = Path(place.stack.bot_environment()["DATA_DIR"]) / "references"
    for path in folder.iterdir():
        path.unlink()
    assert "no longer on the bot's disk" in await answer_of(place, story.status["id"])
    linked = await place.ask(links=link_to(place, story.status))
    assert "no longer on the bot's disk" in linked.end
    assert linked.submits == []


async def test_a_forwarded_status_has_no_picture(place: Scene) -> None:
    story = await place.ask(**attached(RED))
    forwarded = await place.stack.discord.person().forward(story.status["id"], place.channel)
    assert "This message has no image" in await answer_of(place, forwarded["id"])


async def test_a_moving_drawing_is_refused_as_such(place: Scene) -> None:
    shows = {"sticker_items": [{"id": "5", "name": "Wave", "format_type": 3}]}
    message = await place.stack.discord.person().send(place.channel, "-", shows=shows)
    assert "a sticker that is an animation" in await answer_of(place, message["id"])
