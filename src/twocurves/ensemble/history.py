"""History: what the central path says of 2023 to mid-2026, beside what was observed.

Which measure stands beside which observation is data (``history.toml``); the observed figures are looked up
in the observations and the targets, never typed here. The path is not fitted: a ratio far from one is a miss,
and is shown as one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from twocurves.beliefs import Beliefs, Settings
from twocurves.economy.measure_table import MEASURES
from twocurves.ensemble.assembly import FIRST, structure_of
from twocurves.ensemble.central import central_path, medians
from twocurves.months import Month
from twocurves.observed.history import capital_spending
from twocurves.observed.measures.measure import Window
from twocurves.observed.measures.rows import rows, sources_of
from twocurves.observed.tables import Observations

#: Months of the path that history needs, from January 2023: to June 2026.
MONTHS = Month.of(2026, 6) - FIRST + 1

Path = Literal["best closed", "best open", "investment", "adoption"]
By = Literal["ratio", "difference"]

_ECONOMY: dict[Path, str] = {"best closed": "closed", "best open": "open"}


class Anchor(BaseModel):
    """One entry of ``history.toml``: a measure of the model and where its observations stand."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    measure: str
    entity_here: str = ""
    over: str = ""
    targets: tuple[str, ...] = ()
    series: str = ""
    entity: str = ""
    months: tuple[str, ...] = ()
    path: Path | None = None
    by: By = "ratio"


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """An observation and what the central path has in its month.

    Attributes
    ----------
    what, unit, month
        The unit is the measure's; of a rise over years the month is the last.
    observed, low, high
        As published, with its 5th and 95th percentile where a target states them.
    simulated
        On the central path.
    by, comparison
        ``"ratio"``: simulated over observed; ``"difference"``: simulated less observed, where zero means
        nothing (an index) or figures may be negative (a margin).
    source
        Who published it.
    """

    what: str
    unit: str
    month: str
    observed: float
    low: float | None
    high: float | None
    simulated: float
    by: By
    comparison: float
    source: str

    def as_record(self) -> dict[str, Any]:
        """Return the row as ``--json`` prints it."""
        return asdict(self)


@cache
def anchors() -> tuple[Anchor, ...]:
    """Return what the central path is held against, in the order of the table."""
    text = resources.files("twocurves.ensemble").joinpath("data", "history.toml").read_text("utf-8")
    return tuple(Anchor.model_validate(entry) for entry in tomllib.loads(text)["anchor"])


def compared() -> frozenset[str]:
    """Return the measures that are set beside observations."""
    return frozenset(name for anchor in anchors() for name in (anchor.measure, anchor.over) if name)


def history(beliefs: Beliefs, settings: Settings, held: Observations) -> list[HistoryRow]:
    """Run the central path to June 2026 and set it beside what was observed.

    Anchors of which ``held`` has no row (it may be limited to what was known by a day) are left out.
    """
    path = central_path(beliefs, settings, held, MONTHS)
    shown = {name: np.asarray(value[0], dtype=np.float64) for name, value in path.measures.items()}
    return beside(beliefs, settings, held, shown)


def beside(
    beliefs: Beliefs, settings: Settings, held: Observations, shown: Mapping[str, NDArray[np.float64]]
) -> list[HistoryRow]:
    """Set a simulated path beside what was observed.

    Parameters
    ----------
    shown
        Measures of one draw by name, months first.
    """
    places = _places(beliefs)
    found: list[HistoryRow] = []
    for anchor in anchors():
        path = _simulated(anchor, shown, places)
        unit = "1" if anchor.over else MEASURES[anchor.measure].unit
        if anchor.path == "adoption":
            found.append(_rise(anchor, beliefs, settings, path))
            continue
        for seen in _observed(anchor, beliefs, settings, held):
            index = seen.month - FIRST
            if 0 <= index < len(path):
                found.append(_row(anchor, unit, seen, float(path[index])))
    return found


@dataclass(frozen=True, slots=True)
class _Seen:
    month: Month
    value: float
    low: float | None
    high: float | None
    source: str


def _row(anchor: Anchor, unit: str, seen: _Seen, simulated: float) -> HistoryRow:
    comparison = simulated - seen.value if anchor.by == "difference" else simulated / seen.value
    return HistoryRow(
        what=anchor.what,
        unit=unit,
        month=str(seen.month),
        observed=seen.value,
        low=seen.low,
        high=seen.high,
        simulated=simulated,
        by=anchor.by,
        comparison=comparison,
        source=seen.source,
    )


def _places(beliefs: Beliefs) -> dict[str, tuple[str, ...]]:
    """Return the entities along each axis of the measures."""
    names = structure_of(beliefs).names
    return {
        "lab": names.labs,
        "builder": names.builders,
        "segment": names.segments,
        "region": names.regions,
        "layer": names.layers,
    }


def _simulated(
    anchor: Anchor, shown: Mapping[str, NDArray[np.float64]], places: Mapping[str, Sequence[str]]
) -> NDArray[np.float64]:
    path = shown[anchor.measure]
    if anchor.entity_here:
        path = path[:, places[MEASURES[anchor.measure].axes[0]].index(anchor.entity_here)]
    return path / shown[anchor.over] if anchor.over else path


def _observed(anchor: Anchor, beliefs: Beliefs, settings: Settings, held: Observations) -> Iterator[_Seen]:
    for name in anchor.targets:
        target = beliefs.targets[name]
        yield _Seen(Month.parse(target.month), target.p50, target.p05, target.p95, target.source)
    for text in anchor.months:
        month = Month.parse(text)
        if anchor.path == "investment":
            yield from _spending(beliefs, settings, held, month)
        elif anchor.path is not None:
            yield from _best(held, _ECONOMY[anchor.path], month)
        else:
            frame = rows(held, anchor.series, window=Window(month, month))
            frame = frame.filter(pl.col("entity") == anchor.entity)
            if frame.height:
                yield _Seen(month, float(frame["value"].to_numpy().mean()), None, None, _credit(frame))


def _best(held: Observations, economy: str, month: Month) -> Iterator[_Seen]:
    """Yield the best score of an economy up to the end of a month."""
    frame = rows(held, "eci", window=Window(None, month)).filter(pl.col("economy") == economy)
    if frame.height:
        yield _Seen(month, float(frame["value"].to_numpy().max()), None, None, _credit(frame))


def _spending(beliefs: Beliefs, settings: Settings, held: Observations, month: Month) -> Iterator[_Seen]:
    """Yield spending of the five largest hyperscalers, scaled to everybody's on AI by the central beliefs."""
    spending, known = capital_spending(held, FIRST, MONTHS)
    index = month - FIRST
    if known[index]:
        middle = medians(beliefs, settings)
        share = float(middle.array("ai_share_of_capex")[0] / middle.array("hyperscaler_share")[0])
        frame = rows(held, "hyperscaler_capex_quarter", window=Window())
        yield _Seen(month, float(spending[index]) * share, None, None, _credit(frame))


def _rise(anchor: Anchor, beliefs: Beliefs, settings: Settings, adopters: NDArray[np.float64]) -> HistoryRow:
    """Compare the yearly rise of the log odds of adoption between two dates.

    Surveys count firms, the model counts people at work: levels do not compare, rates of spread do.
    """
    start, end = (beliefs.targets[name] for name in anchor.targets)
    first, last = Month.parse(start.month), Month.parse(end.month)
    years = (last - first) / 12.0
    middle = medians(beliefs, settings)
    place = middle.entities("potential_adopters").index(anchor.entity_here)
    people = middle.array("potential_adopters")[0, place] * middle.array("market_scale")[0]
    share = adopters / people
    observed = (_log_odds(end.p50) - _log_odds(start.p50)) / years
    simulated = (_log_odds(share[last - FIRST]) - _log_odds(share[first - FIRST])) / years
    seen = _Seen(last, observed, None, None, f"{start.source}; {end.source}")
    return _row(anchor, "1/year", seen, simulated)


def _log_odds(share: float) -> float:
    return float(np.log(share) - np.log1p(-share))


def _credit(frame: pl.DataFrame) -> str:
    return "; ".join(sources_of(frame)[:2])
