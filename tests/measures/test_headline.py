"""The headline: words follow the stated rule, and thin data are called thin."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.measures.made import named, sound
from twocurves.months import Month
from twocurves.observed.measures import Measure, Measured, Window
from twocurves.observed.measures.headline import (
    DIMENSIONS,
    headline,
    headline_sentence,
    probability_closed_faster,
    probability_faster,
    run,
    verdict,
)
from twocurves.observed.tables import Observations


def figure(
    identifier: str,
    estimate: float | None,
    low: float | None = None,
    high: float | None = None,
    unit: str = "units a year",
) -> Measure:
    month = Month.parse("2026-01")
    return Measure(
        identifier, identifier, estimate, low, high, unit, "made", 5, month, month, ("made",), "A remark."
    )


def results(*measures: Measure) -> dict[str, Measured]:
    return {"made": Measured(measures)}


def told(*measures: Measure) -> dict[str, dict[str, object]]:
    table = headline(results(*measures)).tables["headline"].to_dicts()
    return {row["dimension"]: row for row in table}


@given(st.floats(0, 1))
def test_words_follow_the_rule(probability: float) -> None:
    surer = max(probability, 1 - probability)
    word = verdict(probability)
    assert word == ("yes" if surer >= 0.95 else "probably" if surer >= 0.8 else "cannot tell")
    assert verdict(None) == "cannot tell"


@given(st.floats(-10, 10), st.floats(0.01, 5), st.floats(0.01, 5))
def test_yes_means_that_the_interval_excludes_zero(estimate: float, below: float, above: float) -> None:
    found = figure("d", estimate, estimate - below, estimate + above)
    probability = probability_closed_faster({"d": found}, "d")
    assert probability is not None
    assert found.low is not None
    assert found.high is not None
    clear = found.low > 1e-9 or found.high < -1e-9
    holds = found.low < -1e-9 and found.high > 1e-9
    if clear:
        assert verdict(probability) == "yes"
        assert (probability > 0.5) == (estimate > 0)
    if holds:
        assert verdict(probability) != "yes"


def test_the_familys_own_probability_goes_first() -> None:
    found = figure("d", 5.0, 4.0, 6.0)
    assert probability_closed_faster({"d": found, "d_probability": figure("d_probability", 0.7)}, "d") == 0.7
    assert (
        probability_closed_faster({"d": found, "d_probability": figure("d_probability", None)}, "d") is None
    )
    assert probability_closed_faster({"d": figure("d", 5.0)}, "d") is None
    assert probability_closed_faster({}, "d") is None


def test_clear_differences_are_told_with_their_rates_and_sign() -> None:
    measures = (
        figure("capability_growth_closed", 15.0),
        figure("capability_growth_open", 10.0),
        figure("capability_growth_difference", 5.0, 3.0, 7.0, "points a year"),
        figure("revenue_growth:closed", 1.0),
        figure("revenue_growth:open", 3.0),
        figure("revenue_growth_difference", -2.0, -4.5, 0.3, "doublings a year"),
    )
    rows = told(*measures)
    assert (rows["capability"]["verdict"], rows["capability"]["faster"]) == ("yes", "closed")
    assert (rows["revenue"]["verdict"], rows["revenue"]["faster"]) == ("probably", "open")
    assert rows["price"]["verdict"] == rows["usage"]["verdict"] == "cannot tell"
    sentence = headline_sentence(headline(results(*measures)))
    assert sentence.startswith(
        "Closed and open models are on different exponentials: in capability closed gains"
    )
    assert "(15 against 10 points a year)" in sentence
    assert (
        "in revenue open probably grows faster, with probability 0.92 (3 against 1 doublings a year)"
        in sentence
    )
    assert sentence.endswith("in price at fixed capability and use there are too few data.")


def test_an_interval_as_wide_as_the_growth_itself_cannot_tell() -> None:
    rates = (figure("revenue_growth:closed", 2.6), figure("revenue_growth:open", 2.4))
    narrow = headline(results(*rates, figure("revenue_growth_difference", 0.2, -0.4, 0.8, "doublings")))
    assert "in revenue the rates cannot be told apart (closed 2.6, open 2.4" in headline_sentence(narrow)
    wide = headline(results(*rates, figure("revenue_growth_difference", 0.2, -2.9, 3.3, "doublings")))
    assert "in revenue there are too few data to tell (closed 2.6, open 2.4" in headline_sentence(wide)
    lopsided = told(*rates, figure("revenue_growth_difference", 5.0, -2.6, 9.0))
    assert lopsided["revenue"]["verdict"] == "cannot tell"


def test_one_probable_dimension_alone_settles_nothing() -> None:
    rates = (figure("capability_growth_closed", 9.0), figure("capability_growth_open", 13.0))
    capability = figure("capability_growth_difference", -4.0, -29.0, 3.5, "points a year")
    alone = headline(results(*rates, capability))
    (row,) = [row for row in alone.tables["headline"].to_dicts() if row["dimension"] == "capability"]
    assert (row["verdict"], row["faster"]) == ("probably", "open")
    chance = probability_faster(row)
    assert chance == 1.0 - row["probability_closed_faster"]
    sentence = headline_sentence(alone)
    assert sentence.startswith("These data do not settle whether")
    assert (
        "the only one that can be judged of 4 dimensions suggests it: in capability open probably gains"
        in sentence
    )
    assert f"with probability {chance:.2f}" in sentence

    two = headline(results(*rates, capability, figure("revenue_growth_difference", -2.0, -4.5, 0.3)))
    assert headline_sentence(two).startswith("Closed and open models are probably on different exponentials:")
    sure = figure("revenue_growth_difference", -2.0, -4.5, -0.3)
    assert headline_sentence(headline(results(*rates, capability, sure))).startswith(
        "Closed and open models are on different exponentials: in revenue open grows faster"
    )


@given(st.lists(st.floats(0.0, 1.0), min_size=4, max_size=4))
def test_the_opening_never_rests_on_one_probable_dimension(chances: list[float]) -> None:
    made = []
    for dimension, chance in zip(DIMENSIONS, chances, strict=True):
        made.append(figure(dimension.difference, 1.0, -1.0, 3.0))
        made.append(figure(f"{dimension.difference}_probability", chance))
    words = [verdict(chance) for chance in chances]
    sentence = headline_sentence(headline(results(*made)))
    affirms = sentence.startswith("Closed and open models are")
    assert affirms == ("yes" in words or words.count("probably") >= 2)
    assert sentence.startswith("Closed and open models are on") == ("yes" in words)


def test_venues_that_contradict_turn_the_verdict() -> None:
    one = figure("usage_growth_difference", -9.0, -15.0, -3.0)
    other = figure("usage_growth_difference:menlo", 0.9, 0.1, 1.8)
    assert told(one)["usage"]["verdict"] == "yes"
    rows = told(one, other)
    assert rows["usage"]["verdict"] == "cannot tell"
    assert "contradict" in str(rows["usage"]["why"])
    assert "in use venues contradict each other" in headline_sentence(headline(results(one, other)))


def test_what_must_not_be_judged_is_not() -> None:
    rows = told(
        figure("price_growth_difference", 3.0, 2.0, 4.0), figure("price_growth_difference_probability", None)
    )
    assert rows["price"]["verdict"] == "cannot tell"
    assert rows["price"]["why"] == "A remark."


def test_nothing_measured_is_said_plainly() -> None:
    head = headline({})
    assert [measure.id for measure in head.measures] == [f"exponentials:{d.name}" for d in DIMENSIONS]
    assert all(measure.estimate is None and measure.note for measure in head.measures)
    assert headline_sentence(head).startswith("These data do not tell")


def test_the_real_headline(real: Observations) -> None:
    head = run(real, Window())
    sound(head)
    table = head.tables["headline"]
    assert table["dimension"].to_list() == ["capability", "price", "revenue", "usage"]
    assert named(head, "exponentials:price").note.startswith("Cannot tell")
    sentence = headline_sentence(head)
    assert sentence.endswith(".")
    assert "None" not in sentence
    assert "nan" not in sentence


@pytest.mark.parametrize(
    "window", [Window(Month.parse("2024-01"), Month.parse("2024-12")), Window(None, Month.parse("2020-01"))]
)
def test_any_window_has_a_headline(real: Observations, window: Window) -> None:
    head = run(real, window)
    sound(head)
    assert headline_sentence(head)
