"""The key's remaining credit: warned about once, asked before expensive jobs, and a 402 pauses instead of failing."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from dailies.errors import CreditsShort, Unreachable
from dailies.explain import explain
from dailies.job import State
from dailies.jobs.life import live
from dailies.money.credits import LOOK_SECONDS, PAUSE_SECONDS, PROBE_SECONDS, CreditGate, Credits, CreditState
from dailies.openrouter.protocol import KeyInfo
from tests.support.reasons import in_words
from tests.unit.job_context import ACCEPTED, ScriptedAPI, harness
from tests.unit.kit import Now, a_job


@dataclass
class OperatorsAccount:
    """A key that has this much left, and the messages to the operators."""

    left: Decimal | None
    told: list[str] = field(default_factory=list[str])
    looks: int = 0
    away: bool = False

    async def key(self) -> KeyInfo:
        self.looks += 1
        if self.away:
            raise Unreachable("no connection")
        return KeyInfo(self.left)

    async def tell(self, text: str) -> None:
        self.told.append(text)

    def credits(self, credit_gate: CreditGate | None = None) -> Credits:
        return Credits(credit_gate or CreditGate(), self.key, self.tell, low=Decimal(5), mark=MARK)


MARK = Path("low-credits")


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work where the low-credit mark is written."""
    monkeypatch.chdir(tmp_path)


async def looked(watch: Credits) -> None:
    await watch.look()
    await watch.report()


async def test_low_credits_are_told_once_and_again_only_after_they_recovered() -> None:
    account = OperatorsAccount(Decimal("4.20"))
    watch = account.credits()
    await looked(watch)
    await looked(watch)
    assert len(account.told) == 1
    assert "has $4.20 left, less than $5.00" in account.told[0]

    account.left = Decimal(50)
    await looked(watch)
    account.left = Decimal(3)
    await looked(watch)
    assert len(account.told) == 2


async def test_a_restart_does_not_tell_low_credits_again_even_if_the_key_cannot_be_looked_at_at_first() -> None:
    account = OperatorsAccount(Decimal("4.20"))
    await looked(account.credits())
    again = account.credits()
    account.away = True
    await looked(again)
    account.away = False
    await looked(again)
    assert len(account.told) == 1


class Over(Exception):
    """Ends a watch once the test has seen enough."""


async def run_for(watch: Credits, clock: Now, seconds: float) -> None:
    """Let a watch run this long, by a clock that its sleeps move."""
    ends = clock.time + seconds

    async def sleep(pause: float) -> None:
        clock.time += pause
        if clock.time >= ends:
            raise Over

    watch._sleep = sleep  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(Over):
        await watch.run()


async def test_the_key_is_looked_at_by_the_hour_and_more_often_while_nothing_can_be_sent() -> None:
    clock = Now()
    account = OperatorsAccount(Decimal(50))
    credit_gate = CreditGate(now=clock)
    watch = account.credits(credit_gate)
    await run_for(watch, clock, 3 * LOOK_SECONDS)
    assert account.looks == 3

    credit_gate.refused(None)
    await run_for(watch, clock, PAUSE_SECONDS)
    assert account.looks == 3 + 5
    assert len(account.told) == 1
    assert "out of OpenRouter credits" in account.told[0]


async def test_a_key_that_cannot_be_looked_at_changes_nothing() -> None:
    account = OperatorsAccount(Decimal(50))
    watch = account.credits()
    await watch.look()
    account.away = True
    await watch.check(Decimal(2))
    assert watch.credit_gate.left == 50


async def test_the_key_is_looked_at_before_an_expensive_job_only() -> None:
    account = OperatorsAccount(None)
    watch = account.credits()
    await watch.check(Decimal("0.36"))
    assert account.looks == 0
    await watch.check(Decimal(2))
    assert account.looks == 1


@pytest.mark.parametrize(
    ("left", "sentence"),
    [
        ("0.40", "needs $2.00, but the bot's OpenRouter key has $0.40 left"),
        ("0", "The bot is out of OpenRouter credits"),
    ],
)
async def test_a_job_that_the_key_cannot_pay_is_refused(left: str, sentence: str) -> None:
    with pytest.raises(CreditsShort) as refused:
        await OperatorsAccount(Decimal(left)).credits().check(Decimal(2))
    assert sentence in explain(refused.value)
    assert explain(refused.value).endswith("You weren't charged.")


def test_after_a_pause_one_job_tries_and_the_others_follow_when_it_was_taken() -> None:
    now = Now()
    credit_gate = CreditGate(now)
    credit_gate.refused(Decimal(1))
    assert credit_gate.state is CreditState.PAUSED
    assert not credit_gate.may_send("a", Decimal(1))
    now.time += PAUSE_SECONDS
    assert credit_gate.state is CreditState.PROBING
    assert [credit_gate.may_send(one, Decimal(1)) for one in "aba"] == [True, False, True]
    assert credit_gate.state is CreditState.PAUSED
    credit_gate.accepted(Decimal(1))
    assert credit_gate.may_send("b", Decimal(1))
    assert credit_gate.state is CreditState.AVAILABLE


def test_a_job_whose_turn_has_not_come_lets_the_next_one_try() -> None:
    now = Now()
    credit_gate = CreditGate(now)
    credit_gate.refused(Decimal(1))
    now.time += PAUSE_SECONDS
    assert credit_gate.may_send("second in line", Decimal(1))
    credit_gate.give_back("second in line")
    assert credit_gate.state is CreditState.PROBING
    assert [credit_gate.may_send(one, Decimal(1)) for one in ("first", "second in line")] == [True, False]


def test_what_fits_into_the_key_s_limit_goes_while_a_dearer_job_waits() -> None:
    now = Now()
    credit_gate = CreditGate(now, left=Decimal(2))
    credit_gate.refused(Decimal(8))
    assert credit_gate.state is CreditState.ONLY_CHEAPER
    assert [credit_gate.may_send(*one) for one in (("a", Decimal(2)), ("b", Decimal(3)), ("c", None))] == [
        True,
        False,
        False,
    ]
    credit_gate.accepted(Decimal(2))
    assert not credit_gate.may_send("b", Decimal(8))

    credit_gate.left = Decimal(50)
    now.time += PAUSE_SECONDS
    assert credit_gate.may_send("b", Decimal(8))
    credit_gate.accepted(Decimal(8))
    assert credit_gate.state is CreditState.AVAILABLE


@pytest.mark.parametrize("left", [Decimal(0), Decimal(-1)])
def test_a_key_with_nothing_left_sends_nothing_whether_or_not_anything_was_refused(left: Decimal) -> None:
    credit_gate = CreditGate(Now(), left=left)
    assert credit_gate.state is CreditState.EXHAUSTED
    credit_gate.refused(Decimal(1))
    assert credit_gate.state is CreditState.EXHAUSTED
    assert not credit_gate.may_send("a", Decimal(0))


@pytest.mark.parametrize("refused", [Decimal(1), None])
def test_a_refusal_that_the_key_s_limit_does_not_explain_pauses_everything(refused: Decimal | None) -> None:
    credit_gate = CreditGate(Now(), left=Decimal(2))
    credit_gate.refused(Decimal(8))
    credit_gate.refused(refused)
    assert credit_gate.state is CreditState.PAUSED
    assert not credit_gate.may_send("a", Decimal("0.10"))


async def test_the_operators_are_told_what_waits_and_that_it_goes_on() -> None:
    account = OperatorsAccount(Decimal(6))
    watch = account.credits(CreditGate(Now()))
    watch.credit_gate.refused(Decimal(8))
    await watch.report()
    await looked(watch)
    await looked(watch)
    watch.credit_gate.left = Decimal(9)
    watch.credit_gate.accepted(Decimal(8))
    await watch.report()
    assert [text.partition(",")[0].partition(".")[0] for text in account.told] == [
        "The bot is out of OpenRouter credits and sends nothing more",
        "OpenRouter refused a video that costs more than the bot's key has left",
        "There are credits again",
    ]


async def test_a_slow_discord_does_not_take_the_warning_from_the_operators() -> None:
    account = OperatorsAccount(Decimal("2.50"))
    watch = account.credits()
    await watch.check(Decimal(2))
    assert account.told == []
    await watch.report()
    assert len(account.told) == 1


async def test_a_second_process_with_the_same_key_does_not_warn() -> None:
    account = OperatorsAccount(Decimal(1))
    await looked(Credits(CreditGate(), account.key, account.tell, low=None, mark=MARK))
    assert account.told == []


async def test_without_credits_a_cheap_video_is_not_called_too_dear() -> None:
    watch = OperatorsAccount(Decimal(50)).credits(CreditGate(Now()))
    await watch.look()
    watch.credit_gate.refused(Decimal(1))
    with pytest.raises(CreditsShort) as refused:
        await watch.check(Decimal("0.30"))
    assert "The bot is out of OpenRouter credits" in explain(refused.value)


def test_a_job_that_tries_and_vanishes_does_not_hold_up_the_others() -> None:
    now = Now()
    credit_gate = CreditGate(now)
    credit_gate.refused(Decimal(1))
    now.time += PAUSE_SECONDS
    assert credit_gate.may_send("a", Decimal(1))
    now.time += PROBE_SECONDS
    assert credit_gate.may_send("b", Decimal(1))


async def test_a_job_without_credits_waits_and_is_sent_when_there_are_some(api: ScriptedAPI, tmp_path: Path) -> None:
    api.submits = [402, ACCEPTED]
    async with harness(api, tmp_path) as on:
        on.context.credit_gate.now = on.now
        pauses: list[float] = []

        async def sleep(seconds: float) -> None:
            pauses.append(seconds)
            on.now.time += seconds

        on.context.queue_signal.wait = lambda seconds, _: sleep(seconds)  # type: ignore[method-assign]
        job = await live(await on.kept(a_job(state=State.QUEUED)), on.context)
    assert job.state is State.DELIVERED
    assert on.posts == 2
    assert sum(pauses) == PAUSE_SECONDS
    waited = [in_words(shown.trouble) for shown in on.chat.shown if shown.state is State.QUEUED]
    assert waited == ["out of OpenRouter credits until the bot's operator adds more"]


async def test_while_nothing_can_be_sent_no_job_is(api: ScriptedAPI, tmp_path: Path) -> None:
    async with harness(api, tmp_path) as on:
        on.context.credit_gate.left = Decimal(0)
        on.now.time += 86_401
        job = await live(await on.kept(a_job(state=State.QUEUED)), on.context)
    assert job.state is State.REFUSED
    assert on.posts == 0


def test_a_clock_that_is_set_back_does_not_prolong_a_pause() -> None:
    """The gate's own clock is one that nobody sets."""
    assert CreditGate().now is time.monotonic


async def test_a_limit_that_renews_soon_pauses_for_as_long_by_another_clock(tmp_path: Path) -> None:
    since_boot = Now(50.0)
    credit_gate = CreditGate(since_boot)
    credit_gate.refused(Decimal(1), None, 120.0)
    since_boot.time += 119
    assert credit_gate.state is CreditState.PAUSED
    since_boot.time += 2
    assert credit_gate.state is CreditState.PROBING


async def test_the_key_is_looked_at_soon_after_the_machine_was_started() -> None:
    account = OperatorsAccount(Decimal(100))

    async def ends(_: float) -> None:
        raise InterruptedError

    watch = Credits(CreditGate(Now(20.0)), account.key, account.tell, low=None, mark=MARK, sleep=ends)
    with pytest.raises(InterruptedError):
        await watch.run()
    assert account.looks == 1
