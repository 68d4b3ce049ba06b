"""The unknowns of a fit: one standard normal number for each belief that is not fixed.

A belief's value is the quantile of its prior at the normal distribution function of its number, after the
correlations between beliefs, just as in a draw; so the prior of all numbers together is the standard normal,
and a fit moves numbers, never the priors' shapes. Beliefs whose centres were set by hand on the figures that
are fitted get a wider number (``data/hand_set.toml``).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, Draws, draws
from twocurves.beliefs.plain_families import Fixed

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Unknowns:
    """Beliefs that a fit may move.

    Attributes
    ----------
    names
        Full names, in order of declaration.
    width
        Standard deviation of the number behind each under the fit's prior, shape ``(names,)``.
    """

    names: tuple[str, ...]
    width: FloatArray

    def __len__(self) -> int:
        return len(self.names)


@dataclass(frozen=True, eq=False)
class Given:
    """Numbers as given, one column a draw, for :func:`twocurves.beliefs.draws` in place of the prior's.

    Attributes
    ----------
    names
        Full names.
    numbers
        Shape ``(draws, names)``, in standard deviations of the fit's prior.
    width
        Those standard deviations.
    """

    names: tuple[str, ...]
    numbers: FloatArray
    width: FloatArray

    def blended(self, own: FloatArray, first: int) -> FloatArray:
        """Return the numbers of a block of draws, shape ``(names, draws)``; the last fills it up."""
        places = np.minimum(np.arange(first, first + own.shape[1]), len(self.numbers) - 1)
        return self.width[:, None] * self.numbers[places].T


@lru_cache(maxsize=4)
def unknowns(beliefs: Beliefs) -> Unknowns:
    """Return what a fit of these beliefs may move: all that is drawn and that nobody decides."""
    text = resources.files("twocurves.fit").joinpath("data", "hand_set.toml").read_text("utf-8")
    table = tomllib.loads(text)
    by_hand = {full for name in table["names"] for full in _named(beliefs, name)}
    names = tuple(
        name
        for name, distribution in beliefs.distributions.items()
        if not isinstance(distribution, Fixed) and beliefs.parameter_of(name).nature != "choice"
    )
    width = np.array([float(table["factor"]) if name in by_hand else 1.0 for name in names])
    return Unknowns(names, width)


def drawn_from(beliefs: Beliefs, numbers: FloatArray) -> Draws:
    """Return draws with these numbers behind the unknowns, shape ``(draws, unknowns)``."""
    what = unknowns(beliefs)
    given = Given(what.names, numbers, what.width)
    return draws(beliefs, seed=0, first=0, count=len(numbers), scores=given)


def _named(beliefs: Beliefs, name: str) -> tuple[str, ...]:
    return (name,) if name in beliefs.names else tuple(beliefs.full_names(name))
