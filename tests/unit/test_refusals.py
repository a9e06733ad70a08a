"""Refusals are read by their reason, and nothing counts as unpaid that OpenRouter itself did not refuse."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies import explain
from dailies.errors import (
    AnswerLost,
    Busy,
    InFlight,
    LimitSpent,
    NoCredits,
    OpenRouterError,
    ServerFault,
    Unaffordable,
)
from dailies.explain.sentences import NOTHING_PAID
from dailies.openrouter import protocol
from dailies.openrouter.refusals import moment, retry_after, spent_limit


def refused(status: int, metadata: object, **error: object) -> OpenRouterError:
    """Return what a submit raises for OpenRouter's error with this metadata."""
    said = {"code": status, "message": "no", "metadata": metadata} | error
    with pytest.raises(OpenRouterError) as caught:
        protocol.read_submit(status, {}, json.dumps({"error": said}).encode())
    return caught.value


@pytest.mark.parametrize("status", [402, 403, 429])
@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({"reason": "in_flight_budget_exhausted"}, InFlight),
        ({"reason": " In_Flight_Budget_Exhausted "}, InFlight),
        ({"limit_source": "openrouter_in_flight_budget"}, InFlight),
        ({"reason": "in_flight_budget_exhausted", "limit_source": "openrouter_credits"}, InFlight),
        ({"reason": "weight_exceeds_budget", "limit_source": "openrouter_credits"}, Unaffordable),
        ({"reason": "WEIGHT_EXCEEDS_BUDGET"}, Unaffordable),
        ({"reason": "something_new", "limit_source": "openrouter_credits"}, NoCredits),
        ({"limit_source": "openrouter_credits"}, NoCredits),
        ({"limit_source": "openrouter_key_limit"}, LimitSpent),
        ({"limit_source": "openrouter_workspace_budget"}, LimitSpent),
        ({"limit_source": "OpenRouter_Guardrail_Budget"}, LimitSpent),
    ],
)
def test_the_reason_counts_more_than_the_status(status: int, metadata: dict[str, str], kind: type) -> None:
    assert type(refused(status, metadata)) is kind


@pytest.mark.parametrize("metadata", [None, [], {}, {"reason": "new"}, {"reason": ["in_flight_budget_exhausted"]}])
def test_an_unknown_reason_leaves_it_to_the_status(metadata: object) -> None:
    assert type(refused(402, metadata)) is NoCredits
    assert type(refused(429, metadata)) is Busy
    assert type(refused(503, metadata)) is Busy


def test_a_limit_of_an_unknown_source_counts_as_spent_credits() -> None:
    assert type(refused(403, {"limit_source": "openrouter_new"})) is NoCredits


def test_an_error_without_a_message_is_one() -> None:
    body = b'{"error": {"code": 402, "metadata": {"reason": "in_flight_budget_exhausted"}}}'
    with pytest.raises(InFlight) as caught:
        protocol.read_submit(402, {"Retry-After": "4"}, body)
    assert caught.value.retry_after == 4


@pytest.mark.parametrize("status", [402, 429, 503, 400])
@pytest.mark.parametrize(
    "body",
    [
        b"<html>503 Service Unavailable</html>",
        b"",
        b'{"error": "Service Unavailable"}',
        b'{"error": {}}',
        b'{"error": {"message": "upstream connect error"}}',
        b'{"error": {"code": "rate_limit_exceeded", "message": "slow down"}}',
        b'{"error": {"code": true}}',
        b'{"error": {"code": 502, "message": "bad gateway"}}',
        b'{"error": {"code": 408}}',
        b'{"error": {"code": 200}}',
        b'{"message": "no healthy upstream", "code": 503}',
        b'[{"error": {"code": 402}}]',
    ],
)
def test_what_openrouter_did_not_say_itself_may_have_been_paid(status: int, body: bytes) -> None:
    with pytest.raises(ServerFault):
        protocol.read_submit(status, {"Retry-After": "5"}, body)


def test_the_limit_is_read_with_its_amounts_and_its_renewal() -> None:
    metadata = {
        "limit_source": "openrouter_workspace_budget",
        "scope": "workspace",
        "limit_usd": 50,
        "spend_usd": 50.0000001,
        "resets_at": "2026-12-01T00:00:00Z",
    }
    said = refused(403, metadata)
    assert said.own == {
        "source": "openrouter_workspace_budget",
        "scope": "workspace",
        "limit_usd": Decimal(50),
        "spend_usd": Decimal(50),
        "resets_at": 1_796_083_200,
    }
    text = explain.explain(said)
    assert "the bot's OpenRouter workspace has spent its budget of $50.00" in text.lower().replace(
        "openrouter", "OpenRouter"
    )
    assert "renews on <t:1796083200:f>" in text
    assert text.endswith(NOTHING_PAID)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("openrouter_credits", "The bot is out of OpenRouter credits"),
        ("openrouter_key_limit", "The bot's OpenRouter key has reached its limit"),
        ("openrouter_workspace_budget", "The bot's OpenRouter workspace has spent its budget"),
        ("openrouter_guardrail_budget", "A budget that guards the bot's OpenRouter account is spent"),
    ],
)
def test_each_limit_has_its_own_sentence(source: str, words: str) -> None:
    text = explain.explain(refused(403, {"limit_source": source}))
    assert words in text
    assert text.endswith(NOTHING_PAID)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("2026-12-01T00:00:00Z", 1_796_083_200),
        ("2026-12-01T01:00:00+01:00", 1_796_083_200),
        ("2026-12-01T00:00:00", 1_796_083_200),
        ("2026-12-01T00:00:00.000Z", 1_796_083_200),
        ("2026-12-01", 1_796_083_200),
        (1_796_083_200, 1_796_083_200),
        (Decimal("1796083200.5"), 1_796_083_200),
        (1_796_083_200_000, 1_796_083_200),
        ("1796083200", 1_796_083_200),
        (None, None),
        (True, None),
        (0, None),
        (-5, None),
        (10**400, None),
        ("9" * 400, None),
        (float("nan"), None),
        (Decimal("1e999999"), None),
        ("soon", None),
        ("", None),
        ("0001-01-01T00:00:00+14:00", None),
        ([1_796_083_200], None),
    ],
)
def test_a_renewal_is_iso_8601_or_unix_seconds(value: object, seconds: int | None) -> None:
    assert moment(value) == seconds


anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.integers(10**300, 10**301),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = ["reason", "reasons", "limit_source", "scope", "limit_usd", "spend_usd", "resets_at", "error_type", "raw"]
WORDS = [
    "in_flight_budget_exhausted",
    "weight_exceeds_budget",
    "openrouter_credits",
    "openrouter_key_limit",
    "openrouter_guardrail_budget",
]
metadatas = anything | st.dictionaries(st.sampled_from(NAMES), anything | st.sampled_from(WORDS), max_size=6)
errors = anything | st.fixed_dictionaries(
    {}, optional={"code": st.sampled_from([400, 402, 403, 408, 429, 499, 502, 503]) | anything, "metadata": metadatas}
)
bodies = st.binary(max_size=60) | st.fixed_dictionaries(
    {}, optional={"error": errors, "id": anything, "message": anything}
).map(lambda body: json.dumps(body).encode())
given_headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Date"]),
    st.sampled_from(["0", "-1", "NaN", "1e9", "9" * 500, "Fri, 02 Oct 2026 10:00:42 GMT"]) | st.text(max_size=12),
)


def answered(status: int, headers: dict[str, str], body: bytes) -> OpenRouterError | None:
    """Return the error that a submit raises for this answer, if it does."""
    try:
        protocol.read_submit(status, headers, body)
    except OpenRouterError as error:
        return error
    return None


def says_itself(status: int, body: bytes) -> bool:
    """Tell if this is OpenRouter's JSON error object with a status that says that nothing was begun."""
    try:
        error = json.loads(body)["error"]
        codes = (status, error["code"])
    except (ValueError, KeyError, TypeError, IndexError):
        return False
    return all(type(code) is int and (code == 503 or (400 <= code < 500 and code not in (408, 499))) for code in codes)


@pytest.mark.slow
@given(
    status=st.sampled_from([200, 202, 302, 400, 402, 403, 408, 429, 499, 500, 502, 503]) | st.integers(100, 599),
    headers=given_headers,
    body=bodies,
)
def test_no_answer_counts_as_unpaid_unless_openrouter_itself_says_so(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    error = answered(status, headers, body)
    if isinstance(error, (AnswerLost, ServerFault)):
        assert NOTHING_PAID not in explain.explain(error)
    elif error:
        assert says_itself(status, body)
        assert explain.explain(error)
        assert explain.short(error.reason)
        assert error.retry_after is None or 0 <= error.retry_after <= 86_400


@pytest.mark.slow
@given(metadatas.filter(lambda value: isinstance(value, dict)))
def test_whatever_the_metadata_of_a_limit_holds_it_can_be_said(metadata: dict[str, Any]) -> None:
    read = json.loads(json.dumps(metadata), parse_float=Decimal)
    error = LimitSpent("no", status=403)
    error.own |= spent_limit(read)
    assert explain.explain(error).endswith(NOTHING_PAID)
    assert len(json.dumps(error.reason.to_json())) < 2000


@given(given_headers)
def test_any_retry_after_is_a_bounded_wait_or_none(headers: dict[str, str]) -> None:
    seconds = retry_after(headers)
    assert seconds is None or 0 <= seconds <= 86_400
