"""What the pages stand on: beliefs, observations, claims, the run shown, the engine and the jobs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from twocurves.beliefs import Beliefs, Settings, load_beliefs, scenario
from twocurves.claims import Ledger, load_ledger
from twocurves.ensemble.economy_simulator import posterior_of
from twocurves.ensemble.faults import DamagedRunError, Interrupted
from twocurves.ensemble.manifest import read_manifest
from twocurves.ensemble.plan import Plan
from twocurves.ensemble.precision import cores
from twocurves.ensemble.running import Job as PlannedRun
from twocurves.ensemble.running import carry_out, job
from twocurves.ensemble.runs import find_run
from twocurves.ensemble.storage import storage_at
from twocurves.observed.tables import observations
from twocurves.run_result import Run
from twocurves.serve.engine import Engine
from twocurves.serve.jobs import CancelledError, Job, Jobs, Report
from twocurves.serve.nearby import Lines
from twocurves.serve.settings import ServeSettings
from twocurves.serve.simulator import Simulating, Simulator
from twocurves.serve.worker import Assignment, RemoteSimulator

if TYPE_CHECKING:
    from twocurves.observed.measures.report import MeasureReport
    from twocurves.observed.tables import Observations

Found = TypeVar("Found")


class House:
    """Everything that a page may ask for; opened once, when the server starts.

    Parameters
    ----------
    settings
        What ``twocurves serve`` was asked for.

    Raises
    ------
    BadInputError
        The run asked for does not exist, or the posterior was fitted to other beliefs.
    """

    def __init__(self, settings: ServeSettings) -> None:
        self.settings = settings
        self.beliefs: Beliefs = load_beliefs()
        self.held: Observations = observations()
        self.ledger: Ledger = load_ledger()
        self.jobs = Jobs(settings.limits.jobs_waiting)
        self._locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._kept: dict[str, Any] = {}
        self.run: Run | None = None
        self.planned: PlannedRun | None = None
        if settings.run:
            self.run = Run.at(find_run(settings.run))
            self._refuse_unfinished(self.run)
        else:
            self.planned = self.planned_run("central", ())
            if is_complete(self.planned.place):
                self.run = Run.at(self.planned.place)
        plan = self.plan
        self.engine = Engine(
            self._simulators(plan), seed=plan.seed, most_waiting=settings.limits.batches_waiting
        )
        self.lines = Lines(self.engine)
        self.first_job: Job | None = None

    @property
    def plan(self) -> Plan:
        """The plan of the run shown, or of the one being made."""
        if self.run is not None:
            return self.run.plan
        assert self.planned is not None  # noqa: S101  (one of both is there from the start)
        return self.planned.plan

    def _simulators(self, plan: Plan) -> list[Simulating]:
        """Return what the engine computes by: a process a core, two at most, or this process alone."""
        posterior = posterior_of(plan.posterior)  # read here too, so that a stale one is told at once
        if self.settings.engine_processes:
            assignment = Assignment(plan.seed, plan.posterior)
            return [RemoteSimulator(assignment) for _ in range(min(2, cores()))]
        simulator = Simulator(self.beliefs, self.held, self.ledger, seed=plan.seed, posterior=posterior)
        return [simulator] * min(2, cores())

    def start(self) -> None:
        """Start the engine and the queue; make the central run where there is none."""
        self.jobs.start()
        if self.run is None and self.planned is not None:
            self.first_job = self.jobs.add(
                "ensemble",
                f"The first run: {self.planned.plan.draws:,} futures of Central",
                self.planned.plan.name,
                self._ensemble(self.planned, shown=True),
            )
        self.engine.start()

    def stop(self) -> None:
        """Ask what is under way to stop; finished draws are kept."""
        for one in self.jobs.all():
            one.stop.set()

    def planned_run(self, start: str, settings: Settings | tuple[()], draws: int | None = None) -> PlannedRun:
        """Plan a run of a scenario with changes, like the one shown in all else."""
        shown = self.settings
        return job(
            start,
            draws=shown.draws if draws is None else draws,
            seed=self.run.plan.seed if self.run is not None else shown.seed,
            settings=settings,
            beliefs_from=self.run.plan.drawn_from if self.run is not None else (shown.beliefs_from or None),
        )

    def queue_run(self, start: str, settings: Settings, draws: int) -> Job:
        """Queue a run of a scenario with changes."""
        planned = self.planned_run(start, settings, draws)
        title = f"{planned.plan.draws:,} futures of {self.beliefs.scenarios[start].title}"
        if settings:
            title += f" with {len(settings)} change{'s' * (len(settings) > 1)}"
        return self.jobs.add("ensemble", title, planned.plan.name, self._ensemble(planned))

    def queue_fit(self) -> Job:
        """Queue a fit of the beliefs to the observations."""
        return self.jobs.add("fit", f"Fit to observations to {self.held.data_to}", "fit", self._fit)

    def settings_of(self, start: str, changes: Settings) -> Settings:
        """Return a scenario's settings with changes over them."""
        return scenario(self.beliefs, start).settings.merge(changes)

    def once(self, key: str, make: Callable[[], Found]) -> Found:
        """Return what is kept under a key, making it the first time; two who ask at once wait for one."""
        if key in self._kept:
            found: Found = self._kept[key]
            return found
        with self._lock:
            own = self._locks.setdefault(key, threading.Lock())
        with own:
            if key not in self._kept:
                self._kept[key] = make()
            return self._kept[key]  # type: ignore[no-any-return]

    def kept(self, key: str) -> Any:
        """Return what is kept under a key, None where nothing is."""
        return self._kept.get(key)

    @cached_property
    def report(self) -> MeasureReport:
        """What is measured, from the observations held."""
        from twocurves.observed.measures.report import measure_all

        return measure_all(table=self.held)

    def _ensemble(
        self, planned: PlannedRun, *, shown: bool = False
    ) -> Callable[[Report, Callable[[], bool]], str]:
        def work(tell: Report, stop: Callable[[], bool]) -> str:
            def progress(done: int, asked: int, failed: int) -> None:
                words = "Compiling the economy (longer the first time)" if not done else "Simulating"
                tell(done, asked, words + (f", {failed} failed" if failed else ""))

            try:
                finished = carry_out(
                    planned,
                    progress=progress,
                    stop=stop,
                    command=f"twocurves run {planned.plan.scenario} --draws {planned.plan.draws} "
                    f"--seed {planned.plan.seed}",
                )
            except Interrupted as interrupted:
                raise CancelledError(interrupted.message) from interrupted
            if shown and self.run is None:
                self.run = Run.at(finished.path)
            return finished.name

        return work

    def _fit(self, tell: Report, stop: Callable[[], bool]) -> str:
        from twocurves.fit.fitting import PARTICLES, fit
        from twocurves.fit.fitting import Progress as FitProgress
        from twocurves.observed.tables import user_data_folder

        folder = Path(user_data_folder()) / "fits" / f"pages-{self.held.data_to}-{PARTICLES}"

        def told(progress: FitProgress) -> None:
            if stop():
                raise CancelledError(
                    "The fit was cancelled; what is done is kept, and the next one goes on from there."
                )
            part = 0.0 if progress.part is None else progress.part
            tell(
                part,
                1.0,
                f"{'Finding the mode' if progress.phase == 'mode' else 'Moving particles'}, "
                f"step {progress.step}",
            )

        found = fit(self.beliefs, self.held, folder, told=told)
        path = folder / "posterior.npz"
        found.posterior.write(path)
        return str(path)

    @staticmethod
    def _refuse_unfinished(run: Run) -> None:
        if not run.complete or not run.counts.ok:
            from twocurves.errors import BadInputError

            raise BadInputError(
                f"{run.name} is not complete; go on with `twocurves run --resume {run.name}`.",
                field="--run",
                given=run.name,
                allowed="a complete run",
            )


def is_complete(place: str) -> bool:
    """Say whether a whole run lies at a place."""
    try:
        return read_manifest(storage_at(place)).status == "complete"
    except DamagedRunError:
        return False
