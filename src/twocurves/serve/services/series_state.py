"""What a link says of the series shown: which rows, which curves, which scale; read kindly."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from twocurves.observed.measures.rivals import RIVALS

#: Keys of the URL.
SHOW, WHOM, OF, BASIS, SCALE, FITS, FROM = "show", "whom", "of", "basis", "scale", "fits", "from"
KEYS = (SHOW, WHOM, OF, BASIS, SCALE, FITS, FROM)

#: Written in place of curves where none is drawn.
NONE = "none"

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class SeriesState:
    """What a link says.

    Attributes
    ----------
    show
        The subject of the Data page; empty for the first, and on the page of a series.
    whom, of, basis, scale
        Whose rows, records or all of them, on which basis, drawn on which scale; empty for the usual.
    fits
        The curves drawn.
    origin
        The day from which the hindcast was made; empty for the earliest.
    dropped
        What the link said that means nothing here, as sentences.
    """

    show: str = ""
    whom: str = ""
    of: str = ""
    basis: str = ""
    scale: str = ""
    fits: tuple[str, ...] = RIVALS
    origin: str = ""
    dropped: tuple[str, ...] = ()

    def query(self) -> str:
        """Return the query of the URL: only what differs from the plain page."""
        pairs = [
            (SHOW, self.show),
            (WHOM, self.whom),
            (OF, self.of),
            (BASIS, self.basis),
            (SCALE, self.scale),
            (FITS, "" if self.fits == RIVALS else ",".join(self.fits) or NONE),
            (FROM, self.origin),
        ]
        return urlencode([(key, value) for key, value in pairs if value])

    def link(self, path: str, **changes: Any) -> str:
        """Return the link to a page with some of it changed, at the figure."""
        query = replace(self, dropped=(), **changes).query()
        return f"{path}?{query}#explorer" if query else f"{path}#explorer"

    def toggled(self, name: str) -> tuple[str, ...]:
        """Return the curves with one of them put in or taken out, in their order."""
        kept = {*self.fits} ^ {name}
        return tuple(one for one in RIVALS if one in kept)

    def limited(self, key: str, allowed: Collection[str]) -> SeriesState:
        """Return the state without a value that means nothing here, and with a sentence that says so."""
        field = "origin" if key == FROM else key
        value = getattr(self, field)
        if not value or value in allowed:
            return self
        said = f"{key}={value} means nothing here and was left out."
        cleared: dict[str, Any] = {field: "", "dropped": (*self.dropped, said)}
        return replace(self, **cleared)


def read_series_state(query: Mapping[str, str]) -> SeriesState:
    """Read the query of a link; what it says of curves is checked, the rest where its choices are known."""
    given = {
        key: "".join(letter for letter in query.get(key, "")[:_LONGEST] if letter.isprintable()).strip()
        for key in KEYS
    }
    dropped: list[str] = []
    fits: tuple[str, ...] = RIVALS
    if given[FITS]:
        asked = [one.strip() for one in given[FITS].split(",")]
        fits = tuple(one for one in RIVALS if one in asked)
        unknown = [one for one in asked if one not in (*RIVALS, NONE)]
        if unknown:
            dropped.append(
                f"{FITS}={','.join(unknown)} is no curve and was left out; there are {', '.join(RIVALS)}."
            )
        if not fits and NONE not in asked:
            fits = RIVALS
    return SeriesState(
        show=given[SHOW],
        whom=given[WHOM],
        of=given[OF],
        basis=given[BASIS],
        scale=given[SCALE],
        fits=fits,
        origin=given[FROM],
        dropped=tuple(dropped),
    )
