"""How a run is drawn and written in a terminal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from twocurves.cli.run_page import OUT_OF, dots, figure, figures, in_twenty, percent
from twocurves.cli.terminal_chart import Curve, log_chart
from twocurves.ensemble.outcome_table import Outcome
from twocurves.months import Month, months_from

MONTHS = tuple(months_from(Month.of(2023, 1), Month.of(2030, 12)))
KNOWN = Month.of(2026, 6)


def curve(name, level, growth, spread=3.0):
    median = level * growth ** (np.arange(len(MONTHS)) / 12)
    return Curve(name, "blue", median / spread, median, median * spread)


def drawn(*curves, width=80):
    lines = log_chart(MONTHS, curves, known_to=KNOWN, number="usd", times=1e9, width=width)
    return [line.plain for line in lines]


@given(
    level=st.floats(1e-3, 1e4),
    growth=st.floats(0.3, 8.0),
    other=st.floats(1e-3, 1e4),
    width=st.integers(60, 200),
)
def test_a_chart_keeps_its_width_and_names_both_curves_in_order(level, growth, other, width):
    lines = drawn(curve("closed", level, growth), curve("open", other, 1.5), width=width)
    assert all(len(line) <= width for line in lines)
    ends = {
        name: next(n for n, line in enumerate(lines) if f" {name} " in line) for name in ("closed", "open")
    }
    last = {"closed": level * growth ** (95 / 12), "open": other * 1.5 ** (95 / 12)}
    if min(last.values()) > 1e-3 * max(last.values()):
        assert (ends["closed"] < ends["open"]) == (last["closed"] > last["open"]) or np.isclose(
            *last.values()
        )
    assert any("2024" in line for line in lines)
    assert sum("┊" in line for line in lines) > 0


def test_a_chart_of_losses_is_not_drawn_and_gaps_are_left_out():
    assert drawn(curve("closed", -1.0, 1.2)) == []
    part = curve("closed", 1.0, 2.0)
    part.low[:] = -5.0
    part.median[:10] = np.nan
    assert drawn(part)


@pytest.mark.parametrize(
    ("chance", "words", "share"),
    [
        (0.0, "0 in 20", "0%"),
        (0.003, "<1 in 20", "<1%"),
        (0.35, "7 in 20", "35%"),
        (0.985, ">19 in 20", "98%"),
        (0.996, ">19 in 20", ">99%"),
        (1.0, "20 in 20", "100%"),
        (None, "–", ""),
    ],
)
def test_probabilities_are_told_in_twenty_and_never_rounded_to_certainty(chance, words, share):
    assert in_twenty(chance) == words
    assert percent(chance, None) == share
    assert len(dots(chance).plain) == OUT_OF


def test_figures_carry_their_unit_once_and_the_very_small_is_only_said_to_be_so():
    share = Outcome(name="share", title="Share", style="share")
    price = Outcome(name="price", title="Price", style="usd")
    money = Outcome(name="money", title="Money", style="usd", times=1e9)
    assert figures(0.2, 0.61, share) == "20 to 61%"
    assert figure(0.001, share) == "<1%"
    assert figure(1e-9, price) == "<0.01¢"
    assert figures(-380.0, 18000.0, money) == "−$380bn to $18tn"
    assert figures(0.0, 0.0, share) == "0%"
