from __future__ import annotations

import re

import pytest

from twocurves.charts.palette import PALETTES, ThemeName, contrast, palette
from twocurves.errors import BadInputError

TEXT = 4.5


def test_contrast_is_that_of_the_guidelines() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#FFFFFF") == pytest.approx(1)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(
    ("theme", "name", "least"),
    [
        ("light", "closed", 8.6),
        ("light", "open", 5.0),
        ("light", "ink", 16.3),
        ("dark", "closed", 8.4),
        ("dark", "open", 8.7),
        ("dark", "ink", 14.0),
    ],
)
def test_stated_contrasts_hold_on_paper(theme: ThemeName, name: str, least: float) -> None:
    colours = palette(theme)
    assert round(contrast(getattr(colours, name), colours.paper), 1) >= least


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_is_readable_where_it_stands(theme: ThemeName) -> None:
    colours = palette(theme)
    for name in ("ink", "grey", "mute", "closed", "open"):
        assert contrast(getattr(colours, name), colours.paper) >= TEXT, name
    for name in ("ink", "grey", "closed", "open"):
        assert contrast(getattr(colours, name), colours.field) >= TEXT, name


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_stand_out_and_lines_recede(theme: ThemeName) -> None:
    colours = palette(theme)
    # Three to one for marks that carry meaning: the guidelines' bar for graphics.
    for name in ("closed_tint", "open_tint"):
        assert contrast(getattr(colours, name), colours.paper) >= 2.7, name
    for name in ("hair", "field"):
        assert contrast(getattr(colours, name), colours.paper) < 1.6, name


def test_colours_are_written_one_way_and_differ() -> None:
    for colours in PALETTES.values():
        assert all(re.fullmatch(r"#[0-9A-F]{6}", colour) for colour in colours.colours())
        assert len(colours.colours()) == 12


def test_economies_have_their_colours_and_nothing_else_has() -> None:
    colours = palette("light")
    assert colours.economy("closed") == colours.closed
    assert colours.economy("open") == colours.open
    assert colours.economy(None) == colours.ink


def test_unknown_theme_names_the_nearest() -> None:
    with pytest.raises(BadInputError) as caught:
        palette("drak")  # type: ignore[arg-type]
    assert caught.value.suggestion == "dark"
