"""Options that several commands share, declared once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from twocurves import months
from twocurves.errors import BadInputError
from twocurves.months import Month


def checked_month(parameter: typer.CallbackParam, text: str | None) -> str | None:
    """Refuse an option that is no month; a day is refused too, since it would silently mean its month.

    Raises
    ------
    BadInputError
        The text is no month.
    """
    if text is None:
        return None
    field = parameter.opts[0]
    month = str(Month.parse(text, field))
    if text.strip() != month:
        raise BadInputError(
            f"{field} takes a month, not a day: {month}; you gave {text!r}.",
            field=field,
            given=text,
            allowed="YYYY-MM",
            suggestion=month,
        )
    return month


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print a CSV table and nothing else.")]
From = Annotated[
    str | None,
    typer.Option(
        "--from",
        metavar="YYYY-MM",
        help="First month described.",
        show_default=False,
        callback=checked_month,
    ),
]
To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="YYYY-MM",
        help="Last month described.",
        show_default=False,
        callback=checked_month,
    ),
]
AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", metavar="YYYY-MM-DD", help="Use only what was known by this day.", show_default=False
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=VALUE",
        help="Change a belief or choice: a number fixes it, 0.7x scales it, 3..9 gives its 10th and 90th "
        "percentile. May be given several times.",
        show_default=False,
    ),
]


def as_day(text: str | None, field: str) -> dt.date | None:
    """Read a day given as an option.

    Raises
    ------
    BadInputError
        The text is no day.
    """
    return months.as_day(text, field)


def known_on(as_of: dt.date) -> str:
    """Return "as known on that day", and that all the data end before it where they do."""
    from twocurves.observed.tables import observations

    end = observations().data_to
    return f"as known on {as_of}" + (f", though the data end on {end}" if as_of > end else "")


def one_format(*, as_json: bool, as_csv: bool) -> None:
    """Refuse two ways of printing at once.

    Raises
    ------
    BadInputError
        Both are asked for.
    """
    if as_json and as_csv:
        raise BadInputError("Give --json or --csv, not both.", field="--csv", given=True, allowed=False)
