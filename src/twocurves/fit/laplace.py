"""The most probable numbers and the curvature there: where the search for a posterior starts.

The skeleton is run for small moves of every unknown at once (they go side by side like draws), which gives
its Jacobian; Gauss-Newton steps, several lengths and dampings tried together, climb to the mode. The
Jacobian's singular vectors there, whitened by the likelihood, are the directions that the figures say
something about::

    z ~ N(0, I),   y = f(z) + e,   J = df/dz,   e ~ N(0, S)
    posterior covariance = (I + J' S^-1 J)^-1 = I - V diag( s^2 / (1 + s^2) ) V',   S^-1/2 J = U diag(s) V'

In all other directions the posterior is the prior, near the mode; farther off others may be informed (see
:func:`around`). Discrepancies are set, at each step, where they are most
probable given the residuals.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from twocurves.fit.likelihood import Likelihood
from twocurves.fit.skeleton import Skeleton

FloatArray = NDArray[np.float64]

#: Move of a number for a difference quotient.
_STEP = 1e-3

#: Dampings (times one over the prior's precision) and parts of a step that are tried at once.
_DAMPINGS = (0.0, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
_PARTS = (1.0, 0.6, 0.3, 0.1)

#: Gain in log posterior below which the climb is over.
_ENOUGH = 0.05

#: Discrepancies tried, in prior standard deviations of their logs.
_TAUS = np.linspace(-2.5, 2.5, 21)

#: Mean squared singular values above which a direction counts as informed.
INFORMED = 0.02

#: Points around the mode at which the Jacobian is taken besides.
POINTS = 8


@dataclass(frozen=True, eq=False)
class Mode:
    """The mode and its curvature.

    Attributes
    ----------
    numbers
        Shape ``(unknowns,)``.
    log_ratio
        Of the discrepancies, shape ``(series,)``.
    directions
        Orthonormal, of what figures speak of, shape ``(unknowns, directions)``.
    information
        In each direction: prior variance over posterior variance, less one, from the Jacobian at the mode or
        averaged over points around it.
    white, residual
        ``S^-1/2 J``, shape ``(figures, unknowns)``, and ``S^-1/2 (y - f)``, ``(figures,)``; rows as ``of``.
    of
        Place of each figure's series.
    log_posterior
        Up to a constant.
    steps
        Taken.
    """

    numbers: FloatArray
    log_ratio: FloatArray
    directions: FloatArray
    information: FloatArray
    white: FloatArray
    residual: FloatArray
    of: NDArray[np.intp]
    log_posterior: float
    steps: int


def climb(
    skeleton: Skeleton,
    likelihood: Likelihood,
    start: FloatArray,
    most_steps: int = 40,
    told: Callable[[int, float], None] = lambda step, value: None,
) -> Mode:
    """Climb to the mode from a start.

    Parameters
    ----------
    start
        Numbers behind the unknowns, shape ``(unknowns,)``.
    told
        Called after each step with its number and the log posterior.
    """
    at = start
    seen = skeleton.paths(at[None]).at(likelihood.rows)
    log_ratio = _best_taus(likelihood, seen)
    value = _posterior(likelihood, seen, log_ratio, at[None])[0]
    step = 0
    white, residual, of = _linear(skeleton, likelihood, at, seen[0], log_ratio)
    while step < most_steps:
        step += 1
        tries = _tries(white, residual, at)
        paths = skeleton.paths(tries)
        seen_all = paths.at(likelihood.rows)
        values = np.where(
            paths.ok, _posterior(likelihood, _safe(seen_all, paths.ok), log_ratio, tries), -np.inf
        )
        best = int(np.argmax(values))
        if values[best] <= value:
            break
        at, seen = tries[best], seen_all[best : best + 1]
        log_ratio = _best_taus(likelihood, seen)
        gained = _posterior(likelihood, seen, log_ratio, at[None])[0] - value
        value += gained
        told(step, float(value))
        white, residual, of = _linear(skeleton, likelihood, at, seen[0], log_ratio)
        if gained < _ENOUGH:
            break
    _, singular, right = np.linalg.svd(white, full_matrices=False)
    kept = singular**2 > INFORMED
    return Mode(at, log_ratio, right[kept].T, singular[kept] ** 2, white, residual, of, float(value), step)


def around(skeleton: Skeleton, likelihood: Likelihood, mode: Mode, white: FloatArray) -> Mode:
    """Return the mode with the directions that figures speak of anywhere near it, not at the mode alone.

    The economy bends: which beliefs a figure speaks of depends on the others. Jacobians are taken at points
    of the normal approximation, and directions are those of their mean square.

    Parameters
    ----------
    white
        Standard normal numbers, shape ``(points, unknowns)``, of which the points are made.

    Notes
    -----
    Source: the likelihood-informed subspace of Cui and others (2014).
    """
    shrink = 1.0 / np.sqrt(1.0 + mode.information) - 1.0
    points = mode.numbers + white + (white @ mode.directions * shrink) @ mode.directions.T
    squares = mode.white.T @ mode.white
    for point in points:
        seen = skeleton.paths(point[None]).at(likelihood.rows)[0]
        jacobian, _, _ = _linear(skeleton, likelihood, point, seen, mode.log_ratio)
        squares = squares + jacobian.T @ jacobian
    information, directions = np.linalg.eigh(squares / (len(points) + 1))
    kept = np.flatnonzero(information > INFORMED)[::-1]
    return replace(mode, directions=directions[:, kept], information=information[kept])


def _safe(seen: FloatArray, ok: NDArray[np.bool_]) -> FloatArray:
    return np.where(ok[:, None], seen, 0.0)


def _posterior(
    likelihood: Likelihood, seen: FloatArray, log_ratio: FloatArray, numbers: FloatArray
) -> FloatArray:
    ratios = np.broadcast_to(log_ratio, (len(seen), len(log_ratio)))
    prior = -0.5 * (numbers**2).sum(axis=1) - 0.5 * (log_ratio**2).sum()
    total: FloatArray = likelihood.total(seen, ratios) + prior
    return total


def _best_taus(likelihood: Likelihood, seen: FloatArray) -> FloatArray:
    """Return the most probable discrepancies for one path."""
    count = len(likelihood.names)
    tried = np.stack(
        [likelihood.by_series(seen, np.full((1, count), tau))[0] - 0.5 * tau**2 for tau in _TAUS]
    )
    return np.asarray(_TAUS[np.argmax(tried, axis=0)])


def _linear(
    skeleton: Skeleton, likelihood: Likelihood, at: FloatArray, seen: FloatArray, log_ratio: FloatArray
) -> tuple[FloatArray, FloatArray, NDArray[np.intp]]:
    """Return the whitened Jacobian, the whitened residuals and whose figures they are.

    A figure of which only a lower bound is known enters as a residual while the path lies below the bound.
    """
    moved = at + _STEP * np.eye(len(at))
    paths = skeleton.paths(moved)
    jacobian = np.where(paths.ok, ((paths.at(likelihood.rows) - seen) / _STEP).T, 0.0)
    tau = likelihood.tau(log_ratio[None])[0]
    # Nothing is said where bounds alone are known and the path is above them all.
    whites: list[FloatArray] = [np.empty((0, len(at)))]
    residuals: list[FloatArray] = [np.empty(0)]
    of: list[int] = []
    for place, name in enumerate(likelihood.names):
        if name in likelihood.groups:
            group = likelihood.groups[name]
            lower = np.linalg.cholesky(group.covariance(tau[place : place + 1])[0])
            whites.append(np.linalg.solve(lower, jacobian[group.places]))
            residuals.append(np.asarray(np.linalg.solve(lower, group.values - seen[group.places])))
            of += [place] * len(group.places)
    for row_place, row in enumerate(likelihood.rows):
        if row.at_least and seen[row_place] < row.value:
            place = likelihood.names.index(row.series)
            spread = float(np.hypot(row.error, tau[place]))
            whites.append(jacobian[row_place : row_place + 1] / spread)
            residuals.append(np.array([(row.value - seen[row_place]) / spread]))
            of.append(place)
    return np.concatenate(whites), np.concatenate(residuals), np.array(of, dtype=np.intp)


def _tries(white: FloatArray, residual: FloatArray, at: FloatArray) -> FloatArray:
    """Return candidates: Gauss-Newton steps of several dampings and lengths, shape ``(tries, unknowns)``."""
    left, singular, right = np.linalg.svd(white, full_matrices=False)
    pull = left.T @ residual
    tries = []
    for damping in _DAMPINGS:
        # Of |r - W d|^2 + |z + d|^2 + damping |d|^2 the least: in the row space of W and out of it.
        within = right @ at
        inside = (singular * pull - within) / (singular**2 + 1.0 + damping)
        outside = -(at - right.T @ within) / (1.0 + damping)
        move = right.T @ inside + outside
        tries += [at + part * move for part in _PARTS]
    return np.stack(tries)
