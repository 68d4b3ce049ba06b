"""One assumption in focus: the outcome against it, over time where it is low and high, and every claim."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from twocurves.claims.compiling import FALSE, TRUE
from twocurves.drivers.inputs import values_of
from twocurves.drivers.ranks import FloatArray
from twocurves.drivers.target import Target
from twocurves.ensemble.columns import columns
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.services.claim_rows import percent
from twocurves.serve.services.driver_inputs import (
    Picked,
    input_named,
    is_log,
    number_of_input,
    parts_of,
    picked,
    target_read,
    truths,
)
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

#: Parts of an assumption's values along the scatter; runs below and above the ends of a dumbbell or a fan.
TENTHS, FIFTHS = 10, 5

#: Dots of a scatter, at most.
_DOTS = 500

#: Quantiles between which runs are drawn as dots.
_SHOWN = (0.01, 0.96)

#: Claims of a dumbbell, at most.
_CLAIMS = 12

#: A change counts from so many standard errors.
_ERRORS = 2.0

#: Months between the points of a fan.
_STEP = 3

_WIDE = 1.2533  # standard error of a median over that of a mean, in a normal sample


@dataclass(frozen=True)
class Focus:
    """What one assumption does.

    Attributes
    ----------
    name, label, meaning, nature
        The assumption.
    scatter
        The target in each run against it, or its probability in each tenth.
    fan
        The target over time where it is low and where it is high; None of a claim.
    claims
        Every claim that it moves; None where it moves none beyond chance.
    unmoved
        How many claims it does not move beyond chance.
    """

    name: str
    label: str
    meaning: str
    nature: str
    scatter: Figure
    fan: Figure | None
    claims: Figure | None
    unmoved: int


def focus(house: House, view: RunView, drawings: Drawings, target: str, name: str) -> Focus:
    """Return what an assumption does to a target, and to every claim.

    Raises
    ------
    BadInputError
        There is no such target or assumption.
    """
    asked, _ = target_read(house, view, target)
    seen = picked(house, view, target, name)
    dumbbell, unmoved = _dumbbell(house, view, drawings, name)
    return Focus(
        name=name,
        label=label_of(name),
        meaning=seen.input.meaning,
        nature=seen.input.nature,
        scatter=_scatter(view, drawings, asked, seen),
        fan=None if asked.is_claim else _fan(view, drawings, asked, name),
        claims=dumbbell,
        unmoved=unmoved,
    )


def tenths_of(target: Target, seen: Picked, times: float = 1.0) -> pl.DataFrame:
    """Return the target in each tenth of an assumption: ``value``, ``level``, ``low``, ``high``, ``runs``.

    The level is a probability with its Wilson interval, or a median with 90% of what it may be by chance.
    """
    codes = seen.parts(TENTHS)
    rows = []
    for part in range(TENTHS):
        inside = codes == part
        count = int(inside.sum())
        if not count:
            continue
        held = seen.outcome[inside]
        if target.is_claim:
            share = float(held.mean())
            low, high = wilson(share, count)
            level = share
        else:
            level = float(np.median(held)) * times
            error = 1.6449 * median_error(held) * times
            low, high = level - error, level + error
        rows.append(
            {
                "value": float(np.median(seen.values[inside])),
                "level": level,
                "low": min(low, level),
                "high": max(high, level),
                "runs": count,
            }
        )
    return pl.DataFrame(rows)


def wilson(share: float, count: int, width: float = 1.6449) -> tuple[float, float]:
    """Return the interval of a share, 90% unless told (Wilson 1927)."""
    squared = width**2
    middle = (share + squared / (2 * count)) / (1 + squared / count)
    half = width / (1 + squared / count) * np.sqrt(share * (1 - share) / count + squared / (4 * count**2))
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def median_error(held: FloatArray) -> float:
    """Return the standard error of a median, from the middle half of the values as if they were normal."""
    if len(held) < 2:
        return 0.0
    low, high = np.quantile(held, [0.25, 0.75])
    return float(_WIDE * (high - low) / 1.349 / np.sqrt(len(held)))


def times_of(target: Target) -> float:
    """Return by what a target's figures are multiplied where they are written."""
    return 1.0 if target.outcome is None else target.outcome.times


def style_of(target: Target) -> str:
    """Return the number style of a target."""
    if target.is_claim:
        return "share"
    return "number" if target.outcome is None else target.outcome.style


def _scatter(view: RunView, drawings: Drawings, target: Target, seen: Picked) -> Figure:
    label, times, number = label_of(seen.input.name), times_of(target), style_of(target)
    tenths = tenths_of(target, seen, times)
    draws = None
    scale = "linear"
    if not target.is_claim:
        values = seen.outcome * times
        scale = "log" if is_log(values) and float(tenths["low"].min() or 0.0) > 0 else "linear"  # type: ignore[arg-type]
        low, high = np.quantile(values, _SHOWN)
        step = max(1, len(values) // _DOTS)
        left, right = np.quantile(seen.values, _SHOWN)
        near = (values >= low) & (values <= high) & (seen.values >= left) & (seen.values <= right)
        inside = np.flatnonzero(near)[::step]
        draws = pl.DataFrame({"value": seen.values[inside], "outcome": values[inside]})
    x_scale = "log" if is_log(seen.values) else "linear"
    base = float(seen.outcome.mean()) if target.is_claim else float(np.median(seen.outcome)) * times

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.chance_curve import CHANCES
        from twocurves.charts.draws_scatter import draws_scatter_figure

        return draws_scatter_figure(
            tenths,
            draws=draws,
            number=number,
            scale=scale,  # type: ignore[arg-type]
            x_number=number_of_input(seen.input),
            x_scale=x_scale,  # type: ignore[arg-type]
            x_name=f"{label} →",
            base=base,
            y_axis=CHANCES if target.is_claim else None,
            theme=theme,
            width=width,
        )

    first, last = tenths.row(0, named=True), tenths.row(-1, named=True)
    what = "Probability" if target.is_claim else "Median"
    return figure(
        drawings,
        "scatter",
        f"scatter|{view.run.name}|{target.name}|{seen.input.name}",
        drawer,
        title=f"From the lowest to the highest tenth of {_lower(label)}: "
        f"{target.say(first['level'] / times)} to {target.say(last['level'] / times)}",
        subtitle=f"{what} in each tenth of its values, with what chance alone would leave open (90%)"
        + _dots_said(draws, len(seen.outcome))
        + ". The other assumptions are as they were drawn.",
        table=table_of(
            (label, what, "90%", "Runs"),
            [
                [
                    f"{row['value']:.3g}",
                    target.say(row["level"] / times),
                    f"{target.say(row['low'] / times)} to {target.say(row['high'] / times)}",
                    f"{row['runs']}",
                ]
                for row in tenths.iter_rows(named=True)
            ],
        ),
        downloads={
            name: f"/download/drivers/draws.{form}?target={target.name}&belief={seen.input.name}"
            for name, form in (("CSV", "csv"), ("Parquet", "parquet"))
        },
        widths=(400, 232),
    )


def _dots_said(draws: pl.DataFrame | None, runs: int) -> str:
    return (
        "" if draws is None else f"; small dots are {draws.height} of {runs:,} runs, the outermost left off"
    )


def _fan(view: RunView, drawings: Drawings, target: Target, name: str) -> Figure:
    run, times, number, label = view.run, times_of(target), style_of(target), label_of(name)
    months = list(range(len(run.months) - 1, -1, -_STEP))[::-1]
    asked = [run.months[place] for place in months]
    paths = columns(run, [target.column], asked)[1][target.column].astype(np.float64) * times
    codes = parts_of(values_of(run, [name])[:, 0], FIFTHS)
    rows = []
    log = False
    for side, part in (("low", 0), ("high", FIFTHS - 1)):
        inside = paths[codes == part]
        with np.errstate(all="ignore"):
            found = np.nanquantile(inside, [0.1, 0.25, 0.5, 0.75, 0.9], axis=0).T
        for month, quantiles in zip(asked, found, strict=True):
            if np.isfinite(quantiles).all():
                rows.append(
                    {
                        "month": month.first_day,
                        "side": side,
                        **dict(zip(("p10", "p25", "p50", "p75", "p90"), quantiles.tolist(), strict=True)),
                    }
                )
    table = pl.DataFrame(rows)
    log = is_log(table["p50"].to_numpy()) and float(table["p10"].min() or 0.0) > 0  # type: ignore[arg-type]

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.conditional_fan import conditional_fan_figure

        return conditional_fan_figure(
            table,
            projection_from=view.projection_from,
            names=("Low", "High"),
            number=number,
            scale="log" if log else "linear",
            theme=theme,
            width=width,
        )

    last = {side: table.filter(pl.col("side") == side).row(-1, named=True) for side in ("low", "high")}
    low, high = (target.say(last[side]["p50"] / times) for side in ("low", "high"))
    title = target.sentence.rpartition(" in ")[0] or target.sentence
    yearly = table.filter(pl.col("month").dt.month() == 12)
    return figure(
        drawings,
        "fan",
        f"conditional|{run.name}|{target.name}|{name}",
        drawer,
        title=f"{title}: {low} at the end where {_lower(label)} is low, {high} where high",
        subtitle="Middle run and 80% of the runs in the lowest fifth (dashed, faint) and the highest fifth "
        "(solid, strong)" + (", log scale." if log else "."),
        table=table_of(
            ("Month", "Low: middle run", "Low: 80%", "High: middle run", "High: 80%"),
            _fan_rows(yearly, target, times),
        ),
        widths=(300, 140),
    )


def _fan_rows(yearly: pl.DataFrame, target: Target, times: float) -> list[list[str]]:
    rows = []
    for (month,), part in yearly.group_by("month", maintain_order=True):
        sides = {row["side"]: row for row in part.iter_rows(named=True)}
        if len(sides) == 2:
            cells = [f"{month:%Y-%m}"]
            for side in ("low", "high"):
                one = sides[side]
                cells += [
                    target.say(one["p50"] / times),
                    f"{target.say(one['p10'] / times)} to {target.say(one['p90'] / times)}",
                ]
            rows.append(cells)
    return rows


def claim_moves(house: House, view: RunView, name: str) -> tuple[pl.DataFrame, int]:
    """Return every headline claim that an assumption moves, with its probability at both ends.

    Returns
    -------
    polars.DataFrame
        ``id``, ``title``, ``low``, ``high``, ``error`` of the difference; largest first.
    int
        How many claims it does not move beyond that.
    """
    input_named(house, view, name)
    answers = truths(house, view)
    codes = parts_of(values_of(view.run, [name])[:, 0], FIFTHS)
    rows = []
    unmoved = 0
    for place, question in enumerate(house.ledger.headlines):
        ends = []
        for part in (0, FIFTHS - 1):
            held = answers[codes == part, place]
            true, count = int((held == TRUE).sum()), int(((held == TRUE) | (held == FALSE)).sum())
            ends.append((true, count))
        if min(count for _, count in ends) == 0:
            unmoved += 1
            continue
        low, high = (true / count for true, count in ends)
        # Shares of a handful have an error too: one run is added on either side (Agresti and Caffo 2000).
        smooth = [((true + 1) / (count + 2), count + 2) for true, count in ends]
        error = float(np.sqrt(sum(share * (1 - share) / count for share, count in smooth)))
        if abs(high - low) <= _ERRORS * error:
            unmoved += 1
            continue
        rows.append(
            {"id": question.claim.id, "title": question.claim.title, "low": low, "high": high, "error": error}
        )
    schema = {"id": pl.String, "title": pl.String, "low": pl.Float64, "high": pl.Float64, "error": pl.Float64}
    table = pl.DataFrame(rows, schema=schema)
    return table.sort((pl.col("high") - pl.col("low")).abs(), descending=True), unmoved


def _dumbbell(house: House, view: RunView, drawings: Drawings, name: str) -> tuple[Figure | None, int]:
    table, unmoved = claim_moves(house, view, name)
    if not table.height:
        return None, unmoved
    label = label_of(name)
    shown = table.head(_CLAIMS)
    rows = shown.select(
        name=pl.col("id") + "  " + pl.col("title"), before=pl.col("low"), after=pl.col("high")
    )

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.dumbbell import dumbbell_figure

        return dumbbell_figure(rows, theme=theme, width=width, name_width=300 if width > 200 else 125)

    first = shown.row(0, named=True)
    return (
        figure(
            drawings,
            "moved",
            f"moved|{view.run.name}|{name}",
            drawer,
            title=f"{label} moves {table.height} of {table.height + unmoved} claims beyond chance, most of "
            f"all {first['id']}",
            subtitle="Probability in the fifth of the runs where it is low (ring) and in the fifth where it "
            f"is high (dot). Shown where the difference is more than twice its error{_cut(table)}.",
            table=table_of(
                ("Claim", "Where it is low", "Where it is high"),
                [
                    [f"{row['id']} {row['title']}", percent(row["low"]), percent(row["high"])]
                    for row in table.iter_rows(named=True)
                ],
            ),
            widths=(330, 80),
        ),
        unmoved,
    )


def _cut(table: pl.DataFrame) -> str:
    return f"; the {_CLAIMS} largest of {table.height}" if table.height > _CLAIMS else ""


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
