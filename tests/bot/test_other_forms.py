"""A model delivers another kind of file: the channel gets a film for everybody, the person the file as it came."""

from __future__ import annotations

import pytest

from tests.bot.conftest import Archive, BotApp

FORMS = {
    "hevc10": (".mp4", "It was converted from HEVC, 10 bit so that it plays on every device."),
    "prores": (".mov", "It was converted from ProRes, 10 bit, 4:2:2 so that it plays on every device."),
    "gif": (".gif", "It was converted from GIF so that it plays on every device."),
    "mkv": (".mkv", "It was repackaged, without any loss, so that it plays on every device."),
    "fragmented": (".mp4", "It was repackaged, without any loss, so that it plays on every device."),
}


@pytest.mark.slow
@pytest.mark.parametrize("form", FORMS)
async def test_a_film_for_everybody_is_posted_and_the_file_as_it_came_is_given(archive: Archive, form: str) -> None:
    extension, words = FORMS[form]
    app: BotApp = archive.app
    app.openrouter.faults.job(form=form)

    text = await app.finish(await app.video())

    assert text.lstrip().startswith("### Done")
    last = app.channel.last_message
    assert words in last.content
    (posted,) = last.attachments
    assert posted.filename.endswith(".mp4")
    (came,) = (job.path for job in app.openrouter.jobs.values())
    assert came is not None
    assert posted.size != came.stat().st_size

    given = await archive.jobs("original", job=next(iter(app.openrouter.submits))["body"]["session_id"])
    assert given.response is not None
    (original,) = given.response.attachments
    assert original.filename == posted.filename.removesuffix(".mp4") + extension
    assert original.size == came.stat().st_size
