"""A decision as a whole: what it prints, what it refuses, and that its figures hang together."""

import json

import numpy as np
import pytest

from tests.decide.conftest import load, offer, path, small_market, workload, world
from twocurves.decide.decision import decide, decide_in
from twocurves.decide.market import Market
from twocurves.decide.memo import memo, write_memo
from twocurves.decide.words import in_twenty
from twocurves.decide.world import first_month, read_world
from twocurves.errors import BadInputError

ALL = {"constraints": {"options": ()}}


def found_in(of=None, market=None, **changes):
    of = of or workload(**ALL)
    return decide_in(of, load(of), market or small_market(), world(**changes))


def refused(of, market=None, **changes):
    with pytest.raises(BadInputError) as fault:
        found_in(of, market, **changes)
    assert fault.value.exit_code == 2
    assert "\n" not in fault.value.message
    return fault.value


def test_the_record_has_what_is_promised_and_is_json():
    of = workload(
        **ALL,
        tuning={"usd": 20_000.0},
        switching={"migration_risk_usd": 30_000.0},
        usage={"tasks_per_month": 1000.0},
        quality={"usd_per_task": 1.0},
    )
    record = found_in(of, spread=0.1, draws=200).as_record()
    promised = {"answer", "advice", "options", "switch_month", "value_of_waiting_usd", "regret", "triggers"}
    assert promised <= record.keys()
    assert json.loads(json.dumps(record)) == record
    assert {"p10", "p50", "p90", "never"} == record["switch_month"].keys()
    assert len(record["options"]) == 12
    for one in record["options"]:
        assert {"name", "feasible", "why", "cost_p05", "cost_p50", "cost_p95"} <= one.keys()
        assert one["feasible"] == (one["cost_p50"] is not None)
        assert one["feasible"] or one["why"]
        if one["feasible"]:
            assert one["cost_p05"] <= one["cost_p50"] <= one["cost_p95"]
    assert len(record["regret"]) == 24
    for month in record["regret"]:
        assert 0.0 <= month["p10"] <= month["p50"] <= month["p90"]
        assert 0.0 <= month["loses_to_staying"] <= 1.0
    assert record["advice"] in ("move_now", "wait", "stay")


def test_a_cheaper_equal_is_moved_to_at_once_and_the_sum_is_right():
    found = found_in(workload(), spread=0.0)
    assert found.advice == "move_now"
    assert found.target == "hosted_open"
    costs = {one.name: one for one in found.options}
    value = (1.1 ** (-1 / 12)) ** np.arange(24)
    assert costs["closed_api"].p50 == pytest.approx(11_000.0 * value.sum(), rel=1e-9)
    # Hosts leave now and then, but without a cost of switching that costs nothing.
    assert costs["hosted_open"].p50 == pytest.approx(1_100.0 * value.sum(), rel=1e-9)
    assert found.policies.advised.gain.mean() == pytest.approx(9_900.0 * value.sum(), rel=1e-9)


def test_a_dearer_open_model_is_stayed_away_from():
    found = found_in(workload(), small_market(open_price=20.0))
    assert found.advice == "stay"
    assert found.answer.startswith("Stay")
    assert found.target == ""
    assert found.value_of_waiting_usd == pytest.approx(0.0, abs=1e-9)


def test_keeping_both_costs_no_more_than_the_cheaper_of_both_and_its_upkeep():
    found = found_in(workload(**ALL), spread=0.3, draws=100)
    costs = {one.name: one.mean for one in found.options}
    assert costs["keep_both"] <= min(costs["closed_api"], costs["hosted_open"]) * (1 + 1e-9)


def test_a_mix_lies_between_its_parts():
    costs = {one.name: one.mean for one in found_in(workload(**ALL)).options}
    assert costs["hosted_open"] < costs["routed_mix"] < costs["closed_api"]


def test_tuning_lowers_the_need_and_costs():
    market = small_market(open_score=148.0)
    of = workload(
        tuning={"usd": 1_000.0, "uplift_points": 3.0},
        constraints={"options": ("hosted_open", "tuned_hosted")},
    )
    costs = {one.name: one for one in found_in(of, market).options}
    assert not costs["hosted_open"].feasible
    assert costs["hosted_open"].why == "not good enough in any draw within the horizon"
    assert costs["tuned_hosted"].feasible


def test_a_tested_model_replaces_the_belief_about_unfamiliar_work():
    weak = {**world().beliefs, "ood_penalty": np.full(40, 20.0), "ood_exposure.niche_enterprise": np.ones(40)}
    both = {"options": ("closed_cloud", "hosted_open")}
    of = workload(quality={"eci": 149.0, "pass_rate_now": 0.9}, constraints=both)
    assert not next(one for one in found_in(of, beliefs=weak).options if one.name == "hosted_open").feasible
    tested = workload(
        quality={
            "eci": 149.0,
            "pass_rate_now": 0.9,
            "tested": {"model": "weights-30b-a3b", "pass_rate": 0.89},
        },
        constraints=both,
    )
    assert next(one for one in found_in(tested, beliefs=weak).options if one.name == "hosted_open").feasible


def test_failures_and_outages_have_a_price():
    free = found_in(workload(usage={"tasks_per_month": 1e5}))
    dear = found_in(
        workload(usage={"tasks_per_month": 1e5}, quality={"usd_per_task": 1.0, "usd_per_error": 1.0})
    )
    assert dear.options[0].mean > free.options[0].mean
    assert "outage" in {risk.name for risk in dear.risks}
    assert all(risk.usd >= 0.0 for risk in dear.risks)


def test_retired_models_and_closing_flagships_are_priced():
    beliefs = {**world().beliefs, "forced_migration": np.full(40, 0.1)}
    closing = path(40, 24, np.linspace(0.6, 0.2, 24))
    of = workload(switching={"migration_risk_usd": 50_000.0})
    found = found_in(of, beliefs=beliefs, flagship_open=closing)
    named = {(risk.name, risk.falls_on): risk for risk in found.risks}
    assert named["forced_migration", "closed_api"].usd > 0.0
    assert named["licence_gate", "hosted_open"].usd > 0.0
    assert not named["licence_gate", "hosted_open"].in_cost


def test_seats_are_flat_and_dearer_as_a_subsidy_ends():
    seats = {"through": "seats", "seats": 100, "usd_per_seat_month": 50.0}
    of = workload(now=seats)
    ending = {"lab": path(40, 24, np.linspace(0.5, 0.0, 24))}
    flat = found_in(of, price_closed=path(40, 24, np.linspace(1.0, 0.1, 24)))
    rising = found_in(of, subsidy=ending)
    value = (1.1 ** (-1 / 12)) ** np.arange(24)
    assert flat.options[0].mean == pytest.approx(5_000.0 * value.sum())
    assert rising.options[0].mean > flat.options[0].mean * 1.2


def test_residency_that_rules_out_what_is_in_use_asks_only_where_to():
    of = workload(constraints={"residency": "on_premises", "options": ()})
    found = found_in(of, spread=0.1)
    assert found.advice == "move_now"
    assert found.target == "own_open"
    assert "not permitted" in found.answer
    assert not found.options[0].feasible
    assert found.value_of_waiting_usd == 0.0


# -- what is refused -----------------------------------------------------------------


def test_an_unknown_model_names_the_nearest():
    fault = refused(workload(now={"model": "fronteir"}))
    assert fault.suggestion == "frontier"
    assert "did you mean 'frontier'" in fault.message


def test_a_model_without_a_price_is_told_so():
    market = small_market()
    with_unsold = Market(market.offers, {**market.eci, "unsold": 160.0})
    assert "states a price" in refused(workload(now={"model": "unsold"}), with_unsold).message


def test_a_model_without_a_score_cannot_be_the_measure():
    market = small_market()
    more = Market((*market.offers, offer("unscored", "lab", 1.0, is_open=False, kind="maker")), market.eci)
    assert "no score" in refused(workload(quality={"eci": None, "as_good_as": "unscored"}), more).message


def test_an_unknown_segment_and_provider_are_told():
    assert "segment" in refused(workload(segment="gardening")).message
    assert "provider" in refused(workload(now={"provider": "nobody"})).message
    fault = refused(workload(constraints={"exclude_providers": ("cheaphots",)}))
    assert fault.suggestion == "cheaphost"


def test_a_closed_model_cannot_be_on_machines_of_ones_own():
    fault = refused(workload(now={"through": "own"}))
    assert fault.field == "now.through"
    assert "api" in fault.message


@pytest.mark.parametrize(
    ("constraints", "fields"),
    [
        (
            {"residency": "on_premises", "options": ("hosted_open", "closed_api")},
            ("constraints.residency", "constraints.options"),
        ),
        (
            {"options": ("hosted_open",), "exclude_providers": ("cheaphost", "dearhost")},
            ("constraints.options", "constraints.exclude_providers"),
        ),
        (
            {"options": ("own_open",), "min_tokens_per_second": 500.0},
            ("constraints.options", "constraints.min_tokens_per_second"),
        ),
        (
            {"options": ("hosted_open",), "context_tokens": 10**6},
            ("constraints.options", "constraints.context_tokens"),
        ),
        (
            {"residency": "on_premises", "min_tokens_per_second": 500.0, "options": ()},
            ("constraints.residency", "constraints.min_tokens_per_second"),
        ),
    ],
)
def test_constraints_that_leave_nothing_say_which_two_conflict(constraints, fields):
    fault = refused(workload(constraints=constraints))
    assert "conflict" in fault.message
    assert fault.field == " and ".join(fields)


def test_one_impossible_constraint_is_told_alone():
    fault = refused(workload(quality={"eci": 300.0}))
    assert "quality.eci" in fault.message
    assert "conflict:" not in fault.message
    pair = refused(workload(quality={"eci": 154.0}, constraints={"options": ("hosted_open",)}))
    assert "quality.eci = 154.0 and constraints.options" in pair.message


# -- on a stored run -----------------------------------------------------------------


def test_a_world_is_read_as_changes_from_its_first_month(real_run):
    start = first_month(real_run)
    read = read_world(real_run, start, 24)
    assert read.size == real_run.counts.ok
    for name in ("price_closed", "price_open", "rental", "machine", "hours"):
        paths = getattr(read, name)
        assert paths.shape == (read.size, 24)
        assert np.allclose(paths[:, 0], 1.0)
        assert np.isfinite(paths).all()
        assert (paths > 0).all()
    for name in ("closed_gain", "closed_api_gain", "open_gain"):
        gains = getattr(read, name)
        assert (gains[:, 0] == 0).all()
        assert (np.diff(gains, axis=1) >= 0).all()
    measured = real_run.to_xarray(["price_open"], months=[start, start + 23])["price_open"].to_numpy()
    assert np.allclose(read.price_open[:, 23], np.maximum(measured[:, 1] / measured[:, 0], 1e-4), rtol=1e-5)
    assert read.belief("lag_pub").shape == (read.size,)


def test_a_run_that_keeps_too_little_says_which_command_makes_one(real_run):
    with pytest.raises(BadInputError, match="twocurves run"):
        read_world(real_run, first_month(real_run), 130)
    with pytest.raises(BadInputError, match="twocurves run"):
        read_world(real_run, first_month(real_run), 24).belief("made_up")


def test_a_decision_on_a_real_run_and_its_memo(real_run, tmp_path):
    path = tmp_path / "work.toml"
    from twocurves.decide.workload_file import template

    path.write_text(template(), encoding="utf-8")
    found = decide(path, real_run)
    again = decide(str(path), real_run)
    assert found.as_record() == again.as_record()
    page = memo(found)
    assert found.answer in page
    assert "http://" not in page
    assert "https://" not in page
    assert "<script" not in page
    write_memo(found, tmp_path / "deep" / "memo.html")
    assert (tmp_path / "deep" / "memo.html").read_text(encoding="utf-8") == page
    shown = found._repr_mimebundle_()
    assert found.answer in shown["text/html"]
    assert found.answer in shown["text/plain"]


def test_shares_in_words():
    assert in_twenty(1.0) == "20 of 20"
    assert in_twenty(0.999) == "nearly all of 20"
    assert in_twenty(0.0) == "0 of 20"
