"""The process that takes requests from places where the bot is not a member."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from cogs.interactions.permissions import first_process


@pytest.mark.parametrize(("sharding", "first"), [({"shard_ids": [0]}, True), ({"shard_ids": [1]}, False), ({}, True)])
def test_the_owner_of_shard_0_takes_requests_from_places_without_the_bot(sharding: dict[str, Any], first: bool) -> None:
    client = discord.AutoShardedClient(intents=discord.Intents.none(), shard_count=2, **sharding)

    assert first_process(client) is first
