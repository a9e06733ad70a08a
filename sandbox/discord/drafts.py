"""Reads the body of a message create or edit: checks its content and makes the message's fields of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.discord import forms
from sandbox.discord.component_tree import TEXT, walk
from sandbox.discord.components import Reader
from sandbox.discord.errors import FormErrors, refuse
from sandbox.discord.files import FileStore, StoredFile
from sandbox.discord.jsontypes import JsonObject, dumps, is_list, is_object, objects
from sandbox.discord.mentions import Allowed, read_allowed

SUPPRESS_EMBEDS, EPHEMERAL, LOADING, SUPPRESS_NOTIFICATIONS, COMPONENTS_V2 = 1 << 2, 1 << 6, 1 << 7, 1 << 12, 1 << 15
MAX_CONTENT, MAX_EMBED_TEXT, MAX_FILES, MAX_DESCRIPTION = 2000, 6000, 10, 1024


@dataclass
class Draft:
    """A checked message body. None: not given, so an edit leaves the field as it is."""

    content: str | None
    embeds: list[JsonObject] | None
    components: list[JsonObject] | None
    flags: int
    files: dict[str, StoredFile]
    allowed: Allowed
    texts: list[str] = field(default_factory=list[str])
    hidden: set[str] = field(default_factory=set[str])
    """Ids of files that components or embeds show, which are not listed as attachments."""
    described: dict[str, str | None] = field(default_factory=dict[str, "str | None"])
    """New descriptions of files that the message has already, by their ids."""


@dataclass
class Before:
    """The message that an edit starts from."""

    content: str = ""
    embeds: list[JsonObject] = field(default_factory=list[JsonObject])
    components: list[JsonObject] = field(default_factory=list[JsonObject])
    flags: int = 0
    files: dict[str, StoredFile] = field(default_factory=dict[str, StoredFile])


def read(body: JsonObject, uploads: dict[str, StoredFile], store: FileStore, before: Before | None = None) -> Draft:
    """Check a message body; 50035 with every field that is wrong, 50006 if nothing would be left.

    `uploads` are the new files by their place n in `files[n]`.
    """
    errors = FormErrors()
    old = before or Before()
    flags = _flags(errors, body, old.flags)
    v2 = bool(flags & COMPONENTS_V2)
    content = forms.text(errors, body, "content", "", high=MAX_CONTENT)
    kept = _kept_files(errors, body, old, uploads)
    names = {file.filename: file for file in kept.values()}
    reader = Reader(errors, store, names, v2)
    components = _components(body, errors, reader)
    embeds = _embeds(errors, body, reader)
    if v2:
        _refuse_legacy(errors, body, old)
    allowed = read_allowed(errors, body.get("allowed_mentions"))
    errors.raise_if_any()
    draft = Draft(
        content=content or "" if "content" in body else None,
        embeds=embeds,
        components=components,
        flags=flags,
        files=kept,
        allowed=allowed,
        texts=[content or "" if "content" in body else old.content],
        hidden=reader.used,
        described=_described(body, old),
    )
    draft.texts += _texts(old.components if components is None else components)
    if components is None:
        draft.hidden |= _shown(old.components, kept)
    if embeds is None:
        draft.hidden |= _shown(old.embeds, kept)
    _refuse_empty(draft, old, body)
    return draft


def _flags(errors: FormErrors, body: JsonObject, old: int) -> int:
    flags = forms.integer(errors, body, "flags", "", low=0)
    if flags is None:
        return old
    if old & COMPONENTS_V2 and not flags & COMPONENTS_V2:
        errors.add(
            "flags",
            "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG",
            "The IS_COMPONENTS_V2 flag cannot be removed from a message",
        )
    settable = SUPPRESS_EMBEDS | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2 | EPHEMERAL
    return (old & (EPHEMERAL | LOADING)) | (flags & settable)


def _kept_files(
    errors: FormErrors, body: JsonObject, old: Before, uploads: dict[str, StoredFile]
) -> dict[str, StoredFile]:
    listed = body.get("attachments")
    kept = dict(old.files)
    if is_list(listed):
        ids = {str(item.get("id")) for item in objects(listed)}
        kept = {key: file for key, file in old.files.items() if key in ids}
        for at, item in enumerate(objects(listed)):
            key = str(item.get("id"))
            if key not in uploads and key not in old.files:
                errors.add(f"attachments.{at}.id", "ATTACHMENT_NOT_FOUND", f'Attachment "{key}" was not found')
            forms.text(errors, item, "description", f"attachments.{at}", high=MAX_DESCRIPTION)
    kept |= {file.id: file for file in uploads.values()}
    if len(kept) > MAX_FILES:
        errors.too_long("attachments", MAX_FILES)
    return kept


def _described(body: JsonObject, old: Before) -> dict[str, str | None]:
    given = {str(item.get("id")): item for item in objects(body.get("attachments"))}
    return {key: given[key]["description"] for key in old.files if "description" in given.get(key, {})}


def _components(body: JsonObject, errors: FormErrors, reader: Reader) -> list[JsonObject] | None:
    if "components" not in body:
        return None
    return reader.read(forms.items(errors, body, "components", "", high=100))


def _embeds(errors: FormErrors, body: JsonObject, reader: Reader) -> list[JsonObject] | None:
    if "embeds" not in body:
        return None
    done: list[JsonObject] = []
    total = 0
    for at, item in enumerate(forms.items(errors, body, "embeds", "", high=10)):
        if not is_object(item):
            errors.add(f"embeds.{at}", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            continue
        for key, high in (("title", 256), ("description", 4096)):
            total += len(forms.text(errors, item, key, f"embeds.{at}", high=high) or "")
        for number, part in enumerate(forms.items(errors, item, "fields", f"embeds.{at}", high=25)):
            if is_object(part):
                where = f"embeds.{at}.fields.{number}"
                total += len(forms.text(errors, part, "name", where, low=1, high=256, required=True) or "")
                total += len(forms.text(errors, part, "value", where, low=1, high=1024, required=True) or "")
        embed = {"type": "rich", **item}
        for key in ("image", "thumbnail"):
            if is_object(media := item.get(key)):
                embed[key] = reader.embed_media(media)
        done.append(embed)
    if total > MAX_EMBED_TEXT:
        errors.add("embeds", "MAX_EMBED_SIZE_EXCEEDED", f"Embed size exceeds maximum size of {MAX_EMBED_TEXT}")
    return done


def _refuse_legacy(errors: FormErrors, body: JsonObject, old: Before) -> None:
    given = {"content": old.content, "embeds": old.embeds, **body}
    for key in ("content", "embeds", "sticker_ids", "poll"):
        if given.get(key):
            errors.add(
                key,
                "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2",
                f"The '{key}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2",
            )


def _texts(components: list[JsonObject]) -> list[str]:
    return [str(component["content"]) for component in walk(components) if component["type"] == TEXT]


def _shown(parts: list[JsonObject], files: dict[str, StoredFile]) -> set[str]:
    """Ids of the files that finished components or embeds show."""
    text = dumps(parts)
    return {key for key in files if f'"attachment_id":"{key}"' in text}


def _refuse_empty(draft: Draft, old: Before, body: JsonObject) -> None:
    content = old.content if draft.content is None else draft.content
    embeds = old.embeds if draft.embeds is None else draft.embeds
    components = old.components if draft.components is None else draft.components
    if not (content.strip() or embeds or components or draft.files or body.get("sticker_ids") or body.get("poll")):
        raise refuse(50006)
