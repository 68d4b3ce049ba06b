"""A stored run whose drivers are known: what is found, what is refused."""

import numpy as np
import pytest

from tests.drivers.made_run import IDLE, MATTERS, made_run
from twocurves.drivers.discovery import discover
from twocurves.drivers.dummies import design_dummies
from twocurves.drivers.flips import flips
from twocurves.drivers.report import find_drivers
from twocurves.drivers.study import study
from twocurves.drivers.target import find_target
from twocurves.errors import BadInputError

CLAIM = "C10.net_revenue"


@pytest.fixture(scope="module")
def found(made):
    return study(made, CLAIM)


@pytest.mark.parametrize("target", [CLAIM, "net_revenue_open@2024-12", "revenue_by_lab.google@2024-06"])
def test_what_matters_is_above_the_noise_and_in_order(made, target):
    effects = study(made, target).effects
    assert [effect.input.name for effect in effects[:3]] == list(MATTERS)
    assert all(effect.above_noise for effect in effects[:3])
    assert np.sign([effect.effect for effect in effects[:3]]).tolist() == [1.0, -1.0, 1.0]
    above = sum(effect.above_noise for effect in effects if effect.input.name in IDLE)
    assert above <= 0.05 * len(IDLE)


def test_beliefs_and_choices_are_apart(found):
    assert [effect.input.name for effect in found.of("choice")] == ["adoption_mandates"]
    assert {effect.input.nature for effect in found.of("belief")} == {"belief"}


def test_effects_lie_within_their_intervals_and_tenths_follow_them(found):
    for effect in found.above:
        assert effect.interval[0] < effect.effect < effect.interval[1]
        assert effect.low_value < 1.0 < 9.0 < effect.high_value
        assert (effect.tenths[-1] > effect.tenths[0]) == (effect.effect > 0)
    assert np.mean(found.effects[0].tenths) == pytest.approx(found.level, abs=0.01)


def test_totals_hardly_exceed_what_is_explained(found):
    totals = [effect.total for effect in found.effects if effect.total is not None]
    assert sum(totals) < 2 * found.explained
    assert 0.4 < found.explained < 1.0


def test_draws_that_failed_are_left_out(made, found):
    assert found.draws == made.counts.ok < made.plan.draws


def test_a_claim_that_is_open_in_some_draws_is_studied_in_the_others(made):
    found = study(made, "C03")
    assert found.draws < made.counts.ok
    assert found.effects[0].input.name == MATTERS[1]


def test_the_same_run_says_the_same(made, found):
    again = study(made, CLAIM.lower())
    assert again.effects == found.effects
    assert again.floors == found.floors


def test_a_claims_id_is_its_headline_question(made):
    assert find_target(made, "c10").name == CLAIM


def test_an_outcome_without_month_is_that_of_the_last_date_kept(made):
    assert find_target(made, "net_revenue_open").name == "net_revenue_open@2024-12"


@pytest.mark.parametrize(
    ("given", "sentence", "suggestion"),
    [
        ("net_revenue_opne", "did you mean 'net_revenue_open'", "net_revenue_open"),
        ("C10.net_revenu", "did you mean 'C10.net_revenue'", "C10.net_revenue"),
        ("net_revenue_open@2031-01", "keeps no figures of 2031-01", None),
        ("net_revenue_open@soon", "month", None),
        ("revenue_by_lab", "a figure for each lab", "revenue_by_lab.openai"),
        ("C04", "does not answer C04", None),
    ],
)
def test_a_target_that_is_not_there(made, given, sentence, suggestion):
    with pytest.raises(BadInputError, match=sentence) as fault:
        study(made, given)
    assert fault.value.exit_code == 2
    assert suggestion is None or fault.value.suggestion == suggestion


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("constant@2024-12", "the same in all of"),
        ("C01", "true in all of"),
        ("C02", "is true in 4 of"),
    ],
)
def test_a_target_that_hardly_differs(made, given, sentence):
    with pytest.raises(BadInputError, match=sentence):
        study(made, given)


def test_too_few_draws(tmp_path):
    with pytest.raises(BadInputError, match="cannot be told from 96 futures"):
        study(made_run(tmp_path / "few", draws=96), CLAIM)


def test_worlds_are_those_in_which_it_holds(found):
    holds, fails = discover(found).worlds
    assert (holds.holds, fails.holds) == ("true", "false")
    for world in (holds, fails):
        assert world.density > world.base
        assert world.density_elsewhere == pytest.approx(world.density, abs=0.15)
        assert world.coverage_elsewhere == pytest.approx(world.coverage, abs=0.15)
        assert {condition.input.name for condition in world.conditions} <= set(MATTERS)
        assert 1 <= len(world.conditions) <= 3
    assert holds.base == pytest.approx(1 - fails.base)
    first = holds.conditions[0]
    assert first.input.name == MATTERS[0]
    assert first.low is not None
    assert first.seen_in >= 0.9
    assert f"{MATTERS[0]} above" in first.words


def test_worlds_of_an_outcome_are_high_and_low(made):
    worlds = discover(study(made, "net_revenue_open")).worlds
    assert [world.holds for world in worlds] == ["high", "low"]


def test_flips_are_where_the_probit_says(found):
    """P(claim | z1) crosses one half where 1.5 z1 is 1, and it takes less of two together."""
    said = flips(found)
    assert said.single is not None
    assert said.pair is not None
    (move,) = said.single.moves
    assert move.input.name == MATTERS[0]
    assert move.score == pytest.approx(2 / 3, abs=0.12)
    assert said.single.expected == pytest.approx(0.5, abs=0.02)
    assert said.pair.size < said.single.size
    assert said.pair.size == pytest.approx(1 / np.sqrt(1.5**2 + 1), abs=0.12)
    assert said.nearest is None or not said.single.inside


def test_the_record_is_that_of_the_contract(made):
    record = find_drivers(made, CLAIM).as_record()
    assert {"target", "run", "noise_floor", "beliefs", "choices", "worlds", "flips"} <= set(record)
    for effect in (*record["beliefs"], *record["choices"]):
        assert {"name", "effect", "low", "high", "above_noise"} <= set(effect)
    for world in record["worlds"]:
        assert {"conditions", "coverage", "density"} <= set(world)
    assert {flip["kind"] for flip in record["flips"]} >= {"single", "pair"}
    assert record["local"] is record["sobol"] is None


def test_dummies_come_from_dimensions_that_no_belief_has(made):
    draw = np.array([0, 5, 9, 700])
    found = design_dummies(["lag_pub"], 7, draw, 6)
    assert found.shape == (4, 6)
    assert ((found > 0) & (found < 1)).all()
    np.testing.assert_array_equal(found[:2], design_dummies(["lag_pub"], 7, draw[:2], 6))
    assert design_dummies(["idle"], 7, draw).shape == (4, 0)
