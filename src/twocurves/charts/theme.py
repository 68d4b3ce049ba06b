"""The one theme: sizes, type and marks, as a Vega-Lite ``config`` that travels inside each spec.

Nothing is registered globally: a figure applies the theme to itself, so it looks the same wherever it is
drawn and a reader's own charts keep theirs.
"""

from __future__ import annotations

from typing import Any

from twocurves.charts.palette import ThemeName, palette
from twocurves.charts.typefaces import SANS, SERIF

#: Text sizes in CSS pixels at the shown width; nothing is smaller than ``SMALL``.
SMALL = 11.5
LABEL = 12.0
SUBTITLE = 12.5
TITLE = 17.0
LINE_HEIGHT = 15.0

#: Pixels between the subtitle and the plot.
TITLE_OFFSET = 16

#: Pixels from the bottom of the plot to the caption, past the tick labels.
CAPTION_DROP = 36

#: Widths and sizes of marks: lines in pixels, points in square pixels.
LINE = 2.0
BASELINE_DASH = (4.0, 3.0)
EDGE_DASH = (1.5, 3.0)
DOT = 44.0
DIAMOND = 46.0
INTERVAL = 1.2

#: Bands from widest to narrowest: the outer and inner percentiles and how opaque the layer is.
#: They lie on each other, so the middle half is the sum; the widest is barely there.
BANDS: tuple[tuple[str, str, float], ...] = (
    ("p2_5", "p97_5", 0.09),
    ("p10", "p90", 0.17),
    ("p25", "p75", 0.26),
)

PADDING = {"left": 18, "right": 18, "top": 16, "bottom": 14}


def config(theme: ThemeName = "light") -> dict[str, Any]:
    """Return the Vega-Lite ``config`` of a theme.

    Parameters
    ----------
    theme
        ``light`` or ``dark``.

    Raises
    ------
    BadInputError
        There is no such theme.
    """
    colours = palette(theme)
    return {
        "background": colours.paper,
        "padding": PADDING,
        "font": SANS,
        "aria": True,
        "view": {"stroke": None, "fill": None},
        "concat": {"spacing": 18},
        "title": {
            "anchor": "start",
            "frame": "group",
            "font": SERIF,
            "fontSize": TITLE,
            "fontWeight": 600,
            "lineHeight": 22,
            "color": colours.ink,
            "subtitleFont": SANS,
            "subtitleFontSize": SUBTITLE,
            "subtitleColor": colours.grey,
            "subtitleLineHeight": 17,
            "subtitlePadding": 5,
            "offset": TITLE_OFFSET,
        },
        "axis": {
            "labelFont": SANS,
            "labelFontSize": LABEL,
            "labelColor": colours.grey,
            "labelPadding": 8,
            "title": None,
            "grid": False,
            "domain": False,
            "domainColor": colours.grey,
            "domainWidth": 1,
            "ticks": False,
            "tickColor": colours.grey,
            "tickSize": 4,
        },
        "axisX": {"labelFlush": False, "labelPadding": 6},
        "text": {"font": SANS, "fontSize": LABEL, "color": colours.ink},
        "line": {"strokeWidth": LINE, "strokeCap": "round", "strokeJoin": "round"},
        "area": {"line": False, "strokeWidth": 0},
        "rule": {"strokeWidth": 1},
        "point": {"strokeWidth": 1.6},
    }
