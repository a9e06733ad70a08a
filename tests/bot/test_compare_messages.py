"""The messages with the videos of a comparison: after a crash, posted once more, and as the source of a picture."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cogs.status.buttons import FILE
from dailies.job import State
from tests.bot.conftest import BotApp
from tests.bot.test_compare import claimed, compared, finished, message_text, takes_of
from tests.bot.test_under_the_video import labels, press

pytestmark = pytest.mark.settings(CONFIRM_ABOVE_USD="9")


@pytest.mark.slow
async def test_a_vote_that_ends_before_a_restart_has_recorded_the_videos_shows_all_of_them(app: BotApp) -> None:
    result = await compared(app)
    message = await finished(app, result)
    store = app.bot.intake._store  # pyright: ignore[reportPrivateUsage]
    for job in await takes_of(app, result):
        # A crash came between the common message and the records of its jobs.
        await store.save(replace(job, state=State.DELIVERING, video_message_id=None))
    await press(app.ann, message, "End the vote")
    assert labels(app.channel.last_message) == ["More of A", "More of B"]
    assert "nobody voted" in message_text(app, message.id)


@pytest.mark.slow
async def test_a_video_that_was_posted_once_more_shows_the_result_too(app: BotApp) -> None:
    result = await compared(app)
    await finished(app, result)
    job = (await takes_of(app, result))[1]
    await claimed(app, app.ann, FILE.button("x", what="deliver", job_id=job.id))
    again = app.channel.last_message
    assert labels(again)[:2] == ["Vote for B", "End the vote"]
    await press(app.ann, again, "End the vote")
    assert job.request.model_name in message_text(app, again.id)
    assert "Again" in labels(app.channel.last_message)[0]


@pytest.mark.slow
async def test_a_link_to_several_videos_is_refused_with_the_way_to_one_of_them(app: BotApp) -> None:
    result = await compared(app)
    message = await finished(app, result)
    link = f"https://discord.com/channels/{app.channel.guild.id}/{app.channel.id}/{message.id}"
    for text in (link, f"{link} and {link}"):
        assert "has several videos side by side" in app.text(await app.video("It goes on", links=text))
    assert len(app.openrouter.submits) == 2
