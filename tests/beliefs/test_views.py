"""Beliefs and draws as tables and records."""

import json

import numpy as np
import polars as pl
import pytest

from twocurves.beliefs import draws, load_beliefs
from twocurves.beliefs.views import accounting, beliefs_table, describe, draws_table
from twocurves.errors import BadInputError


@pytest.fixture(scope="module")
def beliefs():
    return load_beliefs()


def test_the_table_has_a_row_for_every_full_name(beliefs):
    table = beliefs_table(beliefs)
    assert table["full_name"].to_list() == list(beliefs.names)
    drawn = table.drop_nulls("p50")
    assert (drawn["p05"] <= drawn["p50"]).all()
    assert (drawn["p50"] <= drawn["p95"]).all()
    assert (drawn["source"].str.len_chars() >= 3).all()


def test_everything_that_has_a_name_can_be_described(beliefs):
    names = [*beliefs.parameters, *beliefs.scenarios, *beliefs.events, *beliefs.targets]
    names += [entity for entities in beliefs.entities.values() for entity in entities]
    for name in names:
        record = describe(beliefs, name)
        json.dumps(record, default=str)
        assert record["kind"]


def test_the_kind_of_a_record_is_what_it_is_and_never_a_field_of_it(beliefs):
    for name, event in beliefs.events.items():
        record = describe(beliefs, name)
        assert (record["kind"], record["event_kind"]) == ("event", event.kind)
    for kind, entities in beliefs.entities.items():
        assert {describe(beliefs, name)["kind"] for name in entities} <= {kind}
    assert {describe(beliefs, name)["kind"] for name in beliefs.scenarios} == {"scenario"}
    assert {describe(beliefs, name)["kind"] for name in beliefs.targets} == {"target"}


def test_a_symbol_and_one_entity_are_understood(beliefs):
    assert describe(beliefs, "hl_xi")["name"] == "closed_premium_half_life"
    (prior,) = describe(beliefs, "task_difficulty.coding_agents")["priors"]
    assert prior["full_name"] == "task_difficulty.coding_agents"


def test_an_unknown_name_gets_the_nearest(beliefs):
    with pytest.raises(BadInputError, match="did you mean 'deepseek'"):
        describe(beliefs, "deepseak")
    with pytest.raises(BadInputError, match="did you mean 'coding_agents'"):
        describe(beliefs, "task_difficulty.coding_agent")


def test_the_table_of_draws_recovers_the_priors(beliefs):
    drawn = draws(beliefs, seed=7, count=1024)
    table = draws_table(beliefs, drawn)
    row = table.row(by_predicate=pl.col("full_name") == "lag_pub", named=True)
    assert row["p50"] == pytest.approx(7.0, rel=0.02)
    assert 0 < row["mean_error"] < 0.05


def test_every_draw_is_accounted_for(beliefs):
    drawn = draws(beliefs, seed=7, count=100)
    counted = accounting(drawn)
    assert counted["asked"] == 100
    assert counted["ok"] + counted["failed"] == 100
    assert counted["failed"] == sum(counted["causes"].values())
    assert np.isfinite(draws_table(beliefs, drawn).drop_nulls("mean")["mean"].to_numpy()).all()
