"""Tables, interval strips and dots as HTML."""

from __future__ import annotations

import math
from collections.abc import Sequence

from twocurves.charts.chance_text import OUT_OF, in_twenty, percent, twentieths
from twocurves.charts.number_text import say, say_range
from twocurves.report.markup import Html, tag

Cell = str | Html

#: USD below which amounts are not told apart.
LEAST_USD = 1e-4

_STRIP = 120.0


def table(
    heads: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    caption: str = "",
    right: Sequence[int] = (),
    stacked: bool = False,
) -> Html:
    """Return a table; the first cell of a row is its head.

    Parameters
    ----------
    right
        Columns set flush right.
    stacked
        Whether cells stand below each other on a phone.
    """

    def look(place: int) -> str | None:
        return "r" if place in right else None

    head = tag(
        "tr",
        [
            tag("th", name, scope="col", class_=look(place)) if name else tag("td", "")
            for place, name in enumerate(heads)
        ],
    )
    body = [
        tag(
            "tr",
            tag("th", row[0], scope="row"),
            [
                tag("td", cell, class_=look(place), data_head=heads[place] if stacked else None)
                for place, cell in enumerate(row[1:], 1)
            ],
        )
        for row in rows
    ]
    made = tag(
        "table",
        tag("caption", caption) if caption else None,
        tag("thead", head),
        tag("tbody", body),
        class_="stack" if stacked else None,
    )
    return (
        made
        if stacked
        else tag(
            "div", made, class_="scroll", tabindex="0", role="region", aria_label=caption or ", ".join(heads)
        )
    )


def dots(chance: float | None) -> Html:
    """Return twenty dots with their words; the words alone where there is no probability."""
    if chance is None or not math.isfinite(chance):
        return tag("span", "not answered", class_="quiet")
    full = twentieths(chance)
    marks = [
        tag(
            "circle",
            cx=f"{6 + 12 * place}",
            cy="6",
            r="4.2",
            fill="var(--ink)" if place < full else "none",
            stroke="var(--ink)" if place < full else "var(--low)",
            stroke_width="1.2",
        )
        for place in range(OUT_OF)
    ]
    return tag(
        "svg",
        marks,
        class_="dots",
        viewBox=f"0 0 {12 * OUT_OF} 12",
        role="img",
        aria_label=f"{in_twenty(chance)}",
    )


def chance_words(chance: float | None, half_width: float | None) -> Html:
    """Return "7 in 20" and the percentage with its error behind it."""
    if chance is None or not math.isfinite(chance):
        return Html("")
    return tag(
        "span",
        tag("strong", in_twenty(chance)),
        " ",
        tag("span", percent(chance, half_width), class_="quiet"),
        class_="nowrap",
    )


def figure_said(value: float, style: str, times: float, digits: int) -> str:
    """Write a figure; one of dollars that is smaller than can be told apart as less than that."""
    scaled = value * times
    if style == "usd" and 0 < scaled < LEAST_USD:
        return f"<{say(LEAST_USD, 'usd')}"
    return say(scaled, style, digits)


def range_said(low: float, high: float, style: str, times: float) -> str:
    """Write a range; see :func:`figure_said`."""
    if style == "usd" and 0 < low * times < LEAST_USD:
        first = f"<{say(LEAST_USD, 'usd')}"
        return first if high * times < LEAST_USD else f"{first} to {say(high * times, 'usd', 2)}"
    return say_range(low * times, high * times, style)


def strip(low: float, middle: float, high: float, first: float, last: float) -> Html:
    """Return an interval on a hairline: a bar from low to high with a ring at the middle.

    Parameters
    ----------
    first, last
        Ends of the hairline, in the same unit.
    """
    width = max(last - first, 1e-12)

    def at(value: float) -> str:
        return f"{6 + (_STRIP - 12) * min(max((value - first) / width, 0.0), 1.0):.1f}"

    line = {"y1": "7", "y2": "7"}
    return tag(
        "svg",
        tag("line", x1="0", x2=f"{_STRIP:.0f}", stroke="var(--hair)", stroke_width="1", **line),
        tag("line", x1=at(low), x2=at(high), stroke="var(--ink)", stroke_width="2", **line),
        tag(
            "circle", cx=at(middle), cy="7", r="4", fill="var(--paper)", stroke="var(--ink)", stroke_width="2"
        ),
        class_="strip",
        viewBox=f"0 0 {_STRIP:.0f} 14",
        aria_hidden="true",
    )
