"""The economy as the store's simulator: what it delivers, and how a worker builds it.

Everything that a worker needs is in the plan, so that a plan can be sent to another process or machine. The
simulated months are always all of them, whatever is kept: one compiled program serves every run. A draw that
fails after the last month kept has not failed within the run, and a claim about later months is not answered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path

import numpy as np

from twocurves.beliefs import Beliefs, Settings, draws, load_beliefs, read_settings
from twocurves.claims import Evaluator, MeasureShape, MeasureTable, Question, Skipped, load_ledger
from twocurves.economy.measure_table import MEASURES
from twocurves.ensemble.compiler import compiler_flags
from twocurves.ensemble.plan import Plan, code_digest, differences, digest_of
from twocurves.ensemble.precision import Precision, prepare_jax
from twocurves.ensemble.simulator import Batch, Description, MeasureInfo, SimulatorError
from twocurves.errors import BadInputError
from twocurves.fit.posterior import Posterior, packaged_posterior, read_posterior
from twocurves.months import Month
from twocurves.observed.tables import Observations, observations

#: How a plan names the posterior that ships with the package.
PACKAGED_POSTERIOR = "packaged"


def span_simulated() -> tuple[Month, Month]:
    """Return the first and the last month of the simulated economy."""
    prepare_jax()
    from twocurves.ensemble.assembly import FIRST, LAST

    return FIRST, LAST


def measure_table(beliefs: Beliefs, until: Month) -> MeasureTable:
    """Return the measures of a run that ends with a month, as claims are written against them."""
    prepare_jax()
    from twocurves.ensemble.assembly import FIRST, structure_of

    names = structure_of(beliefs).names
    along = {"lab": names.labs, "builder": names.builders, "segment": names.segments}
    along |= {"band": names.bands, "region": names.regions, "layer": names.layers}
    shapes = {name: MeasureShape(info.unit, info.axes, info.meaning) for name, info in MEASURES.items()}
    return MeasureTable(shapes, along, FIRST, until)


def description_of(
    beliefs: Beliefs, until: Month, questions: Iterable[Question] | None = None
) -> Description:
    """Return what the economy delivers in a run that ends with a month.

    Parameters
    ----------
    questions
        Those settled in each draw; the packaged ledger's when left out.
    """
    table = measure_table(beliefs, until)
    asked = load_ledger() if questions is None else questions
    return Description(
        measures=tuple(
            MeasureInfo(name, shape.unit, shape.meaning, shape.axes) for name, shape in table.measures.items()
        ),
        axes=dict(table.names),
        beliefs=tuple(beliefs.names),
        claims=tuple(one.question.id for one in Evaluator(asked, table).compiled),
    )


def unanswered(beliefs: Beliefs, until: Month) -> tuple[Skipped, ...]:
    """Return the questions of the packaged ledger that a run to this month leaves open, and why."""
    return Evaluator(load_ledger(), measure_table(beliefs, until)).skipped


def settings_of(beliefs: Beliefs, plan: Plan) -> Settings:
    """Return a plan's settings; they hold those of its scenario too."""
    return read_settings(beliefs, [f"{name}={value}" for name, value in plan.settings])


def beliefs_digest(beliefs: Beliefs) -> str:
    """Return the digest of all that the belief files say."""
    said = {
        "parameters": {name: entry.model_dump(mode="json") for name, entry in beliefs.parameters.items()},
        "entities": {
            kind: {name: one.model_dump(mode="json") for name, one in held.items()}
            for kind, held in beliefs.entities.items()
        },
        "events": {name: one.model_dump(mode="json") for name, one in beliefs.events.items()},
        "correlations": [one.model_dump(mode="json") for one in beliefs.correlations],
        "priors": {name: prior.model_dump(mode="json") for name, prior in beliefs.priors.items()},
    }
    return digest_of(said)


def posterior_named(beliefs: Beliefs, given: str | Path | None) -> str:
    """Return a posterior as a plan names it: ``packaged``, a path, or empty for the prior.

    Parameters
    ----------
    given
        ``"posterior"``, ``"prior"``, a file, or None: the packaged one where it was fitted to these beliefs.

    Raises
    ------
    BadInputError
        The posterior was fitted to other beliefs, or there is none.
    BadFileError
        The file cannot be read.
    """
    if given == "prior":
        return ""
    if given in (None, "posterior"):
        packaged = packaged_posterior()
        fits = packaged is not None and packaged.made.get("beliefs_digest") == beliefs_digest(beliefs)
        if fits:
            return PACKAGED_POSTERIOR
        if given is None and packaged is None:
            return ""
        raise _stale("the packaged posterior")
    path = Path(given)
    if read_posterior(path).made.get("beliefs_digest") != beliefs_digest(beliefs):
        raise _stale(str(path))
    return str(path.resolve())


def posterior_of(named: str) -> Posterior | None:
    """Return the posterior that a plan names, None for the prior."""
    if not named:
        return None
    return packaged_posterior() if named == PACKAGED_POSTERIOR else read_posterior(Path(named))


def source_digest(beliefs: Beliefs, posterior: str) -> str:
    """Return the digest of what draws are drawn from: the belief files, and the posterior over them."""
    own = beliefs_digest(beliefs)
    found = posterior_of(posterior)
    return own if found is None else digest_of([own, found.digest])


def _stale(what: str) -> BadInputError:
    return BadInputError(
        f"{what} was fitted to other beliefs than these; run `twocurves fit`, or draw from the priors.",
        field="--posterior",
        given=what,
        allowed="a posterior of these beliefs, or --prior",
    )


def observations_digest(held: Observations) -> str:
    """Return the digest of the observations, wherever their files lie."""
    content = held.frame.drop("row").write_json()
    return sha256(f"{held.as_of}\0{content}".encode()).hexdigest()


def factory_of(plan: Plan) -> Callable[[], EconomySimulator]:
    """Return what builds the simulator of a plan inside a worker; it can be sent to another process."""
    return partial(build_simulator, plan)


def build_simulator(plan: Plan) -> EconomySimulator:
    """Build the simulator of a plan.

    Raises
    ------
    SimulatorError
        Code, beliefs, observations or flags of the compiler are not those that the plan was made with, as on
        another machine.
    """
    flags = compiler_flags()
    beliefs, held = load_beliefs(), observations()
    here = plan.model_copy(
        update={
            "code_digest": code_digest(),
            "beliefs_digest": source_digest(beliefs, plan.posterior),
            "data_digest": observations_digest(held),
            "compiler_flags": flags,
        }
    )
    if here != plan:
        what = "; ".join(differences(plan, here))
        raise SimulatorError(
            f"This worker cannot take part in the run, because it differs in {what}.",
            field="worker",
            given=what,
            allowed="the same code, beliefs, observations and flags of the compiler on every machine",
        )
    return EconomySimulator(plan, beliefs, held)


@dataclass(frozen=True)
class EconomySimulator:
    """Computes draws of the economy for one plan.

    Attributes
    ----------
    plan
        What is computed.
    beliefs, held
        Priors and observations.
    """

    plan: Plan
    beliefs: Beliefs
    held: Observations

    @cached_property
    def settings(self) -> Settings:
        """The plan's settings, checked."""
        return settings_of(self.beliefs, self.plan)

    @cached_property
    def posterior(self) -> Posterior | None:
        """What the beliefs are drawn from; the priors where there is none."""
        return posterior_of(self.plan.posterior)

    @cached_property
    def evaluator(self) -> Evaluator:
        """Answers the ledger's questions from the months up to the plan's last."""
        return Evaluator(load_ledger(), measure_table(self.beliefs, Month.parse(self.plan.until)))

    def simulate(self, first: int, count: int) -> Batch:
        """Compute draws ``first`` to ``first + count - 1``, at most one micro-batch.

        A draw whose beliefs are rejected has failed with their cause and no month.
        """
        from twocurves.ensemble.assembly import FIRST, LAST
        from twocurves.ensemble.paths import paths

        drawn = draws(self.beliefs, self.settings, self.plan.seed, first, count, scores=self.posterior)
        (batch,) = paths(self.beliefs, drawn, self.held, LAST - FIRST + 1, Precision(self.plan.precision))
        within = self.plan.months_simulated
        judged = batch.ok | (batch.month >= within)
        ok = judged & drawn.ok
        cause = np.where(judged, "", batch.cause)
        rejected = np.array(["", *drawn.causes])[drawn.status]
        kept = {name: figures[:, :within] for name, figures in batch.measures.items()}
        truths = self.evaluator.truths(kept, ok)
        return Batch(
            index=drawn.index,
            measures={name: kept[name] for name in self.plan.measures},
            ok=ok,
            cause=np.where(drawn.ok, cause, rejected),
            month=np.where(judged | ~drawn.ok, -1, batch.month),
            figure=np.where(judged | ~drawn.ok, np.nan, batch.figure),
            beliefs=dict(drawn.values),
            replicate=drawn.replicate,
            claims=truths,
        )
