"""The draws of a stored run once more, with some inputs moved: the same shocks, the rest as it was.

A run holds every value that it drew, so that nothing need be drawn again: what differs between two replays is
due to the inputs that were moved, and to those computed from them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, Draws, Settings, load_beliefs
from twocurves.beliefs.sobol import REPLICATES
from twocurves.claims import Evaluator, Question
from twocurves.claims.compiling import UNDETERMINED
from twocurves.drivers.ranks import FloatArray
from twocurves.drivers.target import Target
from twocurves.ensemble.arrow_numpy import from_column
from twocurves.ensemble.economy_simulator import measure_table, settings_of
from twocurves.ensemble.plan import Plan, code_digest
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.rows import BELIEF
from twocurves.errors import BadInputError, unknown
from twocurves.months import Month
from twocurves.observed.tables import Observations, observations

#: Draws replayed where nobody says how many.
DRAWS = 256


@dataclass(frozen=True)
class Replay:
    """The first draws of a run, ready to be computed again.

    Attributes
    ----------
    plan
        The run's.
    beliefs, held
        Belief files and observations of today.
    settings
        What was set in the run.
    values
        Value of every parameter in each draw, ``(draws,)``, by full name.
    usable
        Draws whose values are known, shape ``(draws,)``.
    """

    plan: Plan
    beliefs: Beliefs
    held: Observations
    settings: Settings
    values: Mapping[str, FloatArray]
    usable: NDArray[np.bool_]

    @classmethod
    def of(cls, run: StoredRun, draws: int = DRAWS) -> Replay:
        """Read the first draws of a run.

        Parameters
        ----------
        draws
            How many, at most.

        Raises
        ------
        BadInputError
            The run was drawn from belief files with other parameters.
        """
        beliefs = load_beliefs()
        names = run.manifest.description.beliefs
        missing = [name for name in beliefs.names if name not in set(names)]
        if missing:
            raise BadInputError(
                f"{run.name} was drawn from other belief files, without {missing[0]}, so its futures cannot "
                "be computed again; make the run again.",
                field="run",
                given=run.name,
                allowed="a run of the belief files of today",
            )
        parts: dict[str, list[FloatArray]] = {name: [] for name in beliefs.names}
        held = 0
        for table in run.iterate_draws([BELIEF + name for name in beliefs.names]):
            for name, found in parts.items():
                column = table[BELIEF + name]
                there = np.asarray(column.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
                found.append(np.where(there, from_column(column, 0), np.nan).astype(np.float64))
            held += len(table)
            if held >= draws:
                break
        values = {name: np.concatenate(found)[:draws] for name, found in parts.items()}
        usable = np.all([np.isfinite(one) for one in values.values()], axis=0)
        for name, one in values.items():  # something to compute with; the draw is not used
            values[name] = np.where(np.isfinite(one), one, np.nanmedian(one))
        return cls(
            plan=run.plan,
            beliefs=beliefs,
            held=observations(),
            settings=settings_of(beliefs, run.plan),
            values=MappingProxyType(values),
            usable=usable,
        )

    @property
    def draws(self) -> int:
        """Number of draws replayed."""
        return len(self.usable)

    @property
    def same_code(self) -> bool:
        """Whether the run was computed by the code of today."""
        return self.plan.code_digest == code_digest()

    @cached_property
    def changed(self) -> frozenset[str]:
        """Full names that the run's settings change."""
        return frozenset(name for name in self.beliefs.names if self.settings.change_of(name) is not None)

    def moved(self, moves: Mapping[str, float | FloatArray]) -> dict[str, FloatArray]:
        """Return the values of every parameter with some moved, those computed from them computed anew.

        Parameters
        ----------
        moves
            Full name (or plain name, for all its entities) -> one value, or one for each draw.

        Raises
        ------
        BadInputError
            A name does not exist.
        """
        values = dict(self.values)
        set_by_hand = set()
        for name, value in moves.items():
            for full_name in self.beliefs.resolve(name):
                values[full_name] = np.broadcast_to(np.asarray(value, dtype=np.float64), (self.draws,)).copy()
                set_by_hand.add(full_name)
        touched = set(set_by_hand)
        for derived in self.beliefs.derived:
            for full_name in self.beliefs.full_names(derived.name):
                _, dot, entity = full_name.partition(".")
                sources = {
                    used: f"{name}{dot}{entity}" if self.beliefs.parameters[name].index is not None else name
                    for used, name in derived.inputs.items()
                }
                if full_name in set_by_hand or not touched & set(sources.values()):
                    continue
                change = self.settings.change_of(full_name)
                if change is not None and change.kind != "scale":
                    continue  # the run's settings hold in the formula's place
                value = np.broadcast_to(
                    derived.formula.evaluate({used: values[name] for used, name in sources.items()}),
                    (self.draws,),
                )
                values[full_name] = value if change is None else value * change.numbers[0]
                touched.add(full_name)
        return values

    def drawn(self, values: Mapping[str, FloatArray]) -> Draws:
        """Return values as the economy takes them."""
        index = np.arange(self.draws, dtype=np.int64)
        return Draws(
            seed=self.plan.seed,
            index=index,
            replicate=index % REPLICATES,
            values=MappingProxyType({name: values[name] for name in self.beliefs.names}),
            status=np.zeros(self.draws, dtype=np.int16),
            causes=(),
            labels=MappingProxyType(
                {
                    name: tuple(self.beliefs.entities[entry.index])
                    for name, entry in self.beliefs.parameters.items()
                    if entry.index is not None
                }
            ),
        )

    def run(
        self, targets: Sequence[Target], moves: Mapping[str, float | FloatArray] | None = None
    ) -> FloatArray:
        """Compute targets in every draw with some inputs moved.

        Parameters
        ----------
        targets
            What is wanted.
        moves
            As for :meth:`moved`; nothing when left out.

        Returns
        -------
        array
            Shape ``(draws, targets)``, of a claim 1 or 0; NaN where a draw failed or does not settle it.
        """
        from twocurves.ensemble.assembly import FIRST, LAST
        from twocurves.ensemble.paths import paths
        from twocurves.ensemble.precision import Precision

        reader = TargetReader(self.plan, self.beliefs, targets)
        values = self.moved(moves or {})
        drawn = self.drawn(values)
        within = self.plan.months_simulated
        parts = []
        for batch in paths(self.beliefs, drawn, self.held, LAST - FIRST + 1, Precision(self.plan.precision)):
            ok = batch.ok | (batch.month >= within)
            parts.append(reader.read({name: one[:, :within] for name, one in batch.measures.items()}, ok))
        found = np.concatenate(parts)
        found[~(self.usable & self.in_bounds(values))] = np.nan
        return found

    def in_bounds(self, values: Mapping[str, FloatArray]) -> NDArray[np.bool_]:
        """Return in which draws every computed parameter lies within its bounds, shape ``(draws,)``."""
        fine = np.ones(self.draws, dtype=np.bool_)
        for derived in self.beliefs.derived:
            low, high = self.beliefs.parameters[derived.name].bounds
            for name in self.beliefs.full_names(derived.name):
                fine &= np.isfinite(values[name]) & (values[name] >= low) & (values[name] <= high)
        return fine


class TargetReader:
    """Reads targets from simulated measures."""

    def __init__(self, plan: Plan, beliefs: Beliefs, targets: Sequence[Target]) -> None:
        self._targets = targets
        self._first = int(Month.parse(plan.from_month))
        self._table = measure_table(beliefs, Month.parse(plan.until))
        questions: list[Question] = [one.question for one in targets if one.question is not None]
        self._evaluator = Evaluator(questions, self._table)

    def along(self, measure: str) -> list[tuple[str, ...]]:
        """Return the entities along each axis of a measure."""
        return [self._table.names[axis] for axis in self._table.measures[measure].axes]

    def place_of(self, target: Target) -> tuple[int, ...]:
        """Return where an outcome lies in its measure's array, after the draw: month, then entities."""
        if target.month is None:
            raise ValueError(f"{target.name} is a claim")
        info = self._table.measures.get(target.measure)
        if info is None:
            raise unknown("measure", target.measure, self._table.measures, field="target")
        entities = target.column.split(".")[1:]
        along = (
            self._table.names[axis].index(entity) for axis, entity in zip(info.axes, entities, strict=True)
        )
        return (int(target.month) - self._first, *along)

    def read(self, measures: Mapping[str, NDArray[np.floating]], ok: NDArray[np.bool_]) -> FloatArray:
        """Return the targets in some draws, shape ``(draws, targets)``; NaN where a draw failed.

        Parameters
        ----------
        measures
            By name, shape ``(draws, months, *axes)``.
        ok
            Which draws came through.
        """
        truths = self._evaluator.truths(measures, ok)
        found = np.empty((len(ok), len(self._targets)))
        for column, target in enumerate(self._targets):
            if target.question is not None:
                truth = truths[target.question.id].astype(np.float64)
                found[:, column] = np.where(truth == UNDETERMINED, np.nan, truth)
            else:
                where: tuple[Any, ...] = (slice(None), *self.place_of(target))
                found[:, column] = measures[target.measure][where]
        found[~ok] = np.nan
        return found
