"""``twocurves data update``: every source fetched, checked, compared, and put in place of the old or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from twocurves.errors import BadInputError, Fault, unknown
from twocurves.observed.tables import user_data_folder
from twocurves.observed.updating.compare import Change, Rows, compare
from twocurves.observed.updating.faults import Cause, SourceFault
from twocurves.observed.updating.fetch import Fetched, Opener, fetch
from twocurves.observed.updating.held import (
    Held,
    digest_of,
    exclusive,
    held_file,
    held_path,
    mark_checked,
    put_in_place,
)
from twocurves.observed.updating.offers import (
    read_genai_prices,
    read_models_dev,
    shipped_genai_prices,
    shipped_models_dev,
)
from twocurves.observed.updating.reading import Reading
from twocurves.observed.updating.sources import Source, load_sources
from twocurves.observed.updating.tables import held_table_rows, read_epoch_eci, read_observations
from twocurves.observed.updating.validate import (
    check_count,
    check_dates,
    check_difference,
    check_figures,
)


class Status(StrEnum):
    """How a source came out."""

    REPLACED = "replaced"  #: newer data took the place of the old
    UNCHANGED = "unchanged"  #: it says what is held already
    KEPT = "kept"  #: something was wrong, and the old stays


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one source.

    Attributes
    ----------
    source
        The source.
    status
        How it came out.
    cause, reason
        Why the old was kept: the kind of fault and one sentence; None and empty otherwise.
    added, changed, removed
        Numbers of rows, against what was held before.
    largest
        The largest change of a figure.
    held
        The fetched data that are held now; None when there are only the packaged ones.
    """

    source: Source
    status: Status
    held: Held | None = None
    cause: Cause | None = None
    reason: str = ""
    added: int = 0
    changed: int = 0
    removed: int = 0
    largest: Change | None = None

    @property
    def line(self) -> str:
        """The outcome as one line."""
        what = "what is packaged" if self.held is None else f"the data of {self.held.fetched_on}"
        if self.status is Status.KEPT:
            return f"{self.source.id}: kept {what}. {self.reason}"
        if self.status is Status.UNCHANGED:
            return f"{self.source.id}: nothing new; it says the same as {what}."
        most = f" (the most: {self.largest})" if self.largest is not None else ""
        return (
            f"{self.source.id}: {self.added:,} added, {self.changed:,} changed{most}, "
            f"{self.removed:,} removed; now {what}."
        )

    def as_record(self) -> dict[str, Any]:
        """Return the outcome as ``--json`` prints it."""
        largest = self.largest
        return {
            "source": self.source.id,
            "title": self.source.title,
            "url": self.source.url,
            "licence": self.source.licence,
            "credit": self.source.credit,
            "status": str(self.status),
            "cause": None if self.cause is None else str(self.cause),
            "reason": self.reason or None,
            "added": self.added,
            "changed": self.changed,
            "removed": self.removed,
            "largest_change": None
            if largest is None
            else {
                "row": largest.row,
                "field": largest.field,
                "old": largest.old,
                "new": largest.new,
                "ratio": largest.ratio,
            },
            "fetched_on": None if self.held is None else self.held.fetched_on.isoformat(),
            "path": None if self.held is None else str(self.held.path),
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class UpdateReport:
    """What came of an update.

    Attributes
    ----------
    outcomes
        One for each source, in the order of the sources file.
    day
        The day of the update (UTC).
    """

    outcomes: tuple[Outcome, ...]
    day: dt.date

    @property
    def no_network(self) -> bool:
        """Whether no source could be reached at all."""
        return all(outcome.cause is Cause.UNREACHABLE for outcome in self.outcomes)

    def lines(self) -> list[str]:
        """Return the report in plain lines: one for each source, or one sentence when there is no network."""
        if self.no_network:
            return [
                "There seems to be no network: no source could be reached, and what is held stays as it is."
            ]
        return [outcome.line for outcome in self.outcomes]

    @property
    def fault(self) -> Fault | None:
        """The fault to raise after the report is printed: every source failed; None when one did not."""
        if any(outcome.status is not Status.KEPT for outcome in self.outcomes):
            return None
        if self.no_network:
            message = "Nothing was updated: no source could be reached; connect to a network and try again."
        elif len(self.outcomes) == 1:
            message = f"Nothing was updated: {self.outcomes[0].source.id} failed, and the old data stay."
        else:
            message = f"Nothing was updated: all {len(self.outcomes)} sources failed, and the old data stay."
        return Fault(
            message,
            field="update",
            given={outcome.source.id: str(outcome.cause) for outcome in self.outcomes},
        )

    def raise_if_all_failed(self) -> None:
        """Raise :attr:`fault` if there is one.

        Raises
        ------
        Fault
            Every source failed.
        """
        if self.fault is not None:
            raise self.fault

    def as_record(self) -> dict[str, Any]:
        """Return the report as ``--json`` prints it."""
        return {
            "day": self.day.isoformat(),
            "no_network": self.no_network,
            "sources": [outcome.as_record() for outcome in self.outcomes],
        }


def update(
    sources: Path | Sequence[Source] | None = None,
    folder: Path | None = None,
    only: Iterable[str] | None = None,
    opener: Opener = fetch,
    today: dt.date | None = None,
) -> UpdateReport:
    """Fetch newer data, and put them in place of the old where they hold up.

    A fault of one source is in its outcome and touches no other. Newer data are what ``measure`` sees by
    default; with ``as_of`` they count from the day of fetching.

    Parameters
    ----------
    sources
        A sources file, or sources; the packaged file when left out.
    folder
        The user's data folder; :func:`twocurves.observed.tables.user_data_folder` when left out.
    only
        Ids of the sources to update; all when left out or empty.
    opener
        What fetches.
    today
        The day of the update; the present day (UTC) when left out.

    Raises
    ------
    BadInputError
        ``only`` names no source, or the sources file is malformed.
    Fault
        Another update is at work in the folder, or the folder cannot be written.
    """
    every = sources if isinstance(sources, Sequence) else load_sources(sources)
    wanted = list(dict.fromkeys(only or ()))
    ids = [source.id for source in every]
    for name in wanted:
        if name not in ids:
            raise unknown("source", name, ids)
    home = user_data_folder() if folder is None else folder
    day = dt.datetime.now(dt.UTC).date() if today is None else today
    with exclusive(home):
        outcomes = tuple(
            _one(source, home, opener, day) for source in every if not wanted or source.id in wanted
        )
    return UpdateReport(outcomes, day)


def _one(source: Source, folder: Path, opener: Opener, today: dt.date) -> Outcome:
    path = held_path(source.id, catalogue=source.is_catalogue, folder=folder)
    current, damage = None, ""
    try:
        current = held_file(source.id, path)
    except BadInputError as fault:
        # What was changed by other hands is not compared with, and gives way to what holds up.
        damage = f" {fault.message}"
    try:
        reading = _read(source, opener, today)
        check_count(reading.rows, source)
        check_figures(reading.rows, source)
        check_dates(reading.rows, source, today)
        old = _old_rows(source, current, reading)
        difference = compare(old, reading.rows)
        check_difference(old, difference, source)
    except SourceFault as fault:
        return Outcome(source, Status.KEPT, current, fault.cause, f"{fault.message}{damage}")
    if difference.nothing:
        if current is not None:
            mark_checked(current, today)
        return Outcome(source, Status.UNCHANGED, current)
    new = Held(
        source=source.id,
        path=path,
        fetched_on=today,
        checked_on=today,
        url=source.url,
        licence=source.licence,
        credit=source.credit,
        digest=digest_of(reading.content),
    )
    put_in_place(new, reading.content)
    return Outcome(
        source,
        Status.REPLACED,
        new,
        added=len(difference.added),
        changed=len(difference.changed),
        removed=len(difference.removed),
        largest=difference.largest,
    )


def _read(source: Source, opener: Opener, today: dt.date) -> Reading:
    fetched = opener(source)
    match source.kind:
        case "catalogue:models-dev":
            return read_models_dev(fetched, source)
        case "catalogue:genai-prices":
            return read_genai_prices(fetched, source)
        case "observations":
            return read_observations(fetched, source, today)
        case "epoch-eci":
            return read_epoch_eci(fetched, source, today)


def _old_rows(source: Source, current: Held | None, new: Reading) -> Rows:
    if current is not None:
        try:
            return _held_rows(source, current, new)
        except (BadInputError, SourceFault):
            # Fetched under older rules and not readable under the present ones: no measure for the new.
            pass
    return _packaged_rows(source, new)


def _held_rows(source: Source, current: Held, new: Reading) -> Rows:
    match source.kind:
        case "catalogue:models-dev":
            return read_models_dev(Fetched(current.path.read_bytes()), source).rows
        case "catalogue:genai-prices":
            return read_genai_prices(Fetched(current.path.read_bytes()), source).rows
        case "observations" | "epoch-eci":
            return held_table_rows(source, current.path, new.rows)


def _packaged_rows(source: Source, new: Reading) -> Rows:
    match source.kind:
        case "catalogue:models-dev":
            return shipped_models_dev(source)
        case "catalogue:genai-prices":
            return shipped_genai_prices(source)
        case "observations" | "epoch-eci":
            return held_table_rows(source, None, new.rows)
