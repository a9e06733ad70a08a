"""A provider's own words reach the person, whatever shape they come in, and nothing else does."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies import explain
from dailies.errors import BadRequest, OpenRouterError, ServerFault
from dailies.openrouter import protocol
from dailies.openrouter.error_causes import cause_of
from dailies.openrouter.fields import MESSAGE_LIMIT, words
from dailies.openrouter.provider_words import provider_words
from dailies.reason import ReasonCode
from sandbox.openrouter.provider_words import OUTPUT_AUDIO, REAL_PERSON, SHAPES, body, job_error

SAYS_NOTHING = "Provider returned error"


def encoded(value: object) -> bytes:
    return json.dumps(value).encode()


def documented(**metadata: object) -> dict[str, Any]:
    return {"error": {"code": 400, "message": SAYS_NOTHING, "metadata": metadata}}


@pytest.mark.parametrize("shape", SHAPES)
def test_words_of_a_refused_request_are_found_in_every_shape(shape: str) -> None:
    with pytest.raises((BadRequest, ServerFault)) as caught:
        protocol.read_submit(400, {}, body(shape, REAL_PERSON))
    sentence = explain.explain(caught.value)
    assert "may contain real person" in sentence
    assert SAYS_NOTHING not in sentence
    assert caught.value.cause is ReasonCode.ADVICE_PEOPLE


@pytest.mark.parametrize("shape", SHAPES)
def test_only_the_documented_shape_says_that_nothing_was_paid(shape: str) -> None:
    with pytest.raises((BadRequest, ServerFault)) as caught:
        protocol.read_submit(400, {}, body(shape, REAL_PERSON))
    assert isinstance(caught.value, BadRequest) == shape.startswith("raw")
    assert explain.explain(caught.value).endswith("You weren't charged.") == shape.startswith("raw")


@pytest.mark.parametrize("shape", [one for one in SHAPES if one not in ("message", "detail", "detail list")])
def test_words_of_a_failed_job_are_found_in_every_shape(shape: str) -> None:
    answer = {"id": "j1", "status": "failed", "error": job_error(shape, OUTPUT_AUDIO)}
    poll = protocol.read_poll(200, {}, encoded(answer))
    assert poll.error == OUTPUT_AUDIO[1]
    assert poll.cause is ReasonCode.ADVICE_SOUND


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"error": None, "message": "the model is away"}, "the model is away"),
        ({"failure_reason": "the model is away"}, "the model is away"),
        ({"error": {"code": "x", "errorMessage": "the model is away"}}, "the model is away"),
        ({"error": {"errors": [{"description": "the model is away"}]}}, "the model is away"),
        ({"error": {"base_resp": {"status_code": 1, "status_msg": "the model is away"}}}, "the model is away"),
        ({"error": {"data": {"inner": {"task": {"reason": "the model is away"}}}}}, "the model is away"),
        ({"error": 'HTTP 500: {"error": {"message": "the model is away"}}'}, "the model is away"),
        ({"error": [{"msg": "one is wrong"}, {"msg": "two is wrong."}]}, "one is wrong; two is wrong"),
        ({"error": {"type": "server_error", "code": "E17"}}, "server_error"),
        ({"error": "生成失败。请重试"}, "生成失败。请重试"),
        ({"error": None}, None),
        ({"error": {}}, None),
        ({}, None),
    ],
)
def test_words_of_a_failed_job_are_found_under_other_names(beside: dict[str, Any], said: str | None) -> None:
    assert protocol.read_poll(200, {}, encoded({"status": "failed", **beside})).error == said


def test_a_running_job_s_message_is_no_error() -> None:
    poll = protocol.read_poll(200, {}, encoded({"status": "in_progress", "message": "warming up"}))
    assert (poll.error, poll.cause) == (None, None)


def test_fields_that_fastapi_names_are_told() -> None:
    detail = [
        {"type": "literal_error", "loc": ["body", "duration"], "msg": "Input should be 5 or 10", "input": 7},
        {"type": "literal_error", "loc": ["body", "resolution"], "msg": "Input should be '720p'", "input": "2K"},
    ]
    found = provider_words({"detail": detail})
    assert found.said == "duration: Input should be 5 or 10; resolution: Input should be '720p'"
    assert found.cause is ReasonCode.ADVICE_SETTING


def test_the_provider_is_named() -> None:
    refused = protocol.read_error(400, {}, encoded(documented(provider_name="Seed", raw="it is too dark")), submit=True)
    assert "Seed says: it is too dark." in explain.explain(refused)


def test_without_the_provider_s_name_openrouter_says_it() -> None:
    refused = protocol.read_error(400, {}, encoded(documented(raw="it is too dark")), submit=True)
    assert "OpenRouter says: it is too dark." in explain.explain(refused)


@pytest.mark.parametrize("raw", [None, "", "null", "{}", "<html><h1>502</h1></html>", '{"code": 17}', SAYS_NOTHING])
def test_what_says_little_is_told_only_where_there_is_nothing_else(raw: object) -> None:
    assert provider_words(documented(raw=raw)).said == SAYS_NOTHING


def test_a_specific_message_of_openrouter_s_is_told_where_raw_has_no_words() -> None:
    answer = {"error": {"code": 400, "message": "duration: 7 is not supported", "metadata": {"raw": '{"code": 17}'}}}
    assert provider_words(answer).said == "duration: 7 is not supported"


def test_a_request_that_is_echoed_is_no_error() -> None:
    answer = {"error": {"message": "the image is broken", "input": {"message": "my secret prompt"}}}
    assert provider_words(answer).said == "the image is broken"


def test_a_provider_s_words_beside_a_5xx_are_told_and_nothing_is_promised() -> None:
    refused = protocol.read_error(502, {}, encoded(documented(provider_name="Seed", raw="we are full")), submit=True)
    assert type(refused) is ServerFault
    assert "Seed says: we are full." in explain.explain(refused)
    assert "You weren't charged" not in explain.explain(refused)


@pytest.mark.parametrize("status", [301, 400, 403, 408, 499, 500, 502, 503])
@pytest.mark.parametrize("answer", [{"message": "no"}, {"detail": "no"}, {"error": "no"}])
def test_words_alone_do_not_make_an_answer_a_refusal(status: int, answer: dict[str, str]) -> None:
    """A gateway speaks JSON too, and does not know what OpenRouter had begun."""
    assert type(protocol.read_error(status, {}, encoded(answer), submit=True)) is ServerFault


SECRETS = (
    "https://cdn.example/a.png?X-Amz-Signature=s3cret",
    "HTTPS://user:s3cret@cdn.example/a.png",
    "s3://bucket/s3cret.png",
    "cdn.example/a.png?sig=s3cret&ex=1",
    "data:image/png;base64,s3cret",
    "DATA:;base64,s3cret",
    "sk-or-v1-s3cret",
    "Bearer s3cret-token",
    "aB3s3cretaB3s3cretaB3s3cretaB3",
    "2f1b9c1e-s3cret77-4c1e-9b7a-0123456789ab",
)


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", ["cannot use {} here", "url={}。无法", '{{"url": "{}"}} is wrong', "glued{}"])
def test_secrets_are_left_out(secret: str, form: str) -> None:
    assert "s3cret" not in words(form.format(secret))


def test_what_stands_around_a_link_stays() -> None:
    said = words(
        'cannot read https://a.example/x.png, which "http://b.example/?y=1" shows; 请看https://c.example/d。好'
    )
    assert said == 'cannot read (a link) which "(a link)" shows; 请看(a link)。好'


@pytest.mark.parametrize("name", ["doubao-seedance-2-0-mini-260615", "InputImageSensitiveContentDetected.Privacy"])
def test_names_of_models_and_codes_are_no_secrets(name: str) -> None:
    assert words(f"the model {name} refuses it") == f"the model {name} refuses it"


def test_a_request_id_is_of_no_use_to_a_person() -> None:
    assert words(REAL_PERSON[1]).endswith("may contain real person.")


def test_a_long_text_is_cut_behind_a_word() -> None:
    said = provider_words({"error": "wonderful " * 200}).said
    assert len(said) <= MESSAGE_LIMIT
    assert said.endswith("wonderful…")


def test_a_sentence_that_was_cut_has_no_full_stop_behind_its_ellipsis() -> None:
    refused = BadRequest(words("wonderful " * 200), status=400)
    assert "…." not in explain.explain(refused)


JUNK = ("https://", "data:", "a://", "?a=", "sk-", "Bearer ", "{", "[", '{"a":', '[{"message":', '"', "\\", '"{', "a1")


@pytest.mark.parametrize("junk", [*JUNK, "x" * 30 + " ", "real ", "\u3042"])
def test_reading_takes_time_in_proportion_to_the_text(junk: str) -> None:
    def seconds(size: int) -> float:
        text = junk * (size // len(junk))
        answer = encoded({"error": {"code": 400, "message": text, "metadata": {"raw": text}}})
        began = time.thread_time()
        protocol.read_error(400, {}, answer, submit=True)
        return time.thread_time() - began

    small = min(seconds(28_000) for _ in range(3))
    large = min(seconds(112_000) for _ in range(3))
    assert large < 10 * max(small, 0.05)
    assert large < 2


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_json_in_strings_is_opened_to_a_sensible_depth(depth: int) -> None:
    raw = "the image is too dark"
    for _ in range(depth):
        raw = json.dumps({"error": {"message": raw}})
    assert provider_words(documented(raw=raw)).said == "the image is too dark"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30),
    lambda inside: (
        st.lists(inside, max_size=4)
        | st.dictionaries(st.sampled_from(["error", "message", "detail", "raw", "metadata", "loc", "x"]), inside)
    ),
    max_leaves=20,
)


@pytest.mark.slow
@given(json_values)
def test_any_json_is_read(answer: object) -> None:
    refused = protocol.read_error(400, {}, encoded(answer), submit=True)
    assert isinstance(refused, OpenRouterError)
    assert len(str(refused.message)) <= MESSAGE_LIMIT
    assert "\n" not in explain.explain(refused)


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ("The images or videos provided may contain likenesses of real people", "people"),
        (
            "Veo could not generate videos because the input image violates usage guidelines. Support codes: 15236754",
            "people",
        ),
        ("图片中包含真人", "people"),
        ("The request failed because the output audio may contain sensitive information.", "sound"),
        ("Output audio has sensitive content.", "sound"),
        ("We encountered an issue with the audio for your prompt", "sound"),
        ("InputImageSensitiveContentDetected.PolicyViolation", "copyright"),
        ("Input data is suspected of being involved in IP infringement.", "copyright"),
        ("The request failed because the input text may contain sensitive information.", "prompt"),
        ("Your prompt was flagged by the safety system", "prompt"),
        ("The request failed because the output video may contain sensitive information.", "output"),
        ("The request failed because the input image may contain sensitive information.", "picture"),
        ("Failure to pass the risk control system", "content"),
        ("content_policy_violation: the output was flagged by the provider", "output"),
        ("image_too_large", "large"),
        ("image width must be less than or equal to 6000 pixels", "large"),
        ("image_too_small: 200x200", "small"),
        ("image height must be at least 300 pixels", "small"),
        ("The image's aspect ratio must be between 0.4 and 2.5", "shape"),
        ("Unsupported image format: image/tiff", "format"),
        ("image_download_failed: 403", "download"),
        ("Error while downloading file", "download"),
        ("payload_too_large", "request"),
        ("duration: 7 is not supported by this model", "setting"),
        ("aspect_ratio: 5:4 is not one of the allowed values", "setting"),
        ("No face detected in the image", None),
        ("The request supports at most 9 images, received 10", None),
        ("No endpoints found matching your data policy", None),
        ("Something went wrong", None),
    ],
)
def test_what_an_error_is_about_is_known_by_its_words(said: str, cause: str | None) -> None:
    found = cause_of([], [said], [])
    assert found == (cause and f"advice_{cause}")


@pytest.mark.parametrize(
    ("kind", "said", "cause"),
    [
        ("image_too_small", "something else", ReasonCode.ADVICE_SMALL),
        ("content_policy_violation", "something else", ReasonCode.ADVICE_CONTENT),
        ("content_policy_violation", "it may contain real person", ReasonCode.ADVICE_PEOPLE),
        ("unmapped", "something else", None),
    ],
)
def test_openrouter_s_error_type_counts_first(kind: str, said: str, cause: ReasonCode | None) -> None:
    assert provider_words(documented(error_type=kind, raw=said)).cause is cause


@pytest.mark.parametrize(
    ("code", "cause"), [(1026, ReasonCode.ADVICE_PROMPT), ("1027", ReasonCode.ADVICE_OUTPUT), (1025, None)]
)
def test_a_provider_s_code_is_known(code: object, cause: ReasonCode | None) -> None:
    assert provider_words({"error": {"base_resp": {"status_code": code, "status_msg": "no luck"}}}).cause is cause
