"""The marks of a video's making: kept where that is possible, written where not, and read for /jobs show."""

# ruff: noqa: ASYNC240 (tests look at small files of their own)
from __future__ import annotations

import asyncio
import re
import shutil
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cogs.jobs.marks import marks_found
from dailies import explain
from dailies.delivery.films import Film, Films
from dailies.job import Output
from dailies.marks import FileMarks, marks_of, marks_row
from dailies.media import marks
from dailies.media.container import read_index
from dailies.media.encode import Encoder
from dailies.media.marks import label, xmp
from dailies.media.playable import playable
from dailies.media.probe import probe
from dailies.media.reel import Clip, Reels
from dailies.reason import Reason, ReasonCode
from tests.support.credentials import STUDIO, sign, tampered
from tests.support.films import FFMPEG, FINE, decoded, make, x265
from tests.support.videos import render
from tests.unit.kit import a_job

MODEL = "Veo 3.1"
VALID = Reason(ReasonCode.MARK_CREDENTIALS, state="valid", issuer=STUDIO)
CHANGED = Reason(ReasonCode.MARK_CREDENTIALS, state="changed", issuer=STUDIO)
UNREAD = Reason(ReasonCode.MARK_CREDENTIALS, state="unread", issuer=None)
SOURCE = Reason(ReasonCode.MARK_SOURCE, kind="trainedAlgorithmicMedia")
LABEL = Reason(ReasonCode.MARK_LABEL, text="Made with AI: Veo 3.1")
BARE_LABEL = Reason(ReasonCode.MARK_LABEL, text="Made with AI")


@pytest.fixture(scope="module")
def signed(mp4: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a video that plays everywhere and carries Content Credentials."""
    return sign(mp4, tmp_path_factory.mktemp("signed") / "signed.mp4")


@pytest.fixture(scope="module")
def signed_hevc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a video with Content Credentials that has to be converted."""
    folder = tmp_path_factory.mktemp("hevc")
    return sign(make(folder / "plain.mp4", *x265(), "-c:a", "aac"), folder / "signed.mp4")


@pytest.fixture(scope="module")
def signed_late(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a video with Content Credentials that would be repackaged without them."""
    folder = tmp_path_factory.mktemp("late")
    return sign(render(folder / "plain.mp4", faststart=False), folder / "signed.mp4")


def films() -> Films:
    return Films(Encoder(FFMPEG, jobs=1, seconds=60), FFMPEG, probe_seconds=20)


async def prepared(video: Path, folder: Path, *, blind: bool = False) -> Film:
    """Prepare a copy of a video for its post, as the courier does."""
    came = folder / "job.mp4"
    if not came.exists():
        shutil.copyfile(video, came)
    film = await films().prepare("job", came, _nothing, model=MODEL, blind=blind)
    assert came.read_bytes() == video.read_bytes(), "the file that came stays as it is"
    return film


def loss(film: Film) -> str | None:
    """Return the sentence about what the file that is posted lost."""
    assert film.marks
    return explain.sentence(film.marks.loss) if film.marks.loss else None


async def read(path: Path) -> tuple[Reason, ...]:
    return await marks.read_marks(path, await probe(FFMPEG, path, seconds=20))


async def begins_with_index(path: Path) -> bool:
    index = await asyncio.to_thread(read_index, path)
    return index is not None and index.first


async def _nothing(_: Reason | None) -> None:
    """Ignore progress."""


async def _unsaid(_: int) -> None:
    """Ignore progress."""


async def test_a_signed_video_that_plays_everywhere_is_posted_as_it_came(signed: Path, tmp_path: Path) -> None:
    film = await prepared(signed, tmp_path)
    assert film.path == tmp_path / "job.mp4"
    assert film.marks == FileMarks((VALID,), (VALID,))
    assert loss(film) is None


@pytest.mark.slow
async def test_a_signed_video_is_not_repackaged_for_the_place_of_its_index(signed_late: Path, tmp_path: Path) -> None:
    assert not await begins_with_index(signed_late)
    film = await prepared(signed_late, tmp_path)
    assert film.path == tmp_path / "job.mp4"
    assert film.marks == FileMarks((VALID,), (VALID,))


async def test_a_video_without_marks_is_posted_as_it_came_and_has_none(mp4: Path, tmp_path: Path) -> None:
    film = await prepared(mp4, tmp_path)
    assert film.path == tmp_path / "job.mp4"
    assert film.marks == FileMarks((), ())


async def test_a_signed_video_that_was_changed_is_said_to_be_so(signed: Path, tmp_path: Path) -> None:
    found = await read(tampered(signed, tmp_path / "tampered.mp4"))
    assert found == (CHANGED,)
    assert "changed after it was signed" in explain.sentences(found)


async def test_credentials_that_cannot_be_read_are_said_to_be_so(signed: Path, tmp_path: Path) -> None:
    data = signed.read_bytes()
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(data.replace(b"jumb", b"jamb"))
    assert await read(broken) == (UNREAD,)


async def test_reading_that_takes_too_long_is_given_up(
    signed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marks, "SECONDS", 0.0)
    film = await prepared(signed, tmp_path)
    assert film.marks == FileMarks((UNREAD,), (UNREAD,))


async def test_a_file_that_stays_is_not_read_again(
    signed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await prepared(signed, tmp_path)
    monkeypatch.setattr(marks, "SECONDS", 0.0)
    assert (await prepared(signed, tmp_path)).marks == FileMarks((VALID,), (VALID,))


@pytest.mark.slow
async def test_a_conversion_is_marked_and_says_what_it_lost(signed_hevc: Path, tmp_path: Path) -> None:
    film = await prepared(signed_hevc, tmp_path)
    assert film.path == playable(tmp_path / "job.mp4")
    assert film.marks == FileMarks((VALID,), (SOURCE, LABEL))
    assert (
        loss(film) == "This copy doesn't carry the Content Credentials of the original, which /jobs original gives you."
    )
    await asyncio.to_thread(decoded, film.path)
    assert await begins_with_index(film.path)


@pytest.mark.slow
async def test_a_video_that_is_made_to_fit_is_marked_and_says_what_it_lost(signed: Path, tmp_path: Path) -> None:
    film = await prepared(signed, tmp_path)
    limit = film.size * 2 // 3
    fitted = await films().fit(film, limit, tmp_path / "job.fit.mp4", _nothing)
    assert fitted
    assert fitted.path.stat().st_size <= limit
    assert fitted.marks == FileMarks((VALID,), (SOURCE, LABEL))
    await asyncio.to_thread(decoded, fitted.path)


@pytest.mark.slow
async def test_no_file_names_the_model_while_people_vote(signed: Path, tmp_path: Path) -> None:
    film = await prepared(signed, tmp_path, blind=True)
    assert film.marks == FileMarks((VALID,), (SOURCE, BARE_LABEL))
    limit = film.size * 2 // 3
    fitted = await films().fit(film, limit, tmp_path / "job.fit.mp4", _nothing)
    assert fitted
    for made in (film.path, fitted.path):
        assert not re.search(MODEL.encode() + b"|" + STUDIO.encode(), made.read_bytes())


@pytest.mark.slow
async def test_a_conversion_names_the_model_once_the_vote_has_ended(signed_hevc: Path, tmp_path: Path) -> None:
    assert (await prepared(signed_hevc, tmp_path, blind=True)).marks == FileMarks((VALID,), (SOURCE, BARE_LABEL))
    assert (await prepared(signed_hevc, tmp_path)).marks == FileMarks((VALID,), (SOURCE, LABEL))


@pytest.mark.slow
async def test_a_cut_names_every_model_of_its_takes(mp4: Path, tmp_path: Path) -> None:
    encoder = Encoder(FFMPEG, jobs=1, seconds=60)
    cut = await Reels(FFMPEG, encoder).cut([Clip(mp4)] * 2, tmp_path / "cut.mp4", say=_unsaid, models=[MODEL, "Kling"])
    assert await read(cut.path) == (SOURCE, Reason(ReasonCode.MARK_LABEL, text="Made with AI: Veo 3.1, Kling"))
    await asyncio.to_thread(decoded, cut.path)


async def test_an_aigc_label_is_read_and_said_to_be_lost(tmp_path: Path) -> None:
    tags = ("-movflags", "use_metadata_tags", "-metadata", 'AIGC={"Label":"1"}')
    came = await asyncio.to_thread(make, tmp_path / "aigc.mp4", *FINE[:-2], *tags)
    film = await prepared(came, tmp_path)
    aigc = Reason(ReasonCode.MARK_AIGC)
    assert film.marks == FileMarks((aigc,), (SOURCE, LABEL))
    assert loss(film) == "This copy doesn't carry the AIGC label of the original, which /jobs original gives you."


async def test_a_models_name_is_data_in_a_files_metadata(tmp_path: Path) -> None:
    odd = "Ve\no <b>\"3\"</b> & 'x' = \x00 🎬; #\ud800"
    late = await asyncio.to_thread(render, tmp_path / "job.mp4", faststart=False)
    film = await films().prepare("job", late, _nothing, model=odd)
    assert film.marks
    assert film.marks.posted == (
        SOURCE,
        Reason(ReasonCode.MARK_LABEL, text="Made with AI: Ve o <b>\"3\"</b> & 'x' = 🎬; #"),
    )
    packet = re.search(rb"<x:xmpmeta.*</x:xmpmeta>", film.path.read_bytes())
    assert packet
    assert "Ve o <b>\"3\"</b> & 'x' = 🎬; #" in "".join(ElementTree.fromstring(packet[0]).itertext())


def test_a_label_without_names_says_no_more_than_ai() -> None:
    assert label(()) == label(["", "\x00"]) == "Made with AI"
    assert b"AISystemUsed" not in xmp(())
    assert label(["Veo 3.1", "Kling 3.0"]) == "Made with AI: Veo 3.1, Kling 3.0"


def test_each_video_of_a_job_has_its_own_marks_in_words() -> None:
    marks = {1: FileMarks((), ()), 2: FileMarks((UNREAD, SOURCE), (LABEL,))}
    job = replace(a_job(), outputs=(Output(came=True),) * 3, marks=marks)
    assert marks_found(job) == [
        ("Marks in the file of video 1", "none found"),
        (
            "Marks in the original of video 2",
            "Content Credentials that couldn't be read; IPTC source type trainedAlgorithmicMedia",
        ),
        ("Marks in the posted file of video 2", "“Made with AI: Veo 3.1” in its metadata"),
    ]


def test_marks_are_kept_as_they_were_read() -> None:
    read = {1: FileMarks((VALID, SOURCE), (LABEL,)), 2: FileMarks((), ())}
    assert marks_of(marks_row(read)) == read
