"""A video's marks as people read of them: the line about AI below it, and the marks of its files in /jobs show."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bot.conftest import Archive, BotApp
from tests.bot.test_compare import compared, finished, message_text
from tests.bot.test_under_the_video import delivered, press
from tests.support.credentials import STUDIO, sign


@pytest.fixture(scope="module")
def clip(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sign the video that OpenRouter delivers."""
    return sign(clip, tmp_path_factory.mktemp("signed") / "clip.mp4")


async def shown(archive: Archive, job_id: str) -> list[str]:
    """Return the lines of /jobs show about marks, and those of its file."""
    result = await archive.jobs("show", job=job_id)
    return [line for line in archive.said(result).splitlines() if line.startswith("Marks")]


@pytest.mark.slow
async def test_a_signed_video_keeps_its_marks_and_jobs_show_says_which(archive: Archive) -> None:
    message = await delivered(archive.app)
    assert message.content.splitlines()[-1] == "-# Made with AI"
    job_id = archive.app.openrouter.submits[-1]["body"]["session_id"]
    assert await shown(archive, job_id) == [
        f"Marks in the file: Content Credentials by {STUDIO} (signature valid; the signer wasn't checked against a "
        "trust list)"
    ]


@pytest.mark.slow
@pytest.mark.settings(AI_LABEL="off")
async def test_the_line_about_ai_can_be_turned_off(app: BotApp) -> None:
    assert "Made with AI" not in (await delivered(app)).content


@pytest.mark.slow
@pytest.mark.settings(CONFIRM_ABOVE_USD="9")
async def test_while_people_vote_marks_that_would_tell_the_model_are_secret(archive: Archive) -> None:
    app = archive.app
    message = await finished(app, await compared(app))
    assert message.content.splitlines()[-1] == "-# Made with AI"
    job_id = app.openrouter.submits[-1]["body"]["session_id"]
    assert await shown(archive, job_id) == []
    await press(app.ann, message, "End the vote")
    assert message_text(app, message.id).count("without the Content Credentials of the original") == 2
    kept, posted = await shown(archive, job_id)
    assert kept.startswith(f"Marks in the original: Content Credentials by {STUDIO}")
    assert (
        posted == "Marks in the posted file: IPTC source type trainedAlgorithmicMedia; “Made with AI” in its metadata"
    )
