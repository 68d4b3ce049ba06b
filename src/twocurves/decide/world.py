"""Tomorrow, as a stored run draws it: one coherent world a draw, told as changes from the first month.

Today's prices and scores are read from the catalogues and the index, so a draw adds only what follows: prices
are ratios to the first month, capability is points gained since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.results import StoredRun
from twocurves.errors import BadInputError
from twocurves.months import Month

Paths = NDArray[np.float64]

#: The columns of a run that a decision reads. Rent is that outside China.
_COLUMNS = (
    "price_closed",
    "price_open",
    "rental.rest",
    "cover",
    "host_lerner",
    "capability_closed",
    "capability_open",
    "api_delay_best",
    "lag_months",
)
_BELIEF = "belief."

#: Smallest ratio of a price to today's: a price that a draw drives to nothing is still paid in something.
_LEAST_RATIO = 1e-4

#: Months of delay that are looked up at most; the model's own limit is twelve.
_LONGEST_DELAY = 24


@dataclass(frozen=True)
class World:
    """Paths by draw and month, shape ``(draws, months)``, unless said otherwise.

    Attributes
    ----------
    start
        The first month.
    price_closed, price_open, rental, machine
        Ratios to the first month: price paid per unit of closed and of open work, rent of an accelerator,
        full cost of an accelerator.
    hours
        Ratio to the first month of accelerator hours for a unit of open work: price less the hosts' margin,
        over rent.
    closed_gain, closed_api_gain, open_gain
        Points gained since the first month by the best closed model, by the best one on sale through an API,
        and by the best open weights released.
    api_delay, lag
        Months from a lab's product to its API, and months by which open weights follow.
    presence, subsidy
        Probability that each lab is in the market, and by how much its list prices lie below target, by lab.
    flagship_open
        Mean probability over builders that a flagship is released.
    beliefs
        What the draws believe, each of shape ``(draws,)``.
    draws
        Index of each draw in its run, shape ``(draws,)``.
    name, failed
        Name of the run, and its draws that failed and are left out.
    """

    start: Month
    price_closed: Paths
    price_open: Paths
    rental: Paths
    machine: Paths
    hours: Paths
    closed_gain: Paths
    closed_api_gain: Paths
    open_gain: Paths
    api_delay: Paths
    lag: Paths
    presence: Mapping[str, Paths]
    subsidy: Mapping[str, Paths]
    flagship_open: Paths
    beliefs: Mapping[str, NDArray[np.float64]]
    draws: NDArray[np.int64]
    name: str
    failed: int = 0

    @property
    def months(self) -> int:
        """How many months there are."""
        return int(self.price_closed.shape[1])

    @property
    def size(self) -> int:
        """How many draws there are."""
        return int(self.price_closed.shape[0])

    def belief(self, name: str) -> NDArray[np.float64]:
        """Return a belief's value in each draw.

        Raises
        ------
        BadInputError
            The run does not hold it.
        """
        if name not in self.beliefs:
            raise BadInputError(
                f"The run {self.name} does not hold the belief {name}; make one with `twocurves run`.",
                field="run",
                given=self.name,
                allowed=name,
            )
        return self.beliefs[name]


def first_month(run: StoredRun) -> Month:
    """Return the month in which a decision starts unless the workload says otherwise."""
    return Month.containing(run.plan.data_to) + 1


def read_world(run: StoredRun, start: Month, months: int) -> World:
    """Read what a decision needs from a stored run.

    Raises
    ------
    BadInputError
        The run keeps too few months or measures; the message says which command makes a run that does.
    """
    available = {column.name for column in run.layout.columns}
    labs = sorted(name for name in available if name.startswith("presence."))
    builders = sorted(name for name in available if name.startswith("flagship_open."))
    subsidies = sorted(name for name in available if name.startswith("subsidy."))
    missing = [name for name in _COLUMNS if name not in available]
    families = {"presence": labs, "flagship_open": builders, "subsidy": subsidies}
    missing += [name for name, columns in families.items() if not columns]
    if missing:
        raise _refused(run, f"does not keep {', '.join(missing)}", start, months)
    first, last = start - _LONGEST_DELAY, start + (months - 1)
    kept = {int(month): place for place, month in enumerate(run.months)}
    wanted = [kept.get(int(first) + step) for step in range(_LONGEST_DELAY + months)]
    if any(place is None for place in wanted[_LONGEST_DELAY:]):
        raise _refused(run, f"does not keep every month from {start} to {last}", start, months)
    # Before the first month a run may hold nothing; a delay then reaches back to the earliest month there is.
    earliest = next(place for place in wanted if place is not None)
    places = np.array([earliest if place is None else place for place in wanted])
    read = _read(run, [*_COLUMNS, *labs, *builders, *subsidies], places)
    beliefs, draws = _beliefs(run)
    if not draws.size:
        raise BadInputError(
            f"The run {run.name} holds no draws that came through; make one with `twocurves run`.",
            field="run",
            given=run.name,
        )
    now = slice(_LONGEST_DELAY, None)
    price_open, rental = read["price_open"][:, now], read["rental.rest"][:, now]
    host_cost = price_open * (1.0 - read["host_lerner"][:, now])
    closed = read["capability_closed"]
    return World(
        start=start,
        price_closed=_ratio(read["price_closed"][:, now]),
        price_open=_ratio(price_open),
        rental=_ratio(rental),
        machine=_ratio(rental / np.maximum(read["cover"][:, now], _LEAST_RATIO)),
        hours=_ratio(host_cost / np.maximum(rental, _LEAST_RATIO)),
        closed_gain=_gain(closed[:, now]),
        closed_api_gain=_gain(_delayed(closed, read["api_delay_best"])),
        open_gain=_gain(read["capability_open"][:, now]),
        api_delay=read["api_delay_best"][:, now],
        lag=read["lag_months"][:, now],
        presence={name.removeprefix("presence."): read[name][:, now] for name in labs},
        subsidy={name.removeprefix("subsidy."): read[name][:, now] for name in subsidies},
        flagship_open=np.mean([read[name][:, now] for name in builders], axis=0),
        beliefs=beliefs,
        draws=draws,
        name=run.name,
        failed=run.counts.failed,
    )


def _read(run: StoredRun, names: list[str], places: NDArray[np.int64]) -> dict[str, Paths]:
    parts: dict[str, list[Paths]] = {name: [] for name in names}
    months = len(run.months)
    for table in run.iterate_paths(names):
        for name in names:
            block = from_column(table[name]).reshape(-1, months)
            parts[name].append(block[:, places].astype(np.float64))
    empty = np.empty((0, len(places)))
    return {name: np.concatenate(found) if found else empty for name, found in parts.items()}


def _beliefs(run: StoredRun) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.int64]]:
    """Return each belief and the index of each draw, over the draws that came through."""
    parts: dict[str, list[NDArray[np.float64]]] = {}
    index: list[NDArray[np.int64]] = []
    names: list[str] | None = None
    for table in run.iterate_draws():
        if names is None:
            names = [name for name in table.schema.names if name.startswith(_BELIEF)]
        ok = from_column(table["ok"]).astype(np.bool_)
        index.append(from_column(table["draw"])[ok].astype(np.int64))
        for name in names:
            column = from_column(table[name], empty=0) if table[name].null_count else from_column(table[name])
            parts.setdefault(name, []).append(column[ok].astype(np.float64))
    joined = {name.removeprefix(_BELIEF): np.concatenate(found) for name, found in parts.items()}
    return joined, np.concatenate(index) if index else np.empty(0, np.int64)


def _ratio(path: Paths) -> Paths:
    first = np.where(path[:, :1] > 0, path[:, :1], np.nan)
    with np.errstate(invalid="ignore"):
        ratio = path / first
    # A figure that a draw does not define, such as a price nobody pays, stays where it was.
    return np.maximum(_filled(np.where(np.isfinite(ratio), ratio, np.nan), 1.0), _LEAST_RATIO)


def _gain(path: Paths) -> Paths:
    """Return points gained since the first month: weights and offers once there do not go away."""
    return np.maximum.accumulate(path - path[:, :1], axis=1)


def _filled(path: Paths, first: float) -> Paths:
    if not np.isnan(path).any():
        return path
    there = ~np.isnan(path)
    there[:, 0] = True
    filled = path.copy()
    filled[:, 0] = np.where(np.isnan(path[:, 0]), first, path[:, 0])
    last = np.maximum.accumulate(np.where(there, np.arange(path.shape[1]), 0), axis=1)
    return np.take_along_axis(filled, last, axis=1)


def _delayed(closed: Paths, delay: Paths) -> Paths:
    """Return the closed frontier as it stood ``delay`` months before each month from the start."""
    months = closed.shape[1] - _LONGEST_DELAY
    at = np.arange(months) + _LONGEST_DELAY - np.clip(delay[:, _LONGEST_DELAY:], 0.0, _LONGEST_DELAY)
    below = np.floor(at).astype(np.int64)
    above = np.minimum(below + 1, closed.shape[1] - 1)
    share = at - below
    low, high = np.take_along_axis(closed, below, axis=1), np.take_along_axis(closed, above, axis=1)
    return np.asarray(low + share * (high - low))


def _refused(run: StoredRun, why: str, start: Month, months: int) -> BadInputError:
    return BadInputError(
        f"The run {run.name} {why}, which a decision from {start} over {months} months needs; "
        "make one that does with `twocurves run` (all measures, all months), or shorten the horizon.",
        field="run",
        given=run.name,
        allowed="a run of all measures and months",
    )
