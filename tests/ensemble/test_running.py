"""Planning runs, the economy behind the store's contract, what a run says, and comparing two."""

import json
import pickle
from copy import copy

import numpy as np
import pytest

from tests.ensemble.fake_simulator import plan
from tests.ensemble.stored import content
from tests.real_run import DRAWS
from twocurves.beliefs import load_beliefs
from twocurves.beliefs.sobol import REPLICATES
from twocurves.claims import load_ledger
from twocurves.economy.measure_table import MEASURES
from twocurves.ensemble import running
from twocurves.ensemble.answers import evaluated, probabilities
from twocurves.ensemble.captured import captured
from twocurves.ensemble.columns import columns
from twocurves.ensemble.comparing import compare_runs, refuse_unpaired
from twocurves.ensemble.economy_simulator import build_simulator, factory_of, unanswered
from twocurves.ensemble.executors import LocalExecutor, ThreadExecutor
from twocurves.ensemble.faults import PlanChangedError
from twocurves.ensemble.headline import headline
from twocurves.ensemble.key_numbers import outcome_rows
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.outcome_table import outcome_table
from twocurves.ensemble.plan import make_plan
from twocurves.ensemble.run_record import run_record
from twocurves.ensemble.running import (
    DRAWS_WORTH_A_PROCESS,
    THREADS_AT_MOST,
    carry_out,
    job,
    job_again,
    local,
)
from twocurves.ensemble.simulator import SimulatorError
from twocurves.ensemble.spread import Spread
from twocurves.errors import BadInputError
from twocurves.months import Month
from twocurves.run_result import Run


def test_a_plan_holds_what_the_numbers_depend_on_and_the_same_request_is_the_same_plan():
    one, other = job("open_surge", settings=["lag_pub=4.5"]), job("open_surge", settings={"lag_pub": 4.5})
    assert one.plan.digest == other.plan.digest
    assert dict(one.plan.settings)["lag_pub"] == "4.5"
    assert len(one.plan.settings) > 1, "the scenario's own settings are in the plan"
    assert set(one.plan.measures) == set(MEASURES)
    assert job_again(one.plan).plan == one.plan
    changed = [
        job(seed=8),
        job(draws=2048),
        job(until="2030-12"),
        job(keep="yearly"),
        job(precision="float64"),
    ]
    assert len({made.plan.digest for made in (one, job(), *changed)}) == 7


def test_the_ledger_is_answered_in_full_and_to_an_earlier_month_what_lies_before_it():
    assert unanswered(load_beliefs(), Month.parse("2036-12")) == ()
    assert set(job().description.claims) == {question.id for question in load_ledger()}
    early = job(until="2030-12").description.claims
    assert 0 < len(early) < len(load_ledger().questions)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"scenario_name": "centrl"}, "did you mean 'central'"),
        ({"draws": 0}, "--draws must be a whole number of at least 1; you gave 0."),
        ({"draws": 1.5}, "--draws must be a whole number"),
        ({"draws": float("nan")}, "--draws must be a whole number"),
        ({"settings": {"lagg_pub": 4}}, "did you mean 'lag_pub'"),
        ({"settings": {"lag_pub": float("nan")}}, "lag_pub"),
        ({"settings": {"lag_pub": 400}}, "between 1 and 36"),
        ({"until": "2050-01"}, "--until must be a month from 2026-07 to 2036-12"),
        ({"until": "2020-01"}, "--until must be a month from 2026-07 to 2036-12"),
        ({"measures": ["net_revenue_opn"]}, "did you mean 'net_revenue_open'"),
        ({"keep": "weekly"}, "--keep must be all or quarterly or yearly"),
        ({"precision": "float16"}, "--precision must be float32 or float64"),
    ],
)
def test_what_cannot_be_run_is_refused_with_one_sentence(asked, says):
    with pytest.raises(BadInputError) as refused:
        job(**asked)
    assert says in refused.value.message


def test_a_run_that_does_not_fit_the_disk_is_refused(tmp_path):
    with pytest.raises(BadInputError, match="GB are free"):
        carry_out(job(draws=10**10), tmp_path / "run")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("draws", "device", "cores", "asked", "kind", "workers"),
    [
        (MICRO_BATCH, "cpu", 8, None, LocalExecutor, 1),
        (2 * MICRO_BATCH, "cpu", 8, None, ThreadExecutor, 2),
        (2 * MICRO_BATCH, "gpu", 8, None, LocalExecutor, 1),
        (2 * MICRO_BATCH, "cpu", 1, None, LocalExecutor, 1),
        (8192, "cpu", 2, None, ThreadExecutor, 2),
        (8192, "cpu", 8, None, ThreadExecutor, THREADS_AT_MOST),
        (16 * DRAWS_WORTH_A_PROCESS, "cpu", 16, None, LocalExecutor, 16),
        (MICRO_BATCH, "cpu", 8, 3, LocalExecutor, 1),
        (8192, "cpu", 2, 1, LocalExecutor, 1),
        (8192, "cpu", 2, 3, ThreadExecutor, 3),
    ],
)
def test_work_is_shared_by_threads_and_by_processes_where_they_are_worth_it(
    monkeypatch, draws, device, cores, asked, kind, workers
):
    monkeypatch.setattr(running, "cores", lambda: cores)
    executor = local(plan(draws=draws, device=device), asked)
    assert (type(executor), executor.workers) == (kind, workers)


def test_a_worker_with_other_files_refuses_to_take_part():
    made = job(draws=64).plan
    for change, what in (
        ({"data_digest": "0" * 64}, "the observations"),
        ({"compiler_flags": ()}, "the flags"),
    ):
        with pytest.raises(SimulatorError, match=f"it differs in {what}"):
            build_simulator(make_plan(**(made.model_dump() | change)))
    assert pickle.loads(pickle.dumps(factory_of(made))).args == (made,)


def test_a_run_that_names_a_setting_of_the_past_cannot_be_continued():
    fields = job(draws=64).plan.model_dump() | {"settings": (("gone_since", "1"),)}
    with pytest.raises(PlanChangedError, match="gone_since"):
        job_again(make_plan(**fields))


def test_every_draw_has_a_row_with_its_beliefs_and_its_answers(real_run):
    assert real_run.counts.stored == real_run.plan.draws
    table, _ = content(real_run.path)
    assert table["draw"].to_pylist() == list(range(DRAWS))
    assert set(table["replicate"].to_pylist()) == set(range(REPLICATES))
    assert {f"belief.{name}" for name in load_beliefs().names} <= set(table.column_names)
    for cause, month, ok in zip(
        table["cause"].to_pylist(), table["month"].to_pylist(), table["ok"].to_pylist(), strict=True
    ):
        assert (cause == "") == ok
        assert ok or cause
        assert not ok or month is None


def test_measures_are_labelled_with_units_and_months(real_run):
    data = real_run.to_xarray(["revenue_by_lab", "net_revenue_open"])
    assert data["revenue_by_lab"].dims == ("draw", "month", "lab")
    assert data["revenue_by_lab"].attrs["units"] == "usd_billion_per_year"
    assert data.sizes["month"] == 168
    assert np.isfinite(data["net_revenue_open"]).all()


def test_money_of_the_labs_adds_up_in_what_is_stored(real_run):
    labs = [f"net_revenue_by_lab.{lab}" for lab in real_run.manifest.description.axes["lab"]]
    _, found = columns(real_run, ["net_revenue_closed", *labs])
    together = sum(found[name].astype(float) for name in labs)
    scale = np.abs([found[name] for name in labs]).sum(axis=0) + 1.0
    assert np.abs(together - found["net_revenue_closed"]).max() < 1e-3 * scale.max()


def test_the_headline_is_computed_from_the_run(real_run):
    said = headline(real_run)
    assert said is not None
    assert (said.first, said.last) == (2026, 2035)
    assert said.closed.low <= said.closed.median <= said.closed.high
    assert "From 2026 to 2035 the closed labs' net revenue grows" in said.sentence
    assert f"captures more in {round(20 * said.open_more)} of 20 futures" in said.sentence
    year, rows = captured(real_run)
    assert (year, len(rows)) == (2035, 6)
    answers = probabilities(real_run)
    for row in rows:
        rule = row.rule.replace("economic ", "").replace(" ", "_")
        answer = answers[f"C10.{rule}{'_with_compute' * row.with_compute}"]
        assert answer.probability == pytest.approx(row.open_more)


def test_outcomes_name_measures_that_there_are_and_are_in_order(real_run):
    known = {column.name for column in real_run.layout.columns}
    assert {outcome.name for outcome in outcome_table().outcome} <= known
    for row in outcome_rows(real_run):
        assert row.spread.low <= row.spread.median <= row.spread.high
        assert row.spread.draws <= real_run.counts.ok


def test_claims_evaluated_from_the_store_are_those_evaluated_while_running(real_run):
    ledger = load_ledger()
    then = probabilities(real_run)
    now = evaluated(real_run, ledger)
    assert then.keys() == now.keys()
    for name, answer in now.items():
        assert answer == then[name], name


def test_a_record_is_json_and_accounts_for_every_draw(real_run):
    record = run_record(real_run, seconds=1.0)
    json.dumps(record, allow_nan=False, default=str)
    draws = record["draws"]
    assert draws["ok"] + draws["failed"] == draws["asked"] == DRAWS
    assert sum(draws["causes"].values()) == draws["failed"]
    assert {row["id"].split(".")[0] for row in record["claims"]} == {f"C{n:02d}" for n in range(1, 21)}


def test_a_run_compared_with_itself_differs_in_nothing(real_run):
    compared = compare_runs(real_run, real_run)
    assert compared.paired == real_run.counts.ok
    assert compared.failed_in_one == 0
    assert compared.notes == ()
    assert {row.difference.high for row in compared.outcomes if row.difference.draws} == {0.0}
    assert {row.difference.mean for row in compared.claims if row.difference.n} == {0.0}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 8}, "seed 7 and seed 8; run one of them again with --seed 7"),
        ({"draws": 128}, "run one of them again with --draws 128"),
    ],
)
def test_runs_of_other_futures_are_not_compared(real_run, change, says):
    other = copy(real_run)
    other.manifest = real_run.manifest.changed(plan=real_run.plan.model_copy(update=change))
    with pytest.raises(BadInputError, match=says):
        refuse_unpaired(real_run, other)


def test_a_spread_leaves_out_what_is_no_number():
    assert Spread.of(np.array([np.nan, 1.0, 3.0])).draws == 2
    assert np.isnan(Spread.of(np.array([np.nan])).median)


def test_a_notebook_shows_the_headline_figure(real_run):
    run = Run.at(real_run.path)
    shown = run._repr_mimebundle_()
    assert run.headline in shown["text/plain"]
    assert len(shown) == 2
    assert run["net_revenue_open"].attrs["units"] == "usd_billion_per_year"
    assert run.outcomes().columns == ["name", "unit", "month", "p05", "p50", "p95", "draws"]
    assert len(run.claims()) == len(load_ledger().questions)


@pytest.mark.slow
def test_workers_and_the_last_month_change_no_bit(real_run, tmp_path):
    asked = job(draws=256)
    one = carry_out(asked, tmp_path / "one", executor=LocalExecutor(1))
    for name, executor in (
        ("processes", LocalExecutor(2)),
        ("threads", ThreadExecutor(2)),
        ("more", ThreadExecutor(4)),
    ):
        assert carry_out(asked, tmp_path / name, executor=executor).digest == one.digest, name
    cut = carry_out(job(draws=DRAWS, until="2030-12"), tmp_path / "cut")
    index, short = columns(cut, ["net_revenue_open"])
    whole_index, whole = columns(real_run, ["net_revenue_open"], cut.months)
    common, mine, theirs = np.intersect1d(index, whole_index, return_indices=True)
    assert len(common) == real_run.counts.ok
    assert np.array_equal(short["net_revenue_open"][mine], whole["net_revenue_open"][theirs])
