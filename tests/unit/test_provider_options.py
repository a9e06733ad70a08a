"""Provider options: what is offered, checked, sent, carried over, and what is never taken."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import openrouter.components
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies import explain
from dailies.catalog import facts
from dailies.catalog.carry import carried
from dailies.catalog.facts import FactsFile, option_words
from dailies.catalog.option_entries import denied
from dailies.catalog.options import Options, VideoRequest, check_options
from dailies.catalog.provider_options import Kind, ProviderOption, filled
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.job import State
from dailies.jobs.life import live
from dailies.openrouter.models import Catalog, VideoModel
from sandbox.openrouter.validate import validate
from tests.support.reasons import each_in_words, raises
from tests.unit import kit
from tests.unit.job_context import ScriptedAPI, harness
from tests.unit.kit import CATALOG_FILE, DEFAULTS, a_job, guide

CATALOG = kit.catalog()
KNOWN = ReferenceModels()
GUIDE = guide(CATALOG)
VEO, WAN, SEEDANCE = "google/veo-3.1", "alibaba/wan-2.7", DEFAULTS.model
PASSED_ON = {name for model in CATALOG for name in model.passthrough or ()}
EVERY_KIND = """
["a/b"]
source = "we tried it"
[["a/b".options]]
name = "words"
label = "Words"
type = "text"
most = 5
send = ["here.parameters"]
source = "we tried it"
[["a/b".options]]
name = "loud"
label = "Loud"
type = "switch"
send = ["here"]
source = "we tried it"
[["a/b".options]]
name = "steps"
label = "Steps"
type = "whole"
least = 1
most = 4
send = ["here", "there.parameters"]
source = "we tried it"
[["a/b".options]]
name = "cfg_scale"
label = "Prompt strength"
type = "number"
least = 0
most = 1
send = ["here"]
source = "we tried it"
[["a/b".options]]
name = "shot_type"
label = "Shots"
type = "choice"
choices = { single = "one shot", multi = "several shots" }
send = ["here"]
source = "we tried it"
"""
EVERY = {one.name: one for one in facts.parse(EVERY_KIND)["a/b"].provider_options or ()}


def requested(model: str, **options: object) -> VideoRequest:
    return check_options(Options("a kite", model, provider_options=options), CATALOG, DEFAULTS)


def test_what_the_file_lists_is_offered_where_openrouter_passes_it_on() -> None:
    offered = {model.id: {one.name for one in KNOWN.provider_options(model)} for model in CATALOG}
    assert offered[VEO] == {"negativePrompt", "personGeneration"}
    assert offered[WAN] == {"negative_prompt", "prompt_extend"}
    assert offered["minimax/hailuo-2.3"] == {"prompt_optimizer", "fast_pretreatment"}
    assert offered["alibaba/wan-3.0"] == set()
    silent = replace(CATALOG[VEO], passthrough=None)
    assert KNOWN.provider_options(silent) == ()


def test_every_option_of_the_file_is_one_that_openrouter_names_for_that_model() -> None:
    for model_id, found in facts.OWN.items():
        for one in found.provider_options or ():
            assert one.name in (CATALOG[model_id].passthrough or ()), model_id


def test_every_place_begins_with_a_provider_that_the_sdk_knows() -> None:
    known = openrouter.components.VideoGenerationRequestOptions.model_fields
    slugs = {field.alias or name for name, field in known.items()}
    places = {place for found in facts.OWN.values() for one in found.provider_options or () for place in one.send}
    assert {place.partition(".")[0] for place in places} <= slugs


def test_an_option_is_sent_in_its_place_and_the_sdk_takes_it() -> None:
    request = requested(VEO, negativePrompt="blurry", personGeneration="dont_allow")
    body = request.body([], provider=GUIDE.provider(request))
    parameters = {"negativePrompt": "blurry", "personGeneration": "dont_allow"}
    assert body["provider"] == {"options": {"google-vertex": {"parameters": parameters}}}
    known = openrouter.components.VideoGenerationRequest.model_validate(body)
    assert known.model_dump(exclude_none=True, by_alias=True) == body


def test_where_several_providers_may_make_the_video_each_gets_it() -> None:
    request = requested(WAN, negative_prompt="fog")
    assert GUIDE.provider(request) == {
        "atlas-cloud": {"negative_prompt": "fog"},
        "alibaba": {"parameters": {"negative_prompt": "fog"}},
    }


def test_without_options_no_provider_is_sent() -> None:
    request = requested(VEO)
    assert "provider" not in request.body([], provider=GUIDE.provider(request))
    assert requested(VEO, negativePrompt="  ").provider_options == {}


@pytest.mark.parametrize("model", [one for one in CATALOG if KNOWN.provider_options(one)], ids=lambda one: one.id)
def test_every_option_of_every_model_reaches_its_provider(model: VideoModel) -> None:
    full: dict[str, Any] = {"text": "fog", "switch": True, "whole": 1, "number": 0.5}
    options = KNOWN.provider_options(model)
    request = requested(model.id, **{one.name: full.get(one.kind) or next(iter(one.choices)) for one in options})
    body = request.body([], provider=GUIDE.provider(request))
    known = openrouter.components.VideoGenerationRequest.model_validate(body)
    assert known.model_dump(exclude_none=True, by_alias=True) == body
    assert request.provider_options.keys() == {one.name for one in options}
    assert all(json.dumps(body["provider"]).count(f'"{one.name}"') == len(one.send) for one in options)
    assert validate(body).options == request.provider_options


def test_what_a_model_does_not_offer_is_refused_by_name() -> None:
    with raises(OptionRefused, match=r"Negative prompt: fog isn't offered by bytedance/seedance-2.0-fast"):
        requested(SEEDANCE, negativePrompt="fog")
    with raises(OptionRefused, match="Aspect ratio: 9:16 isn't offered"):
        requested(VEO, aspectRatio="9:16")  # OpenRouter passes it on; this bot never does


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("words", " fog\n ", "fog"),
        ("words", "a\x00b", "a b"),
        ("words", "\ud800x", "x"),
        ("loud", False, False),
        ("steps", 4, 4),
        ("steps", 2.0, 2),
        ("cfg_scale", 0.5, 0.5),
        ("cfg_scale", 1, 1),
        ("shot_type", "multi", "multi"),
    ],
)
def test_a_value_of_the_right_kind_is_kept(name: str, value: object, kept: object) -> None:
    assert EVERY[name].checked(value) == kept


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("words", "foggy!", "Words: foggy!… is too long; at most 5 characters fit"),
        ("words", 3, "Words: 3 isn't text"),
        ("loud", "maybe", "Loud: maybe isn't yes or no"),
        ("steps", 5, "Steps: 5 is out of range; use a number from 1 to 4"),
        ("steps", 1.5, "Steps: 1.5 isn't a whole number"),
        ("steps", True, "Steps: True isn't a whole number"),
        ("cfg_scale", float("nan"), "out of range; use a number from 0 to 1"),
        ("cfg_scale", float("inf"), "out of range; use a number from 0 to 1"),
        ("cfg_scale", [1], "Prompt strength: [1] isn't a number"),
        ("shot_type", "triple", "Shots: triple isn't one of its values. It offers single and multi"),
    ],
)
def test_a_wrong_value_is_refused_with_what_is_right(name: str, value: object, said: str) -> None:
    with pytest.raises(OptionRefused) as caught:
        EVERY[name].checked(value)
    assert said in explain.explain(caught.value)
    assert caught.value.reason.values["option"] == name


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30), st.sampled_from(list(EVERY)))
def test_whatever_is_checked_is_right_or_refused_and_stays_right(value: object, name: str) -> None:
    option = EVERY[name]
    try:
        kept = option.checked(value)
    except OptionRefused as error:
        words = explain.explain(error)
    else:
        assert option.checked(kept) == kept
        assert not isinstance(kept, str) or "\0" not in kept
        words = json.dumps(kept)
        assert json.loads(words) == kept
    assert words


def test_a_window_is_filled_in_as_people_write() -> None:
    texts = {"words": "fog ", "loud": "Yes", "steps": "3", "cfg_scale": "0,5", "shot_type": "Several shots"}
    values = filled(EVERY.values(), texts)
    assert values == {"words": "fog", "loud": True, "steps": 3, "cfg_scale": 0.5, "shot_type": "multi"}
    assert filled(EVERY.values(), {"words": " ", "unknown": "x"}) == {}
    for name, text in (("loud", "perhaps"), ("steps", "three"), ("cfg_scale", "1e9"), ("shot_type", "none")):
        with pytest.raises(OptionRefused):
            filled(EVERY.values(), {name: text})


def test_a_window_shows_each_option_with_its_value() -> None:
    options = Options("a kite", VEO, provider_options={"personGeneration": "dont_allow", "gone": 1})
    shown = [(one.option.label, one.option.kind, one.text, one.hint) for one in GUIDE.option_fields(options)]
    assert shown == [
        ("Negative prompt", Kind.TEXT, "", "at most 500 characters"),
        ("People", Kind.CHOICE, "no people", "adults only or no people"),
    ]
    assert GUIDE.option_fields(Options("a kite", "a/gone")) == ()


def test_what_a_window_shows_can_be_sent_back_unchanged() -> None:
    values = {"words": "fog", "loud": False, "steps": 3, "cfg_scale": 0.25, "shot_type": "multi"}
    known = ReferenceModels(FactsFile(None, facts.parse(EVERY_KIND)))
    model = replace(CATALOG[VEO], id="a/b", passthrough=tuple(values))
    shown = guide(Catalog([model]), references=known).option_fields(Options("", "a/b", provider_options=values))
    assert filled(EVERY.values(), {one.option.name: one.text for one in shown}) == values


@pytest.mark.parametrize(
    "name",
    ["aspectRatio", "audio", "ratio", "last_image", "video", "videos", "images", "size", "version", "keyframes",
     "req_key", "return_last_frame", "output_format", "voice_id", "background", "fit", "imageUrl", "imageURL",
     "image_urls", "imageurl", "referenceImages", "storageUri", "sampleCount", "n", "num_videos", "durationSeconds",
     "resolution", "width", "mode", "service_tier", "callback_url", "webhook", "model", "modelVersion", "prompt",
     "seed", "draft", "generateAudio", "fps"],
)  # fmt: skip
def test_what_carries_media_or_changes_shape_price_or_version_is_never_taken(name: str) -> None:
    assert denied(name)
    entry = EVERY_KIND.replace('name = "words"', f'name = "{name}"')
    with pytest.raises(ValueError, match=f"options, '{name}': is refused"):
        facts.parse(entry)


@pytest.mark.parametrize(
    "name",
    ["negative_prompt", "negativePrompt", "cfg_scale", "personGeneration", "prompt_extend", "shot_type", "watermark",
     "enable_prompt_expansion", "prompt_optimizer", "fast_pretreatment", "aigc_watermark", "safety_tolerance",
     "conditioningScale", "enhancePrompt", "contentModeration", "motion_prompt"],
)  # fmt: skip
def test_what_only_steers_the_picture_may_be_listed(name: str) -> None:
    assert not denied(name)
    first = EVERY_KIND.split("[[")[1]
    assert facts.parse(f'["a/b"]\nsource = "x"\n[[{first}'.replace('name = "words"', f'name = "{name}"'))


def test_each_parameter_of_openrouters_list_is_either_taken_or_refused_on_purpose() -> None:
    captured = {
        name
        for entry in json.loads(CATALOG_FILE.read_bytes())["data"]
        for name in entry["allowed_passthrough_parameters"]
    }
    assert captured == PASSED_ON
    listed = {one.name for found in facts.OWN.values() for one in found.provider_options or ()}
    assert not any(map(denied, listed))


@pytest.mark.parametrize(
    ("was", "becomes", "problem"),
    [
        ('name = "words"', 'name = "two words"', "name must be a parameter's name"),
        ('name = "loud"', 'name = "words"', "'words': is there twice"),
        ('type = "switch"', 'type = "maybe"', "type must be one of text, switch, whole, number, choice"),
        ('type = "switch"', 'type = "switch"\nfree = 1', "free is not known"),
        ('label = "Words"', 'label = ""', "label (at most 40 characters)"),
        ("most = 5", "most = 99999", "most must be a number of characters from 1 to 2500"),
        ("least = 1", "least = 9", "least and most must be two numbers"),
        ("choices = {", "choices = { } #", "choices must be a table"),
        ('send = ["here.parameters"]', "send = []", "send must be a list of places"),
        ('send = ["here.parameters"]', 'send = ["here.image_urls"]', "send must be a list of places"),
        ('send = ["here.parameters"]', 'send = ["../x"]', "send must be a list of places"),
    ],
)
def test_a_mistake_in_an_operators_option_is_named(was: str, becomes: str, problem: str) -> None:
    assert was in EVERY_KIND
    with pytest.raises(ValueError, match="has mistakes") as caught:
        facts.parse(EVERY_KIND.replace(was, becomes, 1))
    assert problem in str(caught.value)


def test_an_operators_entry_without_options_keeps_those_of_our_file() -> None:
    entry = f'["{VEO}"]\nimages = 1\nsource = "x"\n'
    known = ReferenceModels(FactsFile(None, facts.parse(entry)))
    assert known.provider_options(CATALOG[VEO]) == KNOWN.provider_options(CATALOG[VEO])
    none = ReferenceModels(FactsFile(None, facts.parse(f"{entry}options = []\n")))
    assert none.provider_options(CATALOG[VEO]) == ()


def test_an_option_goes_over_to_a_model_that_has_it_by_another_name() -> None:
    options = Options("a kite", VEO, provider_options={"negativePrompt": "fog", "personGeneration": "dont_allow"})
    there = carried(options, WAN, CATALOG, DEFAULTS)
    assert there.options.provider_options == {"negative_prompt": "fog"}
    assert [one for one in each_in_words(there.changes) if "dropped" in one] == ["people dropped: not offered"]
    back = carried(there.options, VEO, CATALOG, DEFAULTS)
    assert back.options.provider_options == {"negativePrompt": "fog"}
    assert check_options(back.options, CATALOG, DEFAULTS).provider_options == {"negativePrompt": "fog"}


def test_every_model_takes_what_is_carried_over_with_options() -> None:
    full: dict[str, Any] = {"text": "fog", "switch": True, "whole": 1, "number": 0.5}
    for old in CATALOG:
        given = {one.name: full.get(one.kind) or next(iter(one.choices)) for one in KNOWN.provider_options(old)}
        for new in CATALOG if given else ():
            there = carried(Options("a kite", old.id, provider_options=given), new.id, CATALOG, DEFAULTS)
            assert (there.refused is None) == (KNOWN.needs(new) is None)


def test_options_are_said_in_words_whatever_model_they_are_of() -> None:
    assert option_words("personGeneration", "dont_allow") == ("People", "no people")
    assert option_words("watermark", True) == ("Watermark", "on")
    assert option_words("motion_prompt", 0.5) == ("Motion prompt", "0.5")


async def test_a_job_sends_its_options_and_keeps_them(api: ScriptedAPI, tmp_path: Path) -> None:
    request = requested(VEO, negativePrompt="fog")
    async with harness(api, tmp_path) as on:
        job = await on.kept(a_job(request=request, state=State.RESERVED))
        ended = await live(job, replace(on.context, provider=GUIDE.provider))
        sent = next(json.loads(one.body) for one in on.server.arrivals if one.method == "POST")
        kept = await on.store.get(job.id)
    assert ended.state is State.DELIVERED
    assert sent["provider"] == {"options": {"google-vertex": {"parameters": {"negativePrompt": "fog"}}}}
    assert kept.request.provider_options == {"negativePrompt": "fog"}
    assert kept.request.options.provider_options == {"negativePrompt": "fog"}


async def test_a_job_whose_option_is_not_offered_any_more_ends_unpaid(api: ScriptedAPI, tmp_path: Path) -> None:
    request = requested(VEO, negativePrompt="fog")
    without = guide(Catalog([replace(CATALOG[VEO], passthrough=())]))
    async with harness(api, tmp_path) as on:
        job = await on.kept(a_job(request=request, state=State.RESERVED))
        ended = await live(job, replace(on.context, provider=without.provider))
        assert on.posts == 0
    assert ended.state is State.REFUSED
    assert ended.reason
    assert "Negative prompt: fog isn't offered by google/veo-3.1" in explain.sentence(ended.reason)


def test_while_there_is_no_list_the_files_alone_say_where_an_option_goes() -> None:
    loading = guide(CATALOG)
    loading._catalog = None  # pyright: ignore[reportPrivateUsage]
    assert loading.provider(requested(VEO, negativePrompt="fog")) == GUIDE.provider(
        requested(VEO, negativePrompt="fog")
    )


def test_an_option_made_by_hand_needs_no_bounds() -> None:
    assert ProviderOption("watermark", "Watermark", Kind.SWITCH, ("here",), "x").checked(value=True) is True
