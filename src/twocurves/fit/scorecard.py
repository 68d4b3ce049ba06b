"""The scorecard: forecasts beside what came, by series, by family and in all, against every baseline.

A series' own CRPS is on its working scale. Over several series a point of an index and a logarithm of dollars
cannot be added, so there each score is first divided by its series' yardstick: the mean standard deviation of
persistence's forecast of it (the model's where persistence made none). That was settled before anything was
observed and is the same for every forecaster, so it favours none, and within a series it changes no skill.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from twocurves.fit.scales import Scale
from twocurves.fit.scoring import Brier, Skill, brier, crps_ensemble, energy_score, inside, pit, skill

FloatArray = NDArray[np.float64]

#: The forecaster that is judged.
MODEL: Final = "model"

#: The forecaster whose spread makes scores of several series one size.
YARDSTICK: Final = "persistence"

#: Names of forecasters in sentences.
TITLES: Final[Mapping[str, str]] = {
    "model": "the model",
    "persistence": "persistence",
    "damped_trend": "the damped trend",
    "exponential": "the exponential",
    "prior": "the unfitted prior",
}

#: Bars: the baseline to beat, and coverage of 90% intervals, in all and in a family of so many targets.
TO_BEAT: Final = "damped_trend"
COVERAGE_IN_ALL: Final = (0.80, 0.98)
COVERAGE_IN_A_FAMILY: Final = 0.60
FAMILY_OF_TARGETS: Final = 5

#: Probability of the bootstrap intervals of skill.
SKILL_LEVEL: Final = 0.9

#: Draws of which the joint energy score is taken: the first so many.
ENERGY_DRAWS: Final = 2000

Level = Literal["series", "family", "all", "each series once"]


@dataclass(frozen=True)
class ScoredTarget:
    """One figure that was forecast and then observed.

    Attributes
    ----------
    series, family
        What it belongs to.
    month
        ``YYYY-MM``.
    scale
        The working scale of ``observed`` and ``samples``.
    observed
        What came.
    samples
        Draws by forecaster, each of shape ``(draws,)``. Draw ``i`` of a forecaster is the same joint draw in
        every target.
    """

    series: str
    family: str
    month: str
    scale: Scale
    observed: float
    samples: Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class ScoredClaim:
    """A question that has been answered: its probability when forecast, and 1, 0 or 0.5 (ambiguous)."""

    id: str
    probability: float
    outcome: float

    @property
    def brier(self) -> float:
        """Squared error of the probability."""
        return (self.probability - self.outcome) ** 2

    def as_record(self) -> dict[str, Any]:
        """Return the claim as ``--json`` prints it."""
        return {"id": self.id, "probability": self.probability, "outcome": self.outcome, "brier": self.brier}


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not scored, and why, in words."""

    series: str
    why: str

    def as_record(self) -> dict[str, str]:
        """Return it as ``--json`` prints it."""
        return {"series": self.series, "why": self.why}


@dataclass(frozen=True)
class Line:
    """One line of the table: the scores of a series, a family, or all.

    Attributes
    ----------
    level, name, family
        What it is of; ``family`` is empty where there are several.
    n, series
        Targets, and series among them.
    unit
        Of the CRPS: the working scale of one series, or ``yardstick``.
    crps
        Mean CRPS by forecaster (the fair one).
    skill
        Of the model against each other forecaster.
    coverage50, coverage90
        Share of targets inside the model's central intervals.
    energy
        Joint energy score by forecaster over the targets, in yardsticks; empty where it was not taken.
    """

    level: Level
    name: str
    family: str
    n: int
    series: int
    unit: str
    crps: Mapping[str, float]
    skill: Mapping[str, Skill]
    coverage50: float
    coverage90: float
    energy: Mapping[str, float] = field(default_factory=dict)

    def energy_skill(self, other: str) -> float | None:
        """Return ``1 - energy of the model / energy of another``; None where there is none."""
        theirs = self.energy.get(other, 0.0)
        return 1.0 - self.energy[MODEL] / theirs if theirs > 0.0 else None

    def as_record(self) -> dict[str, Any]:
        """Return the line as ``--json`` prints it."""
        return {
            "name": self.name,
            "family": self.family,
            "n": self.n,
            "series_scored": self.series,
            "crps": self.crps[MODEL],
            "crps_unit": self.unit,
            "crps_of": dict(self.crps),
            "skill": {name: one.estimate for name, one in self.skill.items()},
            "skill_interval": {name: [one.low, one.high] for name, one in self.skill.items()},
            "coverage50": self.coverage50,
            "coverage90": self.coverage90,
            "energy_score": dict(self.energy),
            "energy_skill": {name: self.energy_skill(name) for name in self.skill if self.energy},
        }


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that the forecasts should reach.

    Attributes
    ----------
    name
        Short and stable.
    met
        None where it cannot be told.
    value, low, high
        What was measured and between what it should lie; an open end is None.
    by
        How far inside (positive) or outside (negative) the nearer end it lies; None where it cannot be told.
    sentence
        The same in words.
    """

    name: str
    met: bool | None
    value: float | None
    low: float | None
    high: float | None
    by: float | None
    sentence: str

    def as_record(self) -> dict[str, Any]:
        """Return the bar as ``--json`` prints it."""
        return {
            "name": self.name,
            "met": self.met,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "by": self.by,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class Scorecard:
    """What :func:`scorecard` found.

    Attributes
    ----------
    window
        What was forecast from when, in words.
    forecasters
        The model first, then the others.
    by_series, by_family
        Lines in the order in which their targets were given.
    overall, each_once
        All targets alike; and all series alike, however many targets each has.
    targets
        One row a target: ``series``, ``family``, ``month``, ``scale``, ``observed``, the model's ``p05``,
        ``p25``, ``p50``, ``p75`` and ``p95`` (working scale), ``pit``, ``inside50``, ``inside90``,
        ``yardstick``, and ``crps_<forecaster>``.
    bars
        The bars and whether each is met.
    claims, claim_score
        Questions answered so far, and their Brier score with its parts; None where there are none.
    skipped
        What was not scored.
    """

    window: str
    forecasters: tuple[str, ...]
    by_series: tuple[Line, ...]
    by_family: tuple[Line, ...]
    overall: Line
    each_once: Line
    targets: pl.DataFrame
    bars: tuple[Bar, ...]
    claims: tuple[ScoredClaim, ...] = ()
    claim_score: Brier | None = None
    skipped: tuple[Skipped, ...] = ()

    @property
    def table(self) -> pl.DataFrame:
        """Every line as a row, with a column for each forecaster's CRPS and each skill with its interval."""
        return pl.DataFrame(
            [_flat(line) for line in (*self.by_series, *self.by_family, self.overall, self.each_once)],
            infer_schema_length=None,
        )

    def sentences(self) -> list[str]:
        """Say in plain words how well the model did, where it lost, and which bars it missed."""
        return [*_compared(self.overall), *_lost(self), *(bar.sentence for bar in self.bars)]

    def as_record(self) -> dict[str, Any]:
        """Return the scorecard as ``--json`` prints it."""
        parts = self.claim_score
        return {
            "window": self.window,
            "series": [line.as_record() for line in self.by_series],
            "families": [line.as_record() for line in self.by_family],
            "overall": self.overall.as_record(),
            "each_series_once": self.each_once.as_record(),
            "bars": [bar.as_record() for bar in self.bars],
            "claims": [claim.as_record() for claim in self.claims],
            "claim_score": None
            if parts is None
            else {
                "brier": parts.score,
                "reliability": parts.reliability,
                "resolution": parts.resolution,
                "uncertainty": parts.uncertainty,
                "within": parts.within,
                "n": parts.events,
            },
            "skipped": [one.as_record() for one in self.skipped],
            "sentences": self.sentences(),
            "targets": self.targets.to_dicts(),
        }


def scorecard(
    targets: Sequence[ScoredTarget],
    *,
    window: str,
    seed: int = 0,
    joint: bool = True,
    claims: Sequence[ScoredClaim] = (),
    skipped: Sequence[Skipped] = (),
) -> Scorecard:
    """Score forecasts.

    Parameters
    ----------
    targets
        At least one; all with the same forecasters, ``"model"`` among them.
    window
        What was forecast from when, in words.
    seed
        Of the bootstrap and of ties in the PIT.
    joint
        Take the energy score too; False where draws of two targets do not belong together.
    claims, skipped
        Carried along; claims are also scored.

    Raises
    ------
    ValueError
        There are no targets, forecasters or draws differ between them, or a number is not finite.
    """
    names = _forecasters(targets)
    frame = _scored(targets, names, seed)
    table = _Table(targets, names, frame, seed, joint)
    series = list(dict.fromkeys(frame["series"]))
    families = list(dict.fromkeys(frame["family"]))
    by_series = tuple(table.line("series", name, pl.col("series") == name) for name in series)
    by_family = tuple(table.line("family", name, pl.col("family") == name) for name in families)
    overall = table.line("all", "all", pl.lit(True))
    answered = tuple(claims)
    return Scorecard(
        window=window,
        forecasters=names,
        by_series=by_series,
        by_family=by_family,
        overall=overall,
        each_once=table.each_once(),
        targets=frame,
        bars=_bars(overall, by_family),
        claims=answered,
        claim_score=brier([one.probability for one in answered], [one.outcome for one in answered])
        if answered
        else None,
        skipped=tuple(skipped),
    )


def _forecasters(targets: Sequence[ScoredTarget]) -> tuple[str, ...]:
    if not targets:
        raise ValueError("there is nothing to score")
    first = targets[0].samples
    if MODEL not in first:
        raise ValueError(f"{targets[0].series} has no forecast of the model")
    draws = {name: np.shape(drawn) for name, drawn in first.items()}
    for target in targets:
        if {name: np.shape(drawn) for name, drawn in target.samples.items()} != draws:
            raise ValueError(
                f"{target.series} in {target.month} has not the forecasters and draws of the others"
            )
    known = [name for name in TITLES if name in first]
    return (*known, *sorted(set(first) - set(known)))


def _scored(targets: Sequence[ScoredTarget], names: tuple[str, ...], seed: int) -> pl.DataFrame:
    rows = []
    spreads: dict[str, list[float]] = {}
    for target in targets:
        yard = target.samples.get(YARDSTICK, target.samples[MODEL])
        spreads.setdefault(target.series, []).append(float(np.std(yard)))
    for target in targets:
        model = target.samples[MODEL]
        p05, p25, p50, p75, p95 = (float(one) for one in np.quantile(model, [0.05, 0.25, 0.5, 0.75, 0.95]))
        # An exact sum, so that the order of the targets changes no bit.
        yardstick = math.fsum(spreads[target.series]) / len(spreads[target.series])
        if yardstick <= 0.0:
            raise ValueError(f"the forecasts of {target.series} have no spread")
        stream = f"pit/{target.series}/{target.month}"
        rows.append(
            {
                "series": target.series,
                "family": target.family,
                "month": target.month,
                "scale": target.scale,
                "observed": float(target.observed),
                "p05": p05,
                "p25": p25,
                "p50": p50,
                "p75": p75,
                "p95": p95,
                "pit": float(pit(model, target.observed, seed=seed, name=stream)),
                "inside50": bool(inside(model, target.observed, 0.5)),
                "inside90": bool(inside(model, target.observed, 0.9)),
                "yardstick": yardstick,
                **{
                    f"crps_{name}": float(crps_ensemble(target.samples[name], target.observed, fair=True))
                    for name in names
                },
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None)


@dataclass(frozen=True)
class _Table:
    targets: Sequence[ScoredTarget]
    names: tuple[str, ...]
    frame: pl.DataFrame
    seed: int
    joint: bool

    def line(self, level: Level, name: str, which: pl.Expr) -> Line:
        rows = self.frame.with_row_index().filter(which)
        one_series = level == "series"
        by = np.ones(rows.height) if one_series else rows["yardstick"].to_numpy()
        scores = {other: rows[f"crps_{other}"].to_numpy() / by for other in self.names}
        return Line(
            level=level,
            name=name,
            family="" if level == "all" else str(rows["family"][0]),
            n=rows.height,
            series=rows["series"].n_unique(),
            unit=str(rows["scale"][0]) if one_series else "yardstick",
            crps={other: float(one.mean()) for other, one in scores.items()},
            skill=self._skill(scores, rows["series"]),
            coverage50=_mean(rows["inside50"]),
            coverage90=_mean(rows["inside90"]),
            energy=self._energy(rows["index"].to_list()) if self.joint else {},
        )

    def each_once(self) -> Line:
        heavy = (1.0 / pl.len().over("series")).alias("weight")
        rows = self.frame.with_columns(heavy)
        weights, by = rows["weight"].to_numpy(), rows["yardstick"].to_numpy()
        scores = {other: rows[f"crps_{other}"].to_numpy() / by for other in self.names}
        return Line(
            level="each series once",
            name="each series once",
            family="",
            n=rows.height,
            series=rows["series"].n_unique(),
            unit="yardstick",
            crps={other: float(np.average(one, weights=weights)) for other, one in scores.items()},
            skill=self._skill(scores, rows["series"], weights),
            coverage50=float(np.average(rows["inside50"].to_numpy(), weights=weights)),
            coverage90=float(np.average(rows["inside90"].to_numpy(), weights=weights)),
        )

    def _skill(
        self, scores: Mapping[str, FloatArray], series: pl.Series, weights: FloatArray | None = None
    ) -> dict[str, Skill]:
        return {
            other: skill(
                scores[MODEL],
                scores[other],
                series.to_numpy(),
                seed=self.seed,
                level=SKILL_LEVEL,
                weights=weights,
            )
            for other in self.names
            if other != MODEL
        }

    def _energy(self, places: Sequence[int]) -> dict[str, float]:
        chosen = [self.targets[place] for place in places]
        by = self.frame["yardstick"].to_numpy()[places]
        seen = np.array([target.observed for target in chosen]) / by
        return {
            name: energy_score(
                np.column_stack([target.samples[name][:ENERGY_DRAWS] for target in chosen]) / by,
                seen,
                fair=True,
            )
            for name in self.names
        }


def _mean(column: pl.Series) -> float:
    return float(column.to_numpy().mean())


def _flat(line: Line) -> dict[str, Any]:
    return {
        "level": line.level,
        "name": line.name,
        "family": line.family,
        "n": line.n,
        "series": line.series,
        "crps_unit": line.unit,
        **{f"crps_{name}": score for name, score in line.crps.items()},
        **{
            f"skill_{name}{end}": value
            for name, one in line.skill.items()
            for end, value in (("", one.estimate), ("_low", one.low), ("_high", one.high))
        },
        "coverage50": line.coverage50,
        "coverage90": line.coverage90,
        **{f"energy_{name}": line.energy.get(name) for name in line.crps},
    }


def _bars(overall: Line, families: Sequence[Line]) -> tuple[Bar, ...]:
    return (_beats(overall), _covers(overall), *_families(families))


def _beats(overall: Line) -> Bar:
    found = overall.skill.get(TO_BEAT)
    value = None if found is None else found.estimate
    name = f"beats {TO_BEAT}"
    if found is None or value is None:
        return Bar(name, None, None, 0.0, None, None, f"There is no forecast of {TITLES[TO_BEAT]} to beat.")
    doubt = ""
    if found.low is not None and found.high is not None and found.low <= 0.0 <= found.high:
        between = f"{_signed(found.low)} to {_signed(found.high)}"
        doubt = f"; the {SKILL_LEVEL:.0%} interval, {between}, includes no difference"
    verb = "is lower than" if value > 0.0 else "is no lower than"
    sentence = (
        f"Bar {'met' if value > 0.0 else 'missed'}: the model's CRPS in all {verb} that of {TITLES[TO_BEAT]} "
        f"(skill {_signed(value)}{doubt})."
    )
    return Bar(name, value > 0.0, value, 0.0, None, value, sentence)


def _covers(overall: Line) -> Bar:
    low, high = COVERAGE_IN_ALL
    value = overall.coverage90
    by = min(value - low, high - value)
    where = "" if by >= 0.0 else f", {100 * -by:.0f} points too {'few' if value < low else 'many'}"
    sentence = (
        f"Bar {_met(by)}: 90% intervals hold {value:.0%} of {overall.n} figures{where}; "
        f"{low:.0%} to {high:.0%} was asked."
    )
    return Bar("coverage in all", by >= 0.0, value, low, high, by, sentence)


def _families(families: Sequence[Line]) -> list[Bar]:
    found = []
    for line in families:
        if line.n < FAMILY_OF_TARGETS:
            continue
        by = line.coverage90 - COVERAGE_IN_A_FAMILY
        where = "" if by >= 0.0 else f", {100 * -by:.0f} points too few"
        found.append(
            Bar(
                f"coverage of {line.name}",
                by >= 0.0,
                line.coverage90,
                COVERAGE_IN_A_FAMILY,
                None,
                by,
                f"Bar {_met(by)}: 90% intervals hold {line.coverage90:.0%} of the {line.n} figures of "
                f"{line.name}{where}; at least {COVERAGE_IN_A_FAMILY:.0%} was asked.",
            )
        )
    return found


def _compared(line: Line) -> list[str]:
    said = []
    for other, one in line.skill.items():
        title = TITLES.get(other, other)
        if one.estimate is None:
            said.append(
                f"There is no skill to give against {title}: its scores do not sum to more than zero."
            )
            continue
        between = (
            ""
            if one.low is None or one.high is None
            else f" (90% interval {_signed(one.low)} to {_signed(one.high)})"
        )
        verb = "lower" if one.estimate >= 0.0 else "higher"
        said.append(
            f"In all the model's CRPS is {abs(one.estimate):.0%} {verb} than that of {title}{between}."
        )
    return said


def _lost(card: Scorecard) -> list[str]:
    """Name the series in which the model loses to a baseline, by baseline."""
    said = []
    for other in card.forecasters[1:]:
        lost = [line.name for line in card.by_series if (line.skill[other].estimate or 0.0) < 0.0]
        title = TITLES.get(other, other)
        if lost:
            named = ", ".join(lost)
            said.append(f"It loses to {title} in {len(lost)} of {len(card.by_series)} series: {named}.")
        else:
            said.append(f"It loses to {title} in none of {len(card.by_series)} series.")
    return said


def _met(by: float) -> str:
    return "met" if by >= 0.0 else "missed"


def _signed(share: float) -> str:
    return f"{'−' if round(100 * share) < 0 else ''}{abs(round(100 * share))}%"
