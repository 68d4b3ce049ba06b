"""The curves that pages show over time, and their tables from draws, whether stored or simulated just now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.charts.number_text import say_estimate, say_range
from twocurves.charts.quantiles import PERCENTILES, quantile_table
from twocurves.errors import unknown
from twocurves.months import Month

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.fan import Gap
    from twocurves.charts.feed import Feed
    from twocurves.charts.palette import ThemeName
    from twocurves.charts.ticks import ScaleName

Paths = Mapping[str, NDArray[np.floating]]

#: What a log scale shows of figures that are smaller, or losses: this share of the largest median.
_FLOOR = 1e-3

#: The same for a figure that cannot be negative and falls without end.
_NO_FLOOR = 1e-12

#: Months between two points of a live curve; a year has four.
STEP = 3


@dataclass(frozen=True, slots=True)
class Curve:
    """A figure over time: one measure of each economy, and what is drawn in the strip below.

    Attributes
    ----------
    id
        Its name in links.
    title, subtitle
        In a few words; unit and scale.
    measures
        Measure by economy.
    number, scale, times
        How figures are written; the scale; what figures are multiplied by.
    over
        Months up to each month over which figures are averaged.
    strip
        Measure of the strip, or ``"closed/open"``, ``"open/closed"`` for a ratio taken in each draw.
    strip_label, strip_number
        Of the strip.
    floor
        On a log scale, the least that is shown, as a share of the largest median.
    """

    id: str
    title: str
    subtitle: str
    measures: tuple[tuple[str, str], ...]
    number: str
    scale: ScaleName
    times: float = 1.0
    over: int = 1
    strip: str = ""
    strip_label: str = ""
    strip_number: str = "times"
    floor: float = _FLOOR

    @property
    def needed(self) -> tuple[str, ...]:
        """Measures that its tables are made of."""
        own = tuple(name for _, name in self.measures)
        return own if not self.strip or "/" in self.strip else (*own, self.strip)


CURVES: tuple[Curve, ...] = (
    Curve(
        "capability",
        "How able the best models are",
        "Epoch Capabilities Index, points",
        (("closed", "capability_closed"), ("open", "capability_open")),
        "number",
        "linear",
        strip="lag_months",
        strip_label="Lag of open behind closed, months",
        strip_number="{} mo",
    ),
    Curve(
        "net_revenue",
        "What both economies capture",
        "Net revenue over the year to each month (sales less purchases from other layers), USD, log scale",
        (("closed", "net_revenue_closed"), ("open", "net_revenue_open")),
        "usd",
        "log",
        times=1e9,
        over=12,
        strip="open/closed",
        strip_label="Open divided by closed, in each future, log scale",
    ),
    Curve(
        "price",
        "What work costs",
        "USD for a thousand units of work, as paid, log scale",
        (("closed", "price_closed"), ("open", "price_open")),
        "usd",
        "log",
        times=1e3,
        strip="closed/open",
        strip_label="Closed price divided by open price, in each future, log scale",
        floor=_NO_FLOOR,
    ),
    Curve(
        "open_share",
        "How much work is done on open weights",
        "Share of all work",
        (("open", "open_share_tokens"),),
        "share",
        "linear",
    ),
)


def curve_named(name: str) -> Curve:
    """Return a curve.

    Raises
    ------
    BadInputError
        There is none of this name.
    """
    for curve in CURVES:
        if curve.id == name:
            return curve
    raise unknown("curve", name[:60], [curve.id for curve in CURVES])


def needed_measures() -> tuple[str, ...]:
    """Return every measure that the curves are made of."""
    return tuple(dict.fromkeys(name for curve in CURVES for name in curve.needed))


@dataclass(frozen=True)
class CurveTables:
    """A curve's numbers.

    Attributes
    ----------
    curve
        Which.
    quantiles
        ``month``, ``economy`` and the percentiles.
    gap
        ``month`` and the percentiles of the strip; None without one.
    """

    curve: Curve
    quantiles: pl.DataFrame
    gap: pl.DataFrame | None

    def medians(self) -> pl.DataFrame:
        """Return the medians, as the dashed lines of a comparison: month, economy, value."""
        return self.quantiles.select("month", "economy", value="p50")

    def gap_medians(self) -> pl.DataFrame | None:
        """Return the medians of the strip: month, value."""
        return None if self.gap is None else self.gap.select("month", value="p50")


def tables(curve: Curve, paths: Paths, months: Sequence[Month], step: int = 1) -> CurveTables:
    """Summarise draws into a curve's tables.

    Parameters
    ----------
    paths
        ``(draws that came through, months)`` by measure.
    step
        Months between two points; the last month is always there.
    """
    places = sorted({*range(len(months) - 1, -1, -step)})
    days = [months[place].first_day for place in places]
    parts = []
    scaled: dict[str, NDArray[np.float64]] = {}
    for economy, name in curve.measures:
        scaled[economy] = (
            _over(np.asarray(paths[name], dtype=np.float64), curve.over)[:, places] * curve.times
        )
    if curve.scale == "log":
        floor = max(float(np.nanmax(np.median(values, axis=0))) for values in scaled.values()) * curve.floor
        shown = {economy: np.maximum(values, floor) for economy, values in scaled.items()}
    else:
        shown = scaled
    parts = [quantile_table(days, values, economy) for economy, values in shown.items()]
    gap = None
    if curve.strip in ("open/closed", "closed/open"):
        above, below = curve.strip.split("/")
        gap = quantile_table(days, np.clip(shown[above] / shown[below], 1e-3, 1e3))
    elif curve.strip:
        gap = quantile_table(days, np.asarray(paths[curve.strip], dtype=np.float64)[:, places])
    return CurveTables(curve, pl.concat(parts), gap)


def draw(
    found: CurveTables,
    *,
    projection_from: dt.date,
    baseline: CurveTables | None = None,
    measured: pl.DataFrame | None = None,
    width: int,
    height: int = 260,
    theme: ThemeName = "light",
    title: str = "",
    subtitle: str = "",
    caption: str = "",
    strip: bool = True,
) -> alt.TopLevelMixin:
    """Draw a curve; words above it only where they are given (pages set theirs in HTML)."""
    from twocurves.charts.fan import fan_figure

    curve = found.curve
    return fan_figure(
        found.quantiles,
        title=title,
        subtitle=subtitle,
        projection_from=projection_from,
        measured=measured,
        baseline=None if baseline is None else baseline.medians(),
        gap=_gap(found, baseline) if strip else None,
        number=curve.number,
        scale=curve.scale,
        caption=caption,
        theme=theme,
        width=width,
        height=height,
    )


def feed(
    found: CurveTables,
    *,
    baseline: CurveTables | None = None,
    measured: pl.DataFrame | None = None,
    width: int,
    height: int = 260,
    strip: bool = True,
) -> Feed:
    """Return what :func:`draw` draws of the same tables, as data for a drawn view."""
    from twocurves.charts.fan import fan_feed

    return fan_feed(
        found.quantiles,
        measured=measured,
        baseline=None if baseline is None else baseline.medians(),
        gap=_gap(found, baseline) if strip else None,
        number=found.curve.number,
        scale=found.curve.scale,
        width=width,
        height=height,
    )


def yearly_rows(found: CurveTables) -> tuple[tuple[str, ...], list[list[str]]]:
    """Return a curve's numbers for people: each December, median and 80% range by economy."""
    curve = found.curve
    names = [economy for economy, _ in curve.measures]
    heads = ["December", *(f"{name.capitalize()}, middle run" for name in names)]
    heads = ["December"]
    for name in names:
        heads += [f"{name.capitalize()}, middle run", f"{name.capitalize()}, 80% of runs"]
    if found.gap is not None:
        heads += [f"{curve.strip_label.partition(',')[0]}, middle run", "80% of runs"]
    by_month: dict[dt.date, dict[str, dict[str, Any]]] = {}
    for row in found.quantiles.iter_rows(named=True):
        by_month.setdefault(row["month"], {})[row["economy"]] = row
    if found.gap is not None:
        for row in found.gap.iter_rows(named=True):
            by_month[row["month"]]["gap"] = row
    rows = []
    for month, of in sorted(by_month.items()):
        if month.month != 12:
            continue
        cells = [str(month.year)]
        for name in (*names, *(["gap"] if found.gap is not None else [])):
            number = curve.strip_number if name == "gap" else curve.number
            one = of[name]
            cells += [
                say_estimate(one["p50"], one["p10"], one["p90"], number),
                say_range(one["p10"], one["p90"], number),
            ]
        rows.append(cells)
    return tuple(heads), rows


@cache
def percentile_levels() -> tuple[float, ...]:
    """Return the levels of a fan, between 0 and 1."""
    return tuple(level / 100.0 for level in PERCENTILES.values())


def _over(values: NDArray[np.float64], months: int) -> NDArray[np.float64]:
    """Return the mean over so many months up to each, over fewer at the start."""
    if months == 1:
        return values
    summed = np.cumsum(values, axis=1)
    ahead = np.zeros_like(summed)
    ahead[:, months:] = summed[:, :-months]
    counted = np.minimum(np.arange(1, values.shape[1] + 1), months)
    return np.asarray((summed - ahead) / counted)


def _gap(found: CurveTables, baseline: CurveTables | None) -> Gap | None:
    from twocurves.charts.fan import Gap

    if found.gap is None:
        return None
    curve = found.curve
    return Gap(
        found.gap,
        curve.strip_label,
        number=curve.strip_number,
        scale="log" if "/" in curve.strip else "linear",
        baseline=None if baseline is None else baseline.gap_medians(),
    )
