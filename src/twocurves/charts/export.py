"""Writing a figure: SVG, PNG, its Vega-Lite spec, or an HTML page that stands alone.

Nothing here touches a network.
"""

from __future__ import annotations

import html
import json
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from twocurves.charts.typefaces import font_face_css, register_fonts
from twocurves.errors import BadInputError, nearest
from twocurves.files import written_whole

if TYPE_CHECKING:
    import altair as alt

#: What ``write_figure`` can write, by file suffix.
SUFFIXES: tuple[str, ...] = (".svg", ".png", ".json", ".html")

#: Pixels of a PNG for one CSS pixel.
PNG_SCALE = 2.0

_NOT_IN_XML = re.compile("[^\\t\\n\\r\\x20-\\x7e\\xa0-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; font-src data:; img-src data:">
<title>{title}</title>
<style>
{fonts}
body {{ margin: 0; background: {paper}; color: {ink}; }}
figure {{ margin: 0; overflow-x: auto; font-variant-numeric: tabular-nums; }}
</style>
</head>
<body>
<main><figure id="figure" aria-label="{description}">
{svg}
</figure></main>
<script>{bundle}</script>
<script>
const spec = {spec};
document.fonts.ready.then(() =>
  vegaEmbed("#figure", spec, {{ renderer: "svg", actions: false, tooltip: {{ theme: "custom" }} }}));
</script>
</body>
</html>
"""


def vegalite_version() -> str:
    """Return the Vega-Lite version that Altair's specs are made for, as vl-convert names it."""
    import altair as alt

    return ".".join(alt.SCHEMA_VERSION.split(".")[:2])


def figure_spec(chart: alt.TopLevelMixin, *, checked: bool = True) -> dict[str, Any]:
    """Return a figure as a Vega-Lite spec.

    Parameters
    ----------
    checked
        Whether it is held against the Vega-Lite schema, which takes longer than all else; the figures of this
        package are held against it by their tests.

    Notes
    -----
    Characters that XML has no place for (control characters in a name) are left out: vl-convert ends the
    whole process when it meets one.
    """
    spec: dict[str, Any] = _printable(chart.to_dict(validate=checked))
    return spec


def figure_json(chart: alt.TopLevelMixin) -> str:
    """Return a figure's Vega-Lite spec as JSON text, keys sorted."""
    text = json.dumps(figure_spec(chart), ensure_ascii=False, sort_keys=True, allow_nan=False, indent=1)
    return text + "\n"


def figure_svg(chart: alt.TopLevelMixin, *, checked: bool = True) -> str:
    """Return a figure as SVG with real text and its description for screen readers.

    ``checked`` is that of :func:`figure_spec`.
    """
    return spec_svg(figure_spec(chart, checked=checked))


def spec_svg(spec: Mapping[str, Any]) -> str:
    """Return a figure's Vega-Lite spec as SVG with real text and its description for screen readers."""
    import vl_convert

    register_fonts()
    drawn: str = vl_convert.vegalite_to_svg(dict(spec), vl_version=vegalite_version(), allowed_base_urls=[])
    return _described(drawn, str(spec.get("description", "")))


def figure_png(chart: alt.TopLevelMixin, scale: float = PNG_SCALE) -> bytes:
    """Return a figure as PNG, ``scale`` pixels to the CSS pixel."""
    import vl_convert

    drawn: bytes = vl_convert.svg_to_png(figure_svg(chart), scale=scale)
    return drawn


def figure_html(chart: alt.TopLevelMixin) -> str:
    """Return a figure as one HTML page with script, fonts and data inside.

    The drawing is there as SVG before any script runs, so the page reads without one.
    """
    spec = figure_spec(chart)
    description = str(spec.get("description", ""))
    text = json.dumps(spec, ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    return _PAGE.format(
        title=html.escape(_title_of(spec) or "Figure"),
        description=html.escape(description),
        fonts=font_face_css(),
        paper=spec["config"]["background"],
        ink=spec["config"]["title"]["color"],
        svg=figure_svg(chart),
        bundle=_bundle(),
        spec=text.replace("</", "<\\/").replace("<!--", "<\\!--"),
    )


def write_figure(chart: alt.TopLevelMixin, path: Path | str) -> Path:
    """Write a figure in the form that the suffix of ``path`` asks for.

    The file appears whole or not at all: it is written beside its place under another name, then moved.

    Parameters
    ----------
    chart
        A figure of :mod:`twocurves.charts`.
    path
        Ends in ``.svg``, ``.png`` (two pixels to the CSS pixel), ``.json`` (the Vega-Lite spec) or ``.html``
        (stands alone). The folder must exist.

    Returns
    -------
    Path
        Where the file is.

    Raises
    ------
    BadInputError
        The suffix is not one of the four, or the folder does not exist or cannot be written to.
    """
    target = Path(path)
    check_figure_path(target)
    if target.suffix.lower() == ".png":
        content = figure_png(chart)
    else:
        write = {".svg": figure_svg, ".json": figure_json, ".html": figure_html}[target.suffix.lower()]
        content = write(chart).encode("utf-8")
    try:
        with written_whole(target) as part:
            part.write_bytes(content)
    except OSError as fault:
        raise _unwritable(target, fault) from fault
    return target


def check_figure_path(path: Path | str) -> None:
    """Refuse a path that no figure could be written to, before any work is done for it.

    Raises
    ------
    BadInputError
        As :func:`write_figure`.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in SUFFIXES:
        near = nearest(suffix, SUFFIXES) if suffix else None
        given = f"ends in {suffix!r}" if suffix else "has no suffix"
        raise BadInputError(
            f"A figure is written as {', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}; {target.name!r} {given}.",
            field="path",
            given=str(target),
            allowed=list(SUFFIXES),
            suggestion=near,
        )
    try:
        is_folder = target.is_dir()
    except OSError as fault:
        raise _unwritable(target, fault) from fault
    if is_folder:
        raise BadInputError(f"{str(target)!r} is a folder; name a file.", field="path", given=str(target))
    if not target.parent.is_dir():
        raise BadInputError(
            f"The folder {str(target.parent)!r} does not exist; make it first.",
            field="path",
            given=str(target),
        )
    if not os.access(target.parent, os.W_OK):
        raise BadInputError(
            f"The folder {str(target.parent)!r} cannot be written to.", field="path", given=str(target)
        )


def _unwritable(target: Path, fault: OSError) -> BadInputError:
    return BadInputError(
        f"{str(target)!r} cannot be written: {fault.strerror or fault}.", field="path", given=str(target)
    )


def _printable(node: Any) -> Any:
    if isinstance(node, dict):
        return {key: _printable(part) for key, part in node.items()}
    if isinstance(node, list):
        return [_printable(part) for part in node]
    return _NOT_IN_XML.sub("", node) if isinstance(node, str) else node


@cache
def _bundle() -> str:
    """Return Vega, Vega-Lite and vega-embed as one script, fit to stand inside a page."""
    import vl_convert

    snippet = "window.vegaEmbed = vegaEmbed;"
    bundle: str = vl_convert.javascript_bundle(snippet, vl_version=vegalite_version())
    return bundle.replace("</script", "<\\/script")


def _described(svg: str, description: str) -> str:
    """Add to the root of an SVG what a screen reader needs, and tabular figures."""
    text = html.escape(description)
    attributes = f'role="img" aria-label="{text}" style="font-variant-numeric:tabular-nums" ' if text else ""
    return re.sub(
        r"<svg ([^>]*)>", rf"<svg {_literal(attributes)}\1><desc>{_literal(text)}</desc>", svg, count=1
    )


def _literal(text: str) -> str:
    return text.replace("\\", r"\\")


def _title_of(spec: Any) -> str:
    """Return the first title inside a spec as one line."""
    if isinstance(spec, dict):
        title = spec.get("title")
        if isinstance(title, dict) and "text" in title:
            text = title["text"]
            return text if isinstance(text, str) else " ".join(text)
        for key in ("vconcat", "concat", "hconcat", "layer"):
            for part in spec.get(key, ()):
                found = _title_of(part)
                if found:
                    return found
    return ""
