"""/shots wall: the takes of a channel, as far as who opens it may see them."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import discord
import pytest

from cogs.shots.views import WallRequest
from dailies.cast.entry import CastEntry
from dailies.catalog.options import VideoRequest
from dailies.ids import new_id
from dailies.job import Job, Place, State, TakeSet
from dailies.references.reference import Source
from dailies.review import Decision, Verdict
from dailies.shot import ShotTake
from dailies.store.wall import Standing
from tests.bot.composing import flat
from tests.bot.conftest import START, Archive


class WallShown:
    """The wall as a person sees it."""

    def __init__(self, archive: Archive, by: Any, answer: Any) -> None:
        assert answer.ephemeral
        self.archive, self.by, self.answer = archive, by, answer

    @property
    def parts(self) -> list[dict[str, Any]]:
        return flat(self.answer.response.components)

    @property
    def text(self) -> str:
        """Its words, escapes taken out."""
        return "\n".join(one["content"] for one in self.parts if one["type"] == 10).replace("\\", "")

    @property
    def pictures(self) -> list[dict[str, Any]]:
        return [item for one in self.parts if one["type"] == 12 for item in one["items"]]

    @property
    def takes(self) -> list[str]:
        """The names of the takes, in order."""
        return [line.split("**")[3] for line in self.text.splitlines() if line.startswith("**")]

    def menu(self, what: str) -> dict[str, Any]:
        return next(one for one in self.parts if one.get("custom_id", "").startswith(f"wall:{what}:"))

    async def choose(self, what: str, *values: Any) -> None:
        """Choose in a menu; an entry of a text menu by its label."""
        menu = self.menu(what)
        known = {one["label"]: one["value"] for one in menu.get("options", ())}
        chosen = [known[value] if isinstance(value, str) else value for value in values]
        await self.by.select(self.answer.response.message, chosen, custom_id=menu["custom_id"])

    async def press(self, label: str) -> None:
        await self.by.click(self.answer.response.message, label=label)


async def wall(archive: Archive, by: Any = None, where: Any = None, **options: object) -> WallShown:
    """Type /shots wall."""
    by = by or archive.app.ann
    return WallShown(archive, by, await by.slash(where or archive.app.channel, "shots wall", **options))


async def a_shot(archive: Archive, name: str = "12A") -> ShotTake:
    """Name a shot of the channel."""
    app = archive.app
    shot = await app.bot.composer.shots.store.named(app.channel.id, app.channel.guild.id, name, 1, START)
    return ShotTake(shot.id, shot.name)


async def say(archive: Archive, job: Job, verdict: Verdict, number: int = 1) -> None:
    """Store what somebody said about a video."""
    reviews = archive.app.bot._stores.reviews  # pyright: ignore[reportPrivateUsage]
    assert await reviews.decide(Decision(job.id, 1, number, verdict, archive.mia.id, START))


async def test_the_wall_shows_the_takes_of_everybody_in_the_channel_newest_first(archive: Archive) -> None:
    await archive.keep(number=1, video_message_id=77, cost=Decimal("0.45"))
    await archive.keep(archive.ben, number=2, state=State.SUBMITTED)

    shown = await wall(archive, archive.mia)
    assert "2 takes, newest first" in shown.text
    assert shown.text.index("A paper boat 2") < shown.text.index("A paper boat 1")
    assert "**1** · **Take 1** · Generating\n" in shown.text
    place = f"{archive.app.channel.guild.id}/{archive.app.channel.id}/77"
    assert f"**2** · **Take 1** · Done · [to the video](https://discord.com/channels/{place})\n" in shown.text
    assert "· A: B · $0.45 · A paper boat 1" in shown.text


@pytest.mark.slow
async def test_each_take_has_a_picture_which_is_drawn_once(archive: Archive) -> None:
    kept = await archive.keep(on_disk=True)
    await archive.keep(number=1, state=State.SUBMITTED)

    shown = await wall(archive)
    assert [one["description"] for one in shown.pictures] == [
        "1, take 1: A paper boat 1",
        "2, take 1: A paper boat 0",
    ]
    still = archive.data / "videos" / f"{kept.id}.still.jpg"
    drawn = await asyncio.to_thread(lambda: still.stat().st_mtime_ns)
    await wall(archive)
    assert await asyncio.to_thread(lambda: still.stat().st_mtime_ns) == drawn


async def test_a_video_that_is_not_kept_any_more_has_a_placeholder(archive: Archive) -> None:
    job = await archive.keep(on_disk=True, file_removed_at=START)

    assert len((await wall(archive)).pictures) == 1
    assert not await asyncio.to_thread((archive.data / "videos" / f"{job.id}.still.jpg").exists)


@pytest.mark.slow
async def test_a_video_that_came_as_a_direct_message_is_pictured_for_its_requester_alone(archive: Archive) -> None:
    job = await archive.keep(on_disk=True, video_message_id=77, video_channel_id=9)
    still = archive.data / "videos" / f"{job.id}.still.jpg"

    assert "/77" not in (await wall(archive, archive.ben)).text
    assert not await asyncio.to_thread(still.exists)
    await wall(archive)
    assert await asyncio.to_thread(still.exists)


async def test_spoilers_stay_hidden(archive: Archive) -> None:
    await archive.keep(sources=(Source("", "a.png", attached=True, spoiler=True),))
    await archive.keep(number=1)

    assert [one["spoiler"] for one in (await wall(archive)).pictures] == [False, True]


@pytest.mark.slow
async def test_takes_are_filtered_by_shot_state_and_person(archive: Archive) -> None:
    first, second = await a_shot(archive), await a_shot(archive, "12B")
    one = await archive.keep(shot=first)
    two = await archive.keep(number=1, shot=first)
    await archive.keep(archive.ben, number=2, shot=second, state=State.FAILED)
    await archive.keep(number=3)
    await say(archive, one, Verdict.APPROVED)
    await say(archive, two, Verdict.RETAKE)

    shown = await wall(archive)
    assert shown.takes == ["Take 1", "12B · take 1", "12A · take 2", "12A · take 1"]
    await shown.choose("shot", "12A")
    assert shown.takes == ["12A · take 2", "12A · take 1"]
    await shown.choose("state", "Approved")
    assert shown.takes == ["12A · take 1"]
    assert f"Approved by <@{archive.mia.id}>" in shown.text
    await shown.choose("state", "Retake")
    assert shown.takes == ["12A · take 2"]
    await shown.choose("shot", "All shots")
    await shown.choose("state", "No video")
    assert shown.takes == ["12B · take 1"]
    await shown.choose("person", archive.app.ann)
    assert "No takes match" in shown.text
    await shown.choose("state", "To review")
    assert shown.takes == ["Take 1"]
    await shown.choose("person")
    await shown.choose("shot", "Takes of no shot")
    assert shown.takes == ["Take 1"]


@pytest.mark.slow
async def test_takes_are_filtered_by_the_names_of_the_cast_that_they_use(archive: Archive) -> None:
    app = archive.app
    for at, name in enumerate(("hero", "villain")):
        entry = CastEntry(new_id(START + at), app.channel.guild.id, None, name, (), app.ann.id, START, START)
        await app.bot._stores.cast.create(entry)  # pyright: ignore[reportPrivateUsage]
    await archive.keep(sources=(Source("", "hero.png", attached=True, cast=("Hero",)),), shot=await a_shot(archive))
    await archive.keep(number=1)

    shown = await wall(archive)
    assert shown.takes == ["Take 1", "12A · take 1"]
    await shown.choose("cast", "@hero")
    assert shown.takes == ["12A · take 1"]
    await shown.choose("cast", "@villain")
    assert "No takes match" in shown.text
    await shown.choose("cast", "With or without the cast")
    assert shown.takes == ["Take 1", "12A · take 1"]


async def test_a_word_that_was_withdrawn_holds_no_more(archive: Archive) -> None:
    job = await archive.keep()
    await say(archive, job, Verdict.APPROVED)
    await say(archive, job, Verdict.WITHDRAWN, 2)

    shown = await wall(archive)
    await shown.choose("state", "To review")
    assert "· Done\n" in shown.text


@pytest.mark.slow
async def test_the_wall_has_pages(archive: Archive) -> None:
    shot = await a_shot(archive)
    for number in range(8):
        await archive.keep(number=number, shot=shot if number else None)

    shown = await wall(archive, shot="12a")
    assert "1 to 6 of 7 takes" in shown.text
    await shown.press("Next")
    assert shown.takes == ["12A · take 1"]
    await shown.press("Previous")
    assert len(shown.takes) == 6


async def test_a_shot_that_there_is_not_is_refused(archive: Archive) -> None:
    answer = await archive.app.ann.slash(archive.app.channel, "shots wall", shot="99")
    assert "no shot 99 in this channel" in archive.said(answer)


async def test_blind_comparisons_stay_blind(archive: Archive) -> None:
    job_set = TakeSet("x", 1, 2, compared=True)
    await archive.keep(take_set=job_set, cost=Decimal("0.45"))

    shown = (await wall(archive)).text
    assert "A: B" not in shown
    assert "0.45" not in shown


@pytest.mark.slow
async def test_takes_of_hidden_channels_are_shown_to_who_sees_them_alone(archive: Archive) -> None:
    app, shot = archive.app, await a_shot(archive)
    guild = app.channel.guild
    seen, unseen = discord.PermissionOverwrite(view_channel=True), discord.PermissionOverwrite(view_channel=False)
    overwrites = {guild.default_role: unseen, app.bot.user: seen, app.ann: seen}
    hidden = guild.create_text_channel("board", overwrites=overwrites)
    away = guild.create_text_channel("away")
    for number, channel in enumerate((hidden, away)):
        place = Place(guild.id, channel.id, app.ann.id, None)
        await archive.keep(number=number, place=place, shot=shot)
        await archive.keep(number=number + 10, place=place)

    assert (await wall(archive)).takes == ["12A · take 2", "12A · take 1"]
    assert (await wall(archive, archive.ben)).takes == ["12A · take 2"]
    assert (await wall(archive, where=away)).takes == ["Take 1", "12A · take 2"]


@pytest.mark.parametrize("kind", [discord.ChannelType.public_thread, discord.ChannelType.private_thread])
async def test_takes_in_threads_are_shown_and_those_of_private_ones_in_there_alone(
    archive: Archive, kind: discord.ChannelType
) -> None:
    app = archive.app
    channel: Any = app.bot.get_channel(app.channel.id)
    await channel.create_thread(name="night", type=kind)
    (thread,) = app.channel.threads
    await archive.keep(place=Place(app.channel.guild.id, thread.id, archive.ben.id, None), shot=await a_shot(archive))

    public = kind is discord.ChannelType.public_thread
    assert (await wall(archive)).takes == (["12A · take 1"] if public else [])


@pytest.mark.slow
async def test_what_stays_in_age_restricted_channels_is_left_out_elsewhere(archive: Archive) -> None:
    await archive.keep(age_restricted=True)
    assert "No takes here yet" in (await wall(archive)).text


async def test_words_of_a_prompt_neither_ping_nor_become_markup(archive: Archive) -> None:
    await archive.keep(request=VideoRequest("@everyone **[x](https://a.example)**", "a/b", "A: B"))
    words = "\n".join(one["content"] for one in (await wall(archive)).parts if one["type"] == 10)
    assert "\\@everyone \\*\\*\\[x" in words


@pytest.mark.parametrize(
    "wanted",
    [WallRequest(), WallRequest("0123456789abcdef", Standing.APPROVED, 2**63, "0123456789abcdef", 9999)],
)
def test_what_a_wall_shows_is_in_its_buttons_so_that_a_restart_loses_nothing(wanted: WallRequest) -> None:
    assert WallRequest.decode(wanted.encode()) == wanted
