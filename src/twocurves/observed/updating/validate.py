"""Is it plausible? What a table of newer data must hold before it may take the place of the old."""

from __future__ import annotations

import datetime as dt
import math
import re
from statistics import median

from twocurves.observed.updating.compare import Difference, Rows
from twocurves.observed.updating.faults import Cause, SourceFault
from twocurves.observed.updating.sources import Source

#: Fields with this ending hold dates (``YYYY-MM-DD``, ``YYYY-MM`` or ``YYYY``) in every reader's rows.
DATE_ENDING = "date"
_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


def check_figures(rows: Rows, source: Source) -> None:
    """Check every figure by itself: finite and within the source's range.

    Raises
    ------
    SourceFault
        The first figure that is not, with its row.
    """
    lowest, highest = source.limits.lowest, source.limits.highest
    for name, cells in rows.items():
        for field, value in cells.items():
            if not isinstance(value, float):
                continue
            if not math.isfinite(value):
                reason = f"{name} has {value} as its {field}, which is no finite number."
            elif lowest is not None and value < lowest:
                word = "negative" if value < 0 else f"below {lowest:g}"
                reason = f"{name} has {value:g} as its {field}, which is {word}."
            elif highest is not None and value > highest:
                reason = f"{name} has {value:g} as its {field}, which is above {highest:g} {source.unit}."
            else:
                continue
            raise SourceFault(
                Cause.POISONED, reason, field=f"{source.id}: {name}", given=value, allowed=[lowest, highest]
            )


def check_dates(rows: Rows, source: Source, today: dt.date) -> None:
    """Check that every date is one, and lies no further ahead than the source's limit.

    Raises
    ------
    SourceFault
        The first date that does not hold, with its row.
    """
    last = (today + dt.timedelta(days=source.limits.days_ahead)).isoformat()
    for name, cells in rows.items():
        for field, value in cells.items():
            # Dates in ISO form sort as text; a shorter one (a month, a year) sorts before its days.
            if not field.endswith(DATE_ENDING) or not isinstance(value, str):
                continue
            if _DATE.fullmatch(value) is None:
                raise SourceFault(
                    Cause.SCHEMA,
                    f"{name} has {value!r} as its {field}, which is no date.",
                    field=f"{source.id}: {name}",
                    given=value,
                    allowed="YYYY-MM-DD, YYYY-MM or YYYY",
                )
            if value > last:
                raise SourceFault(
                    Cause.FUTURE,
                    f"{name} has the {field} {value}, which lies in the future (today is {today}).",
                    field=f"{source.id}: {name}",
                    given=value,
                    allowed=f"until {last}",
                )


def check_count(rows: Rows, source: Source) -> None:
    """Check that there are as many rows as the source must have.

    Raises
    ------
    SourceFault
        There are fewer.
    """
    least = source.limits.least_rows
    if len(rows) < least:
        raise SourceFault(
            Cause.VANISHED,
            f"It has {len(rows):,} rows where at least {least:,} are expected.",
            field=source.id,
            given=len(rows),
            allowed=least,
        )


def check_difference(old: Rows, difference: Difference, source: Source) -> None:
    """Check newer data against what is held: rows and figures still there, none jumping beyond belief.

    Parameters
    ----------
    old
        What is held.
    difference
        Of the newer data from it.
    source
        Whose limits hold.

    Raises
    ------
    SourceFault
        Too many rows or figures are gone, a figure jumps, or the figures jump together.
    """
    limits = source.limits
    figures = sum(isinstance(cell, float) for row in old.values() for cell in row.values())
    emptied = sum(isinstance(c.old, float) and not isinstance(c.new, float) for c in difference.changes)
    for gone, before, what in ((len(difference.removed), len(old), "rows"), (emptied, figures, "figures")):
        if gone > limits.greatest_vanished_share * before:
            raise SourceFault(
                Cause.VANISHED,
                f"{gone:,} of the {before:,} held {what} are gone; at most "
                f"{limits.greatest_vanished_share:.0%} may be.",
                field=source.id,
                given=gone,
                allowed=limits.greatest_vanished_share * before,
            )
    largest = difference.largest
    if largest is not None and (largest.ratio or 0.0) >= limits.greatest_ratio:
        raise SourceFault(
            Cause.POISONED,
            f"A figure jumps {limits.greatest_ratio:,.0f}-fold or more ({largest}).",
            field=f"{source.id}: {largest.row}",
            given=largest.new,
            allowed=f"less than {limits.greatest_ratio:g} times {largest.old}",
        )
    ratios = [ratio for change in difference.changes if (ratio := change.ratio) is not None]
    if len(ratios) >= limits.least_changed_for_median and median(ratios) >= limits.greatest_median_ratio:
        raise SourceFault(
            Cause.POISONED,
            f"Half of the {len(ratios):,} changed figures move {median(ratios):,.3g}-fold or more, "
            "as if the unit had changed.",
            field=source.id,
            given=median(ratios),
            allowed=limits.greatest_median_ratio,
        )
