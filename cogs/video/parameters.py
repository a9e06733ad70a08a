"""The options of a request for a video, declared once for every command that takes them, with what they suggest."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar, get_type_hints

from discord import Attachment, Interaction, app_commands
from discord.app_commands import Choice
from discord.ext import commands

from cogs import autocomplete as choices
from cogs.interactions.permissions import server_of
from cogs.video.cast_names import CastNames, names_in
from cogs.video.command import VideoCommand
from cogs.video.shots import NO_SHOT, Shots
from dailies.catalog.guide import ModelGuide
from dailies.catalog.options import OPTIONS, Options, VideoSettings
from dailies.draft import TAKES_MOST
from dailies.errors import CatalogMissing, RefusedError
from dailies.openrouter.payload import Role
from dailies.shot import SHOT_NAME_MOST

PROMPT_MOST = 6000
"""Maximum characters of a prompt, which are the most that Discord takes in an option."""
REFERENCES = {
    "reference": "An image that guides subject or style (PNG, JPEG, WebP, HEIC, AVIF …)",
    "reference2": "A second reference image",
    "reference3": "A third reference image",
    "reference4": "A fourth reference image",
}
FRAMES = {
    Role.FIRST: "The picture that the video starts from; its prompt says what happens then",
    Role.LAST: "The picture that the video ends with",
}
_PROMPT = "What happens in the video. With references, say what should stay the same"
_LINKS = "More reference images: https links, separated by spaces, commas or new lines"
_CAST = "Names of your team's cast, as in @hero @villain; their pictures become references"
_SHOT = "The shot that this is a take of, until you pick another one; type its name, as in 12A"
_MODEL = "The video model; type to search"
_TAKES = f"How many videos to make of it side by side, up to {TAKES_MOST}, to choose from; each is charged"
COMPARED = ("model_a", "model_b", "model_c", "model_d")
"""Models that are compared. Their letters in the command say nothing of those of the videos, which are drawn by lot."""
COMPARED_MEAN = dict(
    zip(COMPARED, ("A model; type to search", "Another one", "A third one", "A fourth one"), strict=True)
)

Callback = TypeVar("Callback", bound=Callable[..., Any])


def takes_options(*, prompt: bool, compares: bool = False) -> Callable[[Callback], Callback]:
    """Replace a command's **given, which discord.py cannot read, with a parameter for each option.

    prompt: whether it has to be given. compares: it takes several models, and one video of each.
    """
    text: Any = app_commands.Range[str, 1, PROMPT_MOST]
    kinds: dict[str, Any] = {"prompt": text if prompt else text | None}
    kinds |= dict.fromkeys((*REFERENCES, *map(str, FRAMES)), Attachment | None)
    takes: Any = app_commands.Range[int, 1, TAKES_MOST]
    needed = set(COMPARED[:2]) if compares else set[str]()
    one = {"model": str | None, "takes": takes | None}
    kinds |= {"links": str | None}
    kinds |= {name: str if name in needed else str | None for name in COMPARED} if compares else one
    shot: Any = app_commands.Range[str, 1, SHOT_NAME_MOST]
    kinds |= {"cast": str | None, "shot": shot | None}
    kinds |= {name: kind for name, kind in get_type_hints(VideoSettings).items() if name in OPTIONS}
    descriptions = {
        "prompt": _PROMPT,
        **REFERENCES,
        **FRAMES,
        "links": _LINKS,
        "model": _MODEL,
        "takes": _TAKES,
        "cast": _CAST,
        "shot": _SHOT,
    }
    descriptions |= {name: option.description for name, option in OPTIONS.items()}
    descriptions |= COMPARED_MEAN
    descriptions = {name: text for name, text in descriptions.items() if name in kinds}
    needed |= {"prompt"} if prompt else set()

    def declare(callback: Callback) -> Callback:
        signature = inspect.signature(callback)
        kept = [one for one in signature.parameters.values() if one.kind is not one.VAR_KEYWORD]
        given = [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if name in needed else None,
                annotation=kind,
            )
            for name, kind in kinds.items()
        ]
        vars(callback)["__signature__"] = signature.replace(parameters=[*kept, *given])
        return app_commands.describe(**descriptions)(callback)

    return declare


def command_of(given: Mapping[str, Any]) -> VideoCommand:
    """Return the request that a command's options make."""
    settings = {name: given[name] for name in OPTIONS}
    attached = [given[name] for name in REFERENCES if given[name]]
    frames = {role: given[role] for role in FRAMES if given[role]}
    models = tuple(str(given[name]) for name in COMPARED if given.get(name))
    options = Options(given["prompt"] or "", models[0] if models else given["model"], **settings)
    return VideoCommand(
        options,
        attached,
        given["links"],
        frames=frames,
        takes=given.get("takes") or 1,
        cast=tuple(names_in(given["cast"] or "")),
        models=models,
        shot_typed=given["shot"] or "",
    )


class OptionsCog(commands.Cog):
    """A cog with a command that takes these options. guide, cast, shots: know what can be suggested for them."""

    def __init__(self, guide: ModelGuide, cast: CastNames, shots: Shots) -> None:
        self._guide = guide
        self._cast = cast
        self._shots = shots

    async def complete_model(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest models from OpenRouter's current list, with what the options filled in so far would cost."""
        given, guide = interaction.namespace, await self._guide.of_server(server_of(interaction))
        await guide.references.refresh()
        try:
            return choices.models(guide, current, filled_in(given), takes=getattr(given, "takes", 1) or 1)
        except CatalogMissing:
            return []

    async def complete_cast(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest names of the cast for the last word, with those that were typed before it."""
        try:
            cast = await self._cast.here(interaction)
        except RefusedError:
            return []
        return choices.cast_names([one.name for one in cast.by_key.values()], current)

    async def complete_shot(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest this channel's shots, and what is typed as a new one."""
        try:
            return choices.shots(await self._shots.here(interaction), current, new=True, none=NO_SHOT)
        except RefusedError:
            return []

    async def complete_duration(self, interaction: Interaction, current: int | str) -> list[Choice[int]]:
        """Suggest lengths of the chosen model, at the chosen resolution."""
        given, guide = interaction.namespace, await self._guide.of_server(server_of(interaction))
        model = guide.model(_model_of(given))
        offered = model and guide.references.durations(
            model, references=_referenced(given), resolution=given.resolution
        )
        return choices.durations(offered, str(current), _default(guide, given, "duration"))

    async def complete_resolution(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest resolutions of the chosen model, at the chosen length."""
        given, guide = interaction.namespace, await self._guide.of_server(server_of(interaction))
        model = guide.model(_model_of(given))
        length = given.duration if isinstance(given.duration, int) else None  # text while it is typed
        offered = model and guide.references.resolutions(model, references=_referenced(given), duration=length)
        return choices.words(offered, current, _default(guide, given, "resolution"))

    async def complete_aspect_ratio(self, interaction: Interaction, current: str) -> list[Choice[str]]:
        """Suggest aspect ratios of the chosen model."""
        given, guide = interaction.namespace, await self._guide.of_server(server_of(interaction))
        model = guide.model(_model_of(given))
        return choices.words(model and model.aspect_ratios, current, _default(guide, given, "aspect_ratio"))


def suggests(command: app_commands.Command[Any, ..., Any], models: Sequence[str] = ("model",)) -> None:
    """Let a command of an OptionsCog suggest values of its options. models: those that name one."""
    for name in models:
        command.autocomplete(name)(OptionsCog.complete_model)
    command.autocomplete("cast")(OptionsCog.complete_cast)
    command.autocomplete("shot")(OptionsCog.complete_shot)
    command.autocomplete("duration")(OptionsCog.complete_duration)
    command.autocomplete("resolution")(OptionsCog.complete_resolution)
    command.autocomplete("aspect_ratio")(OptionsCog.complete_aspect_ratio)


def filled_in(given: app_commands.Namespace) -> Options:
    """Return the options filled in so far, the model left out. Discord sends an option that is being typed as text."""
    kinds = get_type_hints(VideoSettings)
    values = {name: getattr(given, name) for name in OPTIONS}
    settings = {name: one for name, one in values.items() if isinstance(one, kinds[name])}
    return Options(
        "",
        **settings,
        references=sum(bool(getattr(given, name)) for name in REFERENCES) + len((given.links or "").split()),
        frames=tuple(role for role in (Role.FIRST, Role.LAST) if getattr(given, role)),
    )


def _default(guide: ModelGuide, given: app_commands.Namespace, option: str) -> object:
    """Return what an option is where it is left out, beside what else is filled in; None: not known."""
    nothing: dict[str, Any] = {option: None}
    try:
        request = guide.carry(replace(filled_in(given), model=_model_of(given), **nothing)).request
    except CatalogMissing:
        return None
    return request and getattr(request, option)


def _model_of(given: app_commands.Namespace) -> str | None:
    """Return the model that was filled in; of several, the first."""
    return next(filter(None, (getattr(given, name, None) for name in ("model", *COMPARED))), None)


def _referenced(given: app_commands.Namespace) -> bool:
    return any(getattr(given, name) for name in (*REFERENCES, "links"))
