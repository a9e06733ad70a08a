"""Which process takes requests from places where the bot is not a member."""

from __future__ import annotations

import discord
import pytest

from cogs.reach import first_process


@pytest.mark.parametrize(("shards", "first"), [([0, 1], True), ([1], False), (None, True)])
def test_the_owner_of_shard_0_takes_requests_from_places_without_the_bot(shards: list[int] | None, first: bool) -> None:
    client = discord.AutoShardedClient(intents=discord.Intents.none(), shard_ids=shards, shard_count=2)

    assert first_process(client) is first
