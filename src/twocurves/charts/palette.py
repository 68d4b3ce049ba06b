"""The palette, light and dark, and the contrast that its colours keep."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal, get_args

from twocurves.errors import unknown

ThemeName = Literal["light", "dark"]
Economy = Literal["closed", "open"]

#: The economies that own a colour and a shape, in the order they are drawn and named.
ECONOMIES: tuple[Economy, ...] = get_args(Economy)

#: How an economy is called at the end of its line.
ECONOMY_NAMES: dict[str, str] = {"closed": "Closed", "open": "Open"}


@dataclass(frozen=True, slots=True)
class Palette:
    """The only colours a figure may use, as ``#RRGGBB``.

    Attributes
    ----------
    paper
        Background of the figure.
    closed, closed_tint, open, open_tint
        The two economies, and their lighter forms for marks that step back.
    ink
        Titles, values, differences and whatever is neither closed nor open.
    grey
        Subtitles, tick labels, secondary text; readable on paper and on the projection field.
    mute
        Captions; readable on paper only.
    hair
        Grid lines.
    field
        The shaded field of a projection.
    low, high
        The two ends of a range that an assumption is moved through.
    """

    paper: str
    closed: str
    closed_tint: str
    open: str
    open_tint: str
    ink: str
    grey: str
    mute: str
    hair: str
    field: str
    low: str
    high: str

    def colours(self) -> frozenset[str]:
        """Return every colour of the palette."""
        return frozenset(getattr(self, item.name) for item in fields(self))

    def economy(self, economy: str | None) -> str:
        """Return the colour of an economy; ink for anything that is neither."""
        if economy == "closed":
            return self.closed
        if economy == "open":
            return self.open
        return self.ink


PALETTES: dict[ThemeName, Palette] = {
    "light": Palette(
        paper="#FCFBF8",
        closed="#24478F",
        closed_tint="#4F74BE",
        open="#B84A0B",
        open_tint="#E07B2A",
        ink="#1A1D21",
        grey="#565D67",
        mute="#6B727C",
        hair="#E5E2DB",
        field="#F4F2EC",
        low="#9AA7BC",
        high="#3C4657",
    ),
    "dark": Palette(
        paper="#14171C",
        closed="#8FB1F5",
        closed_tint="#6288D6",
        open="#F5A15B",
        open_tint="#D67F36",
        ink="#ECEAE5",
        grey="#AEB4BE",
        mute="#8F96A1",
        hair="#2B3038",
        field="#1C2027",
        low="#566275",
        high="#C3CCDB",
    ),
}


def palette(theme: ThemeName) -> Palette:
    """Return the palette of a theme.

    Raises
    ------
    BadInputError
        There is no such theme.
    """
    if theme not in PALETTES:
        raise unknown("theme", str(theme), PALETTES)
    return PALETTES[theme]


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two ``#RRGGBB`` colours, from 1 to 21.

    Source: Web Content Accessibility Guidelines 2.2, definitions of contrast ratio and relative luminance.
    """
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
