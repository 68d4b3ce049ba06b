"""The observations: one long table of what was measured, with what was known when."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import polars as pl

from twocurves.errors import BadDataError, BadInputError, unknown
from twocurves.months import Month, as_day
from twocurves.observed.reading import read_text_table
from twocurves.observed.series import series_catalogue
from twocurves.observed.tidying import flag_conflicts, tidy

#: The packaged tables, one file each in ``data/``.
PACKAGED = ("capability", "usage", "revenue", "prices", "compute", "market")

#: Folder, inside the user's data folder, of files whose rows stand beside the packaged ones.
IMPORTED = "imported"

#: Folder, inside the user's data folder, of files whose series take the place of packaged series.
UPDATED = "updated"


@dataclass(frozen=True, eq=False)
class Observations:
    """Observations as one long table, limited to what was known by a day; equal to itself alone.

    Attributes
    ----------
    frame
        Columns as :data:`twocurves.observed.tidying.COLUMNS`; ``row`` names where each row comes from.
    as_of
        The day by which everything here was known; None when nothing was left out.
    """

    frame: pl.DataFrame
    as_of: dt.date | None = None

    def series(self, *names: str) -> pl.DataFrame:
        """Return the rows of these series, in file order.

        Raises
        ------
        BadInputError
            No table has a series of this name (an empty result for a known name is no error:
            ``as_of`` may lie before its first row).
        """
        known: set[str] = set(series_catalogue())
        if not known.issuperset(names):
            known |= set(self.frame["series"].unique())
        for name in names:
            if name not in known:
                raise unknown("series", name, known)
        return self.frame.filter(pl.col("series").is_in(names))

    def until(self, as_of: dt.date) -> Observations:
        """Return only what was known by that day.

        A row counts from its ``known_on``. Series that exist in one later refit only (``pseudo_real_time``)
        count from the day that they describe instead, since by their ``known_on`` no past would have seen
        them; the flag stays on the row, and who uses it must say "pseudo-real-time".
        """
        limit = as_of if self.as_of is None else min(as_of, self.as_of)
        return Observations(self.frame.filter(counted_from() <= limit), limit)

    def described(self, start: Month | None = None, end: Month | None = None) -> Observations:
        """Return the rows dated in these months, both included; undated rows only without limits."""
        frame = self.frame
        if start is not None:
            frame = frame.filter(pl.col("date") >= start.first_day)
        if end is not None:
            frame = frame.filter(pl.col("date") <= end.last_day)
        return Observations(frame, self.as_of)

    def as_listed(self) -> Observations:
        """Return the rows under the days that their publishers list (``date_listed``).

        For comparison with published figures only: a version then stands at its family's first release.
        """
        return Observations(self.frame.with_columns(date=pl.coalesce("date_listed", "date")), self.as_of)

    @property
    def data_to(self) -> dt.date:
        """Last day described.

        Raises
        ------
        BadDataError
            No row has a date.
        """
        last = self.frame["date"].max()
        if not isinstance(last, dt.date):
            raise BadDataError("There are no dated observations here.", field="date")
        return last


def observations(as_of: dt.date | str | None = None, folder: Path | None = None) -> Observations:
    """Load the packaged observations and the user's own.

    Parameters
    ----------
    as_of
        Leave out what was not yet known by this day (a date, or text such as ``2024-12-31``); see
        :meth:`Observations.until`.
    folder
        The user's data folder; :func:`user_data_folder` when left out. Files in ``imported/`` stand beside
        the packaged tables, files in ``updated/`` replace the series that they hold.

    Raises
    ------
    BadFileError, BadDataError
        A file cannot be read, or a fetched one was changed since; the message names file and row.
    BadInputError
        ``as_of`` is no day, or lies before the first observation of all.
    """
    home = user_data_folder() if folder is None else folder
    day = as_day(as_of, "as_of")
    updated = [fetched_table(path) for path in table_files(home / UPDATED)]
    imported = [imported_table(path) for path in table_files(home / IMPORTED)]
    found = Observations(together(packaged_table(), updated, imported, day))
    return found if day is None else _known_by(found, day)


def together(
    packaged: pl.DataFrame,
    updated: Iterable[pl.DataFrame],
    imported: Iterable[pl.DataFrame],
    as_of: dt.date | None = None,
) -> pl.DataFrame:
    """Return one long table: updated series in place of packaged ones, imported rows beside them.

    With ``as_of``, an update of which no row was known by then is left out.
    """
    frame = packaged
    for newer in updated:
        first_known = newer["known_on"].min()
        if as_of is not None and isinstance(first_known, dt.date) and first_known > as_of:
            continue  # a whole vintage not known then; its rows may be pseudo-real-time, the vintage is not
        frame = pl.concat([frame.filter(~pl.col("series").is_in(newer["series"].unique().implode())), newer])
    return flag_conflicts(pl.concat([frame, *imported]))


def counted_from() -> pl.Expr:
    """Return the day from which each row counts as known; see :meth:`Observations.until`."""
    return pl.when("pseudo_real_time").then(pl.coalesce("date", "known_on")).otherwise("known_on")


def _known_by(found: Observations, as_of: dt.date) -> Observations:
    seen = found.until(as_of)
    if seen.frame["date"].count():
        return seen
    first = found.frame.filter(pl.col("date").is_not_null()).select(counted_from().min()).item()
    raise BadInputError(
        f"By {as_of} (--as-of) nothing was known: the first observation counts from {first}.",
        field="--as-of",
        given=str(as_of),
        allowed=f"from {first}",
    )


def imported_table(path: Path) -> pl.DataFrame:
    """Return a table of ``imported/`` as rows of the long table.

    Raises
    ------
    BadFileError, BadDataError
        The file cannot be read; the message also says how to be rid of it.
    """
    try:
        return tidy(read_text_table(path), path.stem)
    except BadInputError as fault:
        raise type(fault)(
            f"{fault.message} Mend it, or remove it: twocurves data remove {path.stem}",
            field=fault.field,
            given=fault.given,
            allowed=fault.allowed,
            suggestion=fault.suggestion,
        ) from fault


def fetched_table(path: Path) -> pl.DataFrame:
    """Return a table of ``updated/`` as rows of the long table.

    Raises
    ------
    BadFileError, BadDataError
        The file is not as it was fetched, or cannot be read.
    """
    # Here, because it knows of the folders above; and only who has fetched something needs it.
    from twocurves.observed.updating.held import held_file

    held_file(path.stem, path)
    return tidy(read_text_table(path), path.stem)


def packaged_table() -> pl.DataFrame:
    """Return the packaged tables as one long table, without the user's files."""
    folder = resources.files("twocurves.observed") / "data"
    with resources.as_file(folder) as data:
        texts = [read_text_table(data / f"{name}.csv").with_columns(table=pl.lit(name)) for name in PACKAGED]
    return tidy(pl.concat(texts))


def table_files(folder: Path) -> list[Path]:
    """Return the CSV and Parquet files of a folder by name; none when there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix.lower() in {".csv", ".parquet"})


def user_data_folder() -> Path:
    """Return where the user's own and updated data lie: ``$TWOCURVES_DATA`` or the platform's data folder."""
    given = os.environ.get("TWOCURVES_DATA")
    if given:
        return Path(given).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "twocurves"
    shared = os.environ.get("XDG_DATA_HOME")
    return (Path(shared) if shared else Path.home() / ".local" / "share") / "twocurves"
