"""For all tests: a call that blocks the event loop, made from the bot's code, fails the test, and so does a ledger that
does not add up (tests/support/ledger_check.py).

Generated examples have no time limit of their own: on a busy machine a slow one says nothing about the code. They are
the same in every run, so that a test that fails says something about the change at hand;
`--hypothesis-profile=explore` looks for new ones.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from hypothesis import settings

from dailies import language
from tests.support.ledger_check import LedgerCheck, checking_ledgers
from tests.support.statements import compiled_once
from tests.support.translated import translated_once
from tests.support.warm_bots import starting_bots_warm

WAITING = ("e2e", "bench")
"""Folders of tests that mostly wait."""
BESIDE = 5
"""Files of other folders that go out with each of them."""

settings.register_profile("untimed", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile("untimed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run files that wait for clocks beside files that compute: the workers then neither queue for a core nor idle.

    The waiting ones go out early, so that no worker is left alone with one at the end.
    """
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    waiting = [path for path in files if path.parent.name in WAITING]
    computing = iter([path for path in files if path.parent.name not in WAITING])
    order = [path for one in waiting for path in (one, *islice(computing, BESIDE))] + list(computing)
    items[:] = [item for path in order for item in files[path]]


def pytest_collection_finish() -> None:
    """Exempt the collected tests from garbage collection: each full one would look through all of them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def languages_are_loaded() -> None:
    """As the start of a bot does it: what reads a file at its first use would block the loop of some test."""
    language.load()


@pytest.fixture(autouse=True, scope="session")
def nothing_blocks_the_loop(languages_are_loaded: None) -> Iterator[None]:
    """Disk access and sleeps belong in threads; blockbuster's documentation lists the calls that it catches.

    Once for all tests: to find what it wraps takes it 30 ms.
    """
    # simcord reads uploads on the loop; the real discord.py hands them to aiohttp, which reads them in a thread.
    with blockbuster_ctx(["dailies", "cogs", "bot"]) as blockbuster:
        for name in ("prepare_bot_message", "message_edit_changes"):
            blockbuster.functions["io.BufferedReader.read"].can_block_in("simcord/http/_helpers.py", name)
        blockbuster.functions["os.path.abspath"].deactivate()  # SQLAlchemy's, for SQLite; it reads no disk
        for function in blockbuster.functions.values():
            # At start, before anything else runs: alembic reads its steps from files.
            function.can_block_in("dailies/migrate.py", "upgrade")
            # asyncpg looks for a password file at each new connection; the pool makes few.
            function.can_block_in("asyncpg/connect_utils.py", "_parse_connect_arguments")
        yield


@pytest.fixture(autouse=True, scope="session")
def bots_start_warm() -> Iterator[None]:
    """Load the bot's modules once for all bots."""
    with starting_bots_warm():
        yield


@pytest.fixture(autouse=True, scope="session")
def statements_are_compiled_once() -> Iterator[None]:
    """Compile each SQL statement once for all tests."""
    with compiled_once():
        yield


@pytest.fixture(autouse=True, scope="session")
def commands_are_translated_once() -> Iterator[None]:
    """Translate the texts of the commands once for all bots of the process."""
    with translated_once():
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
