"""Options that several commands share, declared once."""

from __future__ import annotations

import datetime as dt
from typing import Annotated

import typer

from twocurves.errors import BadInputError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print a CSV table and nothing else.")]
From = Annotated[
    str | None, typer.Option("--from", metavar="YYYY-MM", help="First month described.", show_default=False)
]
To = Annotated[
    str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month described.", show_default=False)
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
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise BadInputError(
            f"{field} must be a day such as 2026-06-30; you gave {text!r}.",
            field=field,
            given=text,
            allowed="YYYY-MM-DD",
        ) from None
