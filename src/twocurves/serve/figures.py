"""Figures as the pages show them: drawn once as SVG for two widths, with their numbers as a table.

The drawing, the live specification and the downloaded file come from the same function of ``charts``; only
colours follow the page's theme, by rules of style that put the dark colour in place of the light one.
"""

from __future__ import annotations

import csv
import io
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from twocurves.charts.cursor import cursor_of
from twocurves.charts.export import figure_spec, spec_svg

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.feed import Feed
    from twocurves.charts.palette import ThemeName

#: Widths of a plot without its labels, in CSS pixels: on a desk and on a phone.
WIDE, NARROW = 560, 200

_REMEMBERED = 400

#: Draws a figure at a width in a theme.
Drawer = Callable[[int, "ThemeName"], "alt.TopLevelMixin"]


@dataclass(frozen=True)
class Table:
    """The numbers of a figure.

    Attributes
    ----------
    columns
        Names of the columns.
    rows
        Text of the cells; the first names the row.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A figure on a page.

    Attributes
    ----------
    id
        Its anchor, and its name in download links.
    title, subtitle
        A sentence computed from the run; unit and scale.
    summary
        What it shows, in words, for those who do not see it.
    wide, narrow
        The drawing as SVG, for desk and phone.
    table
        Its numbers; None where the page has them anyway.
    downloads
        Links by format.
    note
        A line below.
    cursor
        What the linked cursor reads in it, month by month; None where it is not over time.
    """

    id: str
    title: str
    subtitle: str
    summary: str
    wide: str
    narrow: str
    table: Table | None = None
    downloads: dict[str, str] = field(default_factory=dict)
    note: str = ""
    cursor: dict[str, Any] | None = None


class Drawings:
    """Drawings made so far, by name; each is made once, one at a time."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Any] = OrderedDict()
        self._lock = threading.Lock()
        self._drawing = threading.Lock()

    def svg(self, key: str, drawer: Drawer, width: int, theme: ThemeName = "light") -> str:
        """Return a drawing as SVG without its own paper, so that the page's shows."""
        spec = self.spec(key, drawer, width, theme)
        return str(self._once(f"svg|{key}|{width}|{theme}", lambda: _bare(spec_svg(spec))))

    def spec(self, key: str, drawer: Drawer, width: int, theme: ThemeName = "light") -> dict[str, Any]:
        """Return a figure's Vega-Lite specification."""
        found: dict[str, Any] = self._once(
            f"spec|{key}|{width}|{theme}", lambda: figure_spec(drawer(width, theme))
        )
        return found

    def svg_with(self, key: str, drawer: Drawer, width: int, moving: Feed, moving_key: str) -> str:
        """Return a drawing as SVG with new data in a specification that is built once."""

        def make() -> str:
            whole = self.spec(key, drawer, width)
            spec = {
                **whole,
                "datasets": {**whole.get("datasets", {}), **moving.datasets},
                "params": [
                    {**one, "value": moving.params.get(one["name"], one.get("value"))}
                    for one in whole.get("params", [])
                ],
                "description": moving.description,
            }
            return _bare(spec_svg(spec))

        found = self._known(f"fed|{moving_key}|{width}")
        return str(found) if found is not None else str(self._keep(f"fed|{moving_key}|{width}", make()))

    def _known(self, key: str) -> Any:
        with self._lock:
            return self._kept.get(key)

    def _keep(self, key: str, made: Any) -> Any:
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
        return made

    def _once(self, key: str, make: Callable[[], Any]) -> Any:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        with self._drawing:  # one at a time: two would only share the same processor
            with self._lock:
                if key in self._kept:
                    return self._kept[key]
            return self._keep(key, make())


def figure(
    drawings: Drawings,
    name: str,
    key: str,
    drawer: Drawer,
    *,
    title: str,
    subtitle: str = "",
    summary: str = "",
    table: Table | None = None,
    downloads: dict[str, str] | None = None,
    widths: tuple[int, int] = (WIDE, NARROW),
    note: str = "",
) -> Figure:
    """Return a figure drawn for both widths."""
    wide, narrow = (drawings.svg(key, drawer, width) for width in widths)
    return shown(
        name,
        wide,
        narrow,
        title=title,
        subtitle=subtitle,
        summary=summary,
        table=table,
        downloads=downloads,
        note=note,
        cursor=cursor_of(drawings.spec(key, drawer, widths[0])),
    )


def shown(
    name: str,
    wide: str,
    narrow: str,
    *,
    title: str,
    subtitle: str = "",
    summary: str = "",
    table: Table | None = None,
    downloads: dict[str, str] | None = None,
    note: str = "",
    cursor: dict[str, Any] | None = None,
) -> Figure:
    """Return a figure from its drawings."""
    return Figure(
        id=name,
        title=title,
        subtitle=subtitle,
        summary=summary or _label(wide),
        wide=_unlabelled(wide),
        narrow=_unlabelled(narrow),
        table=table,
        downloads=downloads or {},
        note=note,
        cursor=cursor,
    )


def without_text_tables(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a specification whose tables are rows, not CSV text.

    Browsers turn text into code to read a CSV table, which the pages' content policy forbids.
    """

    def plain(node: Any) -> Any:
        if isinstance(node, list):
            return [plain(part) for part in node]
        if not isinstance(node, dict):
            return node
        made = {key: plain(part) for key, part in node.items()}
        form = made.get("format")
        if isinstance(form, dict) and form.get("type") == "csv":
            made["format"] = {key: part for key, part in form.items() if key != "type"}
        return made

    tables = {
        name: list(csv.DictReader(io.StringIO(rows))) if isinstance(rows, str) else rows
        for name, rows in spec.get("datasets", {}).items()
    }
    found: dict[str, Any] = plain({**spec, "datasets": None})
    return {**found, "datasets": tables}


def table_of(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """Return the numbers of a figure as a table."""
    return Table(tuple(columns), tuple(tuple(row) for row in rows))


def _bare(svg: str) -> str:
    """Return an SVG without declaration and background, sized by its box."""
    body = svg[svg.index("<svg") :]
    return re.sub(r'<rect width="[^"]*" height="[^"]*" fill="#[0-9A-Fa-f]{6}"\s*/>', "", body, count=1)


def _label(svg: str) -> str:
    found = re.search(r'aria-label="([^"]*)"', svg)
    if found is None:
        return ""
    from html import unescape

    return unescape(found[1])


def _unlabelled(svg: str) -> str:
    """Hide the drawing's own words from screen readers: the figure around it says them once."""
    svg = re.sub(r'<svg ([^>]*?)role="img" aria-label="[^"]*"', r"<svg \1", svg, count=1)
    svg = re.sub(r"<desc>.*?</desc>", "", svg, count=1, flags=re.DOTALL)
    svg = re.sub(r' (aria-[a-z]+|role)="[^"]*"', "", svg)
    return svg.replace("<svg ", '<svg aria-hidden="true" focusable="false" ', 1)
