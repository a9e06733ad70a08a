"""The kinds of components (Discord's documentation, "Component Reference"), and walks over them."""

from __future__ import annotations

from sandbox.discord.jsontypes import JsonObject, is_object

ROW, BUTTON, STRING_SELECT = 1, 2, 3
USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT = 5, 6, 7, 8
SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = 9, 10, 11, 12, 13, 14, 17
SELECTS = (STRING_SELECT, USER_SELECT, ROLE_SELECT, MENTIONABLE_SELECT, CHANNEL_SELECT)


def walk(components: list[JsonObject]) -> list[JsonObject]:
    """All components, nested ones and accessories included, in order."""
    found: list[JsonObject] = []
    for component in components:
        found.append(component)
        found += walk(component.get("components", []))
        for key in ("accessory", "component"):
            if component.get(key):
                found += walk([component[key]])
    return found


def media_of(component: JsonObject) -> list[tuple[JsonObject, str]]:
    """Places in which a component holds media: (holder, key) pairs."""
    if component["type"] == GALLERY:
        return [(item, "media") for item in component["items"]]
    return [(component, key) for key in ("media", "file") if is_object(component.get(key))]
