from __future__ import annotations

import tomllib
from importlib import resources

import numpy as np

from twocurves.beliefs import Beliefs, draws
from twocurves.beliefs.correlations import rank_correlations_of
from twocurves.beliefs.plain_families import Fixed
from twocurves.fit.latent import drawn_from, unknowns


def test_what_is_drawn_and_nobody_decides_is_unknown(packaged: Beliefs) -> None:
    what = unknowns(packaged)
    assert len(set(what.names)) == len(what) == len(what.width)
    for name in packaged.names:
        distribution = packaged.distributions.get(name)
        free = distribution is not None and not isinstance(distribution, Fixed)
        assert (name in what.names) == (free and packaged.parameter_of(name).nature != "choice"), name


def test_what_was_set_by_hand_is_wider(packaged: Beliefs) -> None:
    text = resources.files("twocurves.fit").joinpath("data", "hand_set.toml").read_text("utf-8")
    table = tomllib.loads(text)
    named = {
        full for name in table["names"] for full in ((name,) if "." in name else packaged.full_names(name))
    }
    what = unknowns(packaged)
    for name, width in zip(what.names, what.width, strict=True):
        assert width == (table["factor"] if name in named else 1.0), name
    assert len(named & set(what.names)) > 20


def test_zeros_are_medians(packaged: Beliefs) -> None:
    what = unknowns(packaged)
    drawn = drawn_from(packaged, np.zeros((2, len(what))))
    for name in what.names:
        expected = packaged.distributions[name].quantile(np.array([0.5]))[0]
        np.testing.assert_allclose(drawn.values[name], expected, rtol=1e-9, atol=1e-12)


def test_numbers_count_in_their_own_width(packaged: Beliefs) -> None:
    what = unknowns(packaged)
    numbers = np.zeros((3, len(what)))
    alone = set(what.names).difference(*rank_correlations_of(packaged))
    name = next(
        name for name, width in zip(what.names, what.width, strict=True) if name in alone and width == 2
    )
    numbers[1, what.names.index(name)] = 0.5
    drawn = drawn_from(packaged, numbers).values[name]
    quantile = packaged.distributions[name].quantile(np.array([0.5, 0.8413447460685429]))
    assert drawn[0] == drawn[2]
    np.testing.assert_allclose(drawn[:2], quantile, rtol=1e-9)


def test_a_draw_is_its_own_numbers_whatever_stands_beside_it(packaged: Beliefs) -> None:
    numbers = np.random.default_rng(1).normal(size=(150, len(unknowns(packaged))))
    whole = drawn_from(packaged, numbers)
    assert len(whole) == 150
    for place in (0, 63, 64, 149):
        alone = drawn_from(packaged, numbers[place : place + 1])
        for name in packaged.names:
            np.testing.assert_allclose(alone.values[name][0], whole.values[name][place], rtol=1e-12)


def test_standard_normal_numbers_are_the_prior(packaged: Beliefs) -> None:
    what = unknowns(packaged)
    numbers = np.random.default_rng(2).normal(size=(2000, len(what))) / what.width
    drawn, prior = drawn_from(packaged, numbers), draws(packaged, seed=1, count=2000)
    for name in what.names:
        levels = packaged.distributions[name].quantile(np.array([0.25, 0.75]))
        if packaged.distributions[name].atoms:
            continue
        ours, theirs = ([np.mean(made.values[name] <= x) for x in levels] for made in (drawn, prior))
        np.testing.assert_allclose(ours, theirs, atol=0.055, err_msg=name)
