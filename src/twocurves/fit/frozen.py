"""The forecast of record: written once from data to a day, stamped with its digest, and never changed.

A file is JSON with sorted keys. Its ``digest`` is the SHA-256 of the canonical JSON of all the rest, so how
the file is laid out does not matter and any changed figure is noticed.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from twocurves.ensemble.plan import digest_of
from twocurves.errors import BadFileError, BadInputError
from twocurves.files import written_whole
from twocurves.fit.scales import Scale, from_scale, on_scale
from twocurves.months import Month

#: The format that is written and read.
FORMAT: Final = 1

#: Probabilities of the quantiles of a forecast.
LEVELS: Final = (0.01, 0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95, 0.99)

#: Months of a forecast.
HORIZON: Final = 24

#: Significant figures of a quantile: more than any forecast knows, and fewer than differ between platforms.
_FIGURES: Final = 6

_NUMBERS = re.compile(r"\[\s+([-+0-9.eE,\s]+?)\s+\]")

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Quantiles = tuple[tuple[float, ...], ...]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Matching(_Strict):
    """How the observation of a forecast is found in a table of new observations.

    Attributes
    ----------
    take
        ``rows``: the mean, on the working scale, of a month's rows. ``record``: the highest value so far, at
        the ends of quarters. ``year``: the rows of a year, which stand at its January. ``none``: it cannot be
        found in rows, and ``why`` says so.
    series, entities
        Names in the table; no entities means any.
    economy
        Only rows of models of this economy.
    units
        Units that rows may have; none means any.
    discount_series
        Of these series a value ``v`` is a discount and stands for ``1 / (1 - v)``.
    best_so_far
        The record when the forecast was made.
    """

    take: Literal["rows", "record", "year", "none"] = "rows"
    series: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    economy: Literal["closed", "open"] | None = None
    units: tuple[str, ...] = ()
    discount_series: tuple[str, ...] = ()
    best_so_far: float | None = None
    why: str = ""

    @model_validator(mode="after")
    def _can_be_found(self) -> Matching:
        if self.take == "none":
            if not self.why:
                raise ValueError("what cannot be matched must say why")
        elif not self.series:
            raise ValueError("what is matched must name a series")
        return self


class FrozenSeries(_Strict):
    """The forecast of one series.

    Attributes
    ----------
    id, title, family, unit
        As in the table of fitted series.
    scale
        The working scale on which it is scored.
    matched_by
        How its observations are found.
    quantiles
        In natural units: one row for each month, one number for each level.
    baselines
        The same of each baseline made at the same time, by name; so that skill can be told later.
    """

    id: str
    title: str
    family: str
    unit: str
    scale: Scale
    matched_by: Matching
    quantiles: Quantiles
    baselines: dict[str, Quantiles] = {}


class FrozenClaim(_Strict):
    """The probability of a question of the ledger, with its Monte Carlo standard error.

    Attributes
    ----------
    id
        The question.
    probability, error
        Drawn from the posterior; None where no draw answered.
    prior
        Probability under the priors alone.
    """

    id: str
    probability: Share | None
    error: float | None = None
    prior: Share | None = None


class Made(_Strict):
    """What a forecast was made from."""

    data_to: dt.date
    data_digest: str
    posterior_digest: str
    code_version: str
    code_digest: str = ""
    scenario: str = "central"
    seed: int
    draws: Annotated[int, Field(ge=1)]


class Frozen(_Strict):
    """A forecast of record.

    Attributes
    ----------
    made
        What it was made from.
    command
        The command line that made it.
    levels, months
        Probabilities of the quantiles; the months, ``YYYY-MM``, one after the other.
    series, claims
        The forecasts.
    """

    format: Literal[1] = 1
    made: Made
    command: str
    levels: tuple[float, ...] = LEVELS
    months: tuple[str, ...]
    series: tuple[FrozenSeries, ...]
    claims: tuple[FrozenClaim, ...] = ()

    @model_validator(mode="after")
    def _hangs_together(self) -> Frozen:
        levels = self.levels
        if len(levels) < 2 or not all(0.0 < a < b < 1.0 for a, b in pairwise(levels)):
            raise ValueError("levels must rise strictly between 0 and 1")
        months = [int(Month.parse(text)) for text in self.months]
        if not months or any(later - earlier != 1 for earlier, later in pairwise(months)):
            raise ValueError("months must follow each other")
        if Month(months[0]).first_day <= self.made.data_to:
            raise ValueError(f"the first month, {self.months[0]}, begins before the data end")
        for what, ids in (
            ("series", [one.id for one in self.series]),
            ("claims", [c.id for c in self.claims]),
        ):
            if len(set(ids)) != len(ids):
                raise ValueError(f"two {what} have one id")
        names = {frozenset(one.baselines) for one in self.series}
        if len(names) > 1:
            raise ValueError("all series must have the same baselines")
        for one in self.series:
            for name, table in {"quantiles": one.quantiles, **one.baselines}.items():
                self._check(one, name, table)
        return self

    def _check(self, one: FrozenSeries, name: str, table: Quantiles) -> None:
        if len(table) != len(self.months) or any(len(row) != len(self.levels) for row in table):
            raise ValueError(
                f"{one.id} ({name}) needs {len(self.months)} rows of {len(self.levels)} quantiles"
            )
        values = np.array(table)
        if not on_scale(one.scale, values).all():
            raise ValueError(f"{one.id} ({name}) has a quantile that has no place on the {one.scale} scale")
        if (np.diff(values, axis=1) < 0.0).any():
            raise ValueError(f"{one.id} ({name}) has quantiles that fall as their levels rise")

    @property
    def content(self) -> dict[str, Any]:
        """Everything but the digest, as JSON has it."""
        return self.model_dump(mode="json")

    @property
    def digest(self) -> str:
        """SHA-256 of the canonical JSON of :attr:`content`."""
        return digest_of(self.content)


@dataclass(frozen=True)
class FrozenBrief:
    """A frozen forecast as the history of claims needs it.

    Attributes
    ----------
    name
        Name of the file.
    data_to
        Last day of the data it was made from.
    digest
        Its digest.
    claims
        Probabilities by question.
    """

    name: str
    data_to: dt.date
    digest: str
    claims: Mapping[str, FrozenClaim]


def months_after(data_to: dt.date, months: int = HORIZON) -> tuple[str, ...]:
    """Return the months of a forecast from data to a day: from the first that begins after it.

    >>> months_after(dt.date(2026, 6, 30))[0], months_after(dt.date(2026, 6, 30))[-1]
    ('2026-07', '2028-06')
    """
    first = Month.containing(data_to) + 1
    return tuple(str(first + ahead) for ahead in range(months))


def quantile_table(samples: ArrayLike, scale: Scale, levels: Sequence[float] = LEVELS) -> Quantiles:
    """Return the quantiles of an ensemble in natural units, rounded to six figures.

    Parameters
    ----------
    samples
        On the working scale, shape ``(draws, months)``; all finite.
    scale
        The working scale.
    levels
        Probabilities.
    """
    drawn = np.asarray(samples, dtype=np.float64)
    if drawn.ndim != 2 or not np.isfinite(drawn).all():
        raise ValueError("samples must be finite, draws by months")
    values = from_scale(scale, np.quantile(drawn, levels, axis=0).T)
    return tuple(tuple(float(f"{value:.{_FIGURES}g}") for value in row) for row in values.tolist())


def write_frozen(frozen: Frozen, path: Path, *, replace: bool = False) -> str:
    """Write a forecast of record, whole or not at all, and return its digest.

    Parameters
    ----------
    path
        Where; a file there that holds the same forecast is left as it is.
    replace
        Put it in the place of another forecast.

    Raises
    ------
    BadInputError
        Another forecast stands there and ``replace`` was not said; a forecast of record is not changed.
    BadFileError
        The folder cannot be written to.
    """
    digest = frozen.digest
    if path.exists() and not replace:
        try:
            standing = read_frozen(path).digest
        except BadFileError:
            standing = "damaged"
        if standing == digest:
            return digest
        raise BadInputError(
            f"{path} holds another forecast ({standing[:12]}); a forecast of record is not changed.",
            field="output",
            given=str(path),
            allowed="a new file",
        )
    content = {**frozen.content, "digest": digest}
    text = json.dumps(content, sort_keys=True, indent=1, ensure_ascii=False, allow_nan=False)
    with written_whole(path) as draft:
        draft.write_text(_NUMBERS.sub(_on_one_line, text) + "\n", encoding="utf-8")
    return digest


def _on_one_line(found: re.Match[str]) -> str:
    return f"[{', '.join(found[1].replace(',', ' ').split())}]"


def read_frozen(path: Path | Traversable) -> Frozen:
    """Read a forecast of record.

    Raises
    ------
    BadFileError
        It cannot be read, is no such file, is of another format, was changed after it was written, or does
        not hang together; the message says which.
    """
    try:
        data = path.read_bytes()
    except OSError as fault:
        raise BadFileError(f"{path} cannot be read: {fault.strerror}.", field=str(path)) from fault
    try:
        content = json.loads(data)
    except ValueError as fault:  # no JSON, or no UTF-8
        raise _no_forecast(path) from fault
    if not isinstance(content, dict) or "format" not in content or "digest" not in content:
        raise _no_forecast(path)
    if content["format"] != FORMAT:
        raise BadFileError(
            f"{path} is of format {content['format']}; this version of twocurves reads format {FORMAT}.",
            field=f"{path} format",
            given=content["format"],
            allowed=FORMAT,
        )
    stamped = content.pop("digest")
    found = _digest(content)
    if stamped != found:
        raise BadFileError(
            f"{path} was changed after it was written: its digest says {str(stamped)[:12]}, "
            f"its content has {found[:12]}.",
            field=f"{path} digest",
            given=stamped,
            allowed=found,
        )
    try:
        return Frozen.model_validate(content)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the forecast"
        reason = str(first["msg"]).removeprefix("Value error, ")
        raise BadFileError(f"{path}: {where}: {reason}.", field=f"{path} {where}") from fault


def frozen_history(folder: Path | Traversable | None = None) -> tuple[FrozenBrief, ...]:
    """Return every frozen forecast in a folder, the oldest data first.

    Parameters
    ----------
    folder
        The packaged forecasts (``fit/data/forecasts``) when left out; one that is not there has none.

    Raises
    ------
    BadFileError
        A file there is damaged; see :func:`read_frozen`.
    """
    place = resources.files("twocurves.fit") / "data" / "forecasts" if folder is None else folder
    if not place.is_dir():
        return ()
    briefs = []
    for file in place.iterdir():
        if file.name.endswith(".json") and not file.name.startswith("."):
            one = read_frozen(file)
            briefs.append(
                FrozenBrief(
                    file.name, one.made.data_to, one.digest, {claim.id: claim for claim in one.claims}
                )
            )
    return tuple(sorted(briefs, key=lambda brief: (brief.data_to, brief.name)))


def _digest(content: Mapping[str, Any]) -> str:
    try:
        return digest_of(content)
    except ValueError:  # NaN or infinity, which JSON does not know and Python reads all the same
        return "none: it has a number that is not finite"


def _no_forecast(path: Path | Traversable) -> BadFileError:
    return BadFileError(
        f"{path} is no frozen forecast.",
        field=str(path),
        given=str(path),
        allowed="a file that `twocurves forecast freeze` wrote",
    )
