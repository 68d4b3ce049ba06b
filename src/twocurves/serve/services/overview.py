"""Overview: where open and closed stand, and where they are heading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from twocurves.beliefs.naming import full_plain_name
from twocurves.charts.number_text import say, say_range
from twocurves.months import Month
from twocurves.serve.curves import STEP, CurveTables, curve_named, draw, tables, yearly_rows
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.influence import Influence, influence
from twocurves.serve.services.claim_rows import ClaimRow, claim_row
from twocurves.serve.services.overview_figures import DECIDED, Worked, deciding, worked
from twocurves.serve.services.run_view import Number, RunView, number_of

if TYPE_CHECKING:
    import altair as alt

#: The month to which the four numbers look.
_YEAR = 2030

_CLAIMS = 5
_DECIDING = 7

#: An assumption's name as people read it.
label_of = full_plain_name


@dataclass(frozen=True)
class Bar:
    """What one assumption does to an outcome.

    Attributes
    ----------
    name, label
        The assumption.
    size
        Width of the bar in per cent of the widest.
    up
        Whether a high value raises the outcome.
    said
        The change in words.
    """

    name: str
    label: str
    size: float
    up: bool
    said: str


@dataclass(frozen=True)
class Overview:
    """What the Overview shows."""

    eyebrow: str
    scenario: str
    title: str
    deck: str
    numbers: tuple[Number, ...]
    figures: tuple[Figure, ...]
    claims: tuple[ClaimRow, ...]
    claims_in_all: int
    deciding: tuple[Bar, ...]
    deciding_what: str
    captured_year: int
    captured: tuple[dict[str, Any], ...]
    revenue: Figure
    tornado: Figure | None
    worked: Worked | None


def overview(house: House, view: RunView, drawings: Drawings) -> Overview:
    """Return the Overview of a run."""
    run = view.run
    said = view.headline
    plan, known = run.plan, house.beliefs.scenarios
    year, rules = view.captured
    rows = [claim_row(question, view.claims.get(question.id)) for question in house.ledger.headlines]
    tornado = deciding(house, view, drawings)
    moved = house.once(f"influence|{DECIDED}", lambda: influence(run, house.beliefs, DECIDED))
    return Overview(
        eyebrow=f"{known[plan.scenario].title if plan.scenario in known else plan.scenario}"
        f" scenario · {run.counts.ok:,} runs · seed {plan.seed}",
        scenario=plan.scenario if not plan.settings else "",
        title=f"{run.name} keeps too little for a sentence." if said is None else said.sentence,
        deck="" if said is None else said.second_sentence,
        numbers=_numbers(view),
        figures=tuple(run_figure(house, view, drawings, name) for name in ("capability", "price")),
        revenue=run_figure(house, view, drawings, "net_revenue"),
        tornado=tornado,
        worked=worked(house, view, drawings),
        claims=tuple(_chosen(rows)),
        claims_in_all=len(house.ledger.claims),
        deciding=() if tornado is not None else bars(moved, _DECIDING),
        deciding_what=f"{moved.outcome.title.lower()} in {moved.month:}",
        captured_year=year,
        captured=tuple(
            {
                "rule": row.rule,
                "compute": "counted in" if row.with_compute else "left out",
                "closed": _money(row.closed.median),
                "closed_range": _money_range(row.closed.low, row.closed.high),
                "open": _money(row.open.median),
                "open_range": _money_range(row.open.low, row.open.high),
                "more": round(20 * row.open_more),
            }
            for row in rules
        ),
    )


def bars(moved: Influence, count: int) -> tuple[Bar, ...]:
    """Return the assumptions that move an outcome most, as bars."""
    strongest = moved.strongest(count)
    widest = max((abs(effect) for _, effect in strongest), default=1.0)
    return tuple(
        Bar(
            name,
            label_of(name),
            100.0 * abs(effect) / widest,
            effect > 0,
            f"{'+' if effect > 0 else '−'}{say(abs(effect), moved.outcome.style, 2)}",
        )
        for name, effect in strongest
    )


def run_tables(house: House, view: RunView, name: str) -> CurveTables:
    """Return the tables of a curve of a run, made once."""
    curve = curve_named(name)
    return house.once(
        f"tables|{view.run.name}|{name}", lambda: tables(curve, view.paths, view.run.months, step=STEP)
    )


def run_figure(house: House, view: RunView, drawings: Drawings, name: str) -> Figure:
    """Return a curve of a run as a figure."""
    found = run_tables(house, view, name)

    def drawer(width: int, theme: Any) -> alt.TopLevelMixin:
        return draw(
            found,
            projection_from=view.projection_from,
            measured=measured_dots(house) if name == "capability" else None,
            width=158 if width < 300 else 272,
            height=230 if width >= 300 else 200,
            theme=theme,
        )

    heads, rows = yearly_rows(found)
    return figure(
        drawings,
        name,
        f"run|{view.run.name}|{name}",
        drawer,
        title=curve_title(found),
        subtitle=found.curve.subtitle,
        table=table_of(heads, rows),
        downloads={
            "CSV": f"/download/curve/{name}.csv",
            "Parquet": f"/download/curve/{name}.parquet",
            "SVG": f"/download/curve/{name}.svg",
            "PNG": f"/download/curve/{name}.png",
        },
    )


def curve_title(found: CurveTables) -> str:
    """Return a sentence about a curve, from its numbers."""
    month = Month.parse(f"{_YEAR}-12").first_day
    rows = {
        row["economy"]: row for row in found.quantiles.filter(pl.col("month") == month).iter_rows(named=True)
    }
    name = found.curve.id
    gap = None
    if found.gap is not None:
        gap = next(iter(found.gap.filter(pl.col("month") == month).iter_rows(named=True)), None)
    if not rows:
        return found.curve.title
    if name == "capability" and gap is not None:
        return (
            f"At the end of {_YEAR} open weights trail the closed frontier by "
            f"{say(gap['p50'], 'number', 2)} months, 80% of runs {say_range(gap['p10'], gap['p90'])}"
        )
    if name == "net_revenue":
        return (
            f"In {_YEAR} closed labs add {say(rows['closed']['p50'], 'usd', 2)} a year and the open economy "
            f"{say(rows['open']['p50'], 'usd', 2)}"
        )
    if name == "price" and gap is not None:
        return f"In {_YEAR} a unit of closed work costs {say(gap['p50'], 'times', 2)} an open one"
    if name == "open_share":
        one = rows["open"]
        return (
            f"In {_YEAR} open weights do {say(one['p50'], 'share', 2)} of all work, 80% of runs "
            f"{say_range(one['p10'], one['p90'], 'share')}"
        )
    return found.curve.title


def measured_dots(house: House) -> pl.DataFrame:
    """Return record-setting scored models, as the dots beside the model's curves."""

    def make() -> pl.DataFrame:
        points = house.report.table("frontier_points")
        points = points.filter(pl.col("date") >= Month.parse("2023-01").first_day).sort("date")
        best = points.with_columns(best=pl.col("value").cum_max().over("economy"))
        return best.filter(pl.col("value") >= pl.col("best")).drop("best")

    return house.once("measured dots", make)


def _numbers(view: RunView) -> tuple[Number, ...]:
    month = Month.parse(f"{_YEAR}-12")
    if month not in view.run.months:
        return ()
    price = view.at("price_closed", month) / view.at("price_open", month)
    closed, opened = view.at("net_revenue_closed", month), view.at("net_revenue_open", month)
    share = np.where(closed + opened > 0, np.maximum(opened, 0) / np.maximum(closed + opened, 1e-9), np.nan)
    return (
        number_of(
            "lag",
            f"Open lag behind the frontier, end of {_YEAR}",
            view.at("lag_months", month),
            "{} months",
            "/scenario?by=lag_months",
        ),
        number_of("price", f"Closed over open price, end of {_YEAR}", price, "times", "/data#price"),
        number_of(
            "share",
            f"Open share of all work, end of {_YEAR}",
            view.at("open_share_tokens", month),
            "share",
            "/scenario?by=open_share_tokens",
        ),
        number_of(
            "captured",
            f"Open share of net revenue, end of {_YEAR}",
            np.clip(share, 0, 1),
            "share",
            "/claims/C10",
        ),
    )


def _chosen(rows: list[ClaimRow]) -> list[ClaimRow]:
    """Return the claims that are the least sure, in order of the ledger."""
    told = [row for row in rows if row.probability is not None]
    open_ones = sorted(told, key=lambda row: abs((row.probability or 0.0) - 0.5))[:_CLAIMS]
    return [row for row in rows if row in open_ones]


def _money(value: float) -> str:
    return say(value * 1e9, "usd", 2)


def _money_range(low: float, high: float) -> str:
    return say_range(low * 1e9, high * 1e9, "usd")
