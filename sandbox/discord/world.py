"""The state of a small Discord: one guild, its channels, people and messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sandbox.clock import Clock
from sandbox.discord.errors import refuse
from sandbox.discord.guild import Guild
from sandbox.discord.jsontypes import JsonObject
from sandbox.discord.model import (
    DIRECT_MESSAGE,
    FORUM,
    GROUP,
    PUBLIC_THREAD,
    REQUIRE_TAG,
    TEXT_CHANNEL,
    Channel,
    ForumTag,
    Member,
    Message,
    Overwrite,
    Role,
    User,
)
from sandbox.discord.permissions import ALL, EVERYONE, NONE, Permission
from sandbox.discord.snowflake import Snowflakes

Notify = Callable[[str, JsonObject, str | None], None]


class World:
    """Guilds, channels, users and messages, by id; commands are in `DiscordServer.commands`.

    It begins with the guild "Studio", the channels #dailies and #general, the thread "Shot 12" of
    #dailies, its owner Ann, its member Ben, and the bot "Dailies". Changes reach the bot by the gateway.
    """

    def __init__(self, clock: Clock, snowflakes: Snowflakes) -> None:
        self.clock = clock
        self.snowflakes = snowflakes
        self.users: dict[str, User] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.notify: Notify = lambda _name, _data, _guild: None
        self.privileged_intents = 0
        """Bits of the privileged intents that the application may use; none, unless a test says so."""
        self.application_id = snowflakes.next()
        self.bot = User(self.application_id, "Dailies", bot=True)
        self.users[self.bot.id] = self.bot
        ann, ben = self._new_user("Ann"), self._new_user("Ben")
        self.guild = self._new_guild("Studio", ann, snowflakes.next())
        self.join(self.guild, ben)
        dailies = self.add_channel("dailies")
        self.add_channel("general")
        self.add_thread("Shot 12", dailies.id)

    def _new_user(self, name: str) -> User:
        user = User(self.snowflakes.next(), name.lower(), global_name=name)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, channel: str, *, shard: tuple[int, int] = (0, 1), bot: bool = True) -> Guild:
        """Add a guild of Ann's with one text channel. shard: its shard and their number. bot: whether the bot joins it.

        Call it before the bot connects: no event announces it.
        """
        number, count = shard
        made = int(self.snowflakes.next())
        while (made >> 22) % count != number or str(made) in self.guilds:
            made += 1 << 22  # a millisecond later
        guild = self._new_guild(name, self.user_named("Ann"), str(made), bot=bot)
        self.join(guild, self.user_named("Ben"))
        self.add_channel(channel, guild)
        return guild

    def _new_guild(self, name: str, owner: User, guild_id: str, *, bot: bool = True) -> Guild:
        guild = Guild(guild_id, name, owner.id, self.clock.time())
        self.guilds[guild.id] = guild
        guild.roles[guild.id] = Role(guild.id, "@everyone", EVERYONE)
        self.join(guild, owner)
        if bot:
            self.add_bot(guild)
        return guild

    def add_bot(self, guild: Guild) -> None:
        """Make the bot a member, with a role of its own. Sends no event; DiscordServer.add_bot does."""
        role = Role(self.snowflakes.next(), self.bot.username, EVERYONE, position=1, managed=True)
        guild.roles[role.id] = role
        self.join(guild, self.bot).roles.append(role.id)

    def add_group(self, name: str, *people: User) -> Channel:
        """Add a group of people, who talk there without the bot; the first one owns it."""
        channel = Channel(self.snowflakes.next(), GROUP, name, owner_id=people[0].id, recipients=list(people))
        self.channels[channel.id] = channel
        return channel

    def has_bot(self, guild_id: str) -> bool:
        """Return whether the bot is a member of a guild."""
        return self.bot.id in self.guilds[guild_id].members

    def acquainted(self, user: User) -> bool:
        """Return whether the bot may write to a user at all: they share a guild, or the user installed the app."""
        return user.installed or any({user.id, self.bot.id} <= guild.members.keys() for guild in self.guilds.values())

    def join(self, guild: Guild, user: User) -> Member:
        """Make a user a member."""
        member = Member(user, self.clock.time())
        guild.members[user.id] = member
        return member

    def add_user(self, name: str) -> User:
        """Add a person to the guild."""
        user = self._new_user(name)
        self.join(self.guild, user)
        return user

    def add_role(self, name: str, permissions: Permission = NONE, *, mentionable: bool = False) -> Role:
        """Add a role to the guild."""
        role = Role(self.snowflakes.next(), name, permissions, len(self.guild.roles), mentionable)
        self.guild.roles[role.id] = role
        self.notify("GUILD_ROLE_CREATE", {"guild_id": self.guild.id, "role": role.to_json()}, self.guild.id)
        return role

    def add_channel(
        self, name: str, guild: Guild | None = None, *, kind: int = TEXT_CHANNEL, nsfw: bool = False
    ) -> Channel:
        """Add a text or forum channel to a guild, by default the first one. nsfw: it is age-restricted."""
        guild_id = (guild or self.guild).id
        channel = Channel(self.snowflakes.next(), kind, name, guild_id, position=len(self.channels), nsfw=nsfw)
        self.channels[channel.id] = channel
        self.notify("CHANNEL_CREATE", channel.to_json(), guild_id)
        return channel

    def add_thread(self, name: str, parent_id: str) -> Channel:
        """Add a public thread."""
        thread = Channel(self.snowflakes.next(), PUBLIC_THREAD, name, self.guild.id, parent_id=parent_id)
        thread.owner_id, thread.archive_changed = self.guild.owner_id, self.clock.time()
        self.channels[thread.id] = thread
        self.notify("THREAD_CREATE", {**thread.to_json(), "newly_created": True}, self.guild.id)
        return thread

    def add_forum(self, name: str, tags: Sequence[str] = (), *, require_tag: bool = False) -> Channel:
        """Add a forum channel with tags that everybody can set. require_tag: its posts need one."""
        forum = self.add_channel(name, kind=FORUM)
        forum.tags = [ForumTag(self.snowflakes.next(), tag) for tag in tags]
        forum.flags = REQUIRE_TAG if require_tag else 0
        self.updated(forum)
        return forum

    def add_post(self, forum: Channel, name: str, owner: User, tags: Sequence[str]) -> Channel:
        """Add a post to a forum, without its first message. tags: their ids."""
        post = Channel(self.snowflakes.next(), PUBLIC_THREAD, name, forum.guild_id, parent_id=forum.id)
        post.owner_id, post.archive_changed, post.applied_tags = owner.id, self.clock.time(), list(tags)
        self.channels[post.id] = post
        forum.last_message_id = post.id
        self.notify("THREAD_CREATE", {**post.to_json(), "newly_created": True}, post.guild_id)
        return post

    def updated(self, channel: Channel) -> None:
        """Tell of a change of a channel or thread."""
        self.notify(f"{'THREAD' if channel.is_thread else 'CHANNEL'}_UPDATE", channel.to_json(), channel.guild_id)

    def restrict(self, channel_id: str, *, nsfw: bool = True) -> None:
        """Make a channel age-restricted, or open again."""
        channel = self.channels[channel_id]
        channel.nsfw = nsfw
        self.updated(channel)

    def archive(self, thread_id: str, *, archived: bool = True, locked: bool = False) -> None:
        """Archive a thread or bring it back."""
        thread = self.channels[thread_id]
        thread.archived, thread.locked, thread.archive_changed = archived, locked, self.clock.time()
        self.updated(thread)

    def delete_channel(self, channel_id: str) -> None:
        """Delete a channel with its messages and threads."""
        for thread in [c for c in self.channels.values() if c.parent_id == channel_id]:
            self.delete_channel(thread.id)
        channel = self.channels.pop(channel_id)
        name = "THREAD_DELETE" if channel.is_thread else "CHANNEL_DELETE"
        self.notify(name, channel.to_json(), channel.guild_id)

    def direct_channel(self, user_id: str) -> Channel:
        """Return the direct messages between the bot and a user; 10013 for a stranger."""
        user = self.users.get(user_id)
        if user is None or user.bot:
            raise refuse(10013)
        for channel in self.channels.values():
            if channel.type == DIRECT_MESSAGE and channel.recipients == [user]:
                return channel
        channel = Channel(self.snowflakes.next(), DIRECT_MESSAGE, recipients=[user])
        self.channels[channel.id] = channel
        return channel

    def deny(self, channel_id: str, permission: Permission, user_id: str | None = None) -> None:
        """Take permissions in a channel from a user, by default from the bot."""
        self._overwrite(channel_id, user_id, NONE, permission)

    def allow(self, channel_id: str, permission: Permission, user_id: str | None = None) -> None:
        """Give permissions in a channel to a user, by default to the bot."""
        self._overwrite(channel_id, user_id, permission, NONE)

    def _overwrite(self, channel_id: str, user_id: str | None, allow: Permission, deny: Permission) -> None:
        target = user_id or self.bot.id
        channel = self.channels[channel_id]
        overwrite = channel.overwrites.setdefault(target, Overwrite(target, 1))
        overwrite.allow = (overwrite.allow | allow) & ~deny
        overwrite.deny = (overwrite.deny | deny) & ~allow
        self.updated(channel)

    def permissions(self, user_id: str, channel: Channel) -> Permission:
        """A user's permissions in a channel; threads inherit their parent's."""
        if channel.guild_id is None:
            inside = {user.id for user in channel.recipients}
            if channel.type == DIRECT_MESSAGE:
                inside.add(self.bot.id)
            return ALL if user_id in inside else NONE
        guild = self.guilds[channel.guild_id]
        member = guild.members.get(user_id)
        if member is None:
            return NONE
        if user_id == guild.owner_id:
            return ALL
        granted = guild.roles[guild.id].permissions
        for role_id in member.roles:
            granted |= guild.roles[role_id].permissions
        if Permission.ADMINISTRATOR in granted:
            return ALL
        holder = self.channels[channel.parent_id] if channel.is_thread and channel.parent_id else channel
        for target in (guild.id, *member.roles, user_id):
            if overwrite := holder.overwrites.get(target):
                granted = (granted & ~overwrite.deny) | overwrite.allow
        return granted

    def channel(self, channel_id: str) -> Channel:
        """Return a channel by id; 10003."""
        try:
            return self.channels[channel_id]
        except KeyError:
            raise refuse(10003) from None

    def channel_named(self, name: str) -> Channel:
        """Return a channel or thread by name."""
        return next(channel for channel in self.channels.values() if channel.name == name)

    def user_named(self, name: str) -> User:
        """Return a user by the name shown."""
        return next(user for user in self.users.values() if name in (user.global_name, user.username))

    def message(self, message_id: str) -> Message:
        """Return a message by id, wherever it is; 10008."""
        for channel in self.channels.values():
            if message_id in channel.messages:
                return channel.messages[message_id]
        raise refuse(10008)

    def messages(self, channel_id: str | None = None) -> list[Message]:
        """Messages of a channel or of all, oldest first, ephemeral ones included."""
        channels = [self.channel(channel_id)] if channel_id else list(self.channels.values())
        found = [message for channel in channels for message in channel.messages.values()]
        return sorted(found, key=lambda message: int(message.id))
