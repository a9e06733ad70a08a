"""REST routes with an interaction's token: the first response, its message, follow-ups."""

from __future__ import annotations

from sandbox.discord import drafts, forms, modals
from sandbox.discord.commands import check_choices
from sandbox.discord.drafts import EPHEMERAL, LOADING, Draft
from sandbox.discord.errors import FormErrors, refuse
from sandbox.discord.events import EventHub
from sandbox.discord.files import FileStore
from sandbox.discord.http import Answer, Call, Route
from sandbox.discord.interactions import AUTOCOMPLETE, COMPONENT, MODAL_SUBMIT, Interaction, Interactions
from sandbox.discord.jsontypes import JsonObject, is_object, objects
from sandbox.discord.limits import Limits
from sandbox.discord.mentions import Allowed
from sandbox.discord.messages import Messages
from sandbox.discord.model import Message
from sandbox.discord.payloads import Payloads, message_kind
from sandbox.discord.permissions import Permission
from sandbox.discord.world import World

MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9


class InteractionRoutes:
    """The bot's answers to interactions."""

    def __init__(
        self,
        world: World,
        messages: Messages,
        interactions: Interactions,
        files: FileStore,
        payloads: Payloads,
        hub: EventHub,
        limits: Limits,
    ) -> None:
        self._world = world
        self._messages = messages
        self._interactions = interactions
        self._files = files
        self._payloads = payloads
        self._hub = hub
        self._limits = limits

    def routes(self) -> list[Route]:
        """The routes. None counts towards the global limit; a token's webhook routes share a bucket."""
        hook, window = "/webhooks/{application}/{token}", self._limits.interaction_token
        found = [Route("POST", "/interactions/{interaction}/{token}/callback", self.callback, public=True, exempt=True)]
        for method, pattern, handler in (
            ("POST", hook, self.follow_up),
            ("GET", f"{hook}/messages/{{message}}", self.message),
            ("PATCH", f"{hook}/messages/{{message}}", self.edit),
            ("DELETE", f"{hook}/messages/{{message}}", self.delete),
        ):
            found.append(
                Route(method, pattern, handler, "webhook", "application token", window, public=True, exempt=True)
            )
        return found

    def callback(self, call: Call) -> Answer:
        """POST the first response."""
        interaction = self._interactions.to_answer(call.params["interaction"], call.params["token"])
        body = call.body.data
        kind = body.get("type")
        data = self._checked(interaction, kind, body.get("data"))
        if kind == MESSAGE:
            self._respond(interaction, call, data)
        elif kind == DEFER:
            self._defer(interaction, data)
        elif kind == DEFER_UPDATE:
            interaction.original = interaction.message
            self._interactions.settle(interaction, "deferred")
        elif kind == UPDATE:
            self._update(interaction, call, data)
        elif kind == CHOICES:
            self._choices(interaction, data)
        else:
            self._modal(interaction, data)
        wants = call.query.get("with_response", "").lower() in ("true", "1")
        return self._callback_response(interaction, kind) if wants else None

    def follow_up(self, call: Call) -> Answer:
        """POST a further message; after a deferral, the first one fills the promised message."""
        interaction = self._interaction(call)
        original = interaction.original
        if original is not None and original.flags & LOADING:
            return self._messages.render(self._edited(interaction, original, call))
        if interaction.user_only and interaction.follow_ups >= self._limits.followups:
            raise refuse(40094)
        draft = self._draft(interaction, call, call.body.data)
        interaction.follow_ups += 1
        message = self._messages.create(
            interaction.channel,
            self._world.bot,
            draft,
            reply_to=original if original is not None and original.id in interaction.channel.messages else None,
            reply_pings=False,
            visible_to=self._visible_to(interaction, draft),
            extra=self._payloads.response_fields(interaction, follow_up=True),
        )
        message.interaction_id = interaction.id
        return self._messages.render(message)

    def message(self, call: Call) -> Answer:
        """GET the response or a follow-up."""
        return self._messages.render(self._message(self._interaction(call), call))

    def edit(self, call: Call) -> Answer:
        """PATCH the response or a follow-up."""
        interaction = self._interaction(call)
        return self._messages.render(self._edited(interaction, self._message(interaction, call), call))

    def delete(self, call: Call) -> Answer:
        """DELETE the response or a follow-up."""
        interaction = self._interaction(call)
        message = self._message(interaction, call)
        self._messages.delete(message)
        if interaction.state == "deferred":
            self._interactions.settle(interaction, "answered")
        return None

    def _interaction(self, call: Call) -> Interaction:
        if call.params["application"] != self._world.application_id:
            raise refuse(10015)
        return self._interactions.with_token(call.params["token"])

    def _message(self, interaction: Interaction, call: Call) -> Message:
        wanted, original = call.params["message"], interaction.original
        if original is not None and wanted in ("@original", original.id):
            message = interaction.channel.messages.get(original.id)
        else:
            message = interaction.channel.messages.get(wanted)
            if message is not None and message.interaction_id != interaction.id:
                message = None
        if message is None or interaction.channel.id not in self._world.channels:
            raise refuse(10008)
        return message

    def _checked(self, interaction: Interaction, kind: object, data: object) -> JsonObject:
        errors = FormErrors()
        allowed = {MESSAGE, DEFER, MODAL}
        if interaction.kind == AUTOCOMPLETE:
            allowed = {CHOICES}
        elif interaction.message is not None and interaction.kind in (COMPONENT, MODAL_SUBMIT):
            allowed |= {DEFER_UPDATE, UPDATE}
        if interaction.kind == MODAL_SUBMIT:
            allowed -= {MODAL}
        if kind not in allowed:
            errors.add("type", "BASE_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}.")
        if data is not None and not is_object(data):
            errors.add("data", "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        errors.raise_if_any()
        return data if is_object(data) else {}

    def _draft(self, interaction: Interaction, call: Call, data: JsonObject, old: Message | None = None) -> Draft:
        call.body.check_size(interaction.upload_bytes)
        channel = interaction.channel
        if channel.id not in self._world.channels:
            raise refuse(10003)
        uploads = call.body.adopt(self._files, self._world.snowflakes, channel.id, data.get("attachments"))
        return drafts.read(data, uploads, self._files, self._messages.before(old) if old else None)

    def _respond(self, interaction: Interaction, call: Call, data: JsonObject) -> None:
        self._create(interaction, self._draft(interaction, call, data))
        self._interactions.settle(interaction, "answered")

    def _defer(self, interaction: Interaction, data: JsonObject) -> None:
        errors = FormErrors()
        flags = (forms.integer(errors, data, "flags", "data", low=0) or 0) & EPHEMERAL
        errors.raise_if_any()
        self._create(interaction, Draft("", [], [], flags | LOADING, {}, Allowed()))
        self._interactions.settle(interaction, "deferred")

    def _create(self, interaction: Interaction, draft: Draft) -> None:
        visible_to = self._visible_to(interaction, draft)
        interaction.ephemeral = visible_to is not None
        message = self._messages.create(
            interaction.channel,
            self._world.bot,
            draft,
            kind=message_kind(interaction),
            reply_to=interaction.message,
            reply_pings=False,
            visible_to=visible_to,
            extra=self._payloads.response_fields(interaction),
        )
        message.interaction_id = interaction.id
        interaction.original = message

    def _visible_to(self, interaction: Interaction, draft: Draft) -> str | None:
        """The only person who sees it: without Use External Apps, the user of an app that only they have installed."""
        user, channel = interaction.user, interaction.channel
        allowed = Permission.USE_EXTERNAL_APPS in self._world.permissions(user.id, channel)
        forced = interaction.user_only and channel.guild_id is not None and not allowed
        return user.id if forced or draft.flags & EPHEMERAL else None

    def _update(self, interaction: Interaction, call: Call, data: JsonObject) -> None:
        message = interaction.message
        if message is None or message.id not in interaction.channel.messages:
            raise refuse(10008)
        interaction.original = message
        self._messages.edit(message, self._draft(interaction, call, data, message))
        self._interactions.settle(interaction, "answered")

    def _choices(self, interaction: Interaction, data: JsonObject) -> None:
        errors = FormErrors()
        check_choices(errors, data, "data")
        errors.raise_if_any()
        interaction.choices = objects(data.get("choices"))
        self._interactions.settle(interaction, "answered")

    def _modal(self, interaction: Interaction, data: JsonObject) -> None:
        interaction.modal = modals.read(data)
        self._hub.emit(
            {
                "type": "modal",
                "interaction_id": interaction.id,
                "user_id": interaction.user.id,
                "modal": interaction.modal,
            }
        )
        self._interactions.settle(interaction, "answered")

    def _edited(self, interaction: Interaction, message: Message, call: Call) -> Message:
        draft = self._draft(interaction, call, call.body.data, message)
        self._messages.edit(message, draft, loaded=bool(message.flags & LOADING))
        if message is interaction.original and interaction.state == "deferred":
            self._interactions.settle(interaction, "answered")
        return message

    def _callback_response(self, interaction: Interaction, kind: object) -> JsonObject:
        about: JsonObject = {
            "id": interaction.id,
            "type": interaction.kind,
            "channel_id": interaction.channel.id,
        }
        if interaction.channel.guild_id:
            about["guild_id"] = interaction.channel.guild_id
        original = interaction.original
        if original is not None:
            about["response_message_id"] = original.id
            about["response_message_loading"] = bool(original.flags & LOADING)
            about["response_message_ephemeral"] = original.visible_to is not None
        if kind in (MESSAGE, UPDATE) and original is not None:
            return {"interaction": about, "resource": {"type": kind, "message": self._messages.render(original)}}
        return {"interaction": about}
