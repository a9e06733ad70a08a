"""OpenRouter's activity page can name the job, the person and the app; nobody can turn the person back."""

from __future__ import annotations

import hashlib

import pytest
from openrouter.components import VideoGenerationRequest
from openrouter.operations import CreateVideosRequest

from dailies.openrouter import protocol
from dailies.openrouter.client import OpenRouter, new_session
from dailies.openrouter.pseudonym import pseudonym
from tests.support.servers import serving
from tests.unit.kit import REQUEST, answering, at_once, said

PERSON = 157_730_590_492_196_864


def test_a_person_has_the_same_name_at_every_start() -> None:
    assert pseudonym("token", PERSON) == pseudonym("token", PERSON)


def test_names_differ_by_person_and_by_secret() -> None:
    names = {pseudonym(secret, person) for secret in ("token", "other") for person in (PERSON, PERSON + 1)}
    assert len(names) == 4


def test_a_name_is_no_bare_hash_of_the_id() -> None:
    name = pseudonym("token", PERSON)
    for text in (str(PERSON), f"token{PERSON}", f"{PERSON}token"):
        assert not hashlib.sha256(text.encode()).hexdigest().startswith(name)
    assert str(PERSON) not in name
    assert len(name) == 32


def test_the_request_has_fields_that_the_api_knows() -> None:
    body = REQUEST.body([], session_id="job", user="name")
    assert (body["session_id"], body["user"]) == ("job", "name")
    assert set(body) <= set(VideoGenerationRequest.model_fields)
    assert VideoGenerationRequest.model_validate(body).session_id == "job"


def test_the_headers_are_those_that_the_api_knows() -> None:
    known = {field.alias for field in CreateVideosRequest.model_fields.values()}
    assert set(protocol.app_headers(None)) <= known


def test_what_is_not_given_is_not_sent() -> None:
    assert not {"session_id", "user"} & set(REQUEST.body([]))


@pytest.mark.parametrize(
    ("url", "referer"), [("https://bot.example", "https://bot.example"), (None, "http://localhost")]
)
async def test_the_paid_request_names_the_app_and_a_check_does_not(url: str | None, referer: str) -> None:
    answers = answering(said({"id": "j1"}, 202), said({"status": "pending"}))
    async with serving(answers) as server, new_session() as session:
        openrouter = OpenRouter(session, base=server.base, key="k", app_url=url)
        await openrouter.submit({"model": "a/b"}, at_once)
        await openrouter.poll("j1", None)
    post, get = server.arrivals
    assert (post.headers["HTTP-Referer"], post.headers["X-OpenRouter-Title"]) == (referer, "Dailies")
    assert not {"HTTP-Referer", "X-OpenRouter-Title"} & set(get.headers)
