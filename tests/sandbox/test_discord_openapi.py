"""The checks against Discord's OpenAPI document do find mistakes."""

from __future__ import annotations

import pytest

from tests.support.openapi import check_discord_answer, check_discord_request


def test_a_right_body_passes() -> None:
    """A layout with an upload, as the bot sends it."""
    gallery = {"type": 12, "items": [{"media": {"url": "attachment://a.png"}}]}
    body = {"flags": 1 << 15, "components": [{"type": 17, "components": [gallery]}], "attachments": [{"id": 0}]}
    check_discord_request("PATCH", "/channels/1/messages/2", body)
    check_discord_request("POST", "/interactions/1/token/callback", {"type": 4, "data": body})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/channels/1/messages", {"content": 5}),
        ("POST", "/channels/1/messages", {"nonce": "n" * 26}),
        ("PATCH", "/channels/1/messages/2", {"components": [{"type": 12}]}),
        ("POST", "/interactions/1/token/callback", {"type": 99}),
        ("PUT", "/applications/1/commands", [{"name": "x" * 33}]),
        ("GET", "/channels/1", {"content": "x"}),
        ("POST", "/no/such/route", {}),
    ],
)
def test_a_wrong_request_is_found(method: str, path: str, body: object) -> None:
    """Wrong types, lengths, kinds, and calls that do not exist."""
    with pytest.raises(AssertionError):
        check_discord_request(method, path, body)


@pytest.mark.parametrize(
    ("status", "answer"),
    [(200, {"id": "1"}), (200, None), (204, None), (404, {"message": "no code"}), (429, {"retry_after": 1})],
)
def test_a_wrong_answer_is_found(status: int, answer: object) -> None:
    """Missing fields and statuses that a call never has."""
    with pytest.raises(AssertionError):
        check_discord_answer("GET", "/channels/1/messages/2", status, answer)
