"""Figure: a forecast made from an earlier day beside what came."""

from __future__ import annotations

import datetime as dt

import altair as alt
import polars as pl

from twocurves.charts import theme as style
from twocurves.charts.canvas import (
    PROJECTION_TAB,
    Canvas,
    EndLabel,
    caption_layer,
    check_size,
    end_label_layers,
    finish,
    grid_layer,
    heading,
    layered,
    note,
    projection_layers,
    sentence,
)
from twocurves.charts.linked_dots import checked_linked_dots, linked_dot_layers
from twocurves.charts.marks import area_layer, line_layer
from twocurves.charts.number_text import check_style, say, say_range
from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.tables import (
    check_scale,
    days_of,
    finite_values,
    require,
    require_order,
    require_positive,
)
from twocurves.charts.ticks import ScaleName, span_of, ticks_that_fit, time_span_of

#: Percentiles of the bands, the widest first, and how opaque each is.
BANDS: tuple[tuple[str, str, float], ...] = (("p05", "p95", 0.15), ("p25", "p75", 0.24))

_PERCENTILES = ("p05", "p25", "p50", "p75", "p95")


def hindcast_figure(
    forecast: pl.DataFrame,
    outcomes: pl.DataFrame,
    *,
    origin: dt.date,
    before: pl.DataFrame | None = None,
    economy: str | None = None,
    title: str = "",
    subtitle: str = "",
    number: str = "number",
    scale: ScaleName = "linear",
    caption: str = "",
    theme: ThemeName = "light",
    width: int = 560,
    height: int = 280,
    span_told: bool = True,
) -> alt.LayerChart:
    """Draw what was forecast from a day, with 50 and 90% intervals, beside what was observed since.

    Parameters
    ----------
    forecast
        ``month`` (Date) and ``p05``, ``p25``, ``p50``, ``p75``, ``p95``: of the figure as it would be
        published. Between months the bands run straight.
    outcomes
        What came, as in :func:`twocurves.charts.linked_dots.checked_linked_dots`.
    origin
        The last day that the forecast knew: the field right of it was not seen by it.
    before
        What was known by then, as ``outcomes``.
    economy
        ``closed`` or ``open`` gives the fan its colour; ink when left out.
    span_told
        Whether the last 90% interval stands at the end of the fan, which takes room.
    title, subtitle, number, scale, caption, theme, width, height
        As in :func:`twocurves.charts.measured.measured_figure`.

    Raises
    ------
    BadInputError
        Nothing to draw, percentiles out of order, or a malformed table.
    """
    check_size(width, height)
    check_scale(scale)
    check_style(number)
    colours = palette(theme)
    fan = require(forecast, "forecast", dates=("month",), numbers=_PERCENTILES).sort("month")
    require_positive(fan, "forecast", _PERCENTILES, scale)
    require_order(fan, "forecast", _PERCENTILES)
    came = checked_linked_dots(outcomes, "outcomes", scale)
    known = None if before is None or before.is_empty() else checked_linked_dots(before, "before", scale)
    values = finite_values(fan, _PERCENTILES) + finite_values(came, ("value",))
    days = [origin, *days_of(fan, "month"), *days_of(came, "date")]
    if known is not None:
        values += finite_values(known, ("value",))
        days += days_of(known, "date")
    # From the start of a year, so that ticks are years and their labels short.
    x = time_span_of([min(days).replace(month=1, day=1), *days], ticks_that_fit(width))
    canvas = Canvas(width, height, x, span_of(values, scale, number), colours)
    colour = colours.economy(economy)
    layers = projection_layers(canvas, origin, worded=False)
    layers.append(
        note(
            "Not seen by the fit",
            canvas.place_of(origin) + 7,
            -PROJECTION_TAB / 2,
            colours.grey,
            fontSize=style.SMALL,
        )
    )
    layers.append(grid_layer(canvas))
    rows = list(fan.iter_rows(named=True))
    layers += [area_layer(canvas, rows, "month", low, high, colour, strong) for low, high, strong in BANDS]
    layers.append(line_layer(canvas, rows, "month", "p50", colour))
    if known is not None:
        layers += linked_dot_layers(canvas, known.with_columns(low=None, high=None), number)
    layers += linked_dot_layers(canvas, came.with_columns(low=None, high=None), number, hollow=True)
    last = fan.row(-1, named=True)
    span = say_range(last["p05"], last["p95"], number)
    middle = say(last["p50"], number)
    end = EndLabel(
        canvas.y.fraction(last["p50"]),
        "Forecast",
        (middle, f"90%: {span}") if span_told else (middle,),
        colour,
    )
    layers += end_label_layers([end], width, height, colours)
    layers += caption_layer(caption, canvas.full_width(), canvas.left, height, colours)
    said = (
        f"Forecast from {origin:%d %b %Y}: for {last['month']:%b %Y} the median is {middle}, 90% of the "
        f"forecast {span}. {came.height} figures came."
    )
    words = [sentence(title), sentence(subtitle), said, sentence(caption)]
    chart = layered(layers, width, height, heading(title, subtitle, canvas.full_width(), canvas.left))
    return finish(chart, theme, " ".join(words))
