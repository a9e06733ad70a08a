"""A person who uses the bot, within the limits of Discord's client."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sandbox.discord import drafts, modals
from sandbox.discord import options as option_rules
from sandbox.discord.commands import CHANNEL, CHAT_INPUT, MESSAGE_COMMAND, ROLE, USER, Commands
from sandbox.discord.component_tree import BUTTON, ROLE_SELECT, SELECTS, STRING_SELECT, USER_SELECT, walk
from sandbox.discord.errors import ApiError
from sandbox.discord.files import FileStore, StoredFile, guess_type, sanitise
from sandbox.discord.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
    Interactions,
)
from sandbox.discord.jsontypes import JsonObject, objects
from sandbox.discord.messages import Messages
from sandbox.discord.model import FORUM, Channel, Message, User
from sandbox.discord.options import PersonError
from sandbox.discord.payloads import Payloads, context
from sandbox.discord.permissions import Permission
from sandbox.discord.records import Upload
from sandbox.discord.world import World


@dataclass(frozen=True)
class Surroundings:
    """The parts of the stand-in that a person acts on."""

    world: World
    commands: Commands
    messages: Messages
    interactions: Interactions
    files: FileStore
    payloads: Payloads
    dispatch: Callable[[str, JsonObject, str | None], None]


class Person:
    """Acts as a user. Actions that Discord's client would refuse raise PersonError and never reach the bot."""

    def __init__(self, around: Surroundings, user: User) -> None:
        self._around = around
        self._world = around.world
        self.user = user
        self.id = user.id
        self.name = user.global_name or user.username

    async def autocomplete(
        self, channel_id: str, command: str, options: Mapping[str, object], focused: str
    ) -> list[JsonObject]:
        """The bot's choices ({name, value}) while `focused` is typed into; PersonError if it gives none in time."""
        channel = self._channel(channel_id)
        found, definition, way = self._command(channel, command)
        filled = option_rules.nest(option_rules.partial(definition, options, focused, self._world.snowflakes.next), way)
        data = self._command_data(found) | {"options": filled}
        interaction = await self._begin(AUTOCOMPLETE, channel, data).wait()
        if interaction.state == "failed":
            raise PersonError("Loading options failed")
        return interaction.choices

    async def command(
        self, channel_id: str, command: str, options: Mapping[str, object | Upload] | None = None
    ) -> Interaction:
        """Use a slash command, "name" or "name subcommand". Returns as soon as it is sent."""
        channel = self._channel(channel_id)
        found, definition, way = self._command(channel, command)
        filled = option_rules.fill(
            definition, options or {}, lambda upload: self._describe(self._keep(upload, channel)), self._resolve
        )
        data = self._command_data(found) | {"options": option_rules.nest(filled.options, way)}
        if filled.resolved:
            data["resolved"] = filled.resolved
        return self._begin(COMMAND, channel, data)

    async def message_command(self, channel_id: str, command: str, message_id: str) -> Interaction:
        """Use a context menu command on a message."""
        channel = self._channel(channel_id)
        found = self._find_command(channel, command, MESSAGE_COMMAND)
        message = self._message(message_id)
        target = self._around.messages.render(message)
        data = self._command_data(found)
        data |= {"target_id": message.id, "resolved": {"messages": {message.id: target}}}
        return self._begin(COMMAND, channel, data)

    async def click(self, message_id: str, custom_id: str) -> Interaction:
        """Press a button."""
        message, component = self._component(message_id, custom_id, (BUTTON,))
        data: JsonObject = {"custom_id": custom_id, "component_type": BUTTON, "id": component["id"]}
        return self._begin(COMPONENT, self._channel(message.channel_id), data, message)

    async def select(self, message_id: str, custom_id: str, values: list[str]) -> Interaction:
        """Choose in a select menu."""
        message, component = self._component(message_id, custom_id, SELECTS)
        low, high, kind = component["min_values"], component["max_values"], component["type"]
        if not low <= len(values) <= high:
            raise PersonError(f"Choose {low} to {high}.")
        data: JsonObject = {
            "custom_id": custom_id,
            "component_type": kind,
            "id": component["id"],
            "values": values,
        }
        if kind == STRING_SELECT:
            offered = {option["value"] for option in component["options"]}
            if not set(values) <= offered:
                raise PersonError(f"The menu offers only {', '.join(sorted(offered))}.")
        else:
            resolved: dict[str, dict[str, JsonObject]] = {}
            meaning = {USER_SELECT: USER, ROLE_SELECT: ROLE}.get(kind, CHANNEL)
            for value in values:
                for group, entry in self._resolve(meaning, value).items():
                    resolved.setdefault(group, {})[value] = entry
            data["resolved"] = resolved
        return self._begin(COMPONENT, self._channel(message.channel_id), data, message)

    async def submit_modal(self, interaction: Interaction, values: Mapping[str, object]) -> Interaction:
        """Submit the modal that an interaction opened; `values` by custom_id, Uploads for a file upload."""
        modal, channel = interaction.modal, interaction.channel
        if modal is None:
            raise PersonError("There is no modal.")
        kept: dict[str, JsonObject] = {}

        def store(upload: Upload) -> str:
            described = self._describe(self._keep(upload, channel))
            kept[described["id"]] = described
            return described["id"]

        try:
            components = modals.fill(modal, values, store)
        except modals.ModalRefused as error:
            raise PersonError(str(error)) from None
        data: JsonObject = {"custom_id": modal["custom_id"], "components": components}
        if kept:
            data["resolved"] = {"attachments": kept}
        return self._begin(MODAL_SUBMIT, channel, data, interaction.message, interaction)

    async def send(
        self, channel_id: str, content: str, uploads: Sequence[Upload] = (), *, shows: JsonObject | None = None
    ) -> JsonObject:
        """Post an ordinary message; returns its JSON. shows: what Discord adds, such as `embeds` or `sticker_items`."""
        channel = self._channel(channel_id)
        if channel.type == FORUM:
            raise PersonError("A forum takes posts, not messages.")
        self._require(channel, Permission.SEND_MESSAGES)
        kept = {str(at): self._keep(upload, channel, ephemeral=False) for at, upload in enumerate(uploads)}
        try:
            draft = drafts.read({"content": content}, kept, self._around.files)
        except ApiError as error:
            raise PersonError(str(error.body["message"])) from None
        return self._around.messages.render(self._around.messages.create(channel, self.user, draft, extra=shows))

    async def forward(self, message_id: str, channel_id: str) -> JsonObject:
        """Forward a message into a channel; returns the new message's JSON."""
        return await self.send(channel_id, "-", shows=self._around.messages.forwarding(self._message(message_id)))

    def messages(self, channel_id: str) -> list[JsonObject]:
        """Return the messages that this person sees in a channel, oldest first."""
        seen = [m for m in self._world.messages(channel_id) if m.visible_to in (None, self.id)]
        return [self._around.messages.event("create", message)["message"] for message in seen]

    async def delete(self, message_id: str) -> None:
        """Delete a message: one's own, or any with Manage Messages."""
        message = self._message(message_id)
        if message.author_id != self.id:
            self._require(self._world.channel(message.channel_id), Permission.MANAGE_MESSAGES)
        self._around.messages.delete(message)

    def _channel(self, channel_id: str) -> Channel:
        channel = self._world.channels.get(channel_id)
        if channel is None:
            raise PersonError("That channel does not exist.")
        self._require(channel, Permission.VIEW_CHANNEL)
        return channel

    def _require(self, channel: Channel, needed: Permission) -> None:
        if needed not in self._world.permissions(self.id, channel):
            raise PersonError(f"{self.name} may not do that in #{channel.name}.")

    def _message(self, message_id: str) -> Message:
        for channel in self._world.channels.values():
            message = channel.messages.get(message_id)
            if message is not None and message.visible_to in (None, self.id):
                return message
        raise PersonError("That message does not exist.")

    def _command(self, channel: Channel, command: str) -> tuple[JsonObject, JsonObject, list[JsonObject]]:
        name, *path = command.removeprefix("/").split(" ")
        found = self._find_command(channel, name, CHAT_INPUT)
        return (found, *option_rules.subcommand(found, path))

    def _find_command(self, channel: Channel, name: str, kind: int) -> JsonObject:
        self._require(channel, Permission.USE_APPLICATION_COMMANDS)
        found = self._around.commands.find(channel.guild_id, name, kind)
        if found is None or not self._offered(found, channel):
            raise PersonError(f"There is no command {name}.")
        needed = found["default_member_permissions"]
        if needed is not None:
            self._require(channel, Permission(int(needed)) or Permission.ADMINISTRATOR)
        return found

    def _offered(self, command: JsonObject, channel: Channel) -> bool:
        """Return whether a command is for this kind of place and one of the installations that count there."""
        owners = self._around.payloads.owners(channel, self.user)
        contexts = command.get("contexts")
        # A guild's own commands name no contexts: they are there and nowhere else.
        in_place = contexts is None or context(channel) in contexts
        return in_place and any(str(kind) in owners for kind in command["integration_types"])

    def _command_data(self, found: JsonObject) -> JsonObject:
        data: JsonObject = {"id": found["id"], "name": found["name"], "type": found["type"]}
        return data | ({"guild_id": found["guild_id"]} if "guild_id" in found else {})

    def _component(self, message_id: str, custom_id: str, kinds: tuple[int, ...]) -> tuple[Message, JsonObject]:
        message = self._message(message_id)
        for component in walk(objects(message.data["components"])):
            if component["type"] in kinds and component.get("custom_id") == custom_id:
                if component.get("disabled"):
                    raise PersonError("That is disabled.")
                return message, component
        raise PersonError(f"The message has no {custom_id}.")

    def _keep(self, upload: Upload, channel: Channel, *, ephemeral: bool = True) -> StoredFile:
        if len(upload.data) > self._around.payloads.upload_limit(channel, self.id):
            raise PersonError(f"{upload.filename} is too large.")
        path = self._around.files.temporary()
        path.write_bytes(upload.data)
        claimed = upload.content_type or guess_type(sanitise(upload.filename))
        return self._around.files.adopt(
            path,
            file_id=self._world.snowflakes.next(),
            owner_id=channel.id,
            filename=upload.filename,
            content_type=claimed,
            ephemeral=ephemeral,
        )

    def _describe(self, stored: StoredFile) -> JsonObject:
        return self._around.files.describe(stored)

    def _resolve(self, kind: int, value: str) -> dict[str, JsonObject]:
        world, guild = self._world, self._world.guild
        if kind != CHANNEL and kind != ROLE and value in world.users:
            found = {"users": world.users[value].to_json()}
            if value in guild.members:
                member = guild.members[value].to_json()
                found["members"] = {k: v for k, v in member.items() if k not in ("user", "deaf", "mute")}
                found["members"]["permissions"] = "0"
            return found
        if kind == CHANNEL and value in world.channels:
            return {"channels": self._around.payloads.channel(world.channels[value], self.id)}
        if kind not in (USER, CHANNEL) and value in guild.roles:
            return {"roles": guild.roles[value].to_json()}
        raise PersonError(f"{value} does not exist.")

    def _begin(
        self,
        kind: int,
        channel: Channel,
        data: JsonObject,
        message: Message | None = None,
        opener: Interaction | None = None,
    ) -> Interaction:
        if channel.archived and kind != AUTOCOMPLETE:
            self._world.archive(channel.id, archived=False, locked=channel.locked)
        interaction = Interaction(kind, self._world.snowflakes.next(), self.user, channel, data)
        interaction.message, interaction.opener = message, opener
        interaction.owners = self._around.payloads.owners(channel, self.user)
        interaction.upload_bytes = self._around.payloads.upload_limit(channel, self.id)
        self._around.interactions.begin(interaction)
        shown = self._around.messages.render(message) if message else None
        self._around.dispatch(
            "INTERACTION_CREATE", self._around.payloads.interaction(interaction, shown), channel.guild_id
        )
        return interaction
