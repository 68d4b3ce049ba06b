"""The likelihood of the observed figures given the model's path.

On a series' working scale a figure is the model's, plus what the model leaves out (a discrepancy that fades
with the distance in months), plus a constant difference of scope, plus an error of measurement::

    y_k = f(x, t_k) + d(t_k) + c + c_basis + e_k
    d   ~ AR(1):  cov(d_j, d_k) = tau^2 exp(-|t_j - t_k| / memory),   ln(tau / tau_0) ~ N(0, 1/2)
    c   ~ N(0, bias^2),   c_basis ~ N(0, bias_by_basis^2),   e_k ~ N(0, error_k^2)

All but ``x`` and ``tau`` are normal and integrated out, so each series has one covariance matrix. A figure of
which only a lower bound is known adds the probability of being above it. Series are independent given the
path.

Source: Kennedy and O'Hagan (2001) for the discrepancy; Gaussian processes for its conditional mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

from twocurves.fit.series import Row, Series, series_table

FloatArray = NDArray[np.float64]

#: Prior standard deviation of ln(tau / tau_0).
TAU_WIDTH = 0.5

_LOG_TWO_PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, eq=False)
class Group:
    """The figures of one series that are known as values.

    Attributes
    ----------
    series
        Whose figures.
    places
        Of the figures among all rows.
    values, errors, months
        On the working scale, and months after January 2023.
    bases
        What the publisher of each counts.
    fixed
        Covariance of errors and differences of scope.
    shape
        Covariance of the discrepancy over ``tau^2``.
    """

    series: Series
    places: NDArray[np.intp]
    values: FloatArray
    errors: FloatArray
    months: FloatArray
    bases: tuple[str, ...]
    fixed: FloatArray
    shape: FloatArray

    def covariance(self, tau: FloatArray) -> FloatArray:
        """Return covariances for discrepancies of shape ``(draws,)``, shape ``(draws, figures, figures)``."""
        return self.fixed + tau[:, None, None] ** 2 * self.shape


@dataclass(frozen=True, eq=False)
class Likelihood:
    """Log likelihood of the rows for many paths at once.

    Attributes
    ----------
    rows
        Observed figures.
    """

    rows: tuple[Row, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Series that have figures, in order; each has one ``tau``."""
        return tuple(dict.fromkeys(row.series for row in self.rows))

    @cached_property
    def groups(self) -> dict[str, Group]:
        """Figures known as values, by series."""
        found = {}
        for name in self.names:
            one = series_table()[name]
            places = [place for place, row in enumerate(self.rows) if row.series == name and not row.at_least]
            if places:
                found[name] = _group(one, self.rows, places)
        return found

    @cached_property
    def _bounds(self) -> tuple[NDArray[np.intp], FloatArray, FloatArray, NDArray[np.intp]]:
        """Places, values, errors and series of the figures of which only a lower bound is known."""
        places = [place for place, row in enumerate(self.rows) if row.at_least]
        return (
            np.array(places, dtype=np.intp),
            np.array([self.rows[place].value for place in places]),
            np.array([self.rows[place].error for place in places]),
            np.array([self.names.index(self.rows[place].series) for place in places], dtype=np.intp),
        )

    def tau(self, log_ratio: FloatArray) -> FloatArray:
        """Return discrepancies for ``ln(tau / tau_0) / TAU_WIDTH`` of shape ``(draws, series)``."""
        centre = np.array([series_table()[name].discrepancy for name in self.names])
        return centre * np.exp(TAU_WIDTH * log_ratio)

    def by_series(self, seen: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Return the log likelihood of each series' figures, shape ``(draws, series)``.

        Parameters
        ----------
        seen
            What the path shows at each row, shape ``(draws, rows)``.
        log_ratio
            Of the discrepancies, shape ``(draws, series)``.
        """
        tau = self.tau(log_ratio)
        out = np.zeros((len(seen), len(self.names)))
        for place, name in enumerate(self.names):
            if name in self.groups:
                group = self.groups[name]
                out[:, place] += _normal(
                    group.values - seen[:, group.places], group.covariance(tau[:, place])
                )
        places, values, errors, of = self._bounds
        if len(places):
            spread = np.sqrt(errors**2 + tau[:, of] ** 2)
            above = log_ndtr((seen[:, places] - values) / spread)
            for place in np.unique(of):
                out[:, place] += above[:, of == place].sum(axis=1)
        return out

    def total(self, seen: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Return the log likelihood of all figures, shape ``(draws,)``."""
        return np.asarray(self.by_series(seen, log_ratio).sum(axis=1))


def _group(one: Series, rows: Sequence[Row], places: Sequence[int]) -> Group:
    own = [rows[place] for place in places]
    errors = np.array([row.error for row in own])
    months = np.array([row.month for row in own], dtype=np.float64)
    bases = tuple(row.basis for row in own)
    fixed = np.diag(errors**2) + _scope(one, bases, bases)
    return Group(
        one,
        np.array(places, dtype=np.intp),
        np.array([row.value for row in own]),
        errors,
        months,
        bases,
        fixed,
        np.exp(-np.abs(months[:, None] - months[None]) / one.memory),
    )


def _scope(one: Series, first: Sequence[str], second: Sequence[str]) -> FloatArray:
    """Return the covariance of differences of scope between figures on these bases."""
    same = np.array([[basis == other for other in second] for basis in first], dtype=np.float64)
    return one.bias**2 + one.bias_by_basis**2 * same


def _normal(residual: FloatArray, covariance: FloatArray) -> FloatArray:
    """Return the log density of residuals ``(draws, n)`` under covariances ``(draws, n, n)``."""
    lower = np.linalg.cholesky(covariance)
    white = np.linalg.solve(lower, residual[:, :, None])[:, :, 0]
    log_determinant = 2.0 * np.log(np.diagonal(lower, axis1=1, axis2=2)).sum(axis=1)
    density: FloatArray = -0.5 * ((white**2).sum(axis=1) + log_determinant + residual.shape[1] * _LOG_TWO_PI)
    return density


@dataclass(frozen=True, slots=True)
class Left:
    """What the model leaves out of a series at other months, given the figures seen.

    Attributes
    ----------
    mean
        Shape ``(draws, months)``, to be added to the model's path.
    lower
        Root of its covariance, shape ``(draws, months, months)``.
    """

    mean: FloatArray
    lower: FloatArray


def left_out(
    one: Series,
    group: Group | None,
    seen: FloatArray | None,
    tau: FloatArray,
    months: FloatArray,
    bases: Sequence[str] | None = None,
) -> Left:
    """Return discrepancy and difference of scope at other months, conditional on a series' figures.

    Parameters
    ----------
    one
        The series.
    group, seen
        Its figures and what the paths show at them, shape ``(draws, figures)``; None when it has none.
    tau
        Its discrepancy in each draw, shape ``(draws,)``.
    months
        Wanted, shape ``(months,)``.
    bases
        On which each is wanted; all on that of the latest figure when left out.
    """
    if bases is None:
        latest = "" if group is None else group.bases[int(np.argmax(group.months))]
        bases = (latest,) * len(months)
    apart = np.exp(-np.abs(months[:, None] - months[None]) / one.memory)
    own = tau[:, None, None] ** 2 * apart + _scope(one, bases, bases)
    if group is None or seen is None:
        mean = np.zeros((len(tau), len(months)))
    else:
        across = np.exp(-np.abs(months[:, None] - group.months[None]) / one.memory)
        cross = tau[:, None, None] ** 2 * across + _scope(one, bases, group.bases)
        weights = np.linalg.solve(group.covariance(tau), np.swapaxes(cross, 1, 2))
        mean = np.einsum("dfm,df->dm", weights, group.values - seen)
        own = own - cross @ weights
    jitter = 1e-9 * (1.0 + np.trace(own, axis1=1, axis2=2))
    return Left(mean, np.linalg.cholesky(own + jitter[:, None, None] * np.eye(len(months))))
