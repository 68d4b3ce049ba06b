"""How large a figure is drawn and whether it bears its own words, and a figure with its words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import altair as alt


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a figure is drawn, and whether it bears its own words.

    Attributes
    ----------
    worded
        Whether title, subtitle and caption stand on the figure; a page that sets them itself has none.
    narrow
        Whether it is drawn for a phone.
    """

    worded: bool = True
    narrow: bool = False


#: A figure for a desk that bears its own words.
WORDED = Shape()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure with its words.

    Attributes
    ----------
    chart
        The figure.
    title, subtitle, caption
        Its words, wherever they are set.
    """

    chart: alt.TopLevelMixin
    title: str
    subtitle: str
    caption: str


def worded(shape: Shape, title: str, subtitle: str, caption: str = "") -> dict[str, Any]:
    """Return the words that a figure of a shape bears, as arguments of its function."""
    return {"title": title, "subtitle": subtitle, "caption": caption} if shape.worded else {}


def shaped(
    shape: Shape,
    draw: Callable[..., alt.TopLevelMixin],
    *tables: Any,
    title: str,
    subtitle: str,
    caption: str,
    narrow: Mapping[str, Any],
    **options: Any,
) -> Drawn:
    """Return a figure drawn in a shape; ``narrow`` takes the place of its options on a phone."""
    given = {**options, **(narrow if shape.narrow else {})}
    chart = draw(*tables, **given, **worded(shape, title, subtitle, caption))
    return Drawn(chart, title, subtitle, caption)
