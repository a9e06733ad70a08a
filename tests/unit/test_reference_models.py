"""Reference support of a model: from files, from experience, from OpenRouter's published data; in that order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dailies import explain
from dailies.catalog import facts
from dailies.catalog.described import described
from dailies.catalog.facts import Facts, FactsFile, ModelImageLimits
from dailies.catalog.options import Defaults, Options, check_options
from dailies.catalog.references import ReferenceHistory, ReferenceModels
from dailies.errors import BadRequest, Moderated, NoReferences, OptionRefused
from dailies.job import Job, Place, State
from dailies.openrouter.models import VideoModel
from dailies.openrouter.payload import Role
from dailies.reason import Reason
from dailies.store.model_history import references_seen
from dailies.store.sql import SqlStore
from tests.support.reasons import in_words, raises, worded
from tests.unit import kit
from tests.unit.kit import Now, a_job, a_reference

CATALOG = kit.catalog()
PLAIN = VideoModel("a/b", "B")


async def verdict_after(seen: Mapping[str, ReferenceHistory], model: VideoModel = PLAIN) -> Any:
    async def look() -> Mapping[str, ReferenceHistory]:
        return seen

    known = ReferenceModels(look=look)
    await known.refresh()
    return known.verdict(model)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("bytedance/seedance-2.0", "up to 9 references"),
        ("bytedance/seedance-2.5", "up to 30 references"),
        ("alibaba/wan-3.0", "up to 10 references"),
        ("google/veo-3.1-fast", "up to 3 references"),
        ("google/veo-3.1-lite", "no references"),
        ("heygen/heygen-video-1", "takes references"),
        ("runway/gen-4.5", "references not confirmed"),
        ("kwaivgi/kling-video-o1", "references not confirmed"),
    ],
)
def test_what_is_known_of_real_models(model: str, words: str) -> None:
    found = CATALOG.get(model)
    assert found is not None
    verdict = ReferenceModels().verdict(found)
    assert explain.reference_support(verdict.takes, verdict.most) == words
    assert verdict.source


def test_every_model_of_our_file_is_in_the_catalogue() -> None:
    assert [model for model in facts.OWN if CATALOG.get(model) is None] == []


SAID = {
    "google/veo-3.1-lite": (False, 0),
    "bytedance/seedance-2.0": (True, 9),
    "bytedance/seedance-2.0-fast": (True, 9),
    "minimax/hailuo-3": (True, 9),
    "bytedance/seedance-2.0-mini": (True, None),
    "bytedance/seedance-2.5": (True, None),
    "alibaba/wan-2.7": (True, None),
    "google/veo-3.1": (True, None),
}


@pytest.mark.parametrize("model", list(CATALOG), ids=lambda model: model.id)
def test_only_a_clear_description_says_something(model: VideoModel) -> None:
    """A first frame, a video as reference, and "from images" are no reference images."""
    assert described(model.description or "") == SAID.get(model.id, (None, None))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", (None, None)),
        ("Supports text-to-video, image-to-video and reference-to-video.", (True, None)),
        ("Takes up to 4 image references.", (True, 4)),
        ("Up to 12 seconds. Up to twelve reference images.", (True, 12)),
        ("It doesn't support reference images.", (False, 0)),
        ("Fast; without any reference images.", (False, 0)),
        ("Reference images are planned for later.", (None, None)),
        ("Unlike version 2, reference-to-video is not offered.", (None, None)),
        ("A reference for image quality.", (None, None)),
        ("Good at keeping a character's image. References classics of film.", (None, None)),
    ],
)
def test_words_of_a_description(text: str, said: tuple[bool | None, int | None]) -> None:
    assert described(text) == said


@pytest.mark.parametrize(
    ("model", "takes", "source"),
    [
        (replace(PLAIN, input_modalities=("text", "video")), False, "no image input"),
        (replace(PLAIN, input_modalities=("text", "image")), None, "neither documented nor tried here"),
        (replace(PLAIN, pricing_skus={"reference_duration_seconds_2k": "0.1"}), True, "a price for references"),
        (replace(PLAIN, pricing_skus={"duration_seconds": "0.1"}), None, "neither documented"),
        (replace(PLAIN, description="Up to 4 reference images."), True, "OpenRouter's description"),
    ],
)
def test_what_openrouter_publishes_counts(model: VideoModel, takes: bool | None, source: str) -> None:
    verdict = ReferenceModels().verdict(model)
    assert verdict.takes is takes
    assert source in in_words(verdict.source)


def test_an_operator_s_file_goes_before_ours() -> None:
    corrected = FactsFile(Path("x"), {"google/veo-3.1-lite": Facts(takes=True, most=2, source="we tried")})
    model = CATALOG.get("google/veo-3.1-lite")
    assert model is not None
    verdict = ReferenceModels(corrected).verdict(model)
    assert explain.reference_support(verdict.takes, verdict.most) == "up to 2 references"
    assert in_words(verdict.source) == "we tried"


async def test_a_success_here_confirms() -> None:
    verdict = await verdict_after({"a/b": ReferenceHistory(finished=2, most=3)})
    assert verdict.takes
    assert verdict.most is None
    assert in_words(verdict.source) == "2 jobs with up to 3 finished here"


async def test_a_success_says_more_than_a_refusal() -> None:
    assert (await verdict_after({"a/b": ReferenceHistory(finished=1, most=1, refused=4)})).takes


async def test_refusals_alone_do_not_settle_it_but_are_said() -> None:
    """A no would never be corrected, because nobody could try again."""
    verdict = await verdict_after({"a/b": ReferenceHistory(refused=2)})
    assert verdict.takes is None
    assert in_words(verdict.source).endswith("refused here 2 times")


async def test_what_was_seen_is_looked_up_again_after_a_while() -> None:
    looks: list[float] = []
    now = Now(0)

    async def look() -> Mapping[str, ReferenceHistory]:
        looks.append(now.time)
        return {}

    known = ReferenceModels(look=look, now=now)
    for now.time in (0, 30, 61, 62):
        await known.refresh()
    await known.refresh(older=0)
    assert looks == [0, 61, 62]


async def test_the_records_of_jobs_say_what_was_seen(store: SqlStore) -> None:
    rejected = BadRequest("input_references: not supported", status=400).reason
    elsewhere = BadRequest("duration: not supported", status=400).reason
    moderated = Moderated("a reference is blocked", status=403).reason
    three = (a_reference(1), a_reference(2), a_reference(3))
    told: list[tuple[str, State, str | None, Reason | None, int | None, int]] = [
        ("a/one", State.DELIVERED, "gen-1", None, 7, 3),
        ("a/one", State.UNDELIVERED, "gen-2", None, 8, 1),
        ("a/one", State.FAILED, None, rejected, 9, 1),
        ("a/two", State.FAILED, None, elsewhere, 7, 1),
        ("a/two", State.FAILED, None, moderated, 7, 1),
        ("a/two", State.FAILED, "gen-3", worded("The job failed."), None, 1),
        ("a/three", State.DELIVERED, "gen-4", None, 7, 0),
    ]
    for number, (model, state, openrouter_id, reason, guild, count) in enumerate(told):
        await store.create(_job(number, model, state, openrouter_id, reason, guild, three[:count]))

    seen = await references_seen(store._engine)  # pyright: ignore[reportPrivateUsage]

    assert seen == {
        "a/one": ReferenceHistory(finished=2, most=3, refused=1, guilds=frozenset({7, 8})),
        "a/two": ReferenceHistory(finished=0, most=0, refused=0, guilds=frozenset({0})),
    }


async def test_a_video_that_began_with_a_picture_says_nothing_of_references(store: SqlStore) -> None:
    frame = replace(a_reference(1), role=Role.FIRST)
    await store.create(_job(1, "a/one", State.DELIVERED, "gen-1", None, 7, (frame,)))
    assert await references_seen(store._engine) == {}  # pyright: ignore[reportPrivateUsage]


def _job(
    number: int, model: str, state: State, remote: str | None, reason: Reason | None, guild: int | None, used: Any
) -> Job:
    job = a_job(id=f"job{number}", key=str(number), state=state, openrouter_id=remote, reason=reason, references=used)
    return replace(job, place=Place(guild, 2, 3), request=replace(job.request, model=model))


def test_a_refusal_names_models_that_take_so_many_and_the_nearest_first() -> None:
    with pytest.raises(NoReferences) as caught:
        check_options(Options("x", "google/veo-3.1-lite", references=2), CATALOG, Defaults("a/b", 5, "720p", "16:9"))
    assert set(caught.value.offers[:2]) == {"google/veo-3.1", "google/veo-3.1-fast"}
    assert len(caught.value.offers) == 3
    sentence = explain.explain(caught.value)
    assert sentence.startswith(
        "google/veo-3.1-lite doesn't accept reference images (pages of other services, not tried at OpenRouter). Try "
    )
    assert sentence.endswith("You weren't charged.")


@pytest.mark.parametrize("model", ["heygen/heygen-video-1", "runway/gen-4.5"])
def test_more_than_any_model_takes_is_refused_where_the_number_is_not_known(model: str) -> None:
    """Thirty links to messages can stand for hundreds of images, and all of them would be fetched."""
    defaults = Defaults("a/b", 5, "720p", "16:9")
    assert check_options(Options("x", model, references=30), CATALOG, defaults)
    with raises(OptionRefused, match="are too many: no model is known to take more than 30; give fewer"):
        check_options(Options("x", model, references=31), CATALOG, defaults)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("no toml", "is not TOML"),
        ("[veo]\nimages = 1\nsource = 'x'", "[veo] is not a model"),
        ('["a/b"]\nsource = "x"', "images is missing; it must be a whole number from 0 to 100, or true"),
        ('["a/b"]\nimages = 1', "source is missing"),
        ('["a/b"]\nimages = "three"\nsource = "x"', "images = 'three' must be a whole number from 0 to 100, or true"),
        ('["a/b"]\nimages = false\nsource = "x"', "images = False must be"),
        ('["a/b"]\nimages = 101\nsource = "x"', "images = 101 must be"),
        ('["a/b"]\nimages = 1\nnaming = "@Image"\nsource = "x"', "naming = '@Image' must be a text"),
        ('["a/b"]\nimages = 1\ndurations = []\nsource = "x"', "durations = [] must be"),
        ('["a/b"]\nimages = 1\nratio = [2, 1]\nsource = "x"', "ratio = [2, 1] must be two numbers"),
        ('["a/b"]\nimages = 1\nleast_side = 0\nsource = "x"', "least_side = 0 must be"),
        ('["a/b"]\nimages = 1\nlimit = 3\nsource = "x"', "limit is not known; the keys are images, naming"),
    ],
)
def test_a_mistake_in_a_file_is_named_with_what_would_be_right(text: str, problem: str) -> None:
    with pytest.raises(ValueError, match=r"is not TOML|has mistakes") as caught:
        facts.parse(text)
    assert problem in str(caught.value)


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(ValueError, match="has mistakes") as caught:
        facts.parse('["a/b"]\nimages = -1\nsource = "x"\n["c/d"]\nlimit = 3\nsource = "x"\nimages = 1')
    assert '["a/b"] images = -1 must be' in str(caught.value)
    assert '["c/d"] limit is not known' in str(caught.value)


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    path = tmp_path / "ours.toml"
    path.write_text(
        '["a/b"]\nimages = true\nnaming = "<{n}>"\ndurations = [8]\nleast_side = 300\nmost_side = 6000\n'
        'ratio = [0.4, 2.5]\nsource = "we tried"\n'
    )
    bounds = ModelImageLimits(300, 6000, (0.4, 2.5))
    told = Facts(takes=True, source="we tried", naming="<{n}>", durations=(8,), bounds=bounds)
    assert facts.read(str(path)) == FactsFile(path, {"a/b": told})


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        facts.read(str(tmp_path / "none.toml"))
    (tmp_path / "binary").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(ValueError, match="UTF-8"):
        facts.read(str(tmp_path / "binary"))


@pytest.mark.parametrize(
    ("width", "height", "problem"),
    [(300, 300, None), (299, 400, "at least 300"), (900, 300, "too wide"), (300, 900, "too tall"), (9000, 9000, None)],
)
def test_an_image_is_held_against_what_the_model_takes(width: int, height: int, problem: str | None) -> None:
    said = ModelImageLimits(300, 6000, (0.4, 2.5)).problem(width, height)
    assert (said is None) if problem is None else problem in in_words(said)
