from __future__ import annotations

import datetime as dt
import re
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.charts import examples, svgs
from twocurves.charts.dispersion import dispersion
from twocurves.charts.export import figure_svg
from twocurves.charts.fan import Gap, fan_figure
from twocurves.charts.gap_strip import gap_strip_figure
from twocurves.charts.interval_strip import interval_strip
from twocurves.charts.lines_over_time import lines_over_time
from twocurves.charts.measured import measured_figure
from twocurves.charts.quantiles import PERCENTILES, quantile_table
from twocurves.errors import BadInputError

WORDS: dict[str, Any] = {"title": "Title", "subtitle": "unit"}
few = settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])

values = st.one_of(st.just(3.0), st.floats(1e-6, 1e12), st.floats(0.1, 10))
kinds = st.sampled_from(["host", "maker", "reseller"])
rows = st.lists(
    st.tuples(
        st.dates(dt.date(2020, 1, 1), dt.date(2030, 1, 1)),
        values,
        st.sampled_from(["closed", "open"]),
        st.one_of(st.none(), st.text(max_size=12)),
    ),
    min_size=1,
    max_size=12,
)


def sound(chart: Any) -> None:
    svg = figure_svg(chart)
    root = svgs.parse(svg)
    width, height = svgs.size(root)
    assert not re.search(r"NaN|Infinity|undefined", re.sub(r">[^<]*<|aria-label=\"[^\"]*\"", "", svg))
    marks = [box for box in svgs.boxes(root) if box.tag != "text"]
    assert all(
        box.left > -1 and box.top > -1 and box.right < width + 1 and box.bottom < height + 1 for box in marks
    )


@few
@given(rows, st.sampled_from(["linear", "log"]))
def test_any_positive_dots_can_be_drawn(
    found: list[tuple[dt.date, float, str, str | None]], scale: Any
) -> None:
    table = pl.DataFrame(
        found,
        schema={"date": pl.Date, "value": pl.Float64, "economy": pl.String, "label": pl.String},
        orient="row",
    ).with_columns(low=pl.col("value") * 0.9, high=pl.col("value") * 1.2)
    sound(measured_figure(table, scale=scale, **WORDS))


@few
@given(
    st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=8),
    st.sampled_from(["number", "usd", "share", "{} mo"]),
)
def test_any_finite_lines_can_be_drawn(found: list[float], number: str) -> None:
    table = pl.DataFrame(
        {"date": examples.MONTHS[: len(found)], "series": ["x"] * len(found), "value": found}
    )
    sound(lines_over_time(table, number=number, **WORDS))


@few
@given(
    st.lists(
        st.tuples(st.floats(1e-5, 1e5), st.sampled_from(["host", "maker", "reseller"])),
        min_size=1,
        max_size=15,
    )
)
def test_any_prices_can_be_drawn(found: list[tuple[float, str]]) -> None:
    table = pl.DataFrame(found, schema=["price", "kind"], orient="row").with_columns(model=pl.lit("M"))
    sound(dispersion(table, **WORDS))


def test_names_with_characters_that_xml_has_no_place_for() -> None:
    table = examples.dots().with_columns(label=pl.lit("a\x00b\x1bc\ufffe\x9fd"))
    assert ">abcd<" in figure_svg(measured_figure(table, **WORDS))


def test_one_dot_and_ties() -> None:
    one = examples.dots().head(1)
    sound(measured_figure(one, **WORDS))
    sound(measured_figure(pl.concat([one] * 5), scale="log", **WORDS))


def test_a_table_of_one_month_is_a_fan() -> None:
    table = quantile_table([examples.NOW], np.array([[1.0], [2.0], [3.0]]), "open")
    sound(fan_figure(table, projection_from=examples.NOW, **WORDS))


def test_a_projection_that_starts_before_or_after_the_table() -> None:
    for day in (dt.date(2000, 1, 1), dt.date(2100, 1, 1)):
        sound(gap_strip_figure(examples.gap(), projection_from=day, **WORDS))


EMPTY: dict[str, Any] = {
    "measured": lambda: measured_figure(examples.dots().clear(), **WORDS),
    "fan": lambda: fan_figure(examples.quantiles().clear(), projection_from=examples.NOW, **WORDS),
    "gap": lambda: fan_figure(
        examples.quantiles(), projection_from=examples.NOW, gap=Gap(examples.gap().clear(), "Lag"), **WORDS
    ),
    "gap_strip": lambda: gap_strip_figure(examples.gap().clear(), projection_from=examples.NOW, **WORDS),
    "interval_strip": lambda: interval_strip(examples.rows().clear(), **WORDS),
    "only_words": lambda: interval_strip(pl.DataFrame({"row": ["a"], "text": ["no data"]}), **WORDS),
    "lines": lambda: lines_over_time(examples.series().clear(), **WORDS),
    "dispersion": lambda: dispersion(examples.offers().clear(), **WORDS),
    "below": lambda: measured_figure(examples.dots(), show_from=1e6, **WORDS),
}


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_to_draw_is_said(name: str) -> None:
    with pytest.raises(BadInputError, match="nothing to draw: "):
        EMPTY[name]()


@pytest.mark.parametrize("column", ["value", "low"])
@pytest.mark.parametrize("bad", [0.0, -1.0])
def test_log_axes_refuse_what_is_not_positive(column: str, bad: float) -> None:
    table = examples.dots().with_columns(
        low=pl.lit(None, dtype=pl.Float64), high=pl.lit(None, dtype=pl.Float64)
    )
    changed = pl.when(pl.int_range(pl.len()) == 3).then(bad).otherwise(pl.col(column)).alias(column)
    table = table.with_columns(changed)
    with pytest.raises(BadInputError, match=r"above 0 on a log scale; row 3 has"):
        measured_figure(table, scale="log", **WORDS)
    measured_figure(table, scale="linear", **WORDS)


def test_prices_of_zero_are_refused() -> None:
    table = examples.offers().with_columns(price=pl.lit(0.0))
    with pytest.raises(BadInputError, match="above 0 on a log scale"):
        dispersion(table, **WORDS)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
def test_what_is_not_finite_is_refused(bad: float) -> None:
    with pytest.raises(BadInputError, match="not a finite number in row 0"):
        measured_figure(examples.dots().with_columns(value=pl.lit(bad)), **WORDS)
    with pytest.raises(BadInputError, match="not finite"):
        quantile_table(examples.MONTHS[:1], [[bad]])


def test_malformed_tables_are_named() -> None:
    dots = examples.dots()
    with pytest.raises(BadInputError, match="No column 'value'; did you mean 'valu'"):
        measured_figure(dots.rename({"value": "valu"}), **WORDS)
    with pytest.raises(BadInputError, match="must hold dates"):
        measured_figure(dots.with_columns(pl.col("date").cast(pl.String)), **WORDS)
    with pytest.raises(BadInputError, match="must hold numbers"):
        measured_figure(dots.with_columns(value=pl.lit("x")), **WORDS)
    with pytest.raises(BadInputError, match="no value in row 0"):
        measured_figure(dots.with_columns(date=pl.lit(None, dtype=pl.Date)), **WORDS)
    with pytest.raises(BadInputError, match="'low' is above 'value' in row 0"):
        measured_figure(dots.with_columns(low=pl.col("value") + 1), **WORDS)
    with pytest.raises(BadInputError, match="No economy 'opne'; did you mean 'open'"):
        measured_figure(dots.with_columns(economy=pl.lit("opne")), **WORDS)
    with pytest.raises(BadInputError, match="'p10' is above 'p25'"):
        gap_strip_figure(examples.gap().with_columns(p10=99.0), projection_from=examples.NOW, **WORDS)
    with pytest.raises(BadInputError, match="No kind of offer 'hosts'; did you mean 'host'"):
        dispersion(examples.offers().with_columns(kind=pl.lit("hosts")), **WORDS)
    with pytest.raises(BadInputError, match="No scale 'logs'; did you mean 'log'"):
        measured_figure(dots, scale="logs", **WORDS)  # type: ignore[arg-type]
    with pytest.raises(BadInputError, match="width must be between"):
        measured_figure(dots, width=0, **WORDS)
    many = pl.concat([examples.series().with_columns(series=pl.lit(str(index))) for index in range(9)])
    with pytest.raises(BadInputError, match="at most 8"):
        lines_over_time(many, **WORDS)


def test_dots_left_out_are_counted() -> None:
    dots = examples.dots()
    lost = dots.filter(pl.col("value") < 130).height
    chart = measured_figure(dots, show_from=130, **WORDS)
    assert f"Not shown: {lost} below 130." in figure_svg(chart)


def test_dots_that_set_no_record_step_back() -> None:
    table = (
        examples.dots()
        .sort("economy", "date")
        .with_columns(value=pl.col("value") - 40 * pl.int_range(pl.len()))
    )
    table = table.with_columns(low=pl.col("value") - 1, high=pl.col("value") + 1)
    assert figure_svg(measured_figure(table, **WORDS)).count('opacity="0.35"') == table.height - 2
    assert 'opacity="0.35"' not in figure_svg(measured_figure(table, quiet_below_record=False, **WORDS))


def test_percentiles_are_those_of_the_draws() -> None:
    table = quantile_table([examples.NOW], np.arange(1001.0)[:, None])
    assert table.columns == ["month", *PERCENTILES]
    assert table.row(0)[1:] == pytest.approx([25, 100, 250, 500, 750, 900, 975])
    with pytest.raises(BadInputError, match="shape"):
        quantile_table([examples.NOW], [[1.0, 2.0]])


def test_resellers_are_kept_out_of_the_median() -> None:
    table = pl.DataFrame(
        {"model": ["M"] * 4, "kind": ["host", "host", "reseller", "maker"], "price": [1.0, 3.0, 90.0, 2.5]}
    )
    svg = figure_svg(dispersion(table, **WORDS))
    assert "median $2.5<" in svg
    assert "3 hosts, 3× apart, maker $2.5" in svg


def test_a_model_that_only_resellers_offer_has_no_median() -> None:
    table = pl.DataFrame({"model": ["M"] * 2, "kind": ["reseller"] * 2, "price": [3.0, 9.0]})
    svg = figure_svg(dispersion(table, **WORDS))
    assert "median $" not in svg
    assert "from $3<" in svg


def test_a_wide_band_does_not_push_the_dots_together() -> None:
    dots = examples.dots()
    wide = examples.fits().with_columns(low=pl.col("value") - 1e4, high=pl.col("value") + 1e4)
    svg = figure_svg(measured_figure(dots, fits=wide, **WORDS))
    assert "Bands are cut where they leave the plot." in svg
    assert "Bands are cut" not in figure_svg(measured_figure(dots, fits=examples.fits(), **WORDS))
    sound(measured_figure(dots, fits=wide, **WORDS))
    values = [float(tick) for tick in re.findall(r">(\d+)</text>", svg) if not tick.startswith("20")]
    assert max(values) < 250


def test_steps_hold_a_value_until_the_next() -> None:
    table = pl.DataFrame({"date": examples.MONTHS[:3], "series": ["x"] * 3, "value": [9.0, 3.0, 1.0]})
    spec = lines_over_time(table, step=True, **WORDS).to_dict()
    assert [layer["mark"]["interpolate"] for layer in spec["layer"] if "interpolate" in layer["mark"]] == [
        "step-after"
    ]


def test_marks_stand_apart_from_lines() -> None:
    table = pl.DataFrame({"date": examples.MONTHS[:2], "series": ["x"] * 2, "value": [1.0, 2.0]})
    marks = pl.DataFrame(
        {
            "date": examples.MONTHS[:3],
            "series": ["x"] * 3,
            "value": [1.0, 8.0, 2.0],
            "economy": ["open", "closed", None],
            "faint": [False, True, False],
        }
    )
    chart = lines_over_time(table, marks=marks, **WORDS)
    sound(chart)
    svg = figure_svg(chart)
    assert svg.count('opacity="0.4"') == 1
    with pytest.raises(BadInputError, match="No series 'y'"):
        lines_over_time(table, marks=marks.with_columns(series=pl.lit("y")), **WORDS)


def test_the_end_of_a_line_says_what_it_is_told_to() -> None:
    table = pl.DataFrame({"date": examples.MONTHS[:2], "series": ["x"] * 2, "value": [1.0, 2.0]})
    chart = lines_over_time(table, end_details={"x": "the mean\nof both"}, **WORDS)
    svg = figure_svg(chart)
    assert "the mean" in svg
    assert "x: the mean of both." in chart.to_dict()["description"]


def test_events_are_marked_in_their_own_panels() -> None:
    day = examples.MONTHS[5]
    table = pl.DataFrame(
        [
            {"date": month, "series": name, "value": 1.0}
            for name in ("a", "b", "c")
            for month in examples.MONTHS[:12]
        ]
    )

    def dotted(events_in: list[str] | None) -> int:
        chart = lines_over_time(
            table, panels=True, events={day: "change"}, events_in=events_in, **WORDS
        ).to_dict()
        return sum(
            layer["mark"].get("strokeDash") is not None for plot in chart["concat"] for layer in plot["layer"]
        )

    assert dotted(None) == 3
    assert dotted(["b"]) == 1


def test_panels_are_evenly_spaced() -> None:
    table = pl.DataFrame(
        [
            {"date": month, "series": name, "value": 1.0 + index}
            for name in "abcdef"
            for index, month in enumerate(examples.MONTHS[:12])
        ]
    )
    long = "A long caption. " * 40
    svg = figure_svg(lines_over_time(table, panels=True, title="T", subtitle="s", caption=long))
    lefts = sorted(
        {
            round(box.left)
            for box in svgs.boxes(svgs.parse(svg))
            if box.tag == "text" and box.text in set("abcdef")
        }
    )
    assert len(lefts) == 3
    assert lefts[1] - lefts[0] == pytest.approx(lefts[2] - lefts[1], abs=1)
