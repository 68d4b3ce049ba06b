"""Months as periods: whole numbers since January 1970, never floats."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from twocurves.errors import BadInputError

if TYPE_CHECKING:
    import numpy as np

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_SHAPE = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?\Z", re.ASCII)


class Month(int):
    """A calendar month, counted from January 1970 (which is 0), as NumPy's ``datetime64[M]`` counts.

    Arithmetic with whole numbers moves by months; the difference of two months is a number of months.

    >>> str(Month.parse("2026-06") + 1), Month.parse("2024-01") - Month.parse("2023-01")
    ('2026-07', 12)
    """

    __slots__ = ()

    @classmethod
    def parse(cls, text: str, field: str = "month") -> Month:
        """Read ``YYYY-MM`` (a day behind it is accepted and dropped).

        Raises
        ------
        BadInputError
            The text is no month; the message says what is.
        """
        found = _SHAPE.match(text.strip())
        if found is None or not 1 <= int(found[2]) <= 12:
            raise BadInputError(
                f"{field} must be a month such as 2026-06; you gave {text!r}.",
                field=field,
                given=text,
                allowed="YYYY-MM",
            )
        return cls.of(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, year: int, month: int) -> Month:
        """Return the month of a year, ``month`` from 1 to 12."""
        return cls((year - 1970) * 12 + month - 1)

    @classmethod
    def containing(cls, day: dt.date) -> Month:
        """Return the month in which a day lies."""
        return cls.of(day.year, day.month)

    @property
    def year(self) -> int:
        """Calendar year."""
        return 1970 + int(self) // 12

    @property
    def month(self) -> int:
        """Month of the year, 1 to 12."""
        return int(self) % 12 + 1

    @property
    def first_day(self) -> dt.date:
        """First day of the month."""
        return dt.date(self.year, self.month, 1)

    @property
    def last_day(self) -> dt.date:
        """Last day of the month."""
        return (self + 1).first_day - dt.timedelta(days=1)

    def to_numpy(self) -> np.datetime64:
        """Return the month as ``datetime64[M]``."""
        import numpy as np  # here, because commands that only parse a month need to start fast

        return np.datetime64(int(self), "M")

    def __add__(self, months: int) -> Month:
        return Month(int(self) + int(months))

    def __sub__(self, other: int) -> Month | int:
        difference = int(self) - int(other)
        return difference if isinstance(other, Month) else Month(difference)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    def __repr__(self) -> str:
        return f"Month({str(self)!r})"


def as_month(given: Month | str | None, field: str) -> Month | None:
    """Return a month given as one or as text; None stays None.

    Raises
    ------
    BadInputError
        It is neither a month nor text that says one.
    """
    if given is None or isinstance(given, Month):
        return given
    if isinstance(given, str):
        return Month.parse(given, field)
    raise _no_time("month", "2026-06", given, field)


def as_day(given: dt.date | str | None, field: str) -> dt.date | None:
    """Return a day given as one or as text; None stays None, and of a time its day is taken.

    Raises
    ------
    BadInputError
        It is neither a day nor text that says one.
    """
    if given is None:
        return None
    if isinstance(given, dt.datetime):
        return given.date()
    if isinstance(given, dt.date):
        return given
    if isinstance(given, str) and _DAY.match(given.strip()):
        try:
            return dt.date.fromisoformat(given.strip())
        except ValueError:  # a month or day that no calendar has
            raise _no_time("day", "2026-06-30", given, field) from None
    raise _no_time("day", "2026-06-30", given, field)


def _no_time(what: str, example: str, given: object, field: str) -> BadInputError:
    return BadInputError(
        f"{field} must be a {what} such as {example}; you gave {given!r}.",
        field=field,
        given=given,
        allowed={"day": "YYYY-MM-DD", "month": "YYYY-MM"}[what],
    )


def months_from(first: Month, last: Month) -> Iterator[Month]:
    """Yield every month from ``first`` to ``last``, both included."""
    return (Month(index) for index in range(int(first), int(last) + 1))
