"""Reading a run: exact quantiles, counted claims, labelled arrays."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ensemble.fake_simulator import DESCRIPTION, LABS, fake, plan
from tests.ensemble.stored import content
from twocurves.ensemble import results
from twocurves.ensemble.executor import execute
from twocurves.ensemble.results import open_run
from twocurves.errors import BadInputError
from twocurves.months import Month


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    place = tmp_path_factory.mktemp("results") / "run"
    execute(plan(), DESCRIPTION, fake(failing=40, raising={2: -1}), place, chunk=2)
    return open_run(place)


def test_nothing_but_the_manifest_is_read_at_first(run, monkeypatch):
    monkeypatch.setattr("twocurves.ensemble.store.records", None)
    assert open_run(run.path).plan == plan()


@pytest.mark.parametrize("gathered", [256 << 20, 1])
def test_quantiles_are_numpys(run, monkeypatch, gathered):
    monkeypatch.setattr(results, "GATHERED_BYTES", gathered)
    levels = (0.0, 0.05, 0.5, 0.95, 1.0)
    arrays = run.to_xarray()
    for info in run.measures:
        found = run.quantiles(info.name, levels)
        expected = np.nanquantile(arrays[info.name].to_numpy().astype(np.float64), levels, axis=0)
        np.testing.assert_allclose(found.values, expected, rtol=1e-12)
        assert found.values.shape == (5, 8, *run.layout.shape(info))
        assert np.array_equal(found.draws, np.isfinite(arrays[info.name].to_numpy()).sum(axis=0))


@given(
    figures=st.lists(
        st.lists(st.floats(width=32, allow_infinity=False), min_size=5, max_size=5), min_size=1, max_size=4
    ),
    levels=st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_sorted_quantiles_are_numpys_without_nan(figures, levels):
    array = np.array(figures, dtype=np.float64)
    found, counted = results._sorted_quantiles(array.copy(), levels)
    for month, row in enumerate(array):
        kept = row[~np.isnan(row)]
        assert counted[month] == len(kept)
        if len(kept):
            np.testing.assert_allclose(found[:, month], np.quantile(kept, levels), rtol=1e-9, atol=1e-30)
        else:
            assert np.isnan(found[:, month]).all()


def test_quantiles_of_some_months(run):
    every = run.quantiles("revenue_by_lab")
    some = run.quantiles("revenue_by_lab", months=["2024-12", Month.of(2023, 6)])
    assert [str(month) for month in some.months] == ["2024-12", "2023-06"]
    assert np.array_equal(some.values, every.values[:, [7, 1]])
    assert some.names == (LABS,)
    assert some.measure.unit == "USD billion / year"


def test_what_the_run_does_not_hold_is_said(run):
    with pytest.raises(BadInputError, match="did you mean 'revenue_closed'"):
        run.quantiles("revenue_close")
    with pytest.raises(BadInputError, match="keeps no figures of 2023-04; it keeps 8 months"):
        run.quantiles("share", months=["2023-04"])
    with pytest.raises(BadInputError, match="between 0 and 1"):
        run.quantiles("share", levels=(5, 95))
    with pytest.raises(BadInputError, match="No measure in this run 'unused'"):
        run.to_xarray(["unused"])
    with pytest.raises(BadInputError, match="No column"):
        list(run.iterate_draws(["claim.C9"]))


def test_claims_are_counted(run):
    draws, _ = content(run.path)
    rows = draws.to_pylist()
    for name, count in run.claim_counts().items():
        truths = [row[f"claim.{name}"] for row in rows]
        assert (count.true, count.false, count.undecided) == tuple(
            truths.count(truth) for truth in (1, 0, -1)
        )
        assert count.failed == truths.count(None) == run.counts.failed
        assert sum((count.true, count.false, count.undecided, count.failed)) == 300


def test_labelled_arrays(run):
    arrays = run.to_xarray()
    assert arrays["share"].dims == ("draw", "month", "lab", "channel")
    assert arrays["share"].attrs["units"] == "1"
    assert arrays["revenue_by_lab"].attrs["description"] == "Revenue of each lab"
    assert list(arrays["lab"].to_numpy()) == list(LABS)
    assert str(arrays["month"].to_numpy()[-1])[:7] == "2024-12"
    assert arrays.sizes["draw"] == run.counts.ok
    assert arrays.attrs["draws_failed"] == run.counts.failed
    _, paths = content(run.path)
    one = arrays["share"].sel(lab="google", channel="plan").to_numpy().reshape(-1)
    assert np.array_equal(one, paths["share.google.plan"].to_numpy())


def test_some_of_the_arrays(run):
    some = run.to_xarray(["revenue_closed"], months=["2024-06"], draws=100)
    assert list(some.data_vars) == ["revenue_closed"]
    assert some.sizes["month"] == 1
    every = run.to_xarray()["revenue_closed"].sel(month="2024-06-01")
    kept = every.where(every["draw"] < 100, drop=True).to_numpy()
    assert np.array_equal(some["revenue_closed"].to_numpy()[:, 0], kept, equal_nan=True)


def test_a_run_of_which_every_draw_failed(tmp_path):
    asked = plan(draws=70)
    every = dict.fromkeys(range(asked.micro_batches), -1)
    run = execute(asked, DESCRIPTION, fake(raising=every), tmp_path)
    assert run.counts.causes == {"ZeroDivisionError": 70}
    assert np.isnan(run.quantiles("share").values).all()
    assert run.to_xarray().sizes["draw"] == 0
    assert run.claim_counts()["C01"].failed == 70


def test_a_run_shows_what_it_is(run):
    assert "300 of 300 draws" in repr(run)
    assert run.complete
    assert run.months[0] == Month.of(2023, 3)
