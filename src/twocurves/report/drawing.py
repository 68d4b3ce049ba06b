"""Figures in a page: drawn for a desk and for a phone, in the page's colours, with their numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import altair as alt

from twocurves.charts.export import figure_svg
from twocurves.charts.shape import Drawn, Shape
from twocurves.report.markup import Html, tag, text
from twocurves.report.parts import table
from twocurves.report.style import variable_of

DESK = Shape(worded=False)
PHONE = Shape(worded=False, narrow=True)

#: What a reader of the page does not need of a drawing: names of Vega's groups and marks.
_SCAFFOLD = re.compile(
    r' (?:class|pointer-events|aria-[a-z]+|role|xmlns(?::xlink)?|version|stroke-miterlimit)="[^"]*"'
)
_EMPTY = re.compile(r'<path d="(?:M0,0h0v0h0Z)?"[^>]*/>|<g/>|<desc>.*?</desc>')
_PAPER = re.compile(r"(<svg[^>]*>)<rect [^>]*/>")
_COLOUR = re.compile(r'(fill|stroke)="(#[0-9A-Fa-f]{6})"')
_DECIMALS = re.compile(r"(\d+\.\d)\d+")
_DRAWN = re.compile(r' (?:d|transform|x2|y2|x|y|width|height)="[^"]*"')
_FONT = re.compile(r" font-family=\"'Twocurves (Sans|Serif)'[^\"]*\"")
_GROUP = re.compile(r"<g( [^>]*)?></g>")


def figure(
    draw: Callable[[Shape], Drawn],
    *,
    numbers: Html | None = None,
    level: str = "h3",
    note: str = "",
) -> Html:
    """Return a figure with its title, both drawings, its caption and its numbers.

    Parameters
    ----------
    draw
        Draws it in a shape.
    numbers
        Its numbers as a table, folded away below; None where the page has them anyway.
    level
        Heading of its title.
    note
        A sentence before its caption.
    """
    desk, phone = draw(DESK), draw(PHONE)
    caption = " ".join(part for part in (note, desk.caption) if part)
    return tag(
        "figure",
        tag(level, desk.title),
        tag("p", desk.subtitle, class_="sub"),
        tag("div", page_svg(desk.chart, desk.title), class_="wide"),
        tag("div", page_svg(phone.chart, desk.title), class_="narrow"),
        tag("figcaption", caption) if caption else None,
        tag("details", tag("summary", "The numbers"), numbers) if numbers is not None else None,
    )


def page_svg(chart: alt.TopLevelMixin, title: str) -> Html:
    """Return a figure as SVG to stand inside a page.

    Colours are the page's variables, so that it follows light and dark; coordinates have one decimal.
    """
    drawn = figure_svg(chart, checked=False)
    described = re.match(r'<svg role="img" aria-label="([^"]*)"', drawn)
    words = described[1] if described else text(title)
    drawn = _PAPER.sub(r"\1", drawn, count=1)
    drawn = _SCAFFOLD.sub("", drawn)
    drawn = _DRAWN.sub(lambda found: _DECIMALS.sub(r"\1", found[0]), drawn)
    drawn = _COLOUR.sub(_themed, drawn)
    drawn = _FONT.sub(lambda found: ' style="font-family:var(--serif)"' if found[1] == "Serif" else "", drawn)
    drawn = _EMPTY.sub("", drawn)
    for _ in range(6):
        drawn = _GROUP.sub("", drawn)
    return Html(drawn.replace("<svg ", f'<svg role="img" aria-label="{words}" ', 1))


def rows_table(caption: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Html:
    """Return the numbers of a figure as a table."""
    return table(heads, rows, caption=caption)


def _themed(found: re.Match[str]) -> str:
    name = variable_of(found[2])
    return found[0] if name is None else f'{found[1]}="var({name})"'
