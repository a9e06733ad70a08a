"""The key's own origin: addresses that may see it, and the replacement for those that may not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from dailies.openrouter.endpoints import Endpoints

OPENROUTER = Endpoints("https://openrouter.ai/api/v1")


def test_a_relative_polling_url_is_resolved_against_the_origin() -> None:
    assert str(OPENROUTER.job("j1", "/api/v1/videos/j1")) == "https://openrouter.ai/api/v1/videos/j1"


def test_an_absolute_polling_url_on_the_own_origin_is_taken() -> None:
    url = "https://openrouter.ai/api/alpha/videos/j1?x=1"
    assert str(OPENROUTER.job("j1", url)) == url


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "https://evil.example/api/v1/videos/j1",
        "//evil.example/x",
        "http://openrouter.ai/api/v1/videos/j1",
        "https://openrouter.ai:8443/api/v1/videos/j1",
        "https://openrouter.ai@evil.example/x",
        "https://key@openrouter.ai/x",
        "https://openrouter.ai.evil.example/x",
        "https://openrouter.ai./x",
        "https://openrouter.ai:99999/x",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://[::1",
    ],
)
def test_any_other_polling_url_is_replaced_by_the_documented_one(url: str | None) -> None:
    assert str(OPENROUTER.job("j1", url)) == "https://openrouter.ai/api/v1/videos/j1"


def test_the_default_port_is_the_same_origin() -> None:
    assert OPENROUTER.may_see_key(URL("https://openrouter.ai:443/x"))


def test_capital_letters_are_the_same_host() -> None:
    assert OPENROUTER.may_see_key(URL("https://OpenRouter.AI/x"))


def test_a_job_id_cannot_leave_its_path() -> None:
    assert OPENROUTER.job("../../key?x", None).raw_path == "/api/v1/videos/..%2F..%2Fkey%3Fx"
    assert OPENROUTER.content("a/b").raw_path == "/api/v1/videos/a%2Fb/content"


pieces = st.sampled_from(
    "https: http: // / @ : openrouter.ai evil.example 443 80 [ ] ::1 \\ ? # % ..".split()  # noqa: SIM905 (legible)
)


@given(st.text(max_size=60) | st.lists(pieces, max_size=8).map("".join))
def test_whatever_polling_url_comes_the_key_goes_to_the_own_origin(url: str) -> None:
    job = OPENROUTER.job("j1", url)
    assert (job.scheme, job.raw_host, job.port, job.user) == ("https", "openrouter.ai", 443, None)
