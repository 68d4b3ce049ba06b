"""Section: what the model bets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from twocurves.charts import run_figures
from twocurves.charts.palette import ThemeName
from twocurves.charts.quantiles import end_said
from twocurves.charts.run_tables import band_table
from twocurves.charts.shape import Drawn, Shape
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.spread import Spread
from twocurves.errors import BadInputError
from twocurves.report.drawing import figure
from twocurves.report.findings import Findings
from twocurves.report.markup import Html, joined, tag
from twocurves.report.parts import chance_words, dots, figure_said, range_said, table

Drawer = Callable[[StoredRun, ThemeName, Shape], Drawn]

#: Fans of the section: who draws, the measures in their table, the number style and the factor.
_FANS: tuple[tuple[Drawer, tuple[tuple[str, str], ...], str, float], ...] = (
    (
        run_figures.open_part,
        (("Closed", "net_revenue_closed"), ("Open", "net_revenue_open")),
        "usd",
        1e9,
    ),
    (
        run_figures.capability,
        (("Closed", "capability_closed"), ("Open", "capability_open"), ("Lag, months", "lag_months")),
        "number",
        1.0,
    ),
    (run_figures.prices, (("Closed", "price_closed"), ("Open", "price_open")), "usd", 1.0),
)

_KEY = (
    "Dots were measured; lines and fans are the model. A line is the middle future; around it lie 50, 80 and "
    "95% of the futures. Blue is closed, orange is open; right of the dotted line all is projected."
)


def bets(found: Findings) -> Html:
    """Return the section on what the model bets: fans, numbers at several dates, who captures the value."""
    run = found.run
    parts: list[Html | None] = [tag("p", _KEY, class_="quiet")]
    parts += [
        _figure(run, draw, _fan_numbers(run, lines, number, times)) for draw, lines, number, times in _FANS
    ]
    parts += [_figure(run, run_figures.outlook, None), _outcomes(found), _captured(found)]
    parts += [_figure(run, run_figures.value_by_layer, None), _figure(run, run_figures.lag_by_year, None)]
    return joined(part for part in parts if part is not None)


def _figure(run: StoredRun, draw: Drawer, numbers: Html | None) -> Html | None:
    """Return a figure; None where a run keeps too little for it, which ``made`` says."""
    try:
        return figure(lambda shape: draw(run, "light", shape), numbers=numbers)
    except BadInputError:
        return None


def not_drawn(run: StoredRun) -> list[str]:
    """Return the measures that figures of this report need and a run does not keep."""
    needed = {name for _, lines, _, _ in _FANS for _, name in lines} | {
        "layer_value_added",
        "open_share_tokens",
    }
    return sorted(needed - set(run.plan.measures))


def _fan_numbers(run: StoredRun, lines: Sequence[tuple[str, str]], number: str, times: float) -> Html | None:
    """Return the medians and 80% ranges of a fan in the Decembers that a run keeps."""
    if not {name for _, name in lines} <= set(run.plan.measures):
        return None
    tables = [band_table(run, name, times=times) for _, name in lines]
    days = [day for day in tables[0]["month"].to_list() if day.month == 12]
    rows = []
    for day in days:
        cells = [f"{day:%Y}"]
        for one, (name, _) in zip(tables, lines, strict=True):
            row = one.filter(pl.col("month") == day).row(0, named=True)
            median, span = end_said(row, "number" if "Lag" in name else number)
            cells.append(f"{median} ({span})")
        rows.append(cells)
    heads = ["December", *(name for name, _ in lines)]
    return table(heads, rows, caption="Median, and in brackets 80% of the futures")


def _outcomes(found: Findings) -> Html | None:
    names = list(dict.fromkeys(row.outcome.name for row in found.outcomes if row.outcome.shown))
    months = list(dict.fromkeys(row.month for row in found.outcomes))
    at = {(row.outcome.name, row.month): row for row in found.outcomes}
    if not names:
        return None
    rows: list[list[str | Html]] = []
    for name in names:
        cells: list[str | Html] = []
        for month in months:
            row = at[name, month]
            outcome = row.outcome
            cells.append(_cell(row.spread, outcome.style, outcome.times, outcome.digits))
        rows.append([at[name, months[0]].outcome.title, *cells])
    return joined(
        (
            tag("h3", "Key numbers", style="margin-top:2rem"),
            table(
                ["", *(f"{month.first_day:%b %Y}" for month in months)],
                rows,
                caption="Median, and below it 90% of the futures",
                stacked=True,
            ),
        )
    )


def _cell(spread: Spread, style: str, times: float, digits: int) -> Html:
    if not spread.draws:
        return Html("–")
    return joined(
        (
            tag("span", figure_said(spread.median, style, times, digits)),
            tag("br"),
            tag("span", range_said(spread.low, spread.high, style, times), class_="small quiet"),
        )
    )


def _captured(found: Findings) -> Html | None:
    year, rules = found.captured
    if not rules:
        return None
    rows: list[list[str | Html]] = [
        [
            f"{rule.rule[:1].upper()}{rule.rule[1:]}, compute "
            + ("counted in" if rule.with_compute else "left out"),
            _cell(rule.closed, "usd", 1e9, 2),
            _cell(rule.open, "usd", 1e9, 2),
            dots(rule.open_more),
            chance_words(rule.open_more, None),
        ]
        for rule in rules
    ]
    return joined(
        (
            tag("h3", f"Who captures more in {year} depends on the accounting", style="margin-top:2rem"),
            table(
                ["Rule", "Closed", "Open", "Open captures more in", ""],
                rows,
                caption="Median and 90% of the futures, USD a year",
                stacked=True,
            ),
        )
    )
