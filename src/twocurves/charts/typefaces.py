"""The typefaces that come with the package: where they lie, how vl-convert and a page get them.

``Twocurves Sans`` is a subset of Inter with tabular figures as its digits, ``Twocurves Serif`` one of
Source Serif 4 (``fonts/README.md`` says how they were made); both are static TrueType, because the drawer of
PNGs reads neither WOFF2 nor variable fonts. The WOFF2 files are for pages.
"""

from __future__ import annotations

import base64
from functools import cache
from pathlib import Path

FONT_DIRECTORY = Path(__file__).parent / "fonts"

#: Stacks, nearest first. The names of our own subsets lead so that every machine measures text alike. Source
#: Serif 4 itself is not named: vl-convert measures text in another face when a name holds a digit.
SANS = "'Twocurves Sans', Inter, 'Helvetica Neue', Arial, sans-serif"
SERIF = "'Twocurves Serif', Georgia, serif"

_FACES = (
    ("Twocurves Sans", "inter-latin-wght-normal.woff2", "100 900"),
    ("Twocurves Serif", "source-serif-4-latin-wght-normal.woff2", "200 900"),
)


@cache
def register_fonts() -> None:
    """Make our typefaces known to vl-convert, once per process."""
    import vl_convert

    vl_convert.register_font_directory(str(FONT_DIRECTORY))


@cache
def font_face_css() -> str:
    """Return ``@font-face`` rules with the WOFF2 files inside, for a page that must stand alone."""
    rules = []
    for family, name, weights in _FACES:
        data = base64.b64encode((FONT_DIRECTORY / name).read_bytes()).decode("ascii")
        rules.append(
            f'@font-face{{font-family:"{family}";font-weight:{weights};font-display:block;'
            f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
        )
    return "\n".join(rules)
