"""fit, score and forecast freeze: bad input in one sentence, what is printed, what the package ships."""

import json
from dataclasses import replace

import numpy as np
import pytest

from twocurves.beliefs import draws, load_beliefs
from twocurves.ensemble.economy_simulator import beliefs_digest
from twocurves.fit.frozen import frozen_history
from twocurves.fit.posterior import Posterior, packaged_posterior
from twocurves.observed.tables import observations


def shipped() -> Posterior:
    found = packaged_posterior()
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("fit", "--particles", "3"), "at least 64"),
        (("fit", "--as-of", "2021-01-01"), "nothing to fit"),
        (("fit", "--as-of", "yesterday"), "--as-of"),
        (("score", "--frozen", "none.json"), "both --frozen"),
        (("score", "--data", "none.csv"), "both --frozen"),
        (("score", "--frozen", "none.json", "--data", "none.csv"), "none.json"),
        (("score", "--as-of", "2026-07-01"), "nothing to score"),
        (("run", "--prior", "--posterior", "x.npz"), "not both"),
        (("run", "--posterior", "x.npz"), "x.npz"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_two(arguments, said, printed, empty, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TWOCURVES_DATA", str(tmp_path / "data"))
    code, out, err = printed(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Traceback" not in err
    assert not any(tmp_path.iterdir())


def test_a_posterior_of_other_beliefs_is_refused(printed, empty, tmp_path, monkeypatch):
    found = shipped()
    replace(found, made=found.made | {"beliefs_digest": "other"}).write(tmp_path / "mine.npz")
    code, _, err = printed("run", "--posterior", str(tmp_path / "mine.npz"), "--draws", "64")
    assert code == 2
    assert "fitted to other beliefs" in err


def test_the_packaged_posterior_is_of_these_beliefs_and_data():
    """A prior, actor or observation that changes asks for `twocurves fit` to be run again."""
    found = shipped()
    assert found.made["beliefs_digest"] == beliefs_digest(load_beliefs())
    assert found.made["data_to"] == str(observations().data_to)
    assert found.made["distinct_particles"] > 0.9 * found.made["particles"]
    assert found.coordinates.shape == (found.made["particles"], found.made["directions"])
    np.testing.assert_allclose(
        found.directions.T @ found.directions, np.eye(found.made["directions"]), atol=1e-5
    )


def test_draws_from_the_posterior_differ_from_the_prior_where_figures_speak():
    beliefs, found = load_beliefs(), shipped()
    prior = draws(beliefs, seed=3, count=512)
    after = draws(beliefs, seed=3, count=512, scores=found)
    # The parameter that the informed directions touch least.
    told, untold = "compute_to_capability", found.names[int(np.argmin((found.directions**2).sum(axis=1)))]
    assert after.values[told].std() < 0.6 * prior.values[told].std()
    assert after.values[untold].std() == pytest.approx(prior.values[untold].std(), rel=0.2)
    assert after.ok.all()


def test_a_forecast_of_record_ships_and_claims_show_it(runs, printed):
    history = frozen_history()
    assert history
    assert str(history[-1].data_to) == "2026-06-30"
    code, out, err = printed("claims", "C10", "--json")
    assert (code, err) == (0, "")
    (first, *_) = json.loads(out)["claims"]
    assert first["frozen"][-1].keys() == {"data_to", "probability", "prior"}
    code, out, _ = printed("claims", "C10")
    assert code == 0
    assert "Forecast of record, data to 2026-06-30" in out
