"""Rank correlations between priors, through a Gaussian copula.

A stated rank correlation ``rho`` becomes the correlation ``2 sin(pi rho / 6)`` of the normal numbers behind
the two parameters (Kruskal 1958), so the priors themselves stay as they are.

The normals are made one after another. The first keeps its own number; a later one that is stated to be
correlated with earlier ones is a weighted sum of those and its own,

    z_i = sum_k b_k z_k + sqrt(1 - r' R^-1 r) e_i,   b = R^-1 r,

with ``r`` its stated correlations and ``R`` the correlations among those earlier ones. Pairs about which
nothing is stated are independent given the stated ones (two segments that both follow one number are related
through it), and no parameter ever changes those before it. The order is that of the stored dimensions, which
only grow, so a new parameter changes nobody else.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from twocurves.beliefs.tails import FloatArray

#: The least share of its own that a correlated parameter must keep (a variance), against rounding.
_LEAST_OWN_VARIANCE = 1e-9

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """How one correlated normal is made: from earlier ones, then its own."""

    name: str
    earlier: tuple[str, ...]
    weights: tuple[float, ...]
    own_weight: float


class ImpossibleCorrelations(ValueError):
    """Correlations that no joint distribution has; ``pairs`` are those that contradict each other."""

    def __init__(self, pairs: Sequence[Pair]) -> None:
        listed = ", ".join(f"{first} with {second}" for first, second in pairs)
        super().__init__(f"these rank correlations cannot hold together: {listed}")
        self.pairs = tuple(pairs)


@dataclass(frozen=True, slots=True)
class Copula:
    """The steps of all correlated parameters, in order.

    Attributes
    ----------
    names
        Every parameter that takes part, in the order of the steps.
    steps
        One for each name.
    normal_correlations
        The correlations of the normals, rows and columns as ``names``.
    """

    names: tuple[str, ...]
    steps: tuple[Step, ...]
    normal_correlations: FloatArray

    def correlated(self, own: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Return the correlated normals, from independent ones.

        Every sum is made element by element in the order of the step, so a draw's bits do not depend on
        which other draws are made with it.

        Parameters
        ----------
        own
            Independent standard normal numbers for each of ``names``, all of one shape.
        """
        made: dict[str, FloatArray] = {}
        for step in self.steps:
            total = own[step.name] if not step.earlier else step.own_weight * own[step.name]
            for earlier, weight in zip(step.earlier, step.weights, strict=True):
                total = total + weight * made[earlier]
            made[step.name] = total
        return made


def build_copula(rank_correlations: Mapping[Pair, float], order: Iterable[str]) -> Copula:
    """Build the copula with these rank correlations.

    Parameters
    ----------
    rank_correlations
        For pairs of different full names, each pair once.
    order
        Full names, earliest first; all that take part are among them.

    Raises
    ------
    ImpossibleCorrelations
        No joint distribution has these correlations.
    """
    stated: dict[str, dict[str, float]] = {}
    for (first, second), rank in rank_correlations.items():
        normal = 2.0 * math.sin(math.pi * rank / 6.0)
        stated.setdefault(first, {})[second] = normal
        stated.setdefault(second, {})[first] = normal
    names = tuple(name for name in order if name in stated)
    position = {name: index for index, name in enumerate(names)}
    correlations = np.eye(len(names))
    steps = []
    for index, name in enumerate(names):
        earlier = tuple(other for other in names[:index] if other in stated[name])
        places = [position[other] for other in earlier]
        wanted = np.array([stated[name][other] for other in earlier])
        among = correlations[np.ix_(places, places)]
        weights = np.linalg.solve(among, wanted) if earlier else wanted
        own_variance = 1.0 - float(wanted @ weights)
        if own_variance < _LEAST_OWN_VARIANCE:
            inside = (*earlier, name)
            raise ImpossibleCorrelations([pair for pair in rank_correlations if set(pair) <= set(inside)])
        implied = weights @ correlations[places, :index]
        implied[places] = wanted
        correlations[index, :index] = correlations[:index, index] = implied
        steps.append(Step(name, earlier, tuple(map(float, weights)), math.sqrt(own_variance)))
    return Copula(names, tuple(steps), correlations)
