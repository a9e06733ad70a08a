"""The images that are taken of a message, and the marks that they keep; messages as discord.py reads them."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from cogs.video.message_images import images_of
from dailies.references.reference import Source

CDN = "https://cdn.discordapp.com/attachments/1/2"
GIF = {
    "type": "gifv",
    "url": "https://tenor.com/view/fox-123",
    "provider": {"name": "Tenor"},
    "thumbnail": {"url": "https://media.tenor.com/abc/fox.png", "proxy_url": "https://images-ext-1.discordapp.net/x"},
    "video": {"url": "https://media.tenor.com/abc/fox.mp4"},
}


def message(**fields: Any) -> discord.Message:
    """Return a message of another person."""
    data: Any = {
        "id": "10",
        "channel_id": "1",
        "type": 0,
        "author": {"id": "7", "username": "ann", "discriminator": "0", "avatar": None},
        "content": "",
        "timestamp": "2026-11-29T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "components": [],
    }
    client = discord.Client(intents=discord.Intents(guilds=True))
    channel: Any = client.get_partial_messageable(1)
    return discord.Message(
        state=client._connection,  # pyright: ignore[reportPrivateUsage]
        channel=channel,
        data=data | fields,
    )


def attached(name: str, **fields: Any) -> dict[str, Any]:
    url = f"{CDN}/{name}"
    return {"id": "2", "filename": name, "size": 1, "url": url, "proxy_url": url, "content_type": "image/png"} | fields


def shown(name: str, *, file: bool = True) -> dict[str, Any]:
    """Return an item of a layout: a file of the message, or a link."""
    url = f"{CDN}/{name}" if file else f"https://a.example/{name}"
    more = {"attachment_id": "2"} if file else {}
    return {"url": url, "proxy_url": url, "content_type": "image/png", "width": 1, "height": 1} | more


def gallery(*items: dict[str, Any]) -> dict[str, Any]:
    return {"type": 12, "id": 1, "items": list(items)}


def names(**fields: Any) -> list[str]:
    return [one.name for one in images_of(message(**fields))]


def spoilers(**fields: Any) -> list[bool]:
    return [one.spoiler for one in images_of(message(**fields))]


@pytest.mark.parametrize(
    "fields",
    [
        {"attachments": [attached("SPOILER_fox.png")]},
        {"attachments": [attached("fox.png", flags=1 << 3)]},
        {"components": [gallery({"media": shown("fox.png"), "spoiler": True})]},
        {"components": [gallery({"media": shown("fox.png", file=False), "spoiler": True})]},
        {"components": [gallery({"media": shown("SPOILER_fox.png")})]},
        {"components": [{"type": 17, "spoiler": True, "components": [gallery({"media": shown("fox.png")})]}]},
        {"components": [{"type": 13, "id": 1, "file": shown("fox.png"), "spoiler": True}]},
        {
            "components": [
                {
                    "type": 9,
                    "components": [{"type": 10, "content": "look"}],
                    "accessory": {"type": 11, "media": shown("fox.png", file=False), "spoiler": True},
                }
            ]
        },
        {
            "content": "look: ||https://a.example/fox.png||",
            "embeds": [
                {"type": "image", "url": "https://a.example/fox.png", "thumbnail": {"url": "https://b.example/1"}}
            ],
        },
        {"content": "||https://tenor.com/view/fox-123||", "embeds": [GIF]},
        {"content": "||https://vm.tiktok.example/short|| ", "embeds": [GIF]},
        {"content": "https://tenor.com/view/fox-123 ||https://tenor.com/view/fox-123||", "embeds": [GIF]},
    ],
)
def test_what_its_author_hid_stays_marked(fields: dict[str, Any]) -> None:
    assert spoilers(**fields) == [True]


@pytest.mark.parametrize(
    "fields",
    [
        {"attachments": [attached("fox_SPOILER_.png")]},
        {"components": [gallery({"media": shown("fox.png"), "spoiler": False})]},
        {"content": "||secret|| https://tenor.com/view/fox-123", "embeds": [GIF]},
        {"content": "`||` https://tenor.com/view/fox-123 `||`", "embeds": [GIF]},
        {"content": "||https://else.example/|| https://tenor.com/view/fox-123", "embeds": [GIF]},
    ],
)
def test_what_nobody_hid_is_not_marked(fields: dict[str, Any]) -> None:
    assert spoilers(**fields) == [False]


def test_one_picture_that_is_hidden_in_one_place_is_hidden() -> None:
    item = {"media": shown("fox.png"), "spoiler": True}
    assert spoilers(attachments=[attached("fox.png")], components=[gallery(item)]) == [True]


def test_alt_texts_are_kept() -> None:
    files = [attached("fox.png", description="A fox asleep")]
    items = gallery({"media": shown("hat.png"), "description": "A red hat"})
    found = images_of(message(attachments=files, components=[items]))
    assert [one.description for one in found] == ["A fox asleep", "A red hat"]


def test_the_still_of_a_message_from_the_gif_picker_is_taken() -> None:
    still = Source("https://media.tenor.com/abc/fox.png", "media.tenor.com/abc/fox.png", attached=False)
    assert images_of(message(content="https://tenor.com/view/fox-123", embeds=[GIF])) == [still]


@pytest.mark.parametrize(
    ("embed", "name"),
    [
        ({"type": "video", "thumbnail": {"url": "https://a.example/still.jpg"}}, "a.example/still.jpg"),
        ({"type": "rich", "thumbnail": {"url": "https://a.example/small.png"}}, "a.example/small.png"),
        ({"type": "article", "thumbnail": {"url": "https://a.example/page.png"}}, "a.example/page.png"),
        (
            {
                "type": "rich",
                "image": {"url": "https://a.example/L.png"},
                "thumbnail": {"url": "https://a.example/s.png"},
            },
            "a.example/L.png",
        ),
        (
            {"type": "gifv", "thumbnail": {"url": "http://a.example/x", "proxy_url": "https://p.example/y.png"}},
            "p.example/y.png",
        ),
    ],
)
def test_an_embed_s_largest_still_is_taken(embed: dict[str, Any], name: str) -> None:
    assert names(embeds=[embed]) == [name]


def test_a_preview_s_small_picture_does_not_stand_beside_a_file() -> None:
    preview = {"type": "article", "thumbnail": {"url": "https://a.example/logo.png"}}
    assert names(attachments=[attached("fox.png")], embeds=[preview]) == ["fox.png"]


@pytest.mark.parametrize(("kind", "found"), [(1, ["Fox"]), (2, ["Fox"]), (3, []), (4, ["Fox"])])
def test_stickers_that_are_pictures_are_taken(kind: int, found: list[str]) -> None:
    assert names(sticker_items=[{"id": "5", "name": "Fox", "format_type": kind}]) == found


def forwarded(**fields: Any) -> dict[str, Any]:
    snapshot: dict[str, Any] = {
        "type": 0,
        "content": "",
        "embeds": [],
        "attachments": [],
        "timestamp": "2026-11-29T00:00:00+00:00",
        "edited_timestamp": None,
        "flags": 0,
    }
    reference = {"type": 1, "channel_id": "3", "message_id": "4"}
    return {"message_reference": reference, "message_snapshots": [{"message": snapshot | fields}]}


def test_what_a_message_forwards_is_taken_with_its_marks() -> None:
    files = [attached("SPOILER_fox.png", description="A fox")]
    (found,) = images_of(message(**forwarded(attachments=files)))
    assert (found.name, found.spoiler, found.description) == ("SPOILER_fox.png", True, "A fox")
    assert names(**forwarded(embeds=[GIF])) == ["media.tenor.com/abc/fox.png"]
    assert names(**forwarded(sticker_items=[{"id": "5", "name": "Fox", "format_type": 1}])) == ["Fox"]


def test_the_numbered_thumbnails_of_a_forwarded_status_are_not_taken() -> None:
    status = {
        "type": 17,
        "components": [gallery({"media": shown("reference-1.jpg")}, {"media": shown("reference-12.jpg")})],
    }
    assert names(**forwarded(components=[status])) == []
    assert names(**forwarded(attachments=[attached("reference-1.jpg")])) == []


def test_a_person_s_own_file_may_have_any_name() -> None:
    assert names(attachments=[attached("reference-1.jpg")]) == ["reference-1.jpg"]
