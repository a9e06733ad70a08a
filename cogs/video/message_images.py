"""The images that a message shows, with the marks that its author gave them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import discord
from yarl import URL

from dailies.references.reference import SPOILER_NAME, Source, each_source_once, linked, links_in

NAMES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif", ".avif")
"""Filename extensions of images."""
OWN_THUMBNAIL = re.compile(r"(?:SPOILER_)?reference-\d+\.jpg")
"""Names of the thumbnails in a status (cogs/status/message.py), which have numbers painted on."""

Part = discord.Message | discord.MessageSnapshot


def images_of(message: discord.Message) -> list[Source]:
    """Return the images of a message and what it forwards, each once, the message's own files first.

    A thumbnail of a status is none of them, also when the status was forwarded.
    """
    parts = parts_of(message)
    media = [one for part in parts for one in _media(part.components)]
    found = [one for part in parts for one in _attached(part)]
    found += sorted(media, key=lambda one: not one.attached)
    found += [source for part in parts for one in part.stickers if (source := _sticker(one))]
    found += [source for part in parts for source in _embedded(part)]
    if not found:
        found = [source for part in parts for source in _previewed(part)]
    return each_source_once(found)


def parts_of(message: discord.Message) -> list[Part]:
    """Return a message and what it forwards."""
    return [message, *message.message_snapshots]


def has_moving_sticker(message: discord.Message) -> bool:
    """Return whether a message shows a sticker that is a drawing in motion, without any picture of it."""
    lottie = discord.StickerFormatType.lottie
    return any(one.format is lottie for part in parts_of(message) for one in part.stickers)


def _attached(part: Part) -> Iterator[Source]:
    forwarded = isinstance(part, discord.MessageSnapshot)
    for one in part.attachments:
        if _may_be_image(one) and not (forwarded and OWN_THUMBNAIL.fullmatch(one.filename)):
            yield attachment(one)


def attachment(file: discord.Attachment) -> Source:
    """Return the source that an attachment is, with its marks."""
    return Source(
        file.url,
        file.filename[:80],
        attached=True,
        spoiler=file.is_spoiler(),
        description=file.description or None,
        width=file.width,
        height=file.height,
    )


def _may_be_image(file: discord.Attachment) -> bool:
    """Tell by two unreliable claims, its name and its sender's content type. Its bytes decide later."""
    return (file.content_type or "image/").startswith("image/") or file.filename.lower().endswith(NAMES)


def _media(components: Iterable[discord.Component], *, hidden: bool = False) -> Iterator[Source]:
    """Yield the images in a layout, which are not listed as attachments. hidden: its container is a spoiler."""
    for component in components:
        if isinstance(component, discord.Container):
            yield from _media(component.children, hidden=hidden or component.spoiler)
        elif isinstance(component, discord.SectionComponent):
            yield from _media([component.accessory], hidden=hidden)
        elif isinstance(component, discord.MediaGalleryComponent):
            for item in component.items:
                yield from _shown(item.media, item.description, spoiler=hidden or item.spoiler)
        elif isinstance(component, discord.ThumbnailComponent):
            yield from _shown(component.media, component.description, spoiler=hidden or component.spoiler)
        elif isinstance(component, discord.FileComponent):
            yield from _shown(component.media, None, spoiler=hidden or component.spoiler)


def _shown(media: discord.UnfurledMediaItem, description: str | None, *, spoiler: bool) -> Iterator[Source]:
    """Yield an item of a layout, a file or a link, if it may be an image."""
    name = media.url.partition("?")[0].rpartition("/")[2][:80]
    if not (media.content_type or "image/").startswith("image/") or OWN_THUMBNAIL.fullmatch(name):
        return
    if media.attachment_id:
        spoiler = spoiler or name.startswith(SPOILER_NAME)
        yield Source(media.url, name, attached=True, spoiler=spoiler, description=description or None)
    elif source := _linked(media.url, spoiler=spoiler):
        yield replace(source, description=description or None)


def _sticker(sticker: discord.StickerItem) -> Source | None:
    if sticker.format is discord.StickerFormatType.lottie:
        return None
    source = _linked(sticker.url)
    return source and replace(source, name=sticker.name[:80])


def _embedded(part: Part) -> Iterator[Source]:
    """Yield the pictures of embeds; of a link to a picture, Discord names it as the embed's thumbnail."""
    for embed in part.embeds:
        media = embed.image if embed.image.url else embed.thumbnail if embed.type == "image" else None
        if media and (source := _still(part, embed, media.url, media.proxy_url)):
            yield source


def _previewed(part: Part) -> Iterator[Source]:
    """Yield what stands for a moving picture or a page: the still of a message from the GIF picker, of a video."""
    for embed in part.embeds:
        if source := _still(part, embed, embed.thumbnail.url, embed.thumbnail.proxy_url):
            yield source


def _still(part: Part, embed: discord.Embed, url: str | None, proxy_url: str | None) -> Source | None:
    spoiler = _hidden(part.content, {embed.url, url})
    return _linked(url or "", spoiler=spoiler) or _linked(proxy_url or "", spoiler=spoiler)


def _hidden(content: str, addresses: set[str | None]) -> bool:
    """Return whether the link that an embed came from is a spoiler; if it is not found, whether any link is one."""
    found = [(_comparable(link), spoiler) for link, spoiler in links_in(content)]
    sought = {_comparable(one) for one in addresses if one}
    own = [spoiler for link, spoiler in found if link in sought]
    return any(own or [spoiler for _, spoiler in found])


def _comparable(link: str) -> str:
    return link.partition("#")[0].partition("?")[0].rstrip("/").lower()


def _linked(address: str, *, spoiler: bool = False) -> Source | None:
    """Return a source for an https address; None for any other text."""
    try:
        url = URL(address)
    except ValueError:
        return None
    if url.scheme != "https" or not url.host:
        return None
    return linked(url, spoiler=spoiler)
