"""/jobs list and show in Discord: access to jobs, and pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from cogs.jobs.views import FORGET
from dailies.catalog.options import VideoRequest
from dailies.job import Place, State, new_job_id
from dailies.references.reference import Reference, Source
from tests.bot.conftest import Archive
from tests.support.reasons import worded

NO_SUCH_JOB = "There is no job {} among those that you may see here."


async def test_without_jobs_the_list_says_how_to_make_one(archive: Archive) -> None:
    assert "There are none yet; /video makes the first one." in archive.said(await archive.jobs("list"))


async def test_the_list_has_one_s_own_jobs_newest_first(archive: Archive) -> None:
    old, new = await archive.keep(number=1), await archive.keep(number=2, state=State.FAILED)
    await archive.keep(archive.ben, number=3)

    text = archive.said(await archive.jobs("list"))

    assert "1 to 2 of 2, newest first" in text
    assert text.index(new.id) < text.index(old.id)
    assert "**Failed** · A: B · <t:1790000002:f> · nothing was paid" in text
    assert "A paper boat 3" not in text


async def test_other_people_s_words_are_inert_in_the_list(archive: Archive) -> None:
    await archive.keep(request=VideoRequest("@everyone **now** <@1>", "a/b", "[A](https://x.example)"))
    result = await archive.jobs("list")

    assert result.response is not None
    text = str(result.response.components)
    assert "@everyone" not in text.replace("\\\\@everyone", "")
    assert "**now**" not in text
    assert "](https://" not in text


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
    assert text.strip().startswith("Only people who may manage this server, or its messages, see the jobs of others.")


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
    )
    result = await archive.jobs("show", job=job.id)

    text = archive.said(result)
    for words in ("### Done", "A paper boat 0", "gen-1", "It broke.", "Reference 1: fox.png", "/77)", job.id):
        assert words in text
    assert result.response is not None
    record = (await result.response.attachments[0].read()).decode()
    assert "Prompt: A paper boat 0\n" in record
    assert "https://a.example/fox.png?token=1" in record


async def test_a_moderator_is_shown_links_without_what_may_sign_them(archive: Archive) -> None:
    link = Source("https://a.example/fox.png?token=1", "a.example/fox.png", attached=False)
    job = await archive.keep(sources=(link,))
    result = await archive.jobs("show", archive.mia, job=job.id)

    assert result.response is not None
    record = (await result.response.attachments[0].read()).decode()
    assert "token=1" not in record


@pytest.mark.parametrize("word", ["show", "again"])
async def test_somebody_else_s_job_is_answered_like_one_that_does_not_exist(archive: Archive, word: str) -> None:
    theirs = await archive.keep(archive.ben, on_disk=True)
    nobodys = new_job_id(1.0)

    first = archive.said(await archive.jobs(word, job=theirs.id))
    second = archive.said(await archive.jobs(word, job=nobodys))

    assert NO_SUCH_JOB.format(theirs.id) in first
    assert first.replace(theirs.id, nobodys) == second


@pytest.mark.parametrize("word", ["show", "again"])
async def test_a_moderator_s_reach_ends_at_their_server(archive: Archive, word: str) -> None:
    elsewhere = await archive.keep(archive.ben, place=Place(99, 5, archive.ben.id), on_disk=True)
    private = await archive.keep(archive.ben, 1, place=Place(None, 5, archive.ben.id), on_disk=True)

    for job in (elsewhere, private):
        assert NO_SUCH_JOB.format(job.id) in archive.said(await archive.jobs(word, archive.mia, job=job.id))


async def test_typing_offers_the_jobs_that_one_may_see(archive: Archive) -> None:
    mine, theirs = await archive.keep(number=1), await archive.keep(archive.ben, number=2)
    channel = archive.app.channel

    own = await archive.app.ann.autocomplete(channel, "jobs show", "job", "boat")
    all_here = await archive.mia.autocomplete(channel, "jobs again", "job", "")

    assert own == [{"name": f"{mine.id} · Done · A paper boat 1", "value": mine.id}]
    assert [choice["value"] for choice in all_here] == [theirs.id, mine.id]


async def test_buttons_work_after_a_restart(archive: Archive) -> None:
    for number in range(12):
        await archive.keep(number=number)
    result = await archive.jobs("list")
    # Nothing of the view is held in memory: every custom id carries all that its button needs.
    archive.app.bot._connection._view_store._views.clear()  # pyright: ignore[reportPrivateUsage]

    await archive.press(result, "Next")

    assert "11 to 12 of 12" in archive.said(result)
    assert len(FORGET.of(answer="yes")) <= 100
