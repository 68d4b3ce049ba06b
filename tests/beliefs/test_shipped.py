"""What holds of the belief files that come with the package."""

import re
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scipy import stats

from tests.beliefs.small import WHY, entity, write
from twocurves.beliefs import (
    Beliefs,
    Draws,
    draws,
    links,
    load_beliefs,
    read_settings,
    scenario,
    scenarios,
    settings,
)
from twocurves.beliefs.correlations import rank_correlations_of
from twocurves.beliefs.dictionary import PAGE, dictionary
from twocurves.beliefs.dimensions import dimensions_text, with_new_names
from twocurves.beliefs.schema import ENTITY_KINDS, EntityKind, Prior
from twocurves.beliefs.sobol import DIMENSIONS
from twocurves.beliefs.stored import stored_dimensions

N = 2048


@pytest.fixture(scope="module")
def beliefs() -> Beliefs:
    return load_beliefs()


@pytest.fixture(scope="module")
def made(beliefs: Beliefs) -> Draws:
    return draws(beliefs, seed=7, count=N)


def test_the_packaged_set_is_loaded_once(beliefs: Beliefs) -> None:
    assert load_beliefs() is beliefs


def test_loading_is_quick() -> None:
    def seconds() -> float:
        started = time.process_time()
        load_beliefs(Path(load.__file__).parent / "data", packaged=False)
        return time.process_time() - started

    from twocurves.beliefs import load

    assert min(seconds() for _ in range(3)) < 0.3


def test_nothing_heavy_is_imported() -> None:
    code = "import sys, twocurves.beliefs as b; b.load_beliefs(); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ran.stdout.split())
    assert loaded.isdisjoint({"jax", "altair", "pandera", "scipy.stats", "genai_prices", "polars"})


def test_there_is_one_of_everything(beliefs: Beliefs) -> None:
    for kind in ENTITY_KINDS:
        assert beliefs.entities[kind], kind
    for found in (beliefs.groups, beliefs.events, beliefs.targets, beliefs.correlations):
        assert found


def test_there_are_central_and_at_least_eight_more_scenarios(beliefs: Beliefs) -> None:
    assert not scenario(beliefs, "central").settings
    assert len(beliefs.scenarios) >= 9
    for name in beliefs.scenarios:
        assert (len(scenario(beliefs, name).settings) > 0) == (name != "central"), name
        assert len(scenario(beliefs, name).why) >= 120, f"{name} does not tell its story"


def test_every_name_has_a_dimension_of_its_own(beliefs: Beliefs) -> None:
    stored = stored_dimensions()
    missing = [name for name in beliefs.names if name not in stored]
    assert not missing, "run python -m twocurves.beliefs.dimensions"
    assert len(set(stored.values())) == len(stored)
    assert min(stored.values()) == 0
    assert max(stored.values()) < DIMENSIONS


def test_dimensions_are_only_ever_added() -> None:
    old = {"b": 0, "gone": 1}
    new = with_new_names(old, ["a.x", "b", "a.y", "c"])
    assert new == {"b": 0, "gone": 1, "c": 2, "a.x": 3, "a.y": 4}
    assert with_new_names(new, ["b"]) == new
    assert '"a.x" = 3\n' in dimensions_text(new)
    with pytest.raises(ValueError, match="direction numbers"):
        with_new_names({"last": DIMENSIONS - 1}, ["one more"])


def test_stated_percentiles_are_recovered(beliefs: Beliefs, made: Draws) -> None:
    for name, prior in beliefs.priors.items():
        if prior.p05 is None:
            continue
        below = [float(np.mean(made.values[name] <= x)) for x in _stated(prior)]
        assert below == pytest.approx([0.05, 0.5, 0.95], abs=0.015), name


def _stated(prior: Prior) -> list[float]:
    return [value for value in (prior.p05, prior.p50, prior.p95) if value is not None]


def test_stated_percentiles_are_exact_in_the_distributions(beliefs: Beliefs) -> None:
    for name, prior in beliefs.priors.items():
        if prior.p05 is not None:
            found = beliefs.distributions[name].quantile(np.array([0.05, 0.5, 0.95]))
            np.testing.assert_allclose(found, _stated(prior), rtol=1e-9, atol=1e-12, err_msg=name)


def test_stated_rank_correlations_are_recovered(beliefs: Beliefs, made: Draws) -> None:
    for (first, second), rank in rank_correlations_of(beliefs).items():
        found = stats.spearmanr(made.values[first], made.values[second]).statistic
        assert found == pytest.approx(rank, abs=0.05), (first, second)


def test_draws_stay_within_bounds_and_few_are_rejected(beliefs: Beliefs, made: Draws) -> None:
    for name in beliefs.distributions:
        low, high = beliefs.parameter_of(name).bounds
        assert made.values[name].min() >= low
        assert made.values[name].max() <= high
    assert sum(made.rejected().values()) == (~made.ok).sum()
    assert (~made.ok).sum() <= 0.01 * N, made.rejected()


def test_every_scenario_draws_and_leaves_the_rest_as_it_was(beliefs: Beliefs) -> None:
    base = draws(beliefs, seed=7, count=64)
    for name in beliefs.scenarios:
        settings = scenario(beliefs, name).settings
        changed = {full for each in settings for full in beliefs.resolve(each)}
        computed = {full for one in beliefs.derived for full in beliefs.full_names(one.name)}
        drawn = draws(beliefs, settings, seed=7, count=64)
        for full in set(beliefs.names) - changed - computed:
            assert drawn.values[full].tobytes() == base.values[full].tobytes(), (name, full)


def test_fixing_any_parameter_changes_no_other_draw(beliefs: Beliefs) -> None:
    base = draws(beliefs, seed=7, count=64)
    computed = {full for one in beliefs.derived for full in beliefs.full_names(one.name)}
    for name in next(iter(rank_correlations_of(beliefs))):
        fixed = draws(beliefs, read_settings(beliefs, {name: "1.01x"}), seed=7, count=64)
        for full in set(beliefs.names) - computed - {name}:
            assert fixed.values[full].tobytes() == base.values[full].tobytes()


_MORE: dict[EntityKind, str] = {
    "lab": 'region = "{region}"',
    "builder": 'region = "{region}"\nfunding = "state"\nstrategy = "release all"\nlicence = "open"',
    "segment": 'buyers = "enterprises"',
    "band": "from_percentile = 0\nto_percentile = 50",
    "channel": 'economy = "open"\npays_by = "token"',
    "region": "",
    "layer": 'competition = "capacity"',
}


@pytest.mark.parametrize("kind", ENTITY_KINDS)
def test_one_more_entity_is_one_more_table(beliefs: Beliefs, tmp_path: Path, kind: EntityKind) -> None:
    """The newcomer takes over the priors of the first of its kind, under its own name."""
    region = next(iter(beliefs.entities["region"]))
    model = next(iter(beliefs.entities[kind].values()))
    priors = "".join(f"[{kind}.priors.{name}]\n{_toml(prior)}" for name, prior in model.priors.items())
    write(tmp_path / f"{kind}s.toml", entity(kind, "newcomer", _MORE[kind].format(region=region)) + priors)
    more = load_beliefs(tmp_path)
    base, after = (draws(each, seed=7, count=64) for each in (beliefs, more))
    added = set(more.names) - set(beliefs.names)
    assert added == {name for name in more.names if name.endswith(".newcomer")}
    for name in beliefs.names:
        assert after.values[name].tobytes() == base.values[name].tobytes(), name


def _toml(prior: Prior) -> str:
    values = prior.model_dump(exclude_none=True, exclude={"note", "source"})
    lines = [f"{key} = {value!r}".replace("'", '"') for key, value in values.items()]
    return "\n".join([*lines, 'source = "a test"\n'])


def test_a_scenario_a_parameter_and_an_event_are_added_by_file(beliefs: Beliefs, tmp_path: Path) -> None:
    parameter = next(iter(beliefs.distributions)).partition(".")[0]
    write(
        tmp_path / "scenarios/mine.toml",
        f'id = "mine"\ntitle = "Mine"\nwhy = "{WHY}"\n[set]\n{parameter} = "1.01x"\nnew_number = 0.5\n',
    )
    write(
        tmp_path / "parameters/mine.toml",
        'group = "Mine"\nabout = "One more"\n[[parameter]]\nname = "new_number"\nmeaning = "New"\n'
        'unit = "1"\ndistribution = "uniform"\nbounds = [0, 1]\nidentified_by = "nothing"\n'
        'default = { low = 0, high = 1, evidence = "J", source = "a test" }\n',
    )
    write(
        tmp_path / "events.toml",
        '[[event]]\nid = "mine"\ntitle = "Mine"\nmonth = "2027-01"\nkind = "price"\nmeaning = "Mine"\n'
        'evidence = "J"\nsource = "a test"\n',
    )
    more = load_beliefs(tmp_path)
    assert list(more.events) == [*beliefs.events, "mine"]
    assert list(scenario(more, "mine").settings) == [parameter, "new_number"]
    base, after = (draws(each, seed=7, count=64) for each in (beliefs, more))
    for name in beliefs.names:
        assert after.values[name].tobytes() == base.values[name].tobytes(), name


def test_the_page_of_the_dictionary_is_current(beliefs: Beliefs) -> None:
    root = Path(__file__).parents[2]
    assert (root / PAGE).read_text(encoding="utf-8") == dictionary(beliefs), (
        "run python -m twocurves.beliefs.dictionary"
    )


@pytest.mark.slow
def test_a_hundred_thousand_draws_take_seconds(beliefs: Beliefs) -> None:
    started = time.process_time()
    many = draws(beliefs, seed=1, count=100_000)
    assert time.process_time() - started < 20.0
    assert len(many) == 100_000


@pytest.mark.parametrize("module", [settings, scenarios, links], ids=lambda module: module.__name__)
def test_names_given_as_examples_are_names_of_the_shipped_set(module: ModuleType) -> None:
    shipped = load_beliefs()
    text = Path(str(module.__file__)).read_text(encoding="utf-8")
    for name in re.findall(r"``(\w+\.\w+)(?: = [^`]*)?``", text):
        assert len(shipped.resolve(name)) == 1, name
