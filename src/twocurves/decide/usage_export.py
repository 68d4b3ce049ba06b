"""Reading a usage export: CSV or JSONL as providers' consoles, gateways and logs write them.

A row is a request, or a day or hour of requests. Columns are known by many names (:data:`NAMES`); objects
within objects are read by dotted names (``usage.prompt_tokens``). What is missing is said, with the line and
the column.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twocurves.errors import BadFileError, nearest
from twocurves.months import Month

#: What each column may be called, in order of preference; compared by letters and digits alone.
NAMES: Mapping[str, tuple[str, ...]] = {
    "model": (
        "model", "model_id", "model_name", "model_version", "snapshot_id", "request_model", "model_permaslug",
    ),
    "time": (
        "timestamp", "time", "date", "created_at", "start_time", "start_time_iso", "created", "datetime",
        "day", "usage_date", "usage_date_utc", "request_time",
    ),
    "input": (
        "input_tokens", "prompt_tokens", "tokens_in", "tokens_prompt", "n_context_tokens_total",
        "usage_input_tokens", "input_token_count", "usage.input_tokens", "usage.prompt_tokens",
        "response.usage.prompt_tokens", "response.usage.input_tokens", "total_input_tokens",
        "usage_input_tokens_no_cache", "uncached_input_tokens", "native_tokens_prompt",
    ),
    "output": (
        "output_tokens", "completion_tokens", "tokens_out", "tokens_completion", "n_generated_tokens_total",
        "usage_output_tokens", "output_token_count", "usage.output_tokens", "usage.completion_tokens",
        "response.usage.completion_tokens", "response.usage.output_tokens", "total_output_tokens",
        "native_tokens_completion",
    ),
    "cached": (
        "cached_tokens", "cached_input_tokens", "input_cached_tokens", "n_cached_context_tokens_total",
        "usage.prompt_tokens_details.cached_tokens", "usage.input_tokens_details.cached_tokens",
        "prompt_tokens_details.cached_tokens", "native_tokens_cached",
    ),
    "cached_besides": (
        "cache_read_input_tokens", "usage.cache_read_input_tokens", "usage_input_tokens_cache_read",
        "cache_read_tokens", "input_tokens_cache_read",
    ),
    "written_besides": (
        "cache_creation_input_tokens", "usage.cache_creation_input_tokens", "usage_input_tokens_cache_write",
        "input_tokens_cache_write",
    ),
    "requests": (
        "requests", "num_requests", "n_requests", "num_model_requests", "request_count", "calls",
    ),
    "cost": (
        "cost_usd", "cost", "cost_in_usd", "total_cost", "amount_usd", "amount", "spend", "cost_total",
        "amount_value",
    ),
    "currency": ("currency", "amount_currency", "cost_currency"),
}  # fmt: skip

_NEEDED = {"model": "a model", "time": "a time", "input": "input tokens", "output": "output tokens"}
_HOURS_PER_MONTH = 730.0

#: Hours that must be covered before a busiest hour says anything.
_HOURS_FOR_A_PEAK = 72


@dataclass(frozen=True)
class Exported:
    """What an export says of a month's work.

    Attributes
    ----------
    input_tokens, output_tokens, cached_tokens, requests
        Of the last whole month, else of all rows scaled to a month; the cached ones are part of the input.
    growth_per_year
        From the first to the last whole month; None with fewer than three.
    peak_over_mean
        Busiest hour over the mean hour; None where the rows are not as fine as hours.
    cost_usd
        What the month cost; None where no row says.
    by_model
        Tokens by model over all rows, the most used first.
    first, last
        Days covered.
    missing
        Useful columns that the export does not have.
    """

    input_tokens: float
    output_tokens: float
    cached_tokens: float
    requests: float
    growth_per_year: float | None
    peak_over_mean: float | None
    cost_usd: float | None
    by_model: Mapping[str, float]
    first: dt.date
    last: dt.date
    missing: tuple[str, ...]


@dataclass
class _Sums:
    input: float = 0.0
    output: float = 0.0
    cached: float = 0.0
    requests: float = 0.0
    cost: float = 0.0
    days: set[dt.date] = field(default_factory=set)


def read_export(path: Path) -> Exported:
    """Read a usage export; ``.jsonl`` and ``.ndjson`` are JSON lines, all else is CSV.

    Raises
    ------
    BadFileError
        It cannot be opened, is empty, lacks a column, or a value cannot be used; the message names the line
        and the column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        raise _fault(path, None, f"cannot be read: {fault.strerror or fault}") from None
    except UnicodeDecodeError:
        raise _fault(path, None, "is not a text file in UTF-8") from None
    if not text.strip():
        raise _fault(path, None, "is empty: it needs a row for each request, hour or day")
    is_json = path.suffix.lower() in (".jsonl", ".ndjson", ".json")
    rows = _json_rows(path, text) if is_json else _csv_rows(path, text)
    return _summed(path, rows)


def _csv_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    lines = text.splitlines(keepends=True)
    delimiter = max(",;\t", key=lines[0].count)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    try:
        header = [_key(name) for name in next(reader)]
        for row in reader:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(header):
                raise _fault(
                    path, reader.line_num, f"has {len(row)} columns where the head has {len(header)}"
                )
            yield reader.line_num, dict(zip(header, row, strict=True))
    except csv.Error as fault:
        raise _fault(path, reader.line_num, f"is not CSV: {fault}") from None


def _json_rows(path: Path, text: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, row in enumerate(text.splitlines(), start=1):
        if not row.strip():
            continue
        try:
            read = json.loads(row)
        except RecursionError as fault:
            raise _fault(path, line, "the object is nested too deeply") from fault
        except json.JSONDecodeError as fault:
            raise _fault(path, line, f"column {fault.colno} is not JSON: {fault.msg}") from None
        if not isinstance(read, dict):
            raise _fault(path, line, "is not a JSON object; an export has one on each line")
        try:
            flat = dict(_flat(read))
        except RecursionError as fault:
            raise _fault(path, line, "the object is nested too deeply") from fault
        yield line, flat


def _flat(read: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in read.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield _key(f"{before}{name}"), value


def _key(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _summed(path: Path, rows: Iterator[tuple[int, dict[str, Any]]]) -> Exported:
    months: dict[int, _Sums] = defaultdict(_Sums)
    hours: dict[dt.datetime, float] = defaultdict(float)
    models: dict[str, float] = defaultdict(float)
    columns: dict[str, str] = {}
    fine = False
    seen: set[dt.date] = set()
    has_cost = False
    for line, row in rows:
        if not columns:
            columns = _columns(path, line, row)
        moment = _moment(path, line, columns["time"], row)
        tokens = {what: _count(path, line, columns.get(what), row) for what in ("input", "output", "cached")}
        beside = _count(path, line, columns.get("cached_besides"), row)
        written = _count(path, line, columns.get("written_besides"), row)
        # Some consoles count cached tokens within the input, others beside it; the column's name tells.
        read = tokens["input"] + beside + written
        cached = tokens["cached"] + beside
        if cached > read:
            name = columns.get("cached", "cached tokens")
            raise _fault(path, line, f"column {name!r}: {cached:.0f} cached tokens of {read:.0f} read")
        _check_currency(path, line, columns.get("currency"), row)
        month = months[int(Month.containing(moment.date()))]
        month.input += read
        month.output += tokens["output"]
        month.cached += cached
        month.requests += _count(path, line, columns.get("requests"), row) if "requests" in columns else 1.0
        month.days.add(moment.date())
        if "cost" in columns:
            has_cost = True
            month.cost += _count(path, line, columns["cost"], row)
        models[str(row.get(columns["model"], "")).strip()] += read + tokens["output"]
        hours[moment.replace(minute=0, second=0, microsecond=0)] += read + tokens["output"]
        fine = fine or moment.time() != dt.time()
        seen.add(moment.date())
    if not seen:
        raise _fault(path, 1, "has a head and no rows")
    return _exported(months, hours if fine else {}, models, seen, columns, has_cost=has_cost)


def _exported(
    months: Mapping[int, _Sums],
    hours: Mapping[dt.datetime, float],
    models: Mapping[str, float],
    days: set[dt.date],
    columns: Mapping[str, str],
    *,
    has_cost: bool,
) -> Exported:
    first, last = min(days), max(days)
    whole = [
        number
        for number in sorted(months)
        if Month(number).first_day >= first and Month(number).last_day <= last
    ]
    if whole:
        chosen, times = months[whole[-1]], 1.0
    else:
        chosen = _Sums()
        for one in months.values():
            chosen.input += one.input
            chosen.output += one.output
            chosen.cached += one.cached
            chosen.requests += one.requests
            chosen.cost += one.cost
        times = (_HOURS_PER_MONTH / 24.0) / ((last - first).days + 1)
    totals = [months[number].input + months[number].output for number in whole]
    growth = None
    if len(whole) >= 3 and totals[0] > 0 and totals[-1] > 0:
        growth = (totals[-1] / totals[0]) ** (12.0 / (whole[-1] - whole[0])) - 1.0
    span_hours = ((last - first).days + 1) * 24.0
    peak = None
    if hours and span_hours >= _HOURS_FOR_A_PEAK:
        peak = max(1.0, max(hours.values()) / (sum(hours.values()) / span_hours))
    useful = {"cached": "cached tokens", "cost": "a cost"}
    return Exported(
        input_tokens=chosen.input * times,
        output_tokens=chosen.output * times,
        cached_tokens=chosen.cached * times,
        requests=chosen.requests * times,
        growth_per_year=growth,
        peak_over_mean=peak,
        cost_usd=chosen.cost * times if has_cost else None,
        by_model=dict(sorted(models.items(), key=lambda item: -item[1])),
        first=first,
        last=last,
        missing=tuple(
            said
            for what, said in useful.items()
            if what not in columns and not (what == "cached" and "cached_besides" in columns)
        ),
    )


def _columns(path: Path, line: int, row: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for what, names in NAMES.items():
        key = next((_key(name) for name in names if _key(name) in row), None)
        if key is not None:
            found[what] = key
    for what, said in _NEEDED.items():
        if what not in found:
            allowed = ", ".join(NAMES[what][:4])
            near = nearest(NAMES[what][0], row)
            hint = f"; {near!r} is there" if near else ""
            raise BadFileError(
                f"{path.name}:{line}: there is no column with {said}: it may be called {allowed}{hint}.",
                field=f"{path}:{line}",
                given=sorted(row),
                allowed=list(NAMES[what]),
                suggestion=near,
            )
    return found


def _count(path: Path, line: int, column: str | None, row: Mapping[str, Any]) -> float:
    if column is None:
        return 0.0
    given = row.get(column)
    if given is None or (isinstance(given, str) and not given.strip()):
        return 0.0
    try:
        value = float(str(given).replace(",", "").strip().removeprefix("$"))
    except ValueError:
        raise _fault(path, line, f"column {column!r}: {given!r} is not a number") from None
    if not math.isfinite(value) or value < 0:
        raise _fault(path, line, f"column {column!r}: {given} is not 0 or more")
    return value


def _moment(path: Path, line: int, column: str, row: Mapping[str, Any]) -> dt.datetime:
    given = row.get(column)
    text = str(given).strip()
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = dt.datetime.fromisoformat(text)
        except ValueError:
            raise _fault(
                path, line, f"column {column!r}: {given!r} is no time such as 2026-06-30T12:00:00Z"
            ) from None
        return moment.astimezone(dt.UTC).replace(tzinfo=None) if moment.tzinfo else moment
    if seconds > 1e11:  # milliseconds
        seconds /= 1000.0
    if not 1e8 < seconds < 1e11:
        raise _fault(path, line, f"column {column!r}: {given!r} is no time in seconds since 1970")
    return dt.datetime.fromtimestamp(seconds, dt.UTC).replace(tzinfo=None)


def _check_currency(path: Path, line: int, column: str | None, row: Mapping[str, Any]) -> None:
    given = str(row.get(column, "")).strip() if column is not None else ""
    if given and given.upper() not in ("USD", "US$", "$"):
        raise _fault(path, line, f"column {column!r}: costs are in {given}; only USD is understood")


def _fault(path: Path, line: int | None, sentence: str) -> BadFileError:
    where = path.name if line is None else f"{path.name}:{line}"
    return BadFileError(
        f"{where} {sentence}." if line is None else f"{where}: {sentence}.", field=f"{path}:{line or 1}"
    )
