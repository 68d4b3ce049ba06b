"""Figures of a run and of other commands' findings: sound drawings whose titles say what the tables hold."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.charts import checks
from tests.decide.conftest import load, small_market, workload, world
from tests.report.inputs import decision, drivers, score
from twocurves.charts.export import figure_spec, figure_svg
from twocurves.charts.figure_names import INPUT_NAMES, OF_SEVERAL_RUNS, OF_TWO_RUNS, RUN_NAMES
from twocurves.charts.grid_tables import grid_table
from twocurves.charts.input_figures import INPUT_FIGURES, read_record
from twocurves.charts.number_text import say, say_range
from twocurves.charts.quantiles import PERCENTILES
from twocurves.charts.run_figures import RUN_FIGURES, two_curves
from twocurves.charts.run_tables import (
    band_table,
    claim_table,
    fan_table,
    gap_table,
    medians,
    moved_table,
    stack_table,
    yearly_samples,
)
from twocurves.charts.scenario_figures import YEAR, scenario_samples
from twocurves.charts.shape import WORDED, Drawn, Shape
from twocurves.claims import load_ledger
from twocurves.decide.decision import decide_in
from twocurves.drivers import inputs
from twocurves.drivers.claims_table import claims_table
from twocurves.ensemble.answers import probabilities
from twocurves.ensemble.headline import headline
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.storage import storage_at
from twocurves.errors import BadFileError, BadInputError


@cache
def real_decision() -> dict[str, Any]:
    """A decision in a small market, as the command prints it."""
    of = workload()
    record: dict[str, Any] = json.loads(
        json.dumps(decide_in(of, load(of), small_market(), world(spread=0.4, draws=200)).as_record())
    )
    mean = record["gain_of_moving_now"]["mean_usd"]
    ends = {"tenths": [0.5 * mean, 1.5 * mean], "low_value": 1.0, "high_value": 3.0}
    # The small market has no beliefs that differ between draws.
    return {**record, "decided_by": [{"name": "lag_pub", "above_noise": True, **ends}]}


INPUTS: dict[str, Callable[[], dict[str, Any]]] = {
    "drivers": drivers,
    "tornado": drivers,
    "regret": decision,
    "stay_or_move": real_decision,
    "moved_now": real_decision,
    "decision_tornado": real_decision,
    "break_even": real_decision,
    "calibration": score,
    "pit": score,
}


@pytest.fixture(scope="module", autouse=True)
def few_draws_are_enough() -> Iterator[None]:
    """The small run has fewer draws than one would ask for what decides a claim."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inputs, "FEWEST_DRAWS", 64)
        yield


@pytest.fixture(scope="module")
def drawn(real_run: StoredRun) -> Callable[[str], Drawn]:
    @cache
    def draw(name: str) -> Drawn:
        beside: dict[str, Any] = {"beside": real_run} if name in OF_TWO_RUNS else {}
        if name in OF_SEVERAL_RUNS:
            beside = {"others": (under("open_surge", real_run), under("closed_moat", real_run))}
        return RUN_FIGURES[name](real_run, "light", **beside)

    return draw


def under(scenario: str, run: StoredRun) -> StoredRun:
    """The same draws under the name of another scenario: enough to draw them beside one another."""
    other = StoredRun(storage_at(run.path))
    plan = run.plan.model_copy(update={"scenario": scenario})
    other.manifest = run.manifest.model_copy(update={"plan": plan})
    return other


def test_the_lists_name_what_can_be_drawn() -> None:
    assert list(RUN_NAMES) == list(RUN_FIGURES)
    assert list(INPUT_NAMES) == list(INPUT_FIGURES)
    assert set(INPUT_NAMES) == set(INPUTS)
    assert set(RUN_NAMES) >= OF_TWO_RUNS | OF_SEVERAL_RUNS


@pytest.mark.parametrize("name", RUN_NAMES)
def test_figures_of_a_run_are_sound(name: str, drawn: Callable[[str], Drawn], real_run: StoredRun) -> None:
    figure = drawn(name)
    svg = figure_svg(figure.chart)
    checks.finite_xml(svg)
    checks.inside_the_frame(svg)
    checks.readable(svg)
    checks.only_palette_colours(svg, "light")
    checks.stands_alone(figure_spec(figure.chart), "light")
    assert real_run.name in figure.caption
    assert str(real_run.plan.data_to) in figure.caption


@pytest.mark.parametrize("name", INPUT_NAMES)
def test_figures_of_findings_are_sound(name: str) -> None:
    figure = INPUT_FIGURES[name](INPUTS[name](), "light", WORDED)
    svg = figure_svg(figure.chart)
    checks.finite_xml(svg)
    checks.inside_the_frame(svg)
    checks.readable(svg)
    checks.only_palette_colours(svg, "light")


@pytest.mark.parametrize("name", ["two_curves", "claims", "value_captured", "lag_by_year"])
def test_a_phone_is_not_too_narrow(name: str, real_run: StoredRun) -> None:
    figure = RUN_FIGURES[name](real_run, "light", Shape(worded=False, narrow=True))
    svg = figure_svg(figure.chart)
    checks.inside_the_frame(svg)
    assert float(svg.partition('width="')[2].partition('"')[0]) <= 560


def test_titles_say_what_the_tables_hold(drawn: Callable[[str], Drawn], real_run: StoredRun) -> None:
    said = headline(real_run)
    assert said is not None
    assert drawn("two_curves").title == said.sentence
    lag = band_table(real_run, "lag_months").row(-1, named=True)
    assert f"{say(lag['p50'], digits=2)} months" in drawn("capability").title
    assert say_range(lag["p10"], lag["p90"]) in drawn("capability").title
    share = band_table(real_run, "open_share_tokens").row(-1, named=True)
    assert say(share["p50"], "share", 2) in drawn("outlook").title
    last = stack_table(real_run).filter(pl.col("month") == pl.col("month").max(), pl.col("layer") == "Labs")
    assert say(last["share"][0], "share", 2) in drawn("value_by_layer").title
    chances = claim_table(real_run)["probability"].drop_nulls().to_list()
    sure = sum(1 for chance in chances if chance >= 0.95 or chance <= 0.05)
    assert f"Of {len(chances)} claims, {sure} come out" in drawn("claims").title


def test_tables_agree_with_the_run(real_run: StoredRun) -> None:
    fan = fan_table(real_run, {"closed": "capability_closed", "open": "capability_open"})
    found = real_run.quantiles("capability_open", (0.1, 0.5, 0.9)).values
    own = fan.filter(economy="open")
    assert np.allclose(own["p50"].to_numpy(), found[1])
    assert np.allclose(own["p90"].to_numpy(), found[2])
    assert medians(fan).columns == ["month", "economy", "value"]
    chances = probabilities(real_run)
    for row in claim_table(real_run, headlines=False).iter_rows(named=True):
        assert row["probability"] == chances[row["id"]].probability
    moved = moved_table(real_run, real_run)
    assert (moved["before"] == moved["after"]).all()


def test_a_gap_is_taken_within_each_draw(real_run: StoredRun) -> None:
    same = gap_table(real_run, "capability_closed", "capability_closed", lambda one, other: one - other)
    assert all((same[name] == 0).all() for name in PERCENTILES)
    assert same["month"][-1] == real_run.months[-1].first_day


def test_shares_of_value_sum_to_one(real_run: StoredRun) -> None:
    sums = stack_table(real_run).group_by("month").agg(pl.col("share").sum())["share"]
    assert np.allclose(sums.to_numpy(), 1.0)


def test_years_that_a_run_does_not_keep_are_left_out(real_run: StoredRun) -> None:
    table = yearly_samples(real_run, "lag_months", (1999, 2030))
    assert table["row"].unique().to_list() == ["2030"]


def test_a_run_that_keeps_too_little_is_refused_in_a_sentence(real_run: StoredRun) -> None:
    with pytest.raises(BadInputError):
        band_table(real_run, "capability_closd")
    with pytest.raises(BadInputError, match="No entity 'nobody'"):
        band_table(real_run, "revenue_by_lab.nobody")
    with pytest.raises(BadInputError, match="No theme 'drak'"):
        two_curves(real_run, "drak")
    with pytest.raises(BadInputError, match="--beside"):
        RUN_FIGURES["claims_moved"](real_run, "light")


def test_ridges_of_scenarios_are_named_and_ordered_by_their_medians(real_run: StoredRun) -> None:
    low, high = under("closed_moat", real_run), under("open_surge", real_run)
    table = scenario_samples([low, high])
    assert table["row"].unique(maintain_order=True).to_list() == ["Closed moat", "Open surge"]
    assert (table["value"] > 0).all()
    middle = float(np.median(yearly_samples(real_run, "net_revenue_open", (YEAR,))["value"].to_numpy())) * 1e9
    assert np.isclose(np.median(table.filter(row="Open surge")["value"].to_numpy()), middle)
    with pytest.raises(BadInputError, match="several scenarios"):
        RUN_FIGURES["scenarios"](real_run, "light")
    with pytest.raises(BadInputError, match="one of each"):
        RUN_FIGURES["scenarios"](real_run, "light", others=(real_run,))


def test_the_grid_holds_what_decides_the_claims(real_run: StoredRun, drawn: Callable[[str], Drawn]) -> None:
    found = claims_table(real_run)
    table = grid_table(found, load_ledger(), most=5)
    assert table["name"].n_unique() <= 5
    names = [one.name for one in found.inputs]
    headlines = {one.claim.id: one.id for one in load_ledger().headlines}
    for row in table.iter_rows(named=True):
        place = names.index(row["name"]), found.claims.index(headlines[row["claim"]])
        assert row["effect"] == found.rank[place]
        assert row["above_noise"] == (abs(row["effect"]) > found.floor[place[1]])
    strongest = (
        table.filter("above_noise").group_by("name", maintain_order=True).agg(pl.col("effect").abs().max())
    )
    assert strongest["effect"].is_sorted(descending=True)
    assert f"of {table['claim'].n_unique()} claims" in drawn("claim_grid").title


@pytest.mark.parametrize("name", INPUT_NAMES)
@pytest.mark.parametrize("record", [{}, {"beliefs": [3], "overall": {}, "targets": [{}], "regret": [1]}])
def test_findings_that_lack_what_is_needed_are_refused(name: str, record: dict[str, object]) -> None:
    with pytest.raises(BadInputError):
        INPUT_FIGURES[name](record, "light", WORDED)


def test_files_that_are_no_findings_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    with pytest.raises(BadFileError, match="cannot be read"):
        read_record(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BadFileError, match="it is no JSON"):
        read_record(path)
    path.write_text("[1]", encoding="utf-8")
    with pytest.raises(BadFileError, match="no JSON object"):
        read_record(path)
    path.write_text(json.dumps(drivers()), encoding="utf-8")
    assert read_record(path)["target"] == "C10"
