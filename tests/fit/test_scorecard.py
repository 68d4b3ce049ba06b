"""The scorecard: fair to every forecaster, and plain where the model loses."""

import json

import numpy as np
import pytest

from twocurves.fit.scorecard import FAMILY_OF_TARGETS, ScoredClaim, ScoredTarget, Skipped, scorecard
from twocurves.randomness import normals

DRAWS = 300
OTHERS = ("persistence", "damped_trend", "exponential", "prior")


def target(series, family, number, *, scale="log", factor=1.0, shifts=None, width=1.0):
    """Return a target whose truth is standard normal and whose forecasters are off by so much."""
    shifts = {"persistence": 0.6, "damped_trend": 0.3, "exponential": 1.0, "prior": 1.5, **(shifts or {})}
    truth = float(normals(1, f"truth/{series}", number, 1)[0, 0])
    samples = {
        name: factor
        * (shifts.get(name, 0.0) + width * normals(1, f"{name}/{series}/{number}", 0, DRAWS)[:, 0])
        for name in ("model", *OTHERS)
    }
    return ScoredTarget(series, family, f"2025-{number + 1:02d}", scale, factor * truth, samples)


def targets(**changes):
    wide = [
        ("a", "money", "log", 1.0),
        ("b", "money", "log", 1.0),
        ("c", "index", "linear", 40.0),
        ("d", "share", "logit", 1.0),
    ]
    return [
        target(name, family, number, scale=scale, factor=factor, **changes)
        for name, family, scale, factor in wide
        for number in range(12)
    ]


def card(found, **more):
    return scorecard(found, window="from 2024-12-31", seed=3, **more)


def test_an_honest_model_beats_shifted_ones_and_meets_its_bars():
    found = card(targets())
    assert found.forecasters == ("model", *OTHERS)
    assert [line.name for line in found.by_series] == ["a", "b", "c", "d"]
    assert [line.name for line in found.by_family] == ["money", "index", "share"]
    assert all(one.estimate > 0 for one in found.overall.skill.values())
    assert all(bar.met for bar in found.bars)
    order = [
        found.overall.crps[name] for name in ("model", "damped_trend", "persistence", "exponential", "prior")
    ]
    assert order == sorted(order)
    energies = [found.overall.energy[name] for name in ("model", "exponential", "prior")]
    assert energies == sorted(energies)


def test_units_of_a_series_change_no_skill_in_all():
    small, large = (
        card(targets()),
        card(
            [
                target("c", "index", n, factor=1.0) if t.series == "c" else t
                for t in targets()
                for n in [int(t.month[5:]) - 1]
            ]
        ),
    )
    for other in OTHERS:
        assert small.overall.skill[other].estimate == pytest.approx(large.overall.skill[other].estimate)
    by_name = {line.name: line for line in small.by_series}
    assert by_name["c"].crps["model"] == pytest.approx(
        40 * {line.name: line for line in large.by_series}["c"].crps["model"]
    )


def test_the_order_of_targets_changes_nothing_in_all():
    forward, back = card(targets()), card(targets()[::-1])
    assert forward.overall.skill == back.overall.skill
    assert forward.overall.coverage90 == back.overall.coverage90
    assert forward.overall.energy["model"] == pytest.approx(back.overall.energy["model"])


def test_a_model_that_loses_is_said_to_lose_and_by_how_much():
    found = card(targets(shifts={"model": 2.0}))
    beaten = found.bars[0]
    assert beaten.met is False
    assert beaten.by == beaten.value == found.overall.skill["damped_trend"].estimate < 0
    said = " ".join(found.sentences())
    assert "Bar missed: the model's CRPS in all is no lower than that of the damped trend" in said
    assert "loses to the damped trend in 4 of 4 series: a, b, c, d" in said
    assert "higher than that of the damped trend" in said


@pytest.mark.parametrize(
    ("width", "met", "words"), [(0.1, False, "too few"), (1.0, True, ""), (9.0, False, "too many")]
)
def test_coverage_is_held_against_its_bar(width, met, words):
    bar = card(targets(width=width)).bars[1]
    assert bar.met is met
    assert words in bar.sentence
    assert (bar.by >= 0) is met


def test_families_count_from_five_targets_on():
    few = [one for one in targets() if one.family == "money"]
    few += [target("e", "thin", number, shifts={"model": 9.0}) for number in range(FAMILY_OF_TARGETS - 1)]
    assert [bar.name for bar in card(few).bars[2:]] == ["coverage of money"]
    enough = [*few, target("e", "thin", 9, shifts={"model": 9.0})]
    last = card(enough).bars[-1]
    assert (last.name, last.met, last.value) == ("coverage of thin", False, 0.0)
    assert last.by == pytest.approx(-0.6)


def test_series_of_many_targets_do_not_decide_what_each_has_once():
    many = [target("many", "money", n, shifts={"model": 3.0}) for n in range(40)]
    good = [one for one in targets() if one.series in "abd"]
    found = card([*many, *good])
    assert found.overall.skill["damped_trend"].estimate < found.each_once.skill["damped_trend"].estimate


def test_joint_draws_are_told_from_shuffled_ones():
    rng = np.random.default_rng(1)
    common = rng.normal(size=(DRAWS, 1)) + 0.1 * rng.normal(size=(DRAWS, 12))
    wins = 0
    for _ in range(20):
        truth = rng.normal() + 0.1 * rng.normal(size=12)
        shuffled = np.column_stack([rng.permutation(column) for column in common.T])
        found = card(
            [
                ScoredTarget(
                    "s",
                    "f",
                    f"2025-{n + 1:02d}",
                    "log",
                    truth[n],
                    {"model": common[:, n], "persistence": shuffled[:, n]},
                )
                for n in range(12)
            ]
        )
        assert found.overall.crps["model"] == pytest.approx(found.overall.crps["persistence"])
        wins += found.overall.energy["model"] < found.overall.energy["persistence"]
    assert wins > 10


def test_one_series_has_no_interval_and_no_baseline_no_bar():
    found = card(
        [ScoredTarget("s", "f", "2025-01", "log", 0.0, {"model": normals(1, "s", 0, 50)[:, 0]})], joint=False
    )
    assert found.bars[0].met is None
    assert found.overall.energy == {}
    alone = card([target("s", "f", n) for n in range(3)])
    assert alone.overall.skill["prior"].low is None
    assert "interval" not in alone.sentences()[0]


def test_the_record_has_what_is_promised_and_is_json():
    claims = [ScoredClaim("C01.a", 0.8, 1.0), ScoredClaim("C02.b", 0.3, 0.5)]
    found = card(targets(), claims=claims, skipped=[Skipped("x", "has one point only")])
    record = json.loads(json.dumps(found.as_record(), allow_nan=False))
    for line in (*record["series"], record["overall"]):
        assert {"name", "n", "crps", "skill", "coverage50", "coverage90"} <= set(line)
        assert set(line["skill"]) == set(OTHERS)
    assert record["claims"][0] == {
        "id": "C01.a",
        "probability": 0.8,
        "outcome": 1.0,
        "brier": pytest.approx(0.04),
    }
    assert record["claim_score"]["brier"] == pytest.approx(0.04)
    assert record["skipped"] == [{"series": "x", "why": "has one point only"}]
    table = found.table
    assert table.height == 4 + 3 + 2
    assert {"crps_model", "skill_prior", "skill_prior_low", "coverage90", "energy_model"} <= set(
        table.columns
    )
    assert found.targets.height == 48
    assert found.targets["pit"].is_between(0, 1).all()


def test_the_same_seed_gives_the_same_card():
    assert card(targets()).as_record() == card(targets()).as_record()


def test_targets_that_cannot_be_compared_are_refused():
    with pytest.raises(ValueError, match="nothing"):
        card([])
    one = target("a", "f", 0)
    with pytest.raises(ValueError, match="forecasters and draws"):
        card([one, ScoredTarget("b", "f", "2025-02", "log", 0.0, {"model": np.zeros(DRAWS)})])
    with pytest.raises(ValueError, match="no forecast of the model"):
        card([ScoredTarget("b", "f", "2025-02", "log", 0.0, {"prior": np.arange(5.0)})])
    with pytest.raises(ValueError, match="no spread"):
        card([ScoredTarget("b", "f", "2025-02", "log", 0.0, {"model": np.zeros(DRAWS)})])
