"""A delivery is believed if OpenRouter signed it recently; everything else is refused."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

import openrouter.components
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.errors import WebhookRefused
from dailies.openrouter.webhook import WebhookDelivery, verify
from tests.unit.kit import REQUEST
from tests.unit.webhooks import EVENT, NOW, SECRET, an_event, digest, encoded, signed

BODY = encoded(EVENT)


def read(event: object, key: str = "gen-vid-1-completed") -> WebhookDelivery:
    """Return the result of a well signed delivery of this event."""
    body = encoded(event)
    return verify(SECRET, signed(body, key=key), body, NOW)


def refused(headers: dict[str, str], body: bytes = BODY, now: float = NOW) -> str:
    """Return why it is refused."""
    with pytest.raises(WebhookRefused) as caught:
        verify(SECRET, headers, body, now)
    return str(caught.value)


def with_signature(text: str) -> dict[str, str]:
    return signed(BODY) | {"X-OpenRouter-Signature": text}


def test_a_completed_job_is_read() -> None:
    assert read(EVENT) == WebhookDelivery(
        key="gen-vid-1-completed",
        type="video.generation.completed",
        openrouter_id="gen-vid-1",
        status="completed",
        unsigned_urls=("https://openrouter.ai/api/v1/videos/gen-vid-1/content?index=0",),
        cost=Decimal("0.4838"),
        is_byok=True,
    )


@pytest.mark.parametrize("status", ["failed", "cancelled", "expired"])
def test_a_job_that_ended_badly_is_read(status: str) -> None:
    event = {"type": f"video.generation.{status}", "data": {"id": "g1", "status": status, "error": "No  luck"}}
    delivery = read(event)
    assert (delivery.openrouter_id, delivery.status, delivery.error) == ("g1", status, "No luck")
    assert (delivery.unsigned_urls, delivery.cost, delivery.is_byok) == ((), None, False)


def test_the_type_says_how_it_ended_not_the_data() -> None:
    assert read(an_event("failed") | {"type": "video.generation.expired"}).status == "expired"


@pytest.mark.parametrize("data", [None, {}, {"id": 3}, {"id": "gen-vid-1", "status": "in_progress"}])
def test_an_event_of_an_unknown_type_is_no_end(data: Any) -> None:
    delivery = read({"type": "video.generation.started", "data": data})
    assert (delivery.type, delivery.status) == ("video.generation.started", "")


@pytest.mark.parametrize("name", [str.upper, str.lower, str])
def test_the_case_of_a_header_s_name_does_not_matter(name: Any) -> None:
    headers = {name(key): value for key, value in signed(BODY).items()}
    assert verify(SECRET, headers, BODY, NOW).status == "completed"


def test_order_and_spaces_in_the_signature_do_not_matter() -> None:
    header = f" v1 = {digest(BODY)} ,v0=aa, t = {int(NOW)} "
    assert verify(SECRET, with_signature(header), BODY, NOW).status == "completed"


def test_one_right_signature_among_several_is_enough() -> None:
    header = f"t={int(NOW)},v1={digest(BODY, secret='the next one')},v1={digest(BODY)}"
    assert verify(SECRET, with_signature(header), BODY, NOW).status == "completed"


def test_the_hex_digits_may_be_upper_case() -> None:
    assert verify(SECRET, with_signature(f"t={int(NOW)},v1={digest(BODY).upper()}"), BODY, NOW)


@pytest.mark.parametrize("off", [-300, -299, 0, 299, 300])
def test_a_clock_may_be_five_minutes_off(off: int) -> None:
    assert verify(SECRET, signed(BODY, NOW + off), BODY, NOW)


@pytest.mark.parametrize("off", [-86_400, -301, 301, 86_400])
def test_a_signature_of_another_time_is_refused(off: int) -> None:
    assert "too long ago" in refused(signed(BODY, NOW + off))


def test_another_secret_is_refused() -> None:
    assert "wrong" in refused(signed(BODY, secret="guessed"))


def test_a_changed_body_is_refused() -> None:
    assert "wrong" in refused(signed(BODY), BODY.replace(b"gen-vid-1", b"gen-vid-2"))


def test_the_same_json_in_other_bytes_is_refused() -> None:
    assert "wrong" in refused(signed(BODY), json.dumps(EVENT, indent=1).encode())


def test_a_changed_time_is_refused() -> None:
    assert "wrong" in refused(with_signature(f"t={int(NOW) + 1},v1={digest(BODY)}"))


@pytest.mark.parametrize(
    "header",
    [
        "",
        "v1=" + digest(BODY),
        f"t={int(NOW)}",
        f"t={int(NOW)},v2={digest(BODY)}",
        f"t={int(NOW)},t={int(NOW)},v1={digest(BODY)}",
        f"t=now,v1={digest(BODY)}",
        f"t=-{int(NOW)},v1={digest(BODY)}",
        f"t={'9' * 5000},v1={digest(BODY)}",
        f"t=١٧٩٠٠٠٠٠٠٠,v1={digest(BODY)}",
        f"t={int(NOW)}\n,v2={digest(BODY)}",
    ],
)
def test_a_signature_that_is_missing_or_unreadable_is_refused(header: str) -> None:
    assert "unreadable" in refused(with_signature(header))


@pytest.mark.parametrize("value", ["", "ä", "\udcff", "0" * 64])
def test_a_signature_of_anything_is_refused(value: str) -> None:
    assert "wrong" in refused(with_signature(f"t={int(NOW)},v1={value}"))


def test_without_a_signature_it_is_refused() -> None:
    headers = signed(BODY)
    del headers["X-OpenRouter-Signature"]
    assert "missing" in refused(headers)


@pytest.mark.parametrize("secret", [""])
def test_an_empty_secret_signs_nothing(secret: str) -> None:
    with pytest.raises(WebhookRefused):
        verify(secret, signed(BODY, secret=secret), BODY, NOW)


@pytest.mark.parametrize("key", ["", "a\nb", "x" * 201])
def test_a_key_that_is_missing_or_no_key_is_refused(key: str) -> None:
    assert "idempotency" in refused(signed(BODY, key=key))


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff\xfe", b"[" * 100_000, b"{}", b'{"type": 3}'])
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    assert refused(signed(body), body)


@pytest.mark.parametrize("job_id", [None, 3, "", "a\nb", "\ud800", "x" * 201, ["a"]])
def test_an_end_that_names_no_job_is_refused(job_id: object) -> None:
    body = encoded(an_event(id=job_id))
    assert "no job" in refused(signed(body), body)


@pytest.mark.parametrize("data", [None, [], "gen-vid-1", {}])
def test_an_end_without_data_is_refused(data: object) -> None:
    body = encoded(EVENT | {"data": data})
    assert "no job" in refused(signed(body), body)


def test_fields_of_other_types_count_as_missing() -> None:
    delivery = read(an_event(error=["no"], unsigned_urls="https://a.example", usage=[1]))
    assert (delivery.error, delivery.unsigned_urls, delivery.cost, delivery.is_byok) == (None, (), None, False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
datas = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("id", "status", "error", "unsigned_urls", "usage"), json_values)
)
events = st.fixed_dictionaries({"type": st.just(EVENT["type"]) | json_values, "data": datas | json_values})


@pytest.mark.slow
@given(events | json_values)
def test_any_signed_json_is_read_or_refused(event: object) -> None:
    with contextlib.suppress(WebhookRefused):
        assert read(event).key


@given(st.binary(max_size=200))
def test_any_signed_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(WebhookRefused):
        verify(SECRET, signed(body), body, NOW)


@pytest.mark.slow
@given(
    st.text() | st.from_regex(r"t=[0-9]+,v1=[0-9a-f]*"),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=3),
    st.floats(),
)
def test_whatever_nobody_signed_is_refused(signature: str, headers: dict[str, str], now: float) -> None:
    assert refused(headers | {"X-OpenRouter-Signature": signature}, now=now)


def test_the_paid_request_carries_the_address_for_webhooks() -> None:
    body = REQUEST.body([], "https://dailies.example/webhooks/openrouter/0123456789abcdef")
    known = openrouter.components.VideoGenerationRequest.model_validate(body)
    assert known.callback_url == "https://dailies.example/webhooks/openrouter/0123456789abcdef"


def test_the_paid_request_without_webhooks_names_no_address() -> None:
    assert "callback_url" not in REQUEST.body([])
