"""Messages as a reader sees them, without markup."""

from __future__ import annotations

import pytest

from sandbox.plain import plain_text


def name(kind: str, identity: str) -> str:
    return {"user": "Ann", "channel": "dailies"}[kind] + identity[-1]


def shown(text: str) -> str:
    return plain_text({"content": text}, now=1000.0, name=name)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("### Generating", "Generating"),
        ("-# Requested by <@11>", "Requested by @Ann1"),
        ("in <#22>", "in #dailies2"),
        ("**bold**, *soft*, __under__, ~~gone~~, `code`", "bold, soft, under, gone, code"),
        (r"a \*star\* and 2 * 3 * 4", "a *star* and 2 * 3 * 4"),
        (r"\@everyone", "@everyone"),
        ("[the link](https://example.com/a)", "the link (https://example.com/a)"),
        ("<t:940:R>, <t:1120:R>, <t:999:R>", "1 minute ago, in 2 minutes, 1 second ago"),
        ("</video:33> again", "/video again"),
    ],
)
def test_markup_is_taken_off(text: str, plain: str) -> None:
    assert shown(text) == plain


def test_components_are_read_from_top_to_bottom() -> None:
    container = {
        "type": 17,
        "components": [
            {"type": 10, "content": "## Title"},
            {"type": 14},
            {
                "type": 9,
                "components": [{"type": 10, "content": "beside"}],
                "accessory": {"type": 11, "media": {"url": "x"}},
            },
            {"type": 12, "items": [{"media": {"url": "x"}}, {"media": {"url": "y"}}]},
            {"type": 1, "components": [{"type": 2, "label": "Again"}, {"type": 2, "emoji": {"name": "🎬"}}]},
        ],
    }
    message = {"components": [container], "attachments": [{"filename": "a.mp4"}]}
    lines = plain_text(message, now=0, name=name).splitlines()
    assert lines == ["Title", "beside", "[picture]", "[2 pictures]", "[Again]  [🎬]", "[file a.mp4]"]
