"""For all tests: a call that blocks the event loop, made from the bot's code, fails the test, and so does a ledger that
does not add up (tests/support/ledger_check.py).

Generated examples have no time limit of their own: on a busy machine a slow one says nothing about the code. They are
the same in every run, so that a test that fails says something about the change at hand;
`--hypothesis-profile=explore` looks for new ones.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

from tests.support.ledger_check import LedgerCheck, checking_ledgers

settings.register_profile("untimed", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def nothing_blocks_the_loop() -> Iterator[None]:
    """Disk access and sleeps belong in threads; blockbuster's documentation lists the calls that it catches."""
    # simcord reads uploads on the loop; the real discord.py hands them to aiohttp, which reads them in a thread.
    with blockbuster_ctx(["dailies", "cogs", "bot"]) as blockbuster:
        for name in ("prepare_bot_message", "message_edit_changes"):
            blockbuster.functions["io.BufferedReader.read"].can_block_in("simcord/http/_helpers.py", name)
        blockbuster.functions["os.path.abspath"].deactivate()  # SQLAlchemy's, for SQLite; it reads no disk
        for function in blockbuster.functions.values():
            # At start, before anything else runs: alembic reads its steps from files.
            function.can_block_in("dailies/database.py", "migrate")
            # asyncpg looks for a password file at each new connection; the pool makes few.
            function.can_block_in("asyncpg/connect_utils.py", "_parse_connect_arguments")
        yield


@pytest.fixture(scope="session")
def ledger_check() -> Iterator[LedgerCheck]:
    """LedgerCheck all databases of all tests."""
    with checking_ledgers() as ledger_check:
        yield ledger_check
        # Problems that a module's bot left when it ended, after its last test.
        assert ledger_check.look() == []


@pytest.fixture(autouse=True)
def the_ledger_adds_up(ledger_check: LedgerCheck) -> Iterator[None]:
    """Check every database that the test used, whoever wrote it."""
    yield
    assert ledger_check.look() == []
