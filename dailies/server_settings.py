"""Settings that a server's managers make for it in Discord. Each stands above one of the bot's own settings.

A new one is a field of `ServerSettings` with its declaration, and the code that reads the field. Its row in /settings,
its window, its check, and who changed it when follow from that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, cast, get_type_hints

from dailies import values
from dailies.catalog.guide import ModelGuide
from dailies.catalog.nearest import not_offered, spelled
from dailies.catalog.option_checks import OwnDefaults, usable_model
from dailies.catalog.options import Options
from dailies.errors import CatalogMissing, OptionRefused, RefusedError
from dailies.language import NATIVE_NAMES, gettext_noop
from dailies.openrouter.models import VideoModel
from dailies.reason import Reason, ReasonCode
from dailies.settings import Settings

ON, OFF = "on", "off"
ROLES_MOST = 10
SECONDS_MOST = 600
_MOST = {"duration": SECONDS_MOST, "confirm_above_usd": values.USD_MOST, "review_roles": ROLES_MOST}
WORD_MOST = 20
"""Maximum characters of a resolution or a shape."""


class Kind(StrEnum):
    """The ways in which a value is asked for."""

    MODEL = "model"
    """From the list of models, or by a part of a name."""
    CHOICE = "choice"
    """From the values that the default model offers."""
    AMOUNT = "amount"
    """As an amount of USD."""
    CHANNEL = "channel"
    """From the server's channels."""
    ROLES = "roles"
    """From the server's roles."""
    LANGUAGE = "language"
    """From the languages of the catalogues."""


@dataclass(frozen=True)
class ServerSetting:
    """A setting of a server, declared once for the store, the panel and the checks.

    label: its name. change, reset: labels of its buttons. kind: how it is asked for. read: the value of a kept or typed
    text; raises ValueError. operators: the bot's own setting that it stands above; capped: which a server can only
    lower. offered: the values that a model offers; None: it publishes none. help: what the label does not say. The
    words are English, to be translated where they are shown.
    """

    label: str
    change: str
    reset: str
    kind: Kind
    read: Callable[[str], Any]
    operators: Callable[[Settings], Any]
    capped: bool = False
    offered: Callable[[VideoModel, ModelGuide], Sequence[Any] | None] | None = None
    help: str = ""


def _word(text: str) -> str:
    if not (text.isascii() and text.isprintable() and 0 < len(text) <= WORD_MOST and " " not in text):
        raise ValueError(text)
    return text


def _usd(text: str) -> Decimal:
    return values.usd(text.removeprefix("$").strip())


_ROLES = values.snowflakes("role")


def _roles(text: str) -> frozenset[int]:
    found = _ROLES(text)
    if len(found) > ROLES_MOST:
        raise ValueError(text)
    return found


def _language(text: str) -> str:
    if text not in NATIVE_NAMES:
        raise ValueError(text)
    return text


def _switch(text: str) -> bool:
    if text not in (ON, OFF):
        raise ValueError(text)
    return text == ON


@dataclass(frozen=True, kw_only=True)
class ServerSettings:
    """Settings that a server has made. None: the bot's own holds."""

    model: Annotated[
        str | None,
        ServerSetting(
            gettext_noop("Default model"),
            gettext_noop("Change default model"),
            gettext_noop("Reset default model"),
            Kind.MODEL,
            read=str,
            operators=lambda settings: settings.default_model,
        ),
    ] = None
    duration: Annotated[
        int | None,
        ServerSetting(
            gettext_noop("Default length"),
            gettext_noop("Change default length"),
            gettext_noop("Reset default length"),
            Kind.CHOICE,
            read=values.whole(1, SECONDS_MOST),
            operators=lambda settings: settings.default_duration_seconds,
            offered=lambda model, guide: guide.references.durations(model, references=False),
        ),
    ] = None
    resolution: Annotated[
        str | None,
        ServerSetting(
            gettext_noop("Default resolution"),
            gettext_noop("Change default resolution"),
            gettext_noop("Reset default resolution"),
            Kind.CHOICE,
            read=_word,
            operators=lambda settings: settings.default_resolution,
            offered=lambda model, _: model.resolutions,
        ),
    ] = None
    aspect_ratio: Annotated[
        str | None,
        ServerSetting(
            gettext_noop("Default shape"),
            gettext_noop("Change default shape"),
            gettext_noop("Reset default shape"),
            Kind.CHOICE,
            read=_word,
            operators=lambda settings: settings.default_aspect_ratio,
            offered=lambda model, _: model.aspect_ratios,
        ),
    ] = None
    audio: Annotated[
        bool | None,
        ServerSetting(
            gettext_noop("Default sound"),
            gettext_noop("Change default sound"),
            gettext_noop("Reset default sound"),
            Kind.CHOICE,
            read=_switch,
            operators=lambda _: True,
            offered=lambda _, __: (True, False),
            help=gettext_noop("For models that make sound."),
        ),
    ] = None
    confirm_above_usd: Annotated[
        Decimal | None,
        ServerSetting(
            gettext_noop("Confirmation price"),
            gettext_noop("Change confirmation price"),
            gettext_noop("Reset confirmation price"),
            Kind.AMOUNT,
            read=_usd,
            operators=lambda settings: settings.confirm_above_usd,
            capped=True,
            help=gettext_noop("A higher price, or one that isn't known, needs an OK first. With 0, every price does."),
        ),
    ] = None
    approved_channel: Annotated[
        int | None,
        ServerSetting(
            gettext_noop("Approved channel"),
            gettext_noop("Change approved channel"),
            gettext_noop("Reset approved channel"),
            Kind.CHANNEL,
            read=values.snowflake("channel"),
            operators=lambda _: None,
            help=gettext_noop("Approved videos are posted there, with how each was made."),
        ),
    ] = None
    review_roles: Annotated[
        frozenset[int] | None,
        ServerSetting(
            gettext_noop("Review roles"),
            gettext_noop("Change review roles"),
            gettext_noop("Reset review roles"),
            Kind.ROLES,
            read=_roles,
            operators=lambda settings: settings.review_role_ids,
            help=gettext_noop("They approve videos and ask for retakes, as do people who can manage this server."),
        ),
    ] = None
    language: Annotated[
        str | None,
        ServerSetting(
            gettext_noop("Language"),
            gettext_noop("Change language"),
            gettext_noop("Reset language"),
            Kind.LANGUAGE,
            read=_language,
            operators=lambda _: None,
            help=gettext_noop("Of messages that everyone sees. What only you see is in your Discord's language."),
        ),
    ] = None

    @property
    def defaults(self) -> OwnDefaults:
        """The defaults of requests."""
        return OwnDefaults(**{one.name: getattr(self, one.name) for one in fields(OwnDefaults)})


SERVER_SETTINGS: Mapping[str, ServerSetting] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(ServerSettings, include_extras=True).items()
}
"""The declarations by name, in the order of the panel."""


def as_text(value: object) -> str:
    """Return a value as it is kept; `read` makes it a value again."""
    if isinstance(value, bool):
        return ON if value else OFF
    if isinstance(value, frozenset):
        return ",".join(map(str, sorted(cast("frozenset[int]", value))))
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def offered_now(name: str, guide: ModelGuide) -> Sequence[Any] | None:
    """Return the values that the default model offers for a setting; None: it publishes none, or there is no list."""
    offered, model = SERVER_SETTINGS[name].offered, guide.model(None)
    return offered(model, guide) if offered and model else None


def taken(name: str, text: str, settings: Settings, guide: ModelGuide) -> Any:  # noqa: ANN401 (of any setting)
    """Return the value that a typed or chosen text sets. guide: with the server's defaults.

    Raises RefusedError that says what would be right, and CatalogMissing.
    """
    setting, text = SERVER_SETTINGS[name], text.strip()
    offered = offered_now(name, guide)
    if setting.kind is Kind.MODEL:
        return usable_model(text, guide.catalog, guide.references).id
    try:
        value = setting.read(spelled(text, [one for one in offered or () if isinstance(one, str)]) or text)
    except ValueError:
        raise RefusedError(ReasonCode.SETTING_UNREAD, name=name, most=_MOST.get(name)) from None
    if offered is not None and value not in offered:
        raise OptionRefused(name, value, not_offered(value, offered, guide.default_model), offered)
    most = setting.operators(settings)
    if setting.capped and most is not None and value > most:
        raise RefusedError(ReasonCode.CONFIRM_CEILING, usd=most)
    return value


def holding(name: str, own: Any, settings: Settings) -> Any:  # noqa: ANN401
    """Return the value that holds where a server has set this one. None: nothing."""
    setting = SERVER_SETTINGS[name]
    operators = setting.operators(settings)
    if own is None:
        return operators
    return min(own, operators) if setting.capped and operators is not None else own


def unmet(guide: ModelGuide) -> dict[str, Reason]:
    """Return what the default model makes otherwise than the defaults say, by the names of the settings, a few words
    each. Nothing while there is no list of models.
    """
    try:
        wished, request = guide.defaults()[0], guide.carry(Options("")).request
    except CatalogMissing:
        return {}
    if request is None:
        return {}
    found: dict[str, Reason] = {}
    for name in ("duration", "resolution", "aspect_ratio"):
        before, after = getattr(wished, name), getattr(request, name)
        if before != after and not (isinstance(before, str) and spelled(before, [str(after)]) == after):
            found[name] = Reason(ReasonCode.SETTING_CHANGED, option=name, before=before, after=after)
    # Without a wish for sound, a model without it is as good.
    sound, model = guide.own.audio, guide.model(None)
    if sound is not None and request.audio is None and model is not None:
        if model.audio is None:
            found["audio"] = Reason(ReasonCode.SETTING_CHANGED, option="audio", before=sound, after=None)
        elif sound:
            found["audio"] = Reason(ReasonCode.SETTING_DROPPED, option="sound")
    return found
