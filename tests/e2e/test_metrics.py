"""An operator's view of a bot in its own process: /metrics and the log, after jobs in the sandbox."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from prometheus_client import Metric
from prometheus_client.parser import text_string_to_metric_families

from sandbox.botprocess import ROOT
from sandbox.stack import KEY, TOKEN, Stack
from tests.e2e.conftest import quick_stack
from tests.e2e.scene import Scene, Story
from tests.e2e.test_process import command

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

MODEL = "bytedance/seedance-2.0-fast"
PROMPT, BLOCKED = "A paper boat named Ottilie", "A paper boat named Wilhelmine"


def free_port() -> int:
    """Return a loopback port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Seen:
    """One delivered job, one that the provider blocked, one refused command, and what was served and logged then."""

    def __init__(self, done: Story, metrics: list[Metric], log: str) -> None:
        self.done, self.metrics, self.log = done, metrics, log

    def value(self, sample: str, **labels: str) -> float | None:
        """Return the value of a sample with these labels, among others; None when there is none."""
        found = [
            one.value
            for family in self.metrics
            for one in family.samples
            if one.name == sample and labels.items() <= one.labels.items()
        ]
        return sum(found) if found else None

    def events(self, event: str) -> list[dict[str, Any]]:
        """Return the log's lines of an event, in order."""
        return [line for line in map(json.loads, self.log.splitlines()) if line.get("event") == event]


async def scraped(port: int) -> tuple[str, list[Metric]]:
    """Scrape a bot on this machine: the answer's content type, and its metrics."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/metrics") as response:
        assert response.status == 200
        text = await response.text()
        return response.headers["Content-Type"], list(text_string_to_metric_families(text))


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def seen() -> AsyncGenerator[Seen]:
    """Run the bot with metrics and a log in JSON, and use it."""
    port = free_port()
    async with quick_stack(METRICS_PORT=str(port), METRICS_READ_SECONDS="1800", LOG_FORMAT="json") as stack:
        scene = Scene(stack)
        done = await scene.ask(PROMPT)
        words = f"flagged: {BLOCKED}"  # a provider's, which repeat the prompt
        stack.openrouter.faults.answer("submit", 403, message=words, metadata={"reasons": ["violence"]})
        await scene.ask(BLOCKED)
        await scene.ask(PROMPT, duration=600)
        _, metrics = await scraped(port)
        yield Seen(done, metrics, stack.bot.log_path.read_text())


async def test_the_names_are_those_of_the_document(seen: Seen) -> None:
    table = re.findall(r"^\| `([a-z_]+)` \| (\w+) \|", (ROOT / "docs" / "metrics.md").read_text(), re.MULTILINE)

    # The parser leaves out what every counter's name ends with.
    served = {(one.name + "_total" * (one.type == "counter"), one.type) for one in seen.metrics}
    assert served
    # Those of the process are the system's to give.
    assert {one for one in served if one[0].startswith("dailies_")} == {one for one in table if "dailies_" in one[0]}
    assert {one for one in served if one[0].startswith("process_")} <= {one for one in table if "process_" in one[0]}


async def test_states_are_counted_by_model(seen: Seen) -> None:
    for state, number in {"checking": 2, "submitting": 2, "submitted": 1, "delivered": 1, "failed": 1}.items():
        assert seen.value("dailies_job_transitions_total", state=state, model=MODEL) == number, state
    assert seen.value("dailies_jobs") is None
    assert seen.value("dailies_queue_length") == 0


async def test_the_times_of_the_job_are_counted(seen: Seen) -> None:
    for name in ("submit", "finish", "deliver"):
        assert seen.value(f"dailies_job_{name}_seconds_count") == 1, name
    assert 10 < (seen.value("dailies_job_finish_seconds_sum", model=MODEL) or 0) < 3600


async def test_requests_and_errors_are_counted(seen: Seen) -> None:
    assert seen.value("dailies_openrouter_request_seconds_count", call="submit") == 2
    assert (seen.value("dailies_openrouter_request_seconds_count", call="poll") or 0) >= 1
    assert seen.value("dailies_openrouter_errors_total", call="submit", status="403", code="moderated") == 1
    assert (seen.value("dailies_discord_requests_total", status="200") or 0) > 5


async def test_money_is_the_database_s(seen: Seen) -> None:
    assert seen.value("dailies_database_read") == 1
    assert seen.value("dailies_held_usd") == 0
    (ended, _) = seen.events("job_ended")
    assert seen.value("dailies_spent_usd") == pytest.approx(ended["usd"])
    assert ended["usd"] > 0


async def test_memory_versions_and_the_loop_are_there(seen: Seen) -> None:
    assert (seen.value("process_resident_memory_bytes") or 0) > 20_000_000
    assert seen.value("dailies_build_info") == 1
    assert (seen.value("dailies_loop_lag_seconds_count") or 0) > 0


async def test_every_line_is_a_json_object_with_the_same_first_fields(seen: Seen) -> None:
    for line in seen.log.splitlines():
        entry = json.loads(line)
        assert list(entry)[:4] == ["time", "level", "logger", "message"]


async def test_the_start_says_version_and_own_settings(seen: Seen) -> None:
    (start,) = seen.events("started")
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", start["version"])
    assert start["settings"]["LOG_FORMAT"] == "json"
    assert start["settings"]["CONFIRM_ABOVE_USD"] == "never"
    assert "LOG_LEVEL" not in start["settings"]  # INFO is the default


async def test_a_job_is_said_once_as_it_is_asked_for_and_once_as_it_ends(seen: Seen) -> None:
    asked, ended = seen.events("job_asked"), seen.events("job_ended")

    assert [one["job"] for one in asked] == [one["job"] for one in ended]
    assert [one["state"] for one in ended] == ["delivered", "failed"]
    assert ended[1]["reason"].startswith("moderated")
    first = asked[0]
    assert (first["model"], first["pictures"]) == (MODEL, 0)
    assert first["usd"] > 0
    assert first["user"] > 0
    assert first["channel"] > 0
    assert ended[0]["seconds"] > 10


async def test_a_refused_command_is_said_by_its_code(seen: Seen) -> None:
    (refused,) = seen.events("refused")
    assert refused["code"].startswith("option_refused")
    assert refused["command"] == "video"


async def test_no_prompt_and_no_secret_is_in_the_log(seen: Seen) -> None:
    for hidden in ("Ottilie", "Wilhelmine", TOKEN, KEY):
        assert hidden not in seen.log


async def test_a_port_that_is_taken_ends_the_start_with_the_name_of_the_setting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with Stack(start_bot=False) as stack:
            code, printed = await command("run", stack.bot_environment() | {"METRICS_PORT": str(port)}, tmp_path)

    assert code == 1
    assert f"METRICS_HOST, METRICS_PORT: 127.0.0.1 port {port} cannot be used: Address already in use" in printed
    assert "Traceback" not in printed
