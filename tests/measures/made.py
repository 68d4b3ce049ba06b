"""Tables made for tests: observations and offers in the shape of the real ones."""

from __future__ import annotations

import datetime as dt
from typing import Any

import polars as pl

from twocurves.observed.catalogues.table import OFFER_COLUMNS
from twocurves.observed.measures import Measured
from twocurves.observed.tables import Observations
from twocurves.observed.tidying import COLUMNS

SNAPSHOT = dt.date(2026, 5, 21)


def row(
    series: str, entity: str, date: str | dt.date | None, value: float | None, unit: str, **more: Any
) -> dict[str, Any]:
    day = dt.date.fromisoformat(date) if isinstance(date, str) else date
    base: dict[str, Any] = dict.fromkeys(COLUMNS)
    base |= {
        "table": "made",
        "series": series,
        "entity": entity,
        "date": day,
        "value": value,
        "unit": unit,
        "known_on": day,
        "pseudo_real_time": False,
        "conflict": False,
        "source": "made for a test",
    }
    base |= more
    base["row"] = more.get("row") or f"made:{abs(hash((series, entity, str(date), value, unit, str(more))))}"
    return base


def table(rows: list[dict[str, Any]], as_of: dt.date | None = None) -> Observations:
    return Observations(pl.DataFrame(rows, schema=COLUMNS), as_of)


def offer(model: str, firm: str, output: float | None, *, opened: bool = True, **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = dict.fromkeys(OFFER_COLUMNS)
    base |= {
        "catalogue": "made",
        "catalogue_version": "1",
        "catalogue_date": SNAPSHOT,
        "provider": firm,
        "provider_title": firm,
        "provider_kind": "host",
        "firm": firm,
        "raw_id": model,
        "model": model,
        "base_model": model,
        "maker": "a maker",
        "first_party": False,
        "tier": "",
        "open": opened,
        "conditional": False,
        "usd_per_million_input": None if output is None else output / 4.0,
        "usd_per_million_output": output,
        "priced": output is not None and output > 0,
        "status": "offered",
        "released": dt.date(2026, 1, 1),
        "price_known_on": SNAPSHOT,
        "current": True,
        "output_kinds": "text",
    }
    return base | more


def offers(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=OFFER_COLUMNS)


def named(measured: Measured, identifier: str) -> Any:
    """The one measure of this id; typed loosely, since a test knows which figures it must have."""
    found = [measure for measure in measured.measures if measure.id == identifier]
    assert len(found) == 1, f"{identifier}: {len(found)} times"
    return found[0]


def sound(measured: Measured) -> None:
    """What must hold of every result: distinct ids, ends apart round the estimate, a reason where none is."""
    ids = [measure.id for measure in measured.measures]
    assert len(ids) == len(set(ids))
    for measure in measured.measures:
        assert measure.method
        assert measure.title
        if measure.estimate is None:
            assert measure.note, measure.id
            assert measure.low is None
            assert measure.high is None
        else:
            assert measure.estimate == measure.estimate, measure.id
            assert measure.sources, measure.id
            assert measure.n > 0, measure.id
            assert measure.start is not None, measure.id
            assert measure.end is not None, measure.id
            assert measure.start <= measure.end
            assert measure.low is None or measure.high is None or measure.low < measure.high, measure.id
            tiny = 1e-9 * max(1.0, abs(measure.estimate))
            assert measure.low is None or measure.low <= measure.estimate + tiny, measure.id
            assert measure.high is None or measure.high >= measure.estimate - tiny, measure.id


def least(column: pl.Series) -> Any:
    """The smallest value of a column, None of an empty one."""
    return column.min()


def greatest(column: pl.Series) -> Any:
    """The largest value of a column, None of an empty one."""
    return column.max()
