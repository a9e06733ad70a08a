"""An audit says what is known of the pinned packages, and never that nothing is wrong when nobody answered."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from tests.support.servers import Served, serving

ROOT = Path(__file__).parents[2]
FILE = """\
aiohttp==3.14.5 \\
    --hash=sha256:0133c3c3b54a0bf1e71fa5c1ad95c93f07fd54e24ef1fe182f5122e1573d2bf1
    # via -r requirements.in
audioop-lts==0.2.2 ; python_full_version >= '3.99' \\
    --hash=sha256:038c2c7e8caa26b6c8423779b5eaf1893904048a512c19b32fe841ffa5592b50
"""
KNOWN = {"pyyaml": ["PYSEC-2020-96"]}
"""The script's control sample, of which OSV knows this and more."""


def osv(known: Mapping[str, list[str]]) -> Callable[[web.Request], Awaitable[web.Response]]:
    """Answer as OSV does, {} where nothing is known. known: ids by package."""

    async def answer(request: web.Request) -> web.Response:
        name = (await request.json())["package"]["name"]
        events = [{"introduced": "0"}, {"fixed": "99.1"}]
        affected = [
            {"package": {"name": name, "ecosystem": "PyPI"}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
        ]
        vulns = [{"id": one, "summary": "It breaks.", "affected": affected} for one in known.get(name, [])]
        return web.json_response({"vulns": vulns} if vulns else {})

    return answer


async def audit(file: Path, url: str) -> tuple[int | None, str]:
    """Run the script; return its exit status and its words."""
    await asyncio.to_thread(file.write_text, FILE)
    command = [sys.executable, "scripts/audit.py", str(file), "--osv", url]
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(60):
        words, _ = await process.communicate()
    return process.returncode, words.decode()


def asked(served: Served) -> dict[str, str]:
    """Versions that were asked about, by package."""
    bodies: list[Any] = [json.loads(arrival.body) for arrival in served.arrivals]
    return {body["package"]["name"]: body["version"] for body in bodies}


@pytest.mark.slow
async def test_packages_of_every_python_are_asked_about(tmp_path: Path) -> None:
    async with serving(osv(KNOWN)) as served:
        code, words = await audit(tmp_path / "requirements.txt", served.origin)

    assert (code, words) == (0, "No known vulnerabilities in 2 packages.\n")
    assert asked(served) == {"aiohttp": "3.14.5", "audioop-lts": "0.2.2", "pyyaml": "5.3"}


@pytest.mark.slow
async def test_a_known_vulnerability_is_named_with_the_version_that_fixes_it(tmp_path: Path) -> None:
    async with serving(osv({**KNOWN, "aiohttp": ["PYSEC-2027-1"]})) as served:
        code, words = await audit(tmp_path / "requirements.txt", served.origin)

    assert code == 1
    assert "aiohttp==3.14.5: PYSEC-2027-1; fixed in 99.1\n" in words
    assert "pyyaml" not in words


@pytest.mark.slow
async def test_no_answer_is_not_a_clean_bill(tmp_path: Path) -> None:
    async with serving(osv(KNOWN)) as served:
        pass  # its port is closed again

    code, words = await audit(tmp_path / "requirements.txt", served.origin)

    assert code == 3
    assert words.startswith("NOT AUDITED: ")
    assert "No known" not in words


@pytest.mark.slow
async def test_an_error_for_one_package_is_not_a_clean_bill(tmp_path: Path) -> None:
    async def answer(request: web.Request) -> web.Response:
        body = await request.json()
        return web.Response(status=503) if body["package"]["name"] == "aiohttp" else await osv(KNOWN)(request)

    async with serving(answer) as served:
        code, words = await audit(tmp_path / "requirements.txt", served.origin)

    assert code == 3
    assert words.startswith("NOT AUDITED: ")


@pytest.mark.slow
async def test_a_page_in_the_answer_s_place_is_not_a_clean_bill(tmp_path: Path) -> None:
    async def sign_in(_: web.Request) -> web.Response:
        return web.Response(text="<h1>Sign in to this network</h1>", content_type="text/html")

    async with serving(sign_in) as served:
        code, words = await audit(tmp_path / "requirements.txt", served.origin)

    assert code == 3
    assert words.startswith("NOT AUDITED: ")


@pytest.mark.slow
async def test_a_service_that_knows_nothing_at_all_is_not_believed(tmp_path: Path) -> None:
    async with serving(osv({})) as served:
        code, words = await audit(tmp_path / "requirements.txt", served.origin)

    assert code == 3
    assert words.startswith("NOT AUDITED: ")
