from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import altair as alt
import pytest

from tests.charts import checks, svgs
from tests.charts.examples import FIGURES
from twocurves.charts.export import figure_json, figure_spec, figure_svg
from twocurves.charts.palette import PALETTES, ThemeName

FIGURE = pytest.mark.parametrize("name", FIGURES)

#: Every figure in the light, three in the dark; the rest of the dark takes longer and finds less.
DARK = ("measured", "fan_with_gap", "dispersion")
CASES = pytest.mark.parametrize(
    ("name", "theme"),
    [(name, "light") for name in FIGURES]
    + [
        pytest.param(name, "dark", marks=() if name in DARK else pytest.mark.slow, id=f"{name}-dark")
        for name in FIGURES
    ],
)


@cache
def built(name: str, theme: ThemeName) -> alt.TopLevelMixin:
    return FIGURES[name](theme)


@cache
def spec_of(name: str, theme: ThemeName) -> dict[str, Any]:
    return figure_spec(built(name, theme))


@cache
def drawn(name: str, theme: ThemeName) -> str:
    return figure_svg(built(name, theme))


@CASES
def test_svg_is_xml_of_finite_numbers(name: str, theme: ThemeName) -> None:
    checks.finite_xml(drawn(name, theme))


@CASES
def test_marks_and_texts_lie_inside_the_frame(name: str, theme: ThemeName) -> None:
    checks.inside_the_frame(drawn(name, theme))


@CASES
def test_text_is_text_and_large_enough(name: str, theme: ThemeName) -> None:
    checks.readable(drawn(name, theme))


@CASES
def test_only_palette_colours(name: str, theme: ThemeName) -> None:
    checks.only_palette_colours(drawn(name, theme), theme)


@CASES
def test_texts_do_not_cover_each_other(name: str, theme: ThemeName) -> None:
    checks.texts_apart(drawn(name, theme))


@CASES
def test_spec_is_valid_and_stands_alone(name: str, theme: ThemeName) -> None:
    checks.stands_alone(spec_of(name, theme), theme)


@FIGURE
def test_same_input_gives_same_bytes(name: str) -> None:
    again = FIGURES[name]("light")
    assert figure_json(again) == figure_json(built(name, "light"))
    assert figure_svg(again) == drawn(name, "light")


@FIGURE
def test_screen_readers_get_the_description(name: str) -> None:
    root = svgs.parse(drawn(name, "light"))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == spec_of(name, "light")["description"]


def test_text_is_measured_in_its_own_face() -> None:
    # A frame much wider than what it holds means that the drawer measured a title in some other face.
    root = svgs.parse(drawn("fan", "light"))
    assert max(box.right for box in svgs.boxes(root) if box.tag != "rect") > 0.9 * svgs.size(root)[0]


def test_the_checks_see_what_they_look_for() -> None:
    root = svgs.parse(drawn("fan", "light"))
    assert {PALETTES["light"].closed, PALETTES["light"].open} <= svgs.colours(root)
    moved = svgs.parse(drawn("fan", "light").replace('"translate(', '"translate(9'))
    assert max(box.right for box in svgs.boxes(moved)) > svgs.size(root)[0] + 50


@pytest.mark.parametrize("name", ["fan", "fan_with_gap", "gap_strip"])
def test_projection_is_shaded_and_named(name: str) -> None:
    svg = drawn(name, "light")
    assert sum(text == "Projection" for text, _, _ in svgs.texts(svgs.parse(svg))) == 1
    assert PALETTES["light"].field in svg


def test_themes_share_everything_but_colour() -> None:
    def bare(theme: ThemeName) -> str:
        return re.sub(r"#[0-9A-Fa-f]{6}", "#", json.dumps(spec_of("fan_with_gap", theme), sort_keys=True))

    assert bare("light") == bare("dark")


def test_a_readers_own_theme_is_left_alone() -> None:
    before = (alt.theme.active, alt.data_transformers.active)
    FIGURES["measured"]("dark")
    assert (alt.theme.active, alt.data_transformers.active) == before
