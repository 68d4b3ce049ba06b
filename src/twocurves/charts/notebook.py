"""What a result shows by itself in a notebook: its headline figure, drawn here; nothing is fetched."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from twocurves.charts.export import figure_svg
from twocurves.errors import BadInputError

if TYPE_CHECKING:
    import altair as alt


def notebook_bundle(draw: Callable[[], alt.TopLevelMixin], words: str) -> dict[str, str]:
    """Return a figure as SVG with words for consoles; the words alone where there is nothing to draw.

    Parameters
    ----------
    draw
        Draws the figure.
    words
        The result in a few words.
    """
    plain = {"text/plain": words}
    try:
        return {"image/svg+xml": figure_svg(draw(), checked=False), **plain}
    except BadInputError:
        return plain
