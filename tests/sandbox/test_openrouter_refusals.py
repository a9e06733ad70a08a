"""The refusals of a paid request that OpenRouter documents, and a gateway's page that it does not."""

from __future__ import annotations

from typing import get_args

import pytest

from sandbox.openrouter.refusals import REFUSALS, Refusal
from tests.sandbox.openrouter_kit import body, running


@pytest.mark.parametrize("refusal", get_args(Refusal))
async def test_a_refusal_comes_as_documented_and_as_often_as_scripted(refusal: Refusal) -> None:
    async with running() as client:
        client.server.faults.refuse(refusal, times=2)
        answers = [await client.submit(body()) for _ in range(3)]
        form = REFUSALS[refusal]
        assert [answer.status for answer in answers] == [form.status, form.status, 202]
        assert answers[0].json["error"]["code"] == form.status
        assert answers[0].json["error"].get("metadata", {}) == form.metadata
        assert ("Retry-After" in answers[0].headers) == form.waits
        assert len(client.server.jobs) == 1


async def test_a_budget_says_when_it_renews() -> None:
    async with running() as client:
        client.server.faults.refuse("workspace-budget", limit_usd=5, spend_usd=5.2, resets_at="2026-12-01T00:00:00Z")
        metadata = (await client.submit(body())).json["error"]["metadata"]
        assert metadata["limit_source"] == "openrouter_workspace_budget"
        assert metadata["resets_at"] == "2026-12-01T00:00:00Z"


async def test_a_gateways_page_hides_an_accepted_job() -> None:
    async with running() as client:
        client.server.faults.gateway_page(503, retry_after="5")
        answer = await client.submit(body())
        assert (answer.status, answer.headers["Content-Type"]) == (503, "text/html")
        assert answer.headers["Retry-After"] == "5"
        assert len(client.server.jobs) == 1


async def test_the_account_s_credits_decide_by_price_and_by_what_is_unfinished() -> None:
    async with running(queue_seconds=3600, work_seconds=3600) as client:
        client.server.credits_usd = 0.2
        assert (await client.submit(body())).json["error"]["metadata"]["reason"] == "weight_exceeds_budget"
        client.server.credits_usd = 1.5
        statuses = [(await client.submit(body())) for _ in range(6)]
        refused = next(answer for answer in statuses if answer.status != 202)
        assert statuses[0].status == 202
        assert refused.json["error"]["metadata"]["reason"] == "in_flight_budget_exhausted"
        assert refused.headers["Retry-After"] == "4"
        client.server.credits_usd = 0.0
        assert (await client.submit(body())).json["error"]["metadata"] == {"limit_source": "openrouter_credits"}
