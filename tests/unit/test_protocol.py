"""Requests are built and answers are read without I/O."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies import explain
from dailies.errors import (
    AnswerLost,
    BadAnswer,
    BadRequest,
    Busy,
    InFlight,
    LimitSpent,
    Moderated,
    NoCredits,
    NotPermitted,
    OpenRouterError,
    ServerFault,
    TooLarge,
    Unauthorized,
    UnknownModel,
)
from dailies.openrouter import protocol
from dailies.openrouter.fields import MESSAGE_LIMIT
from dailies.reason import Reason


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def test_a_submit_is_read() -> None:
    answer = protocol.read_submit(202, {}, body({"id": "j1", "polling_url": "/api/v1/videos/j1", "status": "pending"}))
    assert answer == protocol.Submitted("j1", "/api/v1/videos/j1", "pending")


def test_a_submit_without_polling_url_and_status_is_read() -> None:
    assert protocol.read_submit(202, {}, body({"id": "j1"})) == protocol.Submitted("j1", None, "pending")


@pytest.mark.parametrize("text", [b"", b"<html>", b"[]", b"{}", b'{"id": 7}', b'{"id": ""}', b'{"id": "\\ud800"}'])
def test_an_accepted_submit_that_names_no_job_may_have_been_paid(text: bytes) -> None:
    with pytest.raises(AnswerLost):
        protocol.read_submit(202, {}, text)


def test_an_accepted_submit_that_holds_an_error_may_have_been_paid() -> None:
    with pytest.raises(ServerFault) as caught:
        protocol.read_submit(200, {}, body({"error": {"code": 502, "message": "ScriptedAPI returned error"}}))
    assert caught.value.message == "ScriptedAPI returned error"


@pytest.mark.parametrize("odd", ["j1\n2026 ERROR forged", "j" * 201])
def test_what_cannot_be_an_id_is_none(odd: str) -> None:
    with pytest.raises(AnswerLost):
        protocol.read_submit(202, {}, body({"id": odd}))


@pytest.mark.parametrize("odd", ["half an emoji \ud83d", "a\0b", "x" * 1000])
def test_odd_words_of_an_answer_are_made_fit_to_be_kept(odd: str) -> None:
    taken = protocol.read_submit(202, {}, body({"id": "j1", "status": odd, "polling_url": f"/{odd}"}))
    poll = protocol.read_poll(200, {}, body({"status": odd, "error": odd}))
    refused = protocol.read_error(400, {}, body({"error": {"message": odd, "metadata": {"reasons": [odd]}}}))
    for kept in (taken.polling_url or "", taken.status, poll.status, poll.error or "", str(refused.message)):
        assert kept.encode() == kept.replace("\0", "").encode()
    assert len(taken.status) <= 64 >= len(poll.status)
    assert taken.id == "j1"


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, BadRequest),
        (401, Unauthorized),
        (402, NoCredits),
        (403, NotPermitted),
        (404, UnknownModel),
        (408, ServerFault),
        (413, TooLarge),
        (418, BadRequest),
        (429, Busy),
        (499, ServerFault),
        (500, ServerFault),
        (502, ServerFault),
        (503, Busy),
        (524, ServerFault),
    ],
)
def test_each_status_of_a_submit_has_its_error(status: int, kind: type[OpenRouterError]) -> None:
    with pytest.raises(OpenRouterError) as caught:
        protocol.read_submit(status, {}, body({"error": {"code": status, "message": "Oh no."}}))
    assert type(caught.value) is kind
    assert caught.value.status == status
    assert caught.value.message == "Oh no."


def test_a_job_that_is_not_found_is_no_unknown_model() -> None:
    with pytest.raises(BadRequest):
        protocol.read_poll(404, {}, b"")


@given(status=st.integers(300, 599), given_headers=st.deferred(lambda: headers), text=st.binary(max_size=80))
def test_a_submit_that_somebody_else_refused_may_have_been_paid(
    status: int, given_headers: dict[str, str], text: bytes
) -> None:
    """A gateway's page says nothing of what OpenRouter had begun, whatever its status and its Retry-After."""
    with pytest.raises(ServerFault):
        protocol.read_submit(status, given_headers, b"<html>" + text)


def test_moderation_brings_its_reasons() -> None:
    answer = {"error": {"code": 403, "message": "Flagged", "metadata": {"reasons": ["violence", "logo"]}}}
    with pytest.raises(Moderated) as caught:
        protocol.read_submit(403, {}, body(answer))
    assert caught.value.reasons == ("violence", "logo")


@pytest.mark.parametrize(
    ("status", "message", "metadata", "kind"),
    [
        (403, "Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys", {}, NoCredits),
        (403, "Budget limit exceeded", {"limit_source": "openrouter_workspace_budget"}, LimitSpent),
        (402, "Retry later", {"limit_source": "openrouter_in_flight_budget"}, InFlight),
        (403, "Request blocked: prompt injection patterns detected", {"patterns": ["x"]}, NotPermitted),
        (400, "Flagged", {"error_type": "content_policy_violation"}, Moderated),
        (400, "I cannot", {"error_type": "refusal"}, Moderated),
        (404, "Cannot load https://a.example/x.png", {"error_type": "image_not_found"}, BadRequest),
    ],
)
def test_what_an_error_is_about_counts_more_than_its_status(
    status: int, message: str, metadata: dict[str, object], kind: type[OpenRouterError]
) -> None:
    answer = {"error": {"code": status, "message": message, "metadata": metadata}}
    assert type(protocol.read_error(status, {}, body(answer), submit=True)) is kind


def test_a_web_page_as_an_error_is_not_repeated() -> None:
    assert protocol.read_error(502, {}, b"<html>secret</html>").message == "HTTP 502"


def test_an_error_message_is_one_bounded_line() -> None:
    message = protocol.read_error(400, {}, body({"error": {"message": "a\nb " + "x" * 5000}})).message
    assert isinstance(message, str)
    assert message.startswith("a b x")
    assert len(message) == MESSAGE_LIMIT


def test_signed_links_and_inline_images_leave_an_error_message() -> None:
    text = "cannot fetch https://cdn.example/a.png?sig=s3cret nor data:image/png;base64,AAAA"
    message = protocol.read_error(400, {}, body({"error": {"message": text}})).message
    assert message == "cannot fetch (a link) nor (an inline image)"


def test_a_message_that_is_no_string_is_shown_as_json() -> None:
    assert protocol.read_error(400, {}, body({"error": {"message": {"a": 1}}})).message == '{"a": 1}'


def test_retry_after_in_seconds() -> None:
    assert protocol.read_error(429, {"Retry-After": "7"}, b"").retry_after == 7


def test_retry_after_as_a_date_counts_from_the_date_of_the_answer() -> None:
    headers = {"Retry-After": "Fri, 02 Oct 2026 10:00:42 GMT", "Date": "Fri, 02 Oct 2026 10:00:00 GMT"}
    assert protocol.read_error(503, headers, b"").retry_after == 42


def test_retry_after_in_the_past_is_now() -> None:
    headers = {"Retry-After": "Fri, 02 Oct 2026 09:00:00 GMT", "Date": "Fri, 02 Oct 2026 10:00:00 GMT"}
    assert protocol.read_error(503, headers, b"").retry_after == 0


@pytest.mark.parametrize("text", ["", "soon", "-3", "7.5", "Fri, 02 Oct 2026 09:00:00 GMT", "²"])
def test_an_unreadable_retry_after_is_none(text: str) -> None:
    assert protocol.read_error(429, {"Retry-After": text}, b"").retry_after is None


@pytest.mark.parametrize("text", ["9" * 400, "Mon, 01 Jan 9999 00:00:00 GMT"])
def test_an_endless_retry_after_is_a_day(text: str) -> None:
    headers = {"Retry-After": text, "Date": "Fri, 02 Oct 2026 10:00:00 GMT"}
    assert protocol.read_error(429, headers, b"").retry_after == 86_400


def test_a_date_beyond_the_calendar_is_no_retry_after() -> None:
    headers = {"Retry-After": "Mon, 01 Jan 99999999999 00:00:00 GMT", "Date": "Fri, 02 Oct 2026 10:00:00 GMT"}
    assert protocol.read_error(429, headers, b"").retry_after is None


def test_a_completed_poll_is_read() -> None:
    answer = {
        "id": "j1",
        "status": "completed",
        "unsigned_urls": ["https://openrouter.ai/api/v1/videos/j1/content?index=0", 7],
        "usage": {"cost": 0.4838, "is_byok": True},
    }
    poll = protocol.read_poll(200, {}, body(answer))
    assert poll.ended
    assert poll.cost == Decimal("0.4838")
    assert poll.is_byok
    assert poll.unsigned_urls == ("https://openrouter.ai/api/v1/videos/j1/content?index=0",)


def test_nulls_are_normal_in_a_poll() -> None:
    answer = {"status": "failed", "unsigned_urls": None, "usage": None, "error": None}
    assert protocol.read_poll(200, {}, body(answer)) == protocol.Poll("failed")


@pytest.mark.parametrize(
    "word",
    [
        "pending",
        "in_progress",
        "queued",
        "completing",
        "dreaming",
        "not completed",
        "50% completed",
        "no error",
        "完了",
    ],
)
def test_an_unknown_status_is_still_running(word: str) -> None:
    assert not protocol.read_poll(200, {}, body({"status": word})).ended


@pytest.mark.parametrize(
    ("word", "end"),
    [
        ("COMPLETED", "completed"),
        ("Completed", "completed"),
        ("succeeded", "completed"),
        ("canceled", "cancelled"),
        (" Failed ", "failed"),
        ("ERROR", "failed"),
        ("timed-out", "expired"),
        ("TimedOut", "expired"),
        ("Job completed", "completed"),
        ("JOB_STATUS_SUCCEEDED", "completed"),
        ("videoCompleted", "completed"),
        ("has been cancelled.", "cancelled"),
    ],
)
def test_an_end_is_an_end_whatever_its_spelling(word: str, end: str) -> None:
    poll = protocol.read_poll(200, {}, body({"status": word}))
    assert (poll.status, poll.ended) == (end, True)


@pytest.mark.parametrize("field", ["unsigned_urls", "urls"])
@pytest.mark.parametrize("word", ["in_progress", "dreaming", "pending", "", None])
def test_outputs_mean_that_the_job_has_finished(word: str | None, field: str) -> None:
    poll = protocol.read_poll(200, {}, body({"status": word, field: ["https://a.example/v"]}))
    assert (poll.status, poll.ended) == ("completed", True)


def test_an_answer_is_not_shown_with_its_links() -> None:
    poll = protocol.read_poll(200, {}, body({"status": "completed", "urls": ["https://a.example/v?sig=c0ffee"]}))
    assert poll.urls == ("https://a.example/v?sig=c0ffee",)
    assert "c0ffee" not in repr(poll)


def test_a_failed_job_with_outputs_has_failed() -> None:
    poll = protocol.read_poll(200, {}, body({"status": "failed", "unsigned_urls": ["https://a.example/v"]}))
    assert poll.status == "failed"


@pytest.mark.parametrize("text", [b"{}", b'{"status": null}', b'{"status": 3}', b"nothing", b"[1]"])
def test_a_poll_without_a_status_is_a_bad_answer(text: bytes) -> None:
    with pytest.raises(BadAnswer):
        protocol.read_poll(200, {}, text)


@pytest.mark.parametrize(
    ("cost", "kept"),
    [("0.2125", "0.2125"), ("0.36288000001", "0.362881"), ("1e-9999999", "0.000001"), ("99999998.9", "99999998.9")],
)
def test_a_cost_is_kept_in_millionths_and_rounded_up(cost: str, kept: str) -> None:
    answer = b'{"status": "completed", "usage": {"cost": %s}}' % cost.encode()
    assert protocol.read_poll(200, {}, answer).cost == Decimal(kept)


@pytest.mark.parametrize(
    "cost", ["true", '"0.5"', "1e500", "-1e9999999", "NaN", "Infinity", "-0.01", "100000000", "1e11"]
)
def test_a_cost_that_is_no_sum_of_money_is_none(cost: str) -> None:
    assert protocol.read_poll(200, {}, b'{"status": "completed", "usage": {"cost": %s}}' % cost.encode()).cost is None


def test_a_number_that_decimal_refuses_is_a_bad_answer() -> None:
    with pytest.raises(BadAnswer):
        protocol.read_poll(200, {}, b'{"status": "completed", "usage": {"cost": 1e9999999999999999999}}')


def test_the_key_without_a_limit_is_read() -> None:
    assert protocol.read_key(200, {}, body({"data": {"limit_remaining": None}})) == protocol.KeyInfo(None)


@pytest.mark.parametrize("own", [7.5, None])
def test_a_budget_that_is_tighter_than_the_keys_own_limit_counts(own: float | None) -> None:
    answer = {"data": {"limit_remaining": own, "effective_budget": {"scope": "workspace", "remaining_usd": -0.25}}}
    assert protocol.read_key(200, {}, body(answer)).left == Decimal("-0.25")


def test_a_key_that_manages_keys_and_an_account_without_credits_are_told() -> None:
    answer = {"data": {"limit_remaining": None, "is_management_key": True, "is_free_tier": True}}
    assert protocol.read_key(200, {}, body(answer)) == protocol.KeyInfo(None, management=True, free=True)


def test_what_is_left_of_the_key_is_read_exactly() -> None:
    assert protocol.read_key(200, {}, b'{"data": {"limit_remaining": 12.10}}').left == Decimal("12.10")


@pytest.mark.parametrize("text", [b'{"data": null}', b'{"data": []}', b"{}"])
def test_an_answer_about_the_key_without_data_is_a_bad_answer(text: bytes) -> None:
    with pytest.raises(BadAnswer):
        protocol.read_key(200, {}, text)


@pytest.mark.parametrize("text", [b"{}", b'{"data": {}}', b'{"data": null}'])
def test_a_list_of_models_without_data_is_a_bad_answer(text: bytes) -> None:
    with pytest.raises(BadAnswer):
        protocol.read_models(200, {}, text)


def test_models_without_an_id_are_left_out() -> None:
    data = [None, 7, {}, {"id": None}, {"id": 3}, {"id": ""}, {"id": "a/b"}]
    assert [model.id for model in protocol.read_models(200, {}, body({"data": data}))] == ["a/b"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
fields = st.sampled_from(
    ["id", "status", "error", "usage", "cost", "unsigned_urls", "data", "message", "metadata", "reasons", "code"]
)
documents = st.recursive(
    json_values, lambda inner: st.dictionaries(fields, inner, max_size=4) | st.lists(inner, max_size=3), max_leaves=12
).map(lambda value: json.dumps(value).encode())
headers = st.dictionaries(st.sampled_from(["Retry-After", "Date"]), st.text(max_size=40))


@pytest.mark.slow
@given(
    reader=st.sampled_from([protocol.read_submit, protocol.read_poll, protocol.read_models, protocol.read_key]),
    status=st.integers(100, 599),
    given_headers=headers,
    text=st.binary(max_size=80) | documents,
)
def test_any_answer_gives_a_value_or_a_typed_error(
    reader: object, status: int, given_headers: dict[str, str], text: bytes
) -> None:
    assert callable(reader)
    message = ""
    try:
        reader(status, given_headers, text)
    except OpenRouterError as error:
        message = explain.sentence(error.message) if isinstance(error.message, Reason) else error.message
    assert len(message) <= MESSAGE_LIMIT


@pytest.mark.parametrize("depth", [900, 100_000])
def test_endless_nesting_is_a_value_or_a_typed_error(depth: int) -> None:
    nested = b"[" * depth + b"]" * depth
    with contextlib.suppress(BadAnswer):
        assert protocol.read_poll(200, {}, b'{"status": "failed", "error": %s}' % nested).ended
