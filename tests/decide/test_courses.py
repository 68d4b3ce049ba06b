"""Courses of cost and of utilisation: that they hang together with the decision they belong to."""

import json

import numpy as np
import pytest

from tests.decide.conftest import load, small_market, workload, world
from twocurves.charts.export import figure_svg
from twocurves.charts.input_figures import INPUT_FIGURES
from twocurves.charts.shape import WORDED
from twocurves.decide.decision import decide_in

OF_DECISIONS = ("regret", "stay_or_move", "moved_now", "break_even")


def found_in(**changes):
    of = workload(**changes.pop("of", {}))
    return decide_in(of, load(of), small_market(), world(**changes))


def test_what_moving_saves_by_the_end_is_the_gain_of_moving_now():
    found = found_in(spread=0.2, draws=100)
    last = {name: values[-1] for name, values in found.courses.saved_usd.percentiles.items()}
    gain = found.policies.now.gain
    for name, level in (("p10", 10), ("p50", 50), ("p97_5", 97.5)):
        assert last[name] == pytest.approx(np.percentile(gain, level))


def test_courses_tell_both_ways_and_their_economies():
    found = found_in(spread=0.1, draws=60)
    courses = found.courses
    assert (courses.stay_economy, courses.move_economy) == ("closed", "open")
    assert courses.target == found.policies.now.target
    assert courses.stay_usd.months == courses.move_usd.months == found.months
    for one in (courses.stay_usd, courses.move_usd, courses.saved_usd):
        ordered = np.stack(list(one.percentiles.values()))
        assert (np.diff(ordered, axis=0) >= -1e-9).all()
    # A cheaper equal: from the first month on the move runs below staying.
    assert (courses.move_usd.percentiles["p50"] < courses.stay_usd.percentiles["p50"]).all()


def test_a_decider_tells_the_gain_at_both_ends():
    found = found_in(spread=0.4, draws=200)
    gain = found.policies.now.gain
    for one in found.deciders:
        low, high = one.tenths
        assert gain.min() <= low <= gain.max()
        if one.above_noise:
            assert (high - low) * one.effect > 0
            assert one.low_value < one.high_value


def test_utilisation_agrees_with_the_break_even_told():
    found = found_in(of={"constraints": {"options": ()}}, spread=0.1, draws=60)
    busy = found.utilisation
    assert busy is not None
    first = next(one for one in found.breaks if one.name == "utilisation")
    assert busy.today == pytest.approx(first.now)
    assert busy.needed.percentiles["p50"][0] == pytest.approx(first.p50)
    assert ((busy.own > 0) & (busy.own <= 1)).all()


def test_the_record_draws_every_figure():
    record = json.loads(
        json.dumps(found_in(of={"constraints": {"options": ()}}, spread=0.3, draws=120).as_record())
    )
    for name in OF_DECISIONS:
        svg = figure_svg(INPUT_FIGURES[name](record, "light", WORDED).chart)
        assert "NaN" not in svg
    if any(one["above_noise"] for one in record["decided_by"]):
        assert "<svg" in figure_svg(INPUT_FIGURES["decision_tornado"](record, "dark", WORDED).chart)


def test_twentieths_are_of_the_gains():
    found = found_in(spread=0.3, draws=100)
    told = found.as_record()["gain_of_moving_now"]
    assert len(told["twentieths_usd"]) == 20
    assert told["twentieths_usd"] == sorted(told["twentieths_usd"])
    assert told["saves"] == pytest.approx(float((found.policies.now.gain > 0).mean()))
