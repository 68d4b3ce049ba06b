"""The tables of figures, made from a stored run (and from the measures of what was observed)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.charts.quantiles import PERCENTILES, quantile_table
from twocurves.ensemble.answers import probabilities
from twocurves.ensemble.captured import captured
from twocurves.ensemble.columns import columns, full_years, yearly
from twocurves.errors import BadInputError, unknown

if TYPE_CHECKING:
    from twocurves.claims import Ledger
    from twocurves.ensemble.results import StoredRun
    from twocurves.observed.measures.report import MeasureReport

#: Every so many months of a gap, which is taken draw by draw.
_GAP_MONTHS = 3

#: Layers of the stack of value: name, economy, measures added, measures taken off.
_STACK: tuple[tuple[str, str | None, tuple[str, ...], tuple[str, ...]], ...] = (
    ("Labs", "closed", ("net_revenue_closed",), ()),
    ("Applications", "open", ("layer_value_added.application",), ()),
    ("Hosts", "open", ("layer_value_added.host",), ()),
    ("Tuning", "open", ("layer_value_added.tuning",), ()),
    (
        "Rent of compute",
        None,
        ("net_revenue_closed_with_compute", "net_revenue_open_with_compute"),
        ("net_revenue_closed", "net_revenue_open"),
    ),
)


def band_table(
    run: StoredRun, measure: str, *, times: float = 1.0, floor: float | None = None
) -> pl.DataFrame:
    """Return the percentiles of a measure month by month: ``month``, ``p2_5`` … ``p97_5``.

    Parameters
    ----------
    measure
        A measure, with its entity behind a dot where it has one (``revenue_by_lab.openai``).
    times
        What every figure is multiplied by.
    floor
        What smaller figures are raised to (before ``times``), for a log scale.

    Raises
    ------
    BadInputError
        The run does not keep it, or some month has no draw with a figure.
    """
    name, _, entity = measure.partition(".")
    found = run.quantiles(name, [level / 100.0 for level in PERCENTILES.values()])
    values = found.values
    if found.names:
        entities = found.names[0]
        if entity not in entities:
            raise unknown("entity", entity, entities, field="measure")
        values = values[:, :, entities.index(entity)]
    if not np.isfinite(values).all():
        raise BadInputError(
            f"{run.name} has months in which no draw has a figure for {measure}.",
            field="measure",
            given=measure,
        )
    if floor is not None:
        values = np.maximum(values, floor)
    return pl.DataFrame(
        {
            "month": [month.first_day for month in run.months],
            **{name: row * times for name, row in zip(PERCENTILES, values, strict=True)},
        }
    )


def fan_table(
    run: StoredRun,
    measures: Mapping[Literal["closed", "open"], str],
    *,
    times: float = 1.0,
    floor: float | None = None,
) -> pl.DataFrame:
    """Return the percentiles of a measure of each economy, as :func:`band_table` with ``economy``."""
    return pl.concat(
        band_table(run, measure, times=times, floor=floor).with_columns(economy=pl.lit(economy))
        for economy, measure in measures.items()
    )


def gap_table(
    run: StoredRun,
    first: str,
    second: str,
    how: Callable[[NDArray[np.float64], NDArray[np.float64]], NDArray[np.float64]],
) -> pl.DataFrame:
    """Return the percentiles of a comparison of two measures, taken within each draw, every third month.

    Parameters
    ----------
    how
        Compares two arrays ``(draws, months)``; draws without a finite answer in a month are left out there.

    Raises
    ------
    BadInputError
        The run does not keep a measure, or some month has no draw with an answer.
    """
    months = list(run.months[::-_GAP_MONTHS])[::-1]
    _, found = columns(run, [first, second], months)
    with np.errstate(all="ignore"):
        values = how(found[first].astype(np.float64), found[second].astype(np.float64))
    days = [month.first_day for month in months]
    tables = []
    for place, day in enumerate(days):
        finite = values[np.isfinite(values[:, place]), place]
        if not len(finite):
            raise BadInputError(
                f"{run.name} has no draw in which {first} and {second} compare in {months[place]}.",
                field="month",
                given=str(months[place]),
            )
        tables.append(quantile_table([day], finite[:, None]))
    return pl.concat(tables)


def medians(table: pl.DataFrame) -> pl.DataFrame:
    """Return the medians of a table of percentiles, to draw as the baseline of another run."""
    kept = ["month", *(name for name in ("economy",) if name in table.columns)]
    return table.select(*kept, value="p50")


def claim_table(run: StoredRun, ledger: Ledger | None = None, *, headlines: bool = True) -> pl.DataFrame:
    """Return the claims as a run answers them.

    Parameters
    ----------
    ledger
        The claims; the packaged ones when left out.
    headlines
        Whether only the headline question of each claim.

    Returns
    -------
    polars.DataFrame
        ``id``, ``claim``, ``title``, ``sentence``, ``resolves_on``, ``probability``, ``half_width``,
        ``lower``, ``upper``; a question that the run does not answer has no probability.
    """
    from twocurves.claims import load_ledger

    questions = load_ledger() if ledger is None else ledger
    found = probabilities(run)
    rows = []
    for question in questions:
        if headlines and not question.headline:
            continue
        said = found.get(question.id)
        rows.append(
            {
                "id": question.id,
                "claim": question.claim.id,
                "title": question.claim.title,
                "sentence": question.sentence,
                "resolves_on": str(question.date),
                "probability": None if said is None else said.probability,
                "half_width": None if said is None else said.half_width,
                "lower": None if said is None else said.lower,
                "upper": None if said is None else said.upper,
            }
        )
    numbers = dict.fromkeys(("probability", "half_width", "lower", "upper"), pl.Float64())
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=numbers)


def moved_table(before: StoredRun, after: StoredRun) -> pl.DataFrame:
    """Return the headline claims that two runs answer: ``name``, ``before``, ``after``."""
    first, second = claim_table(before), claim_table(after)
    both = first.join(second.select("id", after="probability"), on="id", maintain_order="left")
    return both.select(
        name=pl.col("claim") + " " + pl.col("title"), before="probability", after="after"
    ).drop_nulls()


def captured_table(run: StoredRun) -> tuple[int, pl.DataFrame]:
    """Return what both economies capture under each accounting rule, in USD.

    Returns
    -------
    int, polars.DataFrame
        The year; ``row``, ``economy``, ``estimate``, ``low``, ``high`` (5 and 95%), ``with_compute``,
        ``open_more``.
    """
    year, rules = captured(run)
    rows = [
        {
            "row": f"{rule.rule[:1].upper()}{rule.rule[1:]}, {economy}",
            "economy": economy,
            "estimate": spread.median * 1e9,
            "low": spread.low * 1e9,
            "high": spread.high * 1e9,
            "with_compute": rule.with_compute,
            "open_more": rule.open_more,
        }
        for rule in rules
        for economy, spread in (("closed", rule.closed), ("open", rule.open))
    ]
    return year, pl.DataFrame(rows, infer_schema_length=None)


def yearly_samples(run: StoredRun, measure: str, years: Sequence[int] | None = None) -> pl.DataFrame:
    """Return a measure's mean over each of some years, draw by draw: ``row`` (the year), ``value``.

    Draws without a finite figure in a year are left out there.
    """
    chosen = [year for year in years or full_years(run) if year in full_years(run)]
    values = yearly(run, [measure], chosen)[measure]
    parts = []
    for place, year in enumerate(chosen):
        own = values[:, place]
        parts.append(pl.DataFrame({"value": own[np.isfinite(own)]}).with_columns(row=pl.lit(str(year))))
    return pl.concat(parts) if parts else pl.DataFrame({"value": [], "row": []})


def stack_table(run: StoredRun) -> pl.DataFrame:
    """Return who captures the value, as shares: ``month``, ``layer``, ``economy``, ``share``.

    Months are Julys, of means over years. In each draw losses count as none and the layers' parts sum to one;
    the shares are means over the draws.
    Draws in which nobody captures anything in a year are left out there.

    Raises
    ------
    BadInputError
        The run does not keep a measure, or too few years.
    """
    import datetime as dt

    years = full_years(run)
    names = sorted({name for _, _, more, less in _STACK for name in (*more, *less)})
    found = yearly(run, names, years)
    parts = np.stack(
        [
            np.maximum(sum(found[name] for name in more) - sum(found[name] for name in less), 0.0)
            for _, _, more, less in _STACK
        ]
    )
    parts = np.where(np.isfinite(parts).all(axis=0), parts, 0.0)
    whole = parts.sum(axis=0)
    known = whole > 0
    if not known.any(axis=0).all() or len(years) < 2:
        raise BadInputError(
            f"{run.name} has years in which no draw captures anything, or fewer than two years.", field="run"
        )
    shares = np.divide(parts, whole, out=np.zeros_like(parts), where=known)
    means = shares.sum(axis=1) / known.sum(axis=0)
    return pl.DataFrame(
        [
            {
                "month": dt.date(year, 7, 1),
                "layer": name,
                "economy": economy,
                "share": float(means[at, place]),
            }
            for place, year in enumerate(years)
            for at, (name, economy, _, _) in enumerate(_STACK)
        ],
        infer_schema_length=None,
    )


def record_dots(report: MeasureReport) -> pl.DataFrame:
    """Return the models that set a record of capability when they came out, as measured dots."""
    return (
        report.table("frontier_points")
        .filter("record")
        .select("date", "value", "low", "high", "economy", "label")
    )


def revenue_dots(report: MeasureReport, firm: str) -> pl.DataFrame | None:
    """Return a firm's reported run rates in USD that the measures use, as measured dots; None without any."""
    own = report.table("revenue").filter((pl.col("firm") == firm) & pl.col("used"))
    if own.is_empty():
        return None
    return own.select(
        "date",
        pl.col("value", "low", "high") * 1e9,
        pl.col("economy").fill_null("closed"),
        label=pl.lit(firm),
    )
