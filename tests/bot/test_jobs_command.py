"""/jobs list and show in Discord: access to jobs, and pages."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from cogs.jobs.forgetting import FORGET
from dailies.catalog.options import VideoRequest
from dailies.ids import new_id
from dailies.job import Place, State, TakeSet
from dailies.openrouter.pricing import Quote
from dailies.references.reference import Reference, Source
from tests.bot.conftest import Archive
from tests.support.reasons import worded

NO_SUCH_JOB = "There's no job {}, or you don't have access."


async def test_without_jobs_the_list_says_how_to_make_one(archive: Archive) -> None:
    assert "None yet. /video makes the first one." in archive.said(await archive.jobs("list"))


async def test_the_list_has_one_s_own_jobs_newest_first(archive: Archive) -> None:
    await archive.keep(number=1)
    await archive.keep(number=2, state=State.FAILED)
    await archive.keep(archive.ben, number=3)

    text = archive.said(await archive.jobs("list"))

    assert "1 to 2 of 2, newest first" in text
    assert text.index("A paper boat 2") < text.index("A paper boat 1")
    assert "**A paper boat 2**\nFailed\n-# A: B · not charged · <t:1790000002:R>" in text
    assert "A paper boat 3" not in text


async def test_other_people_s_words_are_inert_in_the_list(archive: Archive) -> None:
    await archive.keep(request=VideoRequest("@everyone **now** <@1>", "a/b", "[A](https://x.example)"))
    result = await archive.jobs("list")

    assert result.response is not None
    text = str(result.response.components)
    assert "@everyone" not in text.replace("\\\\@everyone", "")
    assert "**now**" not in text
    assert "](https://" not in text


@pytest.mark.slow
async def test_buttons_lead_through_the_pages(archive: Archive) -> None:
    for number in range(23):
        await archive.keep(number=number)
    result = await archive.jobs("list")
    assert "1 to 10 of 23" in archive.said(result)

    await archive.press(result, "Next")
    await archive.press(result, "Next")
    assert "21 to 23 of 23" in archive.said(result)
    await archive.press(result, "Previous")

    assert "11 to 20 of 23" in archive.said(result)


async def test_a_page_of_long_words_fits_into_a_message(archive: Archive) -> None:
    for number in range(10):
        request = VideoRequest("*" * 6000, "m" * 200, "_" * 200)
        await archive.keep(archive.ben, number=number, request=request, cost=None)
    result = await archive.jobs("list", archive.mia, guild=True)

    assert result.response is not None
    assert len(result.response.components[0]["content"]) <= 4000


async def test_a_member_does_not_see_the_server_s_jobs(archive: Archive) -> None:
    await archive.keep(archive.ben)
    text = archive.said(await archive.jobs("list", guild=True))
    assert text.strip().startswith("Only people who can manage this server or its messages see everyone's jobs.")


@pytest.mark.slow
async def test_a_moderator_sees_the_server_s_jobs_and_whose_they_are(archive: Archive) -> None:
    await archive.keep(archive.ben, number=1)
    await archive.keep(number=2)
    await archive.keep(number=3, place=Place(99, 5, 6))

    text = archive.said(await archive.jobs("list", archive.mia, guild=True))

    assert "1 to 2 of 2" in text
    assert f"<@{archive.ben.id}>" in text
    assert "A paper boat 3" not in text


async def test_show_says_all_that_is_kept(archive: Archive) -> None:
    job = await archive.keep(
        on_disk=True,
        sources=(Source("https://a.example/fox.png?token=1", "a.example/fox.png", attached=False),),
        references=(Reference("fox.png", "ab" * 32, Path(), Path(), "image/png", 4, 3, None),),
        openrouter_id="gen-1",
        video_message_id=77,
        reason=worded("It broke."),
        request=VideoRequest("A paper boat 0", "a/b", "A: B", provider_options={"negative_prompt": "fog"}),
    )
    result = await archive.jobs("show", job=job.id)

    text = archive.said(result)
    for words in (
        "### Done", "A paper boat 0", "negative prompt: fog", "gen-1", "It broke.", "Reference image 1: fox.png",
        "/77)", job.id,
    ):  # fmt: skip
        assert words in text
    assert result.response is not None
    record = (await result.response.attachments[0].read()).decode()
    assert "Prompt: A paper boat 0\n" in record
    assert "Negative prompt: fog\n" in record
    assert "https://a.example/fox.png?token=1" in record


async def test_show_says_how_the_price_was_found(archive: Archive) -> None:
    quote = Quote(Decimal("0.36288"), True, Decimal("0.36288"), worded("86,400 tokens × $0.0000042"))
    job = await archive.keep(quote=quote)

    assert "Quoted $0.3629: 86,400 tokens × $0.0000042" in archive.said(await archive.jobs("show", job=job.id))


async def test_a_moderator_is_shown_links_without_what_may_sign_them(archive: Archive) -> None:
    link = Source("https://a.example/fox.png?token=1", "a.example/fox.png", attached=False)
    job = await archive.keep(sources=(link,))
    result = await archive.jobs("show", archive.mia, job=job.id)

    assert result.response is not None
    record = (await result.response.attachments[0].read()).decode()
    assert "token=1" not in record


@pytest.mark.parametrize("word", ["show", "resend"])
async def test_somebody_else_s_job_is_answered_like_one_that_does_not_exist(archive: Archive, word: str) -> None:
    theirs = await archive.keep(archive.ben, on_disk=True)
    nobodys = new_id(1.0)

    first = archive.said(await archive.jobs(word, job=theirs.id))
    second = archive.said(await archive.jobs(word, job=nobodys))

    assert NO_SUCH_JOB.format(theirs.id) in first
    assert first.replace(theirs.id, nobodys) == second


@pytest.mark.parametrize("word", ["show", "resend"])
async def test_a_moderator_s_reach_ends_at_their_server(archive: Archive, word: str) -> None:
    elsewhere = await archive.keep(archive.ben, place=Place(99, 5, archive.ben.id), on_disk=True)
    private = await archive.keep(archive.ben, 1, place=Place(None, 5, archive.ben.id), on_disk=True)

    for job in (elsewhere, private):
        assert NO_SUCH_JOB.format(job.id) in archive.said(await archive.jobs(word, archive.mia, job=job.id))


async def test_typing_offers_the_jobs_that_one_may_see(archive: Archive) -> None:
    mine, theirs = await archive.keep(number=1), await archive.keep(archive.ben, number=2)
    channel = archive.app.channel

    own = await archive.app.ann.autocomplete(channel, "jobs show", "job", "boat")
    all_here = await archive.mia.autocomplete(channel, "jobs resend", "job", "")

    assert [choice["value"] for choice in own] == [mine.id]
    assert [choice["value"] for choice in all_here] == [theirs.id, mine.id]


@pytest.mark.slow
async def test_buttons_work_after_a_restart(archive: Archive) -> None:
    for number in range(12):
        await archive.keep(number=number)
    result = await archive.jobs("list")
    # Nothing of the view is held in memory: every custom id carries all that its button needs.
    archive.app.bot._connection._view_store._views.clear()  # pyright: ignore[reportPrivateUsage]

    await archive.press(result, "Next")

    assert "11 to 12 of 12" in archive.said(result)
    assert len(FORGET.of(answer="yes")) <= 100


@pytest.mark.slow
async def test_each_job_of_the_list_has_its_picture_and_the_way_to_its_video(archive: Archive) -> None:
    kept = await archive.keep(on_disk=True, video_message_id=77, cost=Decimal("0.45"))
    await archive.keep(number=1, state=State.SUBMITTED)
    result = await archive.jobs("list")

    assert result.response is not None
    (section,) = [part for part in result.response.components if part["type"] == 9]
    assert [one.filename for one in result.response.attachments] == [f"{kept.id}.jpg"]
    place = f"{archive.app.channel.guild.id}/{archive.app.channel.id}/77"
    assert f"Done · [to the video](https://discord.com/channels/{place})" in section["components"][0]["content"]
    assert "A: B · $0.45 · <t:1790000000:R>" in section["components"][0]["content"]


@pytest.mark.slow
async def test_the_list_is_searched_by_words_on_all_of_its_pages(archive: Archive) -> None:
    for number in range(13):
        words = "A Lantern: \u201cnight\u201d" if number % 12 else "A fox"
        await archive.keep(number=number, request=VideoRequest(f"{words} {number}", "a/b", "A: B"))
    result = await archive.jobs("list", search="lantern: \u201c")

    assert "1 to 10 of 11, newest first" in archive.said(result)
    await archive.press(result, "Next")
    assert "11 to 11 of 11" in archive.said(result)
    assert "A fox" not in archive.said(result)
    assert "None match." in archive.said(await archive.jobs("list", search="whale"))


async def test_a_moderator_s_search_finds_no_words_of_other_channels_that_they_do_not_see(archive: Archive) -> None:
    place = Place(archive.app.channel.guild.id, 5, archive.app.ann.id, None)
    await archive.keep(place=place, request=VideoRequest("A secret lantern", "a/b", "A: B"))
    await archive.keep(number=1, request=VideoRequest("A lantern", "a/b", "A: B"))

    said = archive.said(await archive.jobs("list", archive.mia, guild=True, search="lantern"))
    assert "1 to 1 of 1" in said
    assert "secret" not in said


async def test_jobs_are_suggested_by_their_words_model_and_age(archive: Archive) -> None:
    job = await archive.keep(request=VideoRequest("A paper boat " * 20, "a/b", "A: B"))
    await archive.keep(number=1, take_set=TakeSet("x", 1, 2, compared=True))

    blind, named = await archive.app.ann.autocomplete(archive.app.channel, "jobs show", "job", "")
    assert named["value"] == job.id
    assert named["name"].startswith("A paper boat A paper boat")
    assert re.search(r"… · A: B · \d+ days? ago$", named["name"])
    assert len(named["name"]) <= 100
    assert "A: B" not in blind["name"]
