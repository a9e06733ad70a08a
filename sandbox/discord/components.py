"""Reads the components of a message: checks and completes them as Discord does.

Limits are from Discord's documentation ("Component Reference") and its OpenAPI document.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sandbox.discord import forms
from sandbox.discord.component_tree import (
    BUTTON,
    CONTAINER,
    FILE,
    GALLERY,
    ROW,
    SECTION,
    SELECTS,
    SEPARATOR,
    STRING_SELECT,
    TEXT,
    THUMBNAIL,
    walk,
)
from sandbox.discord.errors import ApiError, FormErrors
from sandbox.discord.files import FileStore, StoredFile
from sandbox.discord.jsontypes import JsonObject, is_object

MAX_COMPONENTS, MAX_TEXT, MAX_STORED_TEXT = 40, 4000, 10_170
TOP = (ROW, SECTION, TEXT, GALLERY, FILE, SEPARATOR, CONTAINER)
IN_CONTAINER = tuple(kind for kind in TOP if kind != CONTAINER)
LINK_STYLE, PREMIUM_STYLE = 5, 6


@dataclass
class Reader:
    """Reads one message's components. `uploads` are the files it may name as attachment://name."""

    errors: FormErrors
    store: FileStore
    uploads: dict[str, StoredFile]
    v2: bool
    used: set[str] = field(default_factory=set[str])
    """Ids of the files that components show."""
    texts: list[str] = field(default_factory=list[str])
    custom_ids: set[str] = field(default_factory=set[str])
    count: int = 0

    def read(self, items: list[object]) -> list[JsonObject]:
        """Return the completed components; mistakes go into `errors`."""
        allowed = TOP if self.v2 else (ROW,)
        done = self._children(items, "components", allowed)
        if not self.v2 and len(items) > 5:
            self.errors.length("components", 1, 5)
        if self.count > MAX_COMPONENTS:
            self.errors.add(
                "components",
                "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED",
                f"Total number of components cannot exceed {MAX_COMPONENTS}",
            )
        if sum(map(len, self.texts)) > MAX_TEXT:
            self.errors.add(
                "components",
                "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
                f"Components displayable text size exceeds maximum size of {MAX_TEXT}",
            )
        _refuse_oversized(self.texts)
        self._number(done)
        return done

    def _children(self, items: list[object], path: str, allowed: tuple[int, ...]) -> list[JsonObject]:
        return [
            child for at, item in enumerate(items) if (child := self._one(item, f"{path}.{at}", allowed)) is not None
        ]

    def _one(self, item: object, path: str, allowed: tuple[int, ...]) -> JsonObject | None:
        if not is_object(item):
            self.errors.add(path, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
            return None
        kind = item.get("type")
        if kind not in allowed:
            kinds = ", ".join(map(str, allowed)) + ("," if len(allowed) == 1 else "")
            self.errors.add(path, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({kinds}).')
            return None
        self.count += 1
        readers: dict[int, Callable[[JsonObject, str], JsonObject]] = {
            ROW: self._row,
            BUTTON: self._button,
            SECTION: self._section,
            TEXT: self._text,
            THUMBNAIL: self._media_item,
            GALLERY: self._gallery,
            FILE: self._file,
            SEPARATOR: self._separator,
            CONTAINER: self._container,
            **dict.fromkeys(SELECTS, self._select),
        }
        done = readers[kind](item, path)
        return {"type": kind, "id": forms.integer(self.errors, item, "id", path, low=0) or 0, **done}

    def _row(self, item: JsonObject, path: str) -> JsonObject:
        children = forms.items(self.errors, item, "components", path, low=1, high=5)
        done = self._children(children, f"{path}.components", (BUTTON, *SELECTS))
        if any(child["type"] in SELECTS for child in done) and len(done) > 1:
            self.errors.add(
                path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width"
            )
        return {"components": done}

    def _custom_id(self, item: JsonObject, path: str) -> str | None:
        custom_id = forms.text(self.errors, item, "custom_id", path, low=1, high=100, required=True)
        if custom_id is not None and custom_id in self.custom_ids:
            self.errors.add(
                f"{path}.custom_id",
                "COMPONENT_CUSTOM_ID_DUPLICATED",
                "Component custom id cannot be duplicated",
            )
        self.custom_ids.add(custom_id or "")
        return custom_id

    def _button(self, item: JsonObject, path: str) -> JsonObject:
        style = forms.integer(self.errors, item, "style", path, low=1, high=6)
        if style is None:
            self.errors.required(f"{path}.style")
        done: JsonObject = {"style": style, "disabled": forms.flag(item, "disabled")}
        label = forms.text(self.errors, item, "label", path, high=80)
        if label is not None:
            done["label"] = label
        if item.get("emoji") is not None:
            done["emoji"] = item["emoji"]
        if style == LINK_STYLE:
            if item.get("custom_id") is not None:
                self.errors.add(
                    path, "BUTTON_COMPONENT_INVALID_CUSTOM_ID", "A custom id and url cannot both be specified"
                )
            done["url"] = forms.text(self.errors, item, "url", path, low=1, high=512, required=True)
        elif style != PREMIUM_STYLE:
            done["custom_id"] = self._custom_id(item, path)
            if label is None and "emoji" not in done:
                self.errors.add(path, "BUTTON_COMPONENT_LABEL_REQUIRED", "A button must have a label or emoji")
        return done

    def _select(self, item: JsonObject, path: str) -> JsonObject:
        low, high = forms.value_bounds(self.errors, item, path, required=forms.flag(item, "required"))
        done: JsonObject = {
            "custom_id": self._custom_id(item, path),
            "min_values": low,
            "max_values": high,
            "disabled": forms.flag(item, "disabled"),
        }
        if placeholder := forms.text(self.errors, item, "placeholder", path, high=150):
            done["placeholder"] = placeholder
        if item["type"] != STRING_SELECT:
            return done | {key: item[key] for key in ("channel_types", "default_values") if item.get(key)}
        # Discord wants at least as many options as may be chosen, and says so of their number.
        return {**done, "options": forms.select_options(self.errors, item, path, least=high, chosen=high)}

    def _section(self, item: JsonObject, path: str) -> JsonObject:
        children = forms.items(self.errors, item, "components", path, low=1, high=3)
        done = self._children(children, f"{path}.components", (TEXT,))
        if item.get("accessory") is None:
            self.errors.required(f"{path}.accessory")
            return {"components": done}
        accessory = self._one(item["accessory"], f"{path}.accessory", (BUTTON, THUMBNAIL))
        return {"components": done, "accessory": accessory}

    def _text(self, item: JsonObject, path: str) -> JsonObject:
        content = forms.text(self.errors, item, "content", path, low=1, high=MAX_TEXT, required=True) or ""
        self.texts.append(content)
        return {"content": content}

    def _gallery(self, item: JsonObject, path: str) -> JsonObject:
        done: list[JsonObject] = []
        for at, entry in enumerate(forms.items(self.errors, item, "items", path, low=1, high=10)):
            where = f"{path}.items.{at}"
            if is_object(entry):
                done.append(self._media_item(entry, where))
            else:
                self.errors.add(where, "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        return {"items": done}

    def _media_item(self, item: JsonObject, path: str) -> JsonObject:
        return {
            "media": self._media(item.get("media"), f"{path}.media"),
            "description": forms.text(self.errors, item, "description", path, low=1, high=1024),
            "spoiler": forms.flag(item, "spoiler"),
        }

    def _file(self, item: JsonObject, path: str) -> JsonObject:
        media = self._media(item.get("file"), f"{path}.file", attachments_only=True)
        upload = next((f for f in self.uploads.values() if f.id == media.get("attachment_id")), None)
        return {
            "file": media,
            "name": upload.filename if upload else None,
            "size": upload.size if upload else None,
            "spoiler": forms.flag(item, "spoiler"),
        }

    def _media(self, media: object, path: str, *, attachments_only: bool = False) -> JsonObject:
        url = forms.text(self.errors, media, "url", path, low=1, high=2048, required=True) if is_object(media) else None
        if not is_object(media):
            self.errors.required(path)
        if url is None:
            return {}
        if url.startswith("attachment://"):
            upload = self.uploads.get(url.removeprefix("attachment://"))
            if upload is None:
                self.errors.add(
                    f"{path}.url",
                    "UNFURLED_MEDIA_ITEM_REFERENCED_ATTACHMENT_NOT_FOUND",
                    "The referenced attachment was not found.",
                )
                return {}
            self.used.add(upload.id)
            return self.store.describe_media(upload)
        if attachments_only or not url.startswith(("http://", "https://")):
            schemes = "('attachment',)" if attachments_only else "('http', 'https', 'attachment')"
            self.errors.add(
                f"{path}.url",
                "URL_TYPE_INVALID_SCHEME",
                f"Scheme must be one of {schemes}.",
            )
            return {}
        return self._linked(url)

    def embed_media(self, media: JsonObject) -> JsonObject:
        """Complete an embed's image, which may name an upload of the message; an unknown name is left as it is."""
        upload = self.uploads.get(str(media.get("url", "")).removeprefix("attachment://"))
        if upload is None:
            return media
        self.used.add(upload.id)
        return self.store.describe_media(upload)

    def _linked(self, url: str) -> JsonObject:
        known = self.store.find(url)
        if known is not None and known in self.uploads.values():
            self.used.add(known.id)  # the message's own upload, by the link that Discord gave out for it
            return self.store.describe_media(known)
        return {
            "id": "0",
            "url": url,
            "proxy_url": url,
            "width": known.width if known else None,
            "height": known.height if known else None,
            "content_type": known.content_type if known else None,
        }

    def _separator(self, item: JsonObject, path: str) -> JsonObject:
        spacing = forms.integer(self.errors, item, "spacing", path, low=1, high=2)
        return {"spacing": 1 if spacing is None else spacing, "divider": forms.flag(item, "divider", default=True)}

    def _container(self, item: JsonObject, path: str) -> JsonObject:
        children = forms.items(self.errors, item, "components", path, low=1, high=MAX_COMPONENTS)
        return {
            "accent_color": forms.integer(self.errors, item, "accent_color", path, low=0, high=0xFFFFFF),
            "components": self._children(children, f"{path}.components", IN_CONTAINER),
            "spoiler": forms.flag(item, "spoiler"),
        }

    @staticmethod
    def _number(done: list[JsonObject]) -> None:
        taken = {component["id"] for component in walk(done)} - {0}
        numbers = (number for number in range(1, 10_000) if number not in taken)
        for component in walk(done):
            component["id"] = component["id"] or next(numbers)


def _refuse_oversized(texts: list[str]) -> None:
    """Discord answers 500 to more text than this, counted in UTF-8 (discord-api-docs issue 8554, measured there)."""
    if sum(len(text.encode()) + 12 for text in texts) > MAX_STORED_TEXT and sum(map(len, texts)) <= MAX_TEXT:
        raise ApiError(500, {"message": "500: Internal Server Error", "code": 0})
