"""Sizes, times and money in words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dailies.formatting import day_of_year, figure, inside, megabytes, spell, usd
from dailies.language import speaking
from dailies.media.fonts import comes_along
from dailies.openrouter.fields import USD_MOST


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (42, "42 s"),
        (59.6, "1 min"),
        (102, "1 min 42 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (3900, "1 h 5 min"),
        (90_061, "25 h 1 min"),
    ],
)
def test_times(seconds: float, words: str) -> None:
    assert spell(seconds) == words


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "$0.00"),
        ("0.25", "$0.25"),
        ("0.2125", "$0.2125"),
        ("0.48384", "$0.4838"),
        ("1.999", "$2.00"),
        ("12.5", "$12.50"),
        ("1E-9", "$0.0000"),
    ],
)
def test_money(amount: str, words: str) -> None:
    assert usd(Decimal(amount)) == words


@pytest.mark.slow
@given(st.decimals(-USD_MOST, USD_MOST, allow_nan=False))
def test_every_amount_that_an_answer_can_bring_has_words(amount: Decimal) -> None:
    assert usd(amount).startswith("$")


def test_sizes() -> None:
    assert megabytes(30_150_000) == "30.1 MB"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("2.5", "05 June", "watermark")),
        ("de", ("2,5", "5. Juni", "Watermark")),
        ("es", ("2,5", "5 de junio", "Watermark")),
        ("ja", ("2.5", "6月5日", "Watermark")),
    ],
)
def test_figures_days_and_labels_are_the_language_s_own(language: str, words: tuple[str, ...]) -> None:
    with speaking(language):
        assert (figure(2.5), day_of_year(date(2026, 6, 5)), inside("Watermark")) == words


def test_it_is_known_which_words_every_machine_can_draw() -> None:
    assert comes_along("Die letzten 30 Tage, ¡mañana!")
    assert not comes_along("過去30日")
