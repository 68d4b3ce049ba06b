"""The linked cursor's side of a figure: its months and its series; and specs without a warning."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import vl_convert

from tests.charts import examples
from tests.charts import examples_live as live
from twocurves.charts import number_text
from twocurves.charts.cursor import cursor_of
from twocurves.charts.export import figure_spec, vegalite_version
from twocurves.charts.fan import fan_figure
from twocurves.charts.feed import milliseconds

STATIC = Path(number_text.__file__).parents[1] / "serve" / "static"
EVERY = {**examples.FIGURES, **{name: pair[0] for name, pair in live.FIGURES.items()}}
OVER_TIME = ("fan", "fan_with_gap", "gap_strip", "multiples", "regret", "lines", "panels", "measured")


@cache
def spec_of(name: str) -> dict[str, Any]:
    return figure_spec(EVERY[name]("light"))


@pytest.mark.parametrize("name", EVERY)
def test_vega_lite_has_nothing_to_warn_of(name, capfd):
    vl_convert.vegalite_to_vega(spec_of(name), vl_version=vegalite_version(), show_warnings=True)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", OVER_TIME)
def test_a_figure_over_time_says_what_is_read_in_it(name):
    found = cursor_of(spec_of(name))
    assert found is not None
    assert found["from"] < found["to"]
    assert len({one["name"] for one in found["readings"]}) == len(found["readings"]) > 0
    for one in found["readings"]:
        days = [row[0] for row in one["rows"]]
        assert days == sorted(days)
        assert found["from"] <= days[0] <= days[-1] <= found["to"]
        for _, value, low, high in one["rows"]:
            assert low is None or low <= value <= high
    json.dumps(found, allow_nan=False)


def test_figures_without_a_time_axis_have_no_cursor():
    assert all(cursor_of(spec_of(name)) is None for name in ("tornado", "dots", "calibration", "dispersion"))


def test_a_feed_takes_the_place_of_the_data_in_the_spec():
    figure, feed = live.FIGURES["fan"]
    moving = feed()
    name = next(name for name, rows in moving.datasets.items() if rows and "p50" in rows[0])
    moving.datasets[name][0]["p50"] = 123.0
    found = cursor_of(figure_spec(figure("light")), moving)
    assert found is not None
    assert any(one["rows"][0][1] == 123.0 for one in found["readings"])


def test_the_values_are_those_of_the_table():
    table = examples.quantiles()
    found = cursor_of(figure_spec(fan_figure(table, projection_from=examples.NOW)))
    assert found is not None
    closed = table.filter(economy="closed").sort("month")
    read = next(one for one in found["readings"] if one["name"] == "Closed")
    assert [row[0] for row in read["rows"]] == [milliseconds(day) for day in closed["month"]]
    assert [row[1] for row in read["rows"]] == pytest.approx(closed["p50"].to_list(), rel=1e-4)
    assert found["from"] == milliseconds(dt.date(2023, 1, 1))


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
def test_numbers_in_the_browser_are_written_as_everywhere_else(tmp_path):
    random = np.random.default_rng(5)
    cases = []
    for style in (*number_text.NUMBER_STYLES, "{} mo", "${}bn"):
        for _ in range(60):
            value = float(10 ** random.uniform(-6, 17) * random.choice([-1, 1, 1]))
            if style == "year":
                value = float(random.uniform(2020, 2040))
            low, high = sorted(value * random.uniform(0.2, 2, 2))
            cases.append([low, value, high, style])
    script = tmp_path / "say.mjs"
    script.write_text(
        f"import {{ say, sayEstimate, sayRange }} from {json.dumps((STATIC / 'numbers.js').as_uri())};\n"
        f"const cases = {json.dumps(cases)};\n"
        "console.log(JSON.stringify(cases.map(([low, value, high, style]) =>\n"
        "  [say(value, style), sayEstimate(value, low, high, style), sayRange(low, high, style)])));\n"
    )
    (tmp_path / "package.json").write_text('{"type": "module"}')
    run = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True)
    wanted = [
        [
            number_text.say(value, style),
            number_text.say_estimate(value, low, high, style),
            number_text.say_range(low, high, style),
        ]
        for low, value, high, style in cases
    ]
    assert json.loads(run.stdout) == wanted
