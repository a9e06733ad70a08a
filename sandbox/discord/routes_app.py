"""REST routes of the gateway, the application, its commands, users and guilds."""

from __future__ import annotations

from collections.abc import Callable

from sandbox.discord.commands import Commands
from sandbox.discord.errors import FormErrors, refuse
from sandbox.discord.http import Answer, Call, Route
from sandbox.discord.payloads import Payloads
from sandbox.discord.world import World

MESSAGE_CONTENT_LIMITED = 1 << 19


class AppRoutes:
    """Routes about the bot itself."""

    def __init__(self, world: World, commands: Commands, payloads: Payloads, on_commands: Callable[[], None]) -> None:
        self._world = world
        self._commands = commands
        self._payloads = payloads
        self._on_commands = on_commands

    def routes(self) -> list[Route]:
        """The routes."""
        application = "/applications/{application}"
        found = [
            Route("GET", "/gateway", self.gateway, public=True),
            Route("GET", "/gateway/bot", self.gateway_bot),
            Route("GET", "/users/@me", self.me),
            Route("POST", "/users/@me/channels", self.direct_channel),
            Route("GET", "/users/{user}", self.user),
            Route("GET", "/oauth2/applications/@me", self.application),
            Route("GET", "/applications/@me", self.application),
            Route("GET", "/guilds/{guild}", self.guild),
            Route("GET", "/guilds/{guild}/members/{user}", self.member),
        ]
        for scope in (f"{application}/commands", f"{application}/guilds/{{guild}}/commands"):
            found += [
                Route("GET", scope, self.commands),
                Route("PUT", scope, self.overwrite_commands),
                Route("POST", scope, self.add_command),
                Route("GET", f"{scope}/{{command}}", self.command),
                Route("DELETE", f"{scope}/{{command}}", self.remove_command),
            ]
        return found

    def gateway(self, _call: Call) -> Answer:
        """Return the gateway's address."""
        return {"url": self._payloads.gateway_url.rstrip("/")}

    def gateway_bot(self, _call: Call) -> Answer:
        """Return the gateway's address, the recommended number of shards, and the sessions that may still begin."""
        limit = {"total": 1000, "remaining": 1000, "reset_after": 0, "max_concurrency": 1}
        return {"url": self._payloads.gateway_url.rstrip("/"), "shards": 1, "session_start_limit": limit}

    def me(self, _call: Call) -> Answer:
        """Return the bot's user."""
        own = {"mfa_enabled": False, "locale": "en-US", "verified": True, "email": None, "premium_type": 0}
        return self._world.bot.to_json() | own

    def user(self, call: Call) -> Answer:
        """Return a user; 10013."""
        user = self._world.users.get(call.params["user"])
        if user is None:
            raise refuse(10013)
        return user.to_json()

    def direct_channel(self, call: Call) -> Answer:
        """Open direct messages."""
        recipient = call.body.data.get("recipient_id")
        if recipient is None:
            errors = FormErrors()
            errors.required("recipient_id")
            errors.raise_if_any()
        return self._world.direct_channel(str(recipient)).to_json()

    def application(self, _call: Call) -> Answer:
        """Return the application, whose owner is the guild's."""
        world = self._world
        limited = 0 if world.privileged_intents else MESSAGE_CONTENT_LIMITED
        return {
            "id": world.application_id,
            "name": world.bot.username,
            "icon": None,
            "description": "",
            "type": None,
            "bot": world.bot.to_json(),
            "bot_public": True,
            "bot_require_code_grant": False,
            "verify_key": "0" * 64,
            "flags": 0 if limited else MESSAGE_CONTENT_LIMITED,
            "flags_new": str(0 if limited else MESSAGE_CONTENT_LIMITED),
            "redirect_uris": [],
            "interactions_endpoint_url": None,
            "role_connections_verification_url": None,
            "owner": world.users[world.guild.owner_id].to_json(),
            "approximate_guild_count": len(world.guilds),
            "approximate_user_install_count": 0,
            "approximate_user_authorization_count": 0,
            "explicit_content_filter": 0,
            "team": None,
            "eligible_oauth2_scopes": [],
        }

    def guild(self, call: Call) -> Answer:
        """Return a guild that the bot is in; 10004."""
        return self._world.guilds[self._guild(call.params["guild"])].to_json()

    def member(self, call: Call) -> Answer:
        """Return a member of a guild; 10004, 10013."""
        member = self._world.guilds[self._guild(call.params["guild"])].members.get(call.params["user"])
        if member is None:
            raise refuse(10013)
        return member.to_json()

    def commands(self, call: Call) -> Answer:
        """Return the commands of a scope."""
        return self._commands.listed(self._scope(call))

    def overwrite_commands(self, call: Call) -> Answer:
        """Replace the commands of a scope."""
        answer = self._commands.overwrite(self._scope(call), call.body.payload)
        self._on_commands()
        return answer

    def add_command(self, call: Call) -> Answer:
        """Register one command."""
        answer = self._commands.add(self._scope(call), call.body.data)
        self._on_commands()
        return answer

    def command(self, call: Call) -> Answer:
        """Return one command."""
        return self._commands.by_id(self._scope(call), call.params["command"])

    def remove_command(self, call: Call) -> Answer:
        """Remove one command."""
        self._commands.remove(self._scope(call), call.params["command"])
        self._on_commands()
        return None

    def _scope(self, call: Call) -> str | None:
        if call.params["application"] != self._world.application_id:
            raise refuse(50001)
        guild_id = call.params.get("guild")
        return None if guild_id is None else self._guild(guild_id, missing=50001)

    def _guild(self, guild_id: str, missing: int = 10004) -> str:
        if guild_id not in self._world.guilds or not self._world.has_bot(guild_id):
            raise refuse(missing)
        return guild_id
