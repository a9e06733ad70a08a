"""A quote is the published prices' answer for just these settings, or says that the price is unknown."""

from __future__ import annotations

import logging
from decimal import Decimal
from typing import Any

import pytest

from dailies.openrouter.models import Catalog, VideoModel
from dailies.openrouter.pricing import Quote, quote
from dailies.openrouter.pricing.skus import read_key
from tests.support.reasons import in_words

D = Decimal
PLAIN: dict[str, Any] = {"duration": 5, "resolution": "720p", "aspect_ratio": "16:9", "audio": False}


def priced(skus: object, **settings: Any) -> Quote:
    """Return a quote for a model with these prices; five silent seconds of 720p unless said otherwise."""
    entry = {"id": "a/b", "supported_resolutions": ["720p", "1080p", "4K"], "pricing_skus": skus}
    return quote(VideoModel.from_dict(entry), **(PLAIN | settings))


# One point for every model, computed by hand from the prices it publishes.
BY_HAND: list[tuple[str, dict[str, Any], str | None]] = [
    ("x-ai/grok-imagine-video-1.5-lite", {"duration": 6, "resolution": "1080p"}, "0.84"),  # 6 x 14 cents
    ("heygen/heygen-video-1", {"duration": 10, "resolution": "768p"}, "0.30"),
    ("heygen/heygen-video-1", {"duration": 10, "resolution": "768p", "references": 1}, "0.60"),
    ("black-forest-labs/flux-video-edit", {"duration": 7}, "0.21"),
    ("minimax/hailuo-3-max", {"duration": 6, "resolution": "480p"}, "0.30"),
    ("alibaba/wan-3.0-prime", {"duration": 30, "resolution": "1080p", "audio": True}, "8.40"),
    ("alibaba/wan-3.0", {"duration": 10, "audio": True}, "1.00"),
    ("heygen/avatar-iv", {"duration": 20, "resolution": "1080p"}, "1.00"),
    ("black-forest-labs/flux-video-upscale", {}, None),
    # 480 x 480 x 24 x 5 / 1024 = 27,000 tokens
    ("bytedance/seedance-2.0-mini", {"resolution": "480p", "aspect_ratio": "1:1"}, "0.0945"),
    # 960 x 960 x 24 x 5 / 1024 = 108,000 tokens: this model's 720p in 1:1
    ("bytedance/seedance-2.5", {"aspect_ratio": "1:1", "audio": True}, "1.1556"),
    ("black-forest-labs/flux-3-video", {"duration": 8, "resolution": "1080p", "continuation": True}, "4.24"),
    ("minimax/hailuo-3", {"duration": 6, "resolution": "2K", "references": 3}, "0.90"),  # 0.78 + 3 x 0.04
    ("minimax/hailuo-3", {"duration": 6, "resolution": "2K", "frames": 2}, "0.78"),  # no reference among them
    ("runway/aleph-2", {"duration": 1}, "0.56"),  # the least; a second would be 0.28
    ("runway/gen-4.5", {"duration": 10}, "1.20"),
    ("x-ai/grok-imagine-video-1.5", {"duration": 6, "references": 1}, "0.85"),  # 0.84 + 1 cent
    ("alibaba/happyhorse-1.1", {"resolution": "1080p"}, "0.639"),
    ("alibaba/happyhorse-1.0", {"resolution": "1080p"}, "0.847"),
    ("x-ai/grok-imagine-video", {"duration": 10, "resolution": "480p", "references": 2}, "0.504"),
    ("kwaivgi/kling-v3.0-pro", {}, "0.56"),
    ("kwaivgi/kling-v3.0-std", {"audio": True}, "0.63"),
    ("google/veo-3.1-fast", {"duration": 6}, "0.48"),
    ("google/veo-3.1-lite", {"duration": 8, "resolution": "1080p", "audio": True}, "0.64"),
    ("kwaivgi/kling-video-o1", {"duration": 10, "audio": True}, "1.12"),
    ("minimax/hailuo-2.3", {"duration": 6, "resolution": "1080p"}, "0.4902"),
    # 3840 x 2160 x 24 x 4 / 1024 = 777,600 tokens at 4K's own price
    ("bytedance/seedance-2.0", {"duration": 4, "resolution": "4K", "audio": True}, "3.1104"),
    ("bytedance/seedance-2.0-fast", {"duration": 4}, "0.36288"),  # 86,400 tokens
    ("alibaba/wan-2.7", {"duration": 3, "references": 2}, "0.30"),
    ("alibaba/wan-2.6", {"resolution": "1080p", "frames": 1, "audio": True}, "0.75"),
    # 1920 x 1080 x 24 x 10 / 1024 = 486,000 tokens
    ("bytedance/seedance-1-5-pro", {"duration": 10, "resolution": "1080p"}, "0.5832"),
    ("google/veo-3.1", {"duration": 8, "resolution": "4K", "audio": True}, "4.80"),
]


@pytest.mark.parametrize(("model_id", "settings", "usd"), BY_HAND)
def test_a_price_computed_by_hand(catalog: Catalog, model_id: str, settings: dict[str, Any], usd: str | None) -> None:
    model = catalog.get(model_id)
    assert model is not None

    found = quote(model, **(PLAIN | settings))

    assert found.usd == (None if usd is None else D(usd))
    assert found.at_most == found.usd
    assert found.exact == (usd is not None)


def test_every_model_has_a_point_computed_by_hand(catalog: Catalog) -> None:
    assert {model.id for model in catalog} == {model_id for model_id, _, _ in BY_HAND}


def test_every_key_of_the_capture_is_understood(catalog: Catalog) -> None:
    keys = {key for model in catalog for key in model.pricing_skus}
    assert len(keys) == 40
    assert [key for key in keys if read_key(key) is None] == []


def shown(found: Quote) -> tuple[Decimal | None, bool, Decimal | None, str]:
    return found.usd, found.exact, found.at_most, in_words(found.basis)


@pytest.mark.parametrize(
    ("model_id", "settings", "basis"),
    [
        ("bytedance/seedance-2.0-fast", {"duration": 4, "audio": True}, "86,400 tokens × $0.0000042"),
        ("google/veo-3.1-fast", {"duration": 6, "audio": True}, "6 s × $0.10/s, 720p with sound"),
        ("heygen/heygen-video-1", {"resolution": "2K", "references": 1}, "5 s × $0.18/s, 2K with references"),
        ("x-ai/grok-imagine-video", {"references": 2}, "5 s × $0.07/s, 720p + 2 images × $0.002"),
        ("runway/aleph-2", {"duration": 1}, "the least is $0.56 (1 s × $0.28/s would be less)"),
        ("black-forest-labs/flux-3-video", {"continuation": True}, "5 s × $0.41/s, 720p continued"),
        (
            "black-forest-labs/flux-video-upscale",
            {},
            "not known: it is priced by the megapixels of the video that it is given",
        ),
    ],
)
def test_the_basis_says_how_it_was_found(catalog: Catalog, model_id: str, settings: dict[str, Any], basis: str) -> None:
    model = catalog.get(model_id)
    assert model is not None
    assert in_words(quote(model, **(PLAIN | settings)).basis) == basis


def test_a_price_for_another_resolution_is_not_used() -> None:
    found = priced({"duration_seconds_720p": "0.1"}, resolution="1080p")
    assert shown(found) == (None, False, None, "not known: no published price fits 1080p from text")


def test_a_price_for_another_kind_of_job_is_not_used() -> None:
    skus = {"text_to_video_duration_seconds_720p": "0.1", "image_to_video_duration_seconds_720p": "0.2"}
    assert priced(skus).usd == D("0.5")
    assert priced(skus, frames=1).usd == D("1.0")
    assert shown(priced(skus, references=1)) == (
        None,
        False,
        None,
        "not known: no published price fits 720p with references; with a first frame it would be $1.00",
    )
    assert priced(skus, continuation=True).usd is None


def test_a_resolution_in_a_key_is_read_in_any_case() -> None:
    for key in ("duration_seconds_4k", "duration_seconds_4K", "Duration_Seconds_4K"):
        assert priced({key: "0.6"}, resolution="4K").usd == D("3.0")


def test_a_price_for_new_videos_is_not_used_to_go_on_with_one() -> None:
    assert priced({"cents_per_second_output": "10"}, continuation=True).usd is None


def test_a_price_for_jobs_with_a_video_is_not_used() -> None:
    assert priced({"video_tokens_with_video_input": "0.000001"}).usd is None


def test_a_price_without_sound_is_not_used_with_it() -> None:
    assert priced({"duration_seconds_without_audio": "0.1"}, audio=True).usd is None
    assert priced({"duration_seconds_with_audio": "0.1"}).usd is None


def test_a_larger_picture_s_price_bounds_an_unknown_one() -> None:
    found = priced({"duration_seconds_1080p": "0.2", "duration_seconds_4k": "0.6"})
    assert shown(found) == (None, False, D("1.0"), "not known: no published price fits 720p from text; at most $1.00")


def test_what_the_model_chooses_bounds_a_price() -> None:
    skus = {"duration_seconds_720p": "0.1", "duration_seconds_1080p": "0.2", "duration_seconds_4k": "0.6"}
    found = priced(skus, resolution=None)
    assert shown(found) == (None, False, D("3.0"), "not known: it depends on what the model chooses; at most $3.00")


def test_what_the_model_chooses_does_not_matter_where_the_price_is_the_same() -> None:
    assert priced({"duration_seconds": "0.1"}, resolution=None, aspect_ratio=None, audio=None).usd == D("0.5")


def test_a_length_that_nobody_knows_has_no_price() -> None:
    assert priced({"duration_seconds": "0.1"}, duration=None).usd is None


def test_two_prices_that_both_could_be_meant_make_a_bound() -> None:
    skus = {"duration_seconds_1080p": "0.2", "duration_seconds_without_audio": "0.3"}
    found = priced(skus, resolution="1080p")
    assert (found.usd, found.exact, found.at_most) == (D("1.0"), False, D("1.5"))


def test_of_two_prices_for_the_same_the_dearer_one_is_taken() -> None:
    found = priced({"duration_seconds_720p": "0.1", "cents_per_second_output_720p": "12"})
    assert (found.usd, found.exact) == (D("0.60"), False)


def test_an_assumed_picture_size_makes_no_exact_price(catalog: Catalog) -> None:
    model = catalog.get("bytedance/seedance-2.0-mini")  # publishes 9:21 for 720p only
    assert model is not None
    settings: dict[str, Any] = PLAIN | {"resolution": "480p", "aspect_ratio": "9:21", "audio": True}
    found = quote(model, **settings)
    assert (found.usd, found.exact, found.at_most) == (D(480 * 1120 * 24 * 5) / 1024 * D("0.0000035"), False, None)
    assert in_words(found.basis) == "63,000 tokens × $0.0000035, if it is 480x1120"


@pytest.mark.parametrize(
    "amount", ["-1", "NaN", "Infinity", "1e13", "", "a", "1_0", "٣", True, None, [], 0.1, D("NaN"), D("1e-999999")]
)
def test_an_amount_that_is_none_is_not_known(amount: object) -> None:
    found = priced({"duration_seconds_4k": amount, "duration_seconds": "0.1"}, resolution="4K")
    assert (found.usd, in_words(found.basis)) == (None, "not known: the published price can't be read")


@pytest.mark.parametrize("key", ["cents_per_image_input", "reference_images", "minimum_cents_per_generation"])
def test_an_unreadable_part_of_a_price_leaves_the_whole_unknown(key: str) -> None:
    assert priced({"duration_seconds": "0.1", key: "?"}, references=1).usd is None


@pytest.mark.parametrize("amount", ["0.1", D("0.1"), " 0.10 ", "1e-1"])
def test_numbers_and_strings_are_both_amounts(amount: object) -> None:
    assert priced({"duration_seconds": amount}).usd == D("0.5")


def test_an_unknown_key_is_logged_once_and_not_used(caplog: pytest.LogCaptureFixture) -> None:
    skus = {"duration_seconds": "0.1", "per-video-second-of-this-test": "0.5"}
    with caplog.at_level(logging.WARNING):
        found = priced(skus)
        priced(skus)
    assert (found.usd, found.exact, found.at_most) == (D("0.5"), False, None)
    assert in_words(found.basis) == "5 s × $0.10/s; the model has a price that the bot doesn't know"
    assert len(caplog.records) == 1
    assert "per-video-second-of-this-test" in caplog.text


@pytest.mark.parametrize("skus", [None, {}, [], "0.1", 3])
def test_no_prices_at_all_are_no_price(skus: object) -> None:
    assert in_words(priced(skus).basis) == "not known: OpenRouter publishes no price that the bot understands"


@pytest.mark.parametrize("wrong", [{"duration": 0}, {"references": -1}, {"frames": -1}])
def test_a_setting_that_cannot_be_is_a_mistake_of_the_caller(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="at least one second"):
        priced({"duration_seconds": "0.1"}, **wrong)


def test_a_price_with_sound_below_the_silent_one_of_the_resolution_is_not_believed() -> None:
    skus = {"duration_seconds_with_audio": "0.10", "duration_seconds_4k": "0.50"}
    found = priced(skus, resolution="4K", audio=True)
    assert shown(found) == (D("2.50"), False, None, "5 s × $0.50/s, 4K; sound may come on top")
    assert shown(priced(skus, resolution="4K")) == (D("2.50"), True, D("2.50"), "5 s × $0.50/s, 4K")
    assert priced(skus, resolution="720p", audio=True).exact
    # Longer, and beyond any possible amount of money: not known, rather than cheaper.
    assert priced(skus | {"duration_seconds_4k": "999999999"}, resolution="4K", audio=True, duration=3600).usd is None
