"""Predictions of the observed series: each draw's path, what it leaves out, and errors of measurement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from twocurves.fit.likelihood import Likelihood, left_out
from twocurves.fit.series import Row, series_table
from twocurves.fit.skeleton import Paths
from twocurves.randomness import normals

FloatArray = NDArray[np.float64]


def predicted_paths(
    paths: Paths,
    likelihood: Likelihood,
    log_ratio: FloatArray,
    names: Iterable[str],
    months: Sequence[int],
    seed: int,
    bases: Sequence[str] | None = None,
) -> dict[str, FloatArray]:
    """Return what each series may show, errors of measurement left out, on the working scale.

    Parameters
    ----------
    paths
        Of the skeleton, up to the last month wanted.
    likelihood, log_ratio
        The figures seen so far and the discrepancies of the draws, shape ``(draws, series)``.
    names
        Series wanted; one without figures so far has its prior discrepancy.
    months
        Months after January 2023.
    seed
        Of the named streams.
    bases
        On which each month is wanted; all on that of a series' latest figure when left out.

    Returns
    -------
    predicted
        By series, shape ``(draws, months)``.
    """
    at = np.asarray(months, dtype=np.float64)
    tau = likelihood.tau(log_ratio)
    out = {}
    for name in names:
        one = series_table()[name]
        path = paths.by_series[name]
        group = likelihood.groups.get(name)
        if name in likelihood.names:
            own_tau = tau[:, likelihood.names.index(name)]
        else:
            own_tau = np.full(len(path), one.discrepancy)
        seen = None if group is None else path[:, group.months.astype(int)]
        left = left_out(one, group, seen, own_tau, at, bases)
        white = normals(seed, f"fit/left out/{name}", 0, len(path), len(at))
        noise = np.einsum("dmn,dn->dm", left.lower, white)
        out[name] = path[:, np.asarray(months, dtype=int)] + left.mean + noise
    return out


def at_rows(
    paths: Paths, likelihood: Likelihood, log_ratio: FloatArray, rows: Sequence[Row], seed: int
) -> FloatArray:
    """Return predictions of figures yet to come, errors of measurement included, shape ``(draws, rows)``.

    Figures of one series share their discrepancy, so a row of draws is a joint prediction.
    """
    out = np.empty((len(log_ratio), len(rows)))
    for name in dict.fromkeys(row.series for row in rows):
        places = [place for place, row in enumerate(rows) if row.series == name]
        by_basis = series_table()[name].bias_by_basis > 0.0
        wanted = [(rows[place].month, rows[place].basis if by_basis else "") for place in places]
        distinct = sorted(set(wanted))
        months, bases = [month for month, _ in distinct], [basis for _, basis in distinct]
        seen = predicted_paths(paths, likelihood, log_ratio, [name], months, seed, bases)[name]
        white = normals(seed, f"fit/measured/{name}", 0, len(seen), len(places))
        for column, place in enumerate(places):
            row = rows[place]
            out[:, place] = seen[:, distinct.index(wanted[column])] + row.error * white[:, column]
    return out


def quantiles_of(predicted: Mapping[str, FloatArray], levels: Sequence[float]) -> dict[str, FloatArray]:
    """Return quantiles over draws of each series, shape ``(levels, months)``, on the working scale."""
    return {name: np.quantile(values, levels, axis=0) for name, values in predicted.items()}
