"""Columns of a stored run as arrays over its draws, and their means over years."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.results import StoredRun
from twocurves.months import Month


def columns(
    run: StoredRun, names: Sequence[str], months: Iterable[Month] | None = None
) -> tuple[NDArray[np.int64], dict[str, NDArray[np.floating]]]:
    """Return columns of the paths as arrays ``(draws that came through, months)``, and the draws' numbers.

    Parameters
    ----------
    names
        Such as ``net_revenue_open`` or ``revenue_by_lab.openai``.
    months
        Some of the months kept; all when left out.

    Raises
    ------
    BadInputError
        The run does not keep a column.
    """
    kept = run.months
    places = list(range(len(kept))) if months is None else [kept.index(month) for month in months]
    index: list[NDArray[np.int64]] = []
    parts: dict[str, list[NDArray[np.floating]]] = {name: [] for name in names}
    for table in run.iterate_paths(["draw", *names]):
        index.append(from_column(table["draw"])[:: len(kept)])
        for name in names:
            parts[name].append(from_column(table[name]).reshape(-1, len(kept))[:, places])
    empty = np.empty((0, len(places)), dtype=run.plan.precision)
    return (
        np.concatenate(index) if index else np.empty(0, np.int64),
        {name: np.concatenate(found) if found else empty for name, found in parts.items()},
    )


def yearly(run: StoredRun, names: Sequence[str], years: Sequence[int]) -> dict[str, NDArray[np.float64]]:
    """Return means over the months kept of some years, ``(draws that came through, years)``."""
    of_year = [[place for place, month in enumerate(run.months) if month.year == year] for year in years]
    parts: dict[str, list[NDArray[np.float64]]] = {name: [] for name in names}
    for table in run.iterate_paths(list(names)):
        for name in names:
            figures = from_column(table[name]).reshape(-1, len(run.months))
            means = [figures[:, places].mean(axis=1, dtype=np.float64) for places in of_year]
            parts[name].append(np.stack(means, axis=1))
    empty = np.empty((0, len(years)))
    return {name: np.concatenate(found) if found else empty for name, found in parts.items()}


def unit_of(run: StoredRun, name: str) -> str:
    """Return the unit of a column."""
    (unit,) = {info.unit for info in run.measures if info.name == name.partition(".")[0]}
    return unit


def full_years(run: StoredRun) -> list[int]:
    """Return the years to whose December the run keeps figures."""
    return [month.year for month in run.months if month.month == 12]
