"""The page's server: access to it, and its refusals."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio

from sandbox.discord import Limits
from sandbox.page.server import PageServer
from sandbox.stack import Stack
from tests.sandbox.page_kit import served

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Site:
    """A page without a bot, and a client that may say anything."""

    stack: Stack
    server: PageServer
    http: aiohttp.ClientSession

    @property
    def channel_id(self) -> str:
        """#dailies."""
        return self.stack.discord.world.channel_named("dailies").id


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site() -> AsyncGenerator[Site]:
    """One site for all tests here; files may have 64 KiB."""
    limits = Limits(upload_bytes=64 * 1024)
    async with (
        Stack(start_bot=False, limits=limits) as stack,
        served(stack) as server,
        aiohttp.ClientSession(server.origin) as http,
    ):
        yield Site(stack, server, http)


def message(site: Site, content: str, files: dict[str, bytes] | None = None) -> aiohttp.FormData:
    """The form the page sends for an ordinary message."""
    form = aiohttp.FormData(default_to_multipart=True)
    form.add_field("payload", json.dumps({"channel_id": site.channel_id, "content": content}))
    for name, data in (files or {}).items():
        form.add_field("files[0]", data, filename=name)
    return form


async def test_it_listens_on_loopback_only(site: Site) -> None:
    """No other machine reaches the page."""
    assert site.server.origin.startswith("http://127.0.0.1:")


async def test_a_foreign_host_name_is_refused(site: Site) -> None:
    """A DNS name that was rebound to 127.0.0.1 gets nothing, not even the page."""
    async with site.http.get("/", headers={"Host": "rebound.example"}) as answer:
        assert answer.status == 403
        assert "error" in await answer.json()


async def test_localhost_is_its_own_name(site: Site) -> None:
    """The page also answers as localhost."""
    port = site.server.origin.rsplit(":", 1)[1]
    async with site.http.get("/api/state", headers={"Host": f"localhost:{port}"}) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1"])
async def test_a_post_from_another_site_is_refused(site: Site, origin: str) -> None:
    """Another page in the same browser cannot act as the person."""
    async with site.http.post("/api/outcome", json={"outcome": "fail"}, headers={"Origin": origin}) as answer:
        assert answer.status == 403
    assert site.stack.openrouter.faults.scripts == []


async def test_a_websocket_from_another_site_is_refused(site: Site) -> None:
    """Another page cannot listen in."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await site.http.ws_connect("/api/events", headers={"Origin": "https://elsewhere.example"})
    assert refused.value.status == 403


async def test_the_policy_lets_in_only_own_scripts_and_the_stand_ins_media(site: Site) -> None:
    """The content security policy names no other origin and no inline code."""
    async with site.http.get("/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert f"media-src 'self' blob: {site.stack.discord.origin};" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", ["/nothing.js", "/..%2fserver.py", "/%2e%2e/server.py", "/js"])
async def test_there_is_nothing_but_the_pages_files(site: Site, path: str) -> None:
    """No path leads out of the folder of static files."""
    async with site.http.get(path) as answer:
        assert answer.status == 404
        assert await answer.json() == {"error": "There is nothing here."}


async def test_too_large_a_body_is_refused_while_it_is_read(site: Site) -> None:
    """Four files of the largest size are the most that is taken at once."""
    async with site.http.post("/api/send", data=message(site, "", {"big.bin": bytes(300 * 1024)})) as answer:
        assert answer.status == 413
        assert "more than the" in (await answer.json())["error"]


async def test_a_file_above_the_channels_limit_is_refused_with_its_name(site: Site) -> None:
    """A refusal by Discord's client comes back as its sentence."""
    async with site.http.post("/api/send", data=message(site, "", {"large.png": bytes(100 * 1024)})) as answer:
        assert answer.status == 400
        assert "large.png is too large" in (await answer.json())["error"]


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 400), (b'{"outcome": 5}', 400), (b'{"outcome": "rain"}', 400)]
)
async def test_a_broken_request_gets_an_error_in_json(site: Site, body: bytes, status: int) -> None:
    """Errors are sentences in JSON."""
    headers = {"Content-Type": "application/json"}
    async with site.http.post("/api/outcome", data=body, headers=headers) as answer:
        assert answer.status == status
        assert (await answer.json())["error"]


async def test_an_unknown_person_is_refused(site: Site) -> None:
    """A person has to be one of those present."""
    async with site.http.get("/api/state?person=Eve") as answer:
        assert answer.status == 400


async def test_a_message_reaches_every_open_page(site: Site) -> None:
    """The first line is the state; then events follow."""
    async with site.http.ws_connect("/api/events?person=Ben") as line:
        first = await line.receive_json(timeout=30)
        assert first["type"] == "state"
        assert first["state"]["me"]["global_name"] == "Ben"
        async with site.http.post("/api/send", data=message(site, "hello")) as answer:
            assert answer.status == 200
        event = await line.receive_json(timeout=30)
        assert event["type"] == "message_create"
        assert event["message"]["content"] == "hello"


async def test_a_person_and_the_server_get_languages_of_their_own(site: Site) -> None:
    for whose, locale in (("person", "ja"), ("server", "de")):
        async with site.http.post("/api/language", json={"whose": whose, "locale": locale}) as answer:
            assert (await answer.json())["languages"][whose] == locale
    async with site.http.get("/api/state") as answer:
        languages = (await answer.json())["sandbox"]["languages"]
    assert (languages["person"], languages["server"]) == ("ja", "de")
    assert site.stack.discord.person().user.locale == "ja"
    assert site.stack.discord.world.guild.locale == "de"


@pytest.mark.parametrize("said", [{"whose": "person", "locale": "tlh"}, {"whose": "all", "locale": "de"}, {}])
async def test_a_language_that_discord_lacks_is_refused(site: Site, said: dict[str, str]) -> None:
    async with site.http.post("/api/language", json=said) as answer:
        assert answer.status == 400


async def test_the_next_jobs_outcome_can_be_changed_and_taken_back(site: Site) -> None:
    """Choosing again replaces the earlier script; the default scripts nothing."""
    faults = site.stack.openrouter.faults
    for outcome, scripts, answers in (("fail", 1, 0), ("no-credits", 0, 1), ("complete", 0, 0)):
        async with site.http.post("/api/outcome", json={"outcome": outcome}) as answer:
            assert await answer.json() == {"outcome": outcome}
        assert (len(faults.scripts), len(faults.answers)) == (scripts, answers)
