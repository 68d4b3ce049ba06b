"""From what a person asks for to a plan, and from a plan to a stored run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from twocurves.beliefs import Beliefs, Settings, load_beliefs, read_settings, scenario
from twocurves.beliefs.changes import Change
from twocurves.economy.measure_table import MEASURES
from twocurves.ensemble.compiler import compiler_flags
from twocurves.ensemble.economy_simulator import (
    description_of,
    factory_of,
    observations_digest,
    posterior_named,
    source_digest,
    span_simulated,
)
from twocurves.ensemble.faults import PlanChangedError
from twocurves.ensemble.layout import Layout
from twocurves.ensemble.plan import Plan, code_digest, make_plan, versions
from twocurves.ensemble.precision import cores
from twocurves.ensemble.runs import runs_folder
from twocurves.ensemble.simulator import Description
from twocurves.errors import BadInputError, unknown
from twocurves.months import Month, as_month
from twocurves.observed.tables import observations

if TYPE_CHECKING:
    from twocurves.ensemble.executor import Executor, Progress
    from twocurves.ensemble.results import StoredRun

DRAWS = 1024
SEED = 7

Keep = Literal["all", "quarterly", "yearly"]
_KEEPS: tuple[Keep, ...] = ("all", "quarterly", "yearly")
_PRECISIONS: tuple[Literal["float32", "float64"], ...] = ("float32", "float64")

#: Most threads of one process: what a micro-batch does outside the compiled program (drawing, claims, rows)
#: holds Python's lock for about an eighth of its time, so more of them would wait for each other.
THREADS_AT_MOST = 4

#: Draws for each process below which starting it, and tracing the program in it, costs more than it saves.
DRAWS_WORTH_A_PROCESS = 2048

#: Bytes of a stored run for each byte of its figures: the rest is compression.
_STORED_SHARE = 0.9


@dataclass(frozen=True)
class Job:
    """A run that can be carried out.

    Attributes
    ----------
    plan
        All that its numbers depend on.
    description
        What the economy delivers for it.
    """

    plan: Plan
    description: Description

    @property
    def place(self) -> str:
        """Folder of the run among the user's runs."""
        return str(runs_folder() / self.plan.name)

    @property
    def bytes_needed(self) -> float:
        """About how many bytes the run takes on the disk."""
        columns = len(Layout(self.plan, self.description).columns)
        size = 4 if self.plan.precision == "float32" else 8
        per_draw = columns * len(self.plan.months) * size + 8 * len(self.description.beliefs)
        return _STORED_SHARE * per_draw * self.plan.draws


def job(
    scenario_name: str | Path = "central",
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    settings: Mapping[str, str | float | Change] | Iterable[str] = (),
    until: Month | str | None = None,
    measures: Iterable[str] | None = None,
    keep: str = "all",
    precision: str = "float32",
    beliefs_from: str | Path | None = None,
) -> Job:
    """Plan a run.

    Parameters
    ----------
    scenario_name
        A scenario's name, or a scenario file that ends in ``.toml``.
    draws, seed
        How many draws, and the seed of all random streams.
    settings
        Changes over the scenario's own, as ``--set`` takes them or as a mapping.
    until
        Last month of the run; the end of the simulated economy when left out.
    measures
        Names of the measures kept; all when left out.
    keep
        Months kept: "all", "quarterly" or "yearly".
    precision
        "float32" or "float64".
    beliefs_from
        ``"posterior"`` (the packaged one), ``"prior"``, or a file that ``twocurves fit`` wrote. When left
        out, the packaged posterior where it was fitted to these beliefs.

    Raises
    ------
    BadInputError
        Something asked for does not exist or is out of range; nothing was written.
    """
    beliefs = load_beliefs()
    chosen = scenario(beliefs, scenario_name)
    over = read_settings(beliefs, settings)
    return _job(
        beliefs,
        chosen.id,
        chosen.settings.merge(over),
        draws=_whole("--draws", draws, 1),
        seed=_whole("--seed", seed, None),
        until=as_month(until, "--until"),
        measures=None if measures is None else tuple(measures),
        keep=_one_of("--keep", keep, _KEEPS),
        precision=_one_of("--precision", precision, _PRECISIONS),
        posterior=posterior_named(beliefs, beliefs_from),
    )


def job_again(stored: Plan) -> Job:
    """Plan a stored run anew from its scenario, settings and numbers, with the code and data of today.

    Raises
    ------
    PlanChangedError
        A setting or measure of the run does not exist any more.
    """
    beliefs = load_beliefs()
    try:
        return _job(
            beliefs,
            stored.scenario,
            read_settings(beliefs, [f"{name}={value}" for name, value in stored.settings]),
            draws=stored.draws,
            seed=stored.seed,
            until=Month.parse(stored.until),
            measures=stored.measures,
            keep=stored.months_kept,
            precision=stored.precision,
            posterior=stored.posterior,
        )
    except BadInputError as fault:
        raise PlanChangedError(
            f"The run cannot be continued with the beliefs and measures of today: {fault.message}",
            field="run",
            given=fault.given,
            allowed=fault.allowed,
        ) from fault


def carry_out(
    planned: Job,
    place: str | Path | None = None,
    *,
    executor: Executor | None = None,
    progress: Progress | None = None,
    command: str = "",
    stop: Callable[[], bool] | None = None,
) -> StoredRun:
    """Compute what is missing of a run; see :func:`twocurves.ensemble.executor.execute`.

    Parameters
    ----------
    place
        Folder or URL of the run; among the user's runs when left out.

    Raises
    ------
    BadInputError
        The disk has less room than the run needs.
    """
    from twocurves.ensemble.executor import execute

    where = planned.place if place is None else place
    _refuse_full_disk(planned, where)
    return execute(
        planned.plan,
        planned.description,
        factory_of(planned.plan),
        where,
        executor=executor or local(planned.plan),
        progress=progress,
        command=command,
        stop=stop,
    )


def local(plan: Plan, workers: int | None = None) -> Executor:
    """Return the executor on this machine.

    Parameters
    ----------
    workers
        How many micro-batches are computed at a time; as many as there are cores when left out, one on a GPU.
        Up to :data:`THREADS_AT_MOST` are threads of this process, more are processes where the run is long
        enough to be worth them.
    """
    from twocurves.ensemble.executors import LocalExecutor, ThreadExecutor, checked_workers

    usual = cores() if plan.device == "cpu" else 1
    wished = min(usual if workers is None else checked_workers(workers), plan.micro_batches)
    if wished == 1:
        return LocalExecutor()
    if wished > THREADS_AT_MOST and plan.draws >= wished * DRAWS_WORTH_A_PROCESS:
        return LocalExecutor(wished)
    return ThreadExecutor(min(wished, THREADS_AT_MOST))


def elsewhere(on: str, workers: int | None = None) -> Executor:
    """Return the executor on a cluster.

    Parameters
    ----------
    on
        ``ray``, or ``ray://host:port``.

    Raises
    ------
    BadInputError
        It is neither.
    MissingExtraError
        Ray is not installed.
    """
    if on != "ray" and not on.startswith("ray://"):
        raise BadInputError(
            f"--on must be ray or ray://host:port; you gave {on!r}.",
            field="--on",
            given=on,
            allowed="ray or ray://host:port",
            suggestion="ray",
        )
    from twocurves.ensemble.ray_executor import RayExecutor

    return RayExecutor(on, workers)


def _job(
    beliefs: Beliefs,
    name: str,
    settings: Settings,
    *,
    draws: int,
    seed: int,
    until: Month | None,
    measures: tuple[str, ...] | None,
    keep: str | tuple[str, ...],
    precision: str,
    posterior: str,
) -> Job:
    for measure in measures or ():
        if measure not in MEASURES:
            raise unknown("measure", measure, MEASURES, field="--measure")
    flags = compiler_flags()  # before JAX looks for devices, which is when it reads them
    begins, ends = span_simulated()
    last = ends if until is None else until
    held = observations()
    if not Month.containing(held.data_to) < last <= ends:
        first = Month.containing(held.data_to) + 1
        raise BadInputError(
            f"--until must be a month from {first} to {ends}; you gave {last}.",
            field="--until",
            given=str(last),
            allowed=f"{first} to {ends}",
        )
    plan = make_plan(
        scenario=name,
        settings=[text.split("=", 1) for text in settings.as_strings()],
        seed=seed,
        draws=draws,
        from_month=str(begins),
        until=str(last),
        precision=precision,
        device=_device(),
        measures=tuple(MEASURES) if measures is None else tuple(dict.fromkeys(measures)),
        months_kept=keep,
        beliefs_from="posterior" if posterior else "prior",
        beliefs_digest=source_digest(beliefs, posterior),
        posterior=posterior,
        code_digest=code_digest(),
        data_digest=observations_digest(held),
        data_to=held.data_to,
        compiler_flags=flags,
        **versions(),
    )
    return Job(plan, description_of(beliefs, last))


def _device() -> str:
    import jax

    return str(jax.default_backend())


def _whole(field: str, given: object, least: int | None) -> int:
    """Return a whole number; one written as a float, such as 1e6, counts.

    Raises
    ------
    BadInputError
        It is none, or too small.
    """
    if isinstance(given, int | float) and not isinstance(given, bool) and float(given).is_integer():
        number = int(given)
        if least is None or number >= least:
            return number
    wanted = "a whole number" if least is None else f"a whole number of at least {least}"
    raise BadInputError(
        f"{field} must be {wanted}; you gave {given}.", field=field, given=given, allowed=wanted
    )


def _one_of(field: str, given: str, allowed: tuple[str, ...]) -> str:
    if given not in allowed:
        raise BadInputError(
            f"{field} must be {' or '.join(allowed)}; you gave {given!r}.",
            field=field,
            given=given,
            allowed=list(allowed),
        )
    return given


def _refuse_full_disk(planned: Job, where: str | Path) -> None:
    if isinstance(where, str) and "://" in where:
        return
    there = Path(where).expanduser().absolute()
    existing = next((folder for folder in (there, *there.parents) if folder.exists()), None)
    if existing is None:
        return
    taken = sum(path.stat().st_size for path in there.rglob("*.parquet")) if there.is_dir() else 0
    needed, free = planned.bytes_needed - taken, shutil.disk_usage(existing).free
    if needed > free:
        raise BadInputError(
            f"The run needs about {needed / 1e9:.1f} GB at {existing}, where {free / 1e9:.1f} GB are free; "
            "keep fewer months (--keep yearly) or measures (--measure NAME), or ask for fewer draws.",
            field="--draws",
            given=planned.plan.draws,
            allowed=f"{free / 1e9:.1f} GB",
        )
