"""A person's options, and the request that the checks make of them.

Runs before anything is paid.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, Any, get_type_hints

from dailies.catalog import option_checks as checks
from dailies.catalog import provider_options
from dailies.catalog.continuation import check_continuation
from dailies.catalog.frames import check_frames
from dailies.catalog.option_checks import CheckedModel, Defaults
from dailies.catalog.prompt_names import with_pictures
from dailies.catalog.prompt_numbers import named
from dailies.catalog.references import ReferenceModels
from dailies.errors import OptionRefused
from dailies.language import gettext, gettext_noop
from dailies.openrouter import protocol
from dailies.openrouter.models import Catalog
from dailies.openrouter.payload import Inline, Role
from dailies.reason import Reason, ReasonCode

SECONDS = " s"
"""The unit of lengths."""


@dataclass(frozen=True)
class Option:
    """An option of /video, declared once for the command, the store, the paid request and the views.

    Its texts are kept in English, and translated where they are shown.
    label: its name. description: its help text in the command. check: turns the chosen value (None: none) into the sent
    one (None: none) and raises OptionRefused. sent_as: its name at OpenRouter, if different. unit: follows a value.
    bare: a value needs no label. inline: its name in a line of others. unset: text in place of a value that is not
    sent. empty: says in its field what that means.
    """

    label: str
    description: str
    check: Callable[[Any, CheckedModel], Any]
    sent_as: str | None = None
    unit: str = ""
    bare: bool = False
    inline: str = ""
    unset: str = gettext_noop("the model's own")
    empty: str = gettext_noop("Leave empty for the model's own")

    def shown(self, value: object) -> str:
        """Return a value with its unit."""
        return gettext("{seconds} s", seconds=value) if self.unit == SECONDS else f"{value}{self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoSettings:
    """Options besides the prompt, the model and the references. None: not given, or not sent.

    Declare a new option here. It also needs a column of its name (dailies/schema/jobs.py) with a migration; the
    command's parameter, the paid request, stored jobs and the texts about them follow from the declaration.
    """

    duration: Annotated[
        int | None, Option(gettext_noop("Length"), "Length in seconds", checks.duration, unit=SECONDS, bare=True)
    ] = None
    resolution: Annotated[
        str | None, Option(gettext_noop("Resolution"), "Size of the picture, as in 720p", checks.resolution, bare=True)
    ] = None
    aspect_ratio: Annotated[
        str | None,
        Option(gettext_noop("Aspect ratio"), "Shape of the picture, as in 16:9", checks.aspect_ratio, bare=True),
    ] = None
    audio: Annotated[
        bool | None,
        Option(
            gettext_noop("Sound"),
            "Sound, where the model makes it (default: as in /settings, else yes)",
            checks.audio,
            sent_as="generate_audio",
            inline=gettext_noop("sound"),
        ),
    ] = None
    seed: Annotated[
        int | None,
        Option(
            gettext_noop("Seed"),
            "The same seed and settings give a similar video again",
            checks.seed,
            inline=gettext_noop("seed"),
            unset=gettext_noop("none"),
            empty=gettext_noop("Leave empty for no preference"),
        ),
    ] = None


OPTIONS: Mapping[str, Option] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(VideoSettings, include_extras=True).items()
}
"""Options by name, in the order of the command."""


@dataclass(frozen=True)
class Options(VideoSettings):
    """Options as a person gave them. None: not given. references: number of images that guide without fixing frames.

    frames: roles of the images that fix frames. shape: width divided by height of the first of those; None: not known.
    continues: OpenRouter's id of the finished job that it continues. continues_model: id of the model that made it.
    provider_options: parameters of the model's provider, by the names of models.toml.
    cast: for each of the cast that the prompt names, by the key of its name, the numbers of the references that show
    it, or the frames that do.
    """

    prompt: str
    model: str | None = None
    references: int = field(default=0, kw_only=True)
    frames: tuple[Role, ...] = field(default=(), kw_only=True)
    shape: float | None = field(default=None, kw_only=True)
    continues: str | None = field(default=None, kw_only=True)
    continues_model: str | None = field(default=None, kw_only=True)
    provider_options: Mapping[str, object] = field(default_factory=dict[str, object], kw_only=True)
    cast: Mapping[str, tuple[int | Role, ...]] = field(default_factory=dict[str, tuple[int | Role, ...]], kw_only=True)


@dataclass(frozen=True, slots=True)
class VideoRequest(VideoSettings):
    """Settings that were checked against the model. None: not sent, the model decides.

    prompt: as typed. sent_prompt: with references named as the model expects; None: sent as typed.
    notes: for the person, on how their options were interpreted. continues, provider_options: as in Options.
    """

    prompt: str
    model: str
    model_name: str
    _: KW_ONLY
    notes: tuple[Reason, ...] = ()
    sent_prompt: str | None = None
    continues: str | None = None
    provider_options: Mapping[str, object] = field(default_factory=dict[str, object])

    @property
    def options(self) -> Options:
        """The options that make the same request again, with the same images."""
        settings: dict[str, Any] = {name: getattr(self, name) for name in OPTIONS}
        more: dict[str, Any] = {"continues": self.continues, "provider_options": self.provider_options}
        # A continuation was made by the model of the job that it continues.
        return Options(self.prompt, self.model, **settings, **more, continues_model=self.continues and self.model)

    def body(
        self,
        references: Sequence[str | Inline],
        callback_url: str | None = None,
        *,
        frames: Mapping[Role, str | Inline] | None = None,
        provider: Mapping[str, Any] | None = None,
        session_id: str | None = None,
        user: str | None = None,
    ) -> dict[str, Any]:
        """Return the body of the paid request. references: links or inline images, in order. frames: by their roles.

        provider: the provider options in their places.
        """
        return protocol.submit_body(
            model=self.model,
            prompt=self.sent_prompt or self.prompt,
            settings={option.sent_as or name: getattr(self, name) for name, option in OPTIONS.items()},
            references=references,
            frames=frames,
            previous_job_id=self.continues,
            provider=provider,
            callback_url=callback_url,
            session_id=session_id,
            user=user,
        )


def check_options(
    options: Options, catalog: Catalog, defaults: Defaults, reference_models: ReferenceModels | None = None
) -> VideoRequest:
    """Check the options against the model and fill in what was not chosen.

    reference_models: by default with the facts that come with the bot.
    Raises OptionRefused that names the option, the value, and what the model offers.
    """
    reference_models = reference_models or ReferenceModels()
    if not any(map(checks.visible, options.prompt)):
        raise OptionRefused("prompt", "", Reason(ReasonCode.EMPTY_PROMPT))
    continuation = options.continues is not None
    model = checks.usable_model(options.model or defaults.model, catalog, reference_models, continuation=continuation)
    checked = CheckedModel(model, options, defaults, reference_models, notes=[])
    check_continuation(checked)
    check_frames(checked, catalog)
    checks.check_references(options.references, model, catalog, reference_models)
    naming = reference_models.naming(model.id)
    sent = sent_prompt(options, naming)
    settings = {name: option.check(getattr(options, name), checked) for name, option in OPTIONS.items()}
    return VideoRequest(
        prompt=options.prompt,
        model=model.id,
        model_name=model.name,
        **settings,
        notes=tuple(checked.notes),
        sent_prompt=sent,
        continues=options.continues,
        provider_options=provider_options.checked(
            reference_models.provider_options(model), options.provider_options, model.id
        ),
    )


def sent_prompt(options: Options, naming: str) -> str | None:
    """Return the prompt with names and numbers of references as the model expects them; None: it has none.

    naming: as in `ReferenceModels.naming`. Raises OptionRefused for a number without a reference.
    """
    # Names first: the model's own words may look like a name, as @Image1 does.
    prompt = with_pictures(options.prompt, options.cast, naming)
    prompt = named(prompt, options.references, naming, frames=len(options.frames))
    return None if prompt == options.prompt else prompt
