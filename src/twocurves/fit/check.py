"""NUTS as the check of the fast way to the posterior, on a set of unknowns that is small enough for it.

The reduced posterior has the coordinates in the most informed directions and all discrepancies as unknowns;
everything else is held at the mode::

    z = z_mode + V_k (c - V_k' z_mode),     p(c, u)  ~  likelihood(z, u) N(c; 0, I) N(u; 0, I)

Both ways go to this same target: the No-U-Turn sampler, and the particles of :mod:`twocurves.fit.smc`, which
start from the normal approximation restricted to it. Where they agree, what the particles say of the most
informed directions is not an artefact of how they travel.

Gradients are central difference quotients: all moved paths go side by side through the skeleton, as draws do.
A leapfrog step is reversible and keeps volume whatever force it is given, and acceptance takes the exact
density, so an inexact gradient costs acceptance, not correctness.

Source: Hoffman and Gelman (2014) for the sampler; Vehtari and others (2021) for R-hat and effective sizes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from twocurves.ensemble.precision import prepare_jax
from twocurves.errors import MissingExtraError
from twocurves.fit import laplace, smc
from twocurves.fit.fitting import Fit, Problem
from twocurves.randomness import normals

FloatArray = NDArray[np.float64]

#: Directions, draws kept of each chain, chains and draws of warm-up when none are asked for.
DIRECTIONS, DRAWS, CHAINS, WARM_UP = 8, 500, 4, 300

#: Probabilities of the quantiles that are compared.
LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)

#: Move, in standard deviations of the normal approximation, for a difference quotient.
_MOVE = 1e-3

#: Acceptance that the sampler's steps aim at.
_TARGET = 0.85


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What NUTS says of itself and of the particles.

    Attributes
    ----------
    names
        Of the unknowns: ``"direction 1"`` on, most informed first, then each series' discrepancy.
    rhat
        Rank-normalised split R-hat of each; near one where chains agree.
    ess
        Bulk effective sample size of each.
    divergences
        Steps, after warm-up, whose energy went astray, those onto failed paths among them.
    gradients
        Gradients taken after warm-up.
    levels
        Probabilities of the quantiles.
    nuts, particles
        Quantiles of each unknown from either way, by unknown, then level.
    apart
        Largest difference of a quantile between the two, for each unknown, in standard deviations under NUTS.
    """

    names: tuple[str, ...]
    rhat: tuple[float, ...]
    ess: tuple[float, ...]
    divergences: int
    gradients: int
    levels: tuple[float, ...]
    nuts: tuple[tuple[float, ...], ...]
    particles: tuple[tuple[float, ...], ...]
    apart: tuple[float, ...]

    def as_record(self) -> dict[str, Any]:
        """Return the report as ``--json`` prints it."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Reduced:
    """The posterior of the most informed coordinates and of the discrepancies, all else at the mode.

    Attributes
    ----------
    problem, mode
        Of the whole fit.
    count
        Coordinates.
    """

    problem: Problem
    mode: laplace.Mode
    count: int

    @property
    def directions(self) -> FloatArray:
        """Directions of the coordinates, most informed first, shape ``(unknowns, count)``."""
        return self.mode.directions[:, : self.count]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the unknowns, coordinates first."""
        series = self.problem.likelihood.names
        return (
            *(f"direction {place + 1}" for place in range(self.count)),
            *(f"discrepancy of {name}" for name in series),
        )

    @property
    def own_mode(self) -> laplace.Mode:
        """The mode as seen by the particles: its unknowns are the coordinates, and each is a direction."""
        return laplace.Mode(
            numbers=self.mode.numbers @ self.directions,
            log_ratio=self.mode.log_ratio,
            directions=np.eye(self.count),
            information=self.mode.information[: self.count],
            white=self.mode.white @ self.directions,
            residual=self.mode.residual,
            of=self.mode.of,
            log_posterior=self.mode.log_posterior,
            steps=self.mode.steps,
        )

    def numbers(self, coordinates: FloatArray) -> FloatArray:
        """Return the numbers behind all unknowns of the fit, shape ``(draws, unknowns)``."""
        off = coordinates - self.mode.numbers @ self.directions
        return self.mode.numbers + off @ self.directions.T

    def log_likelihood(self, coordinates: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Return the log likelihood; minus infinity where a path fails."""
        return self.problem.log_likelihood(self.numbers(coordinates), log_ratio)

    def value_and_gradient(self, coordinates: FloatArray, log_ratio: FloatArray) -> Slope:
        """Return the log density at one point and its gradient.

        Parameters
        ----------
        coordinates, log_ratio
            Shapes ``(count,)`` and ``(series,)``.
        """
        own = self.own_mode
        moves = _MOVE / np.sqrt(1.0 + own.information)
        steps = np.concatenate([np.zeros((1, self.count)), np.diag(moves), -np.diag(moves)])
        paths = self.problem.skeleton.paths(self.numbers(coordinates + steps))
        if not paths.ok[0]:
            return Slope(-np.inf, np.zeros(self.count), np.zeros(len(log_ratio)))
        seen = paths.at(self.problem.rows)
        seen = np.where(paths.ok[:, None], seen, seen[0])  # a move onto a failed path is no slope
        likelihood = self.problem.likelihood
        total = likelihood.total(seen, np.tile(log_ratio, (len(seen), 1)))
        # Each discrepancy matters to its own series only, so all are moved at once.
        ratios = log_ratio + _MOVE * np.array([[1.0], [-1.0]])
        apart = likelihood.by_series(np.repeat(seen[:1], 2, axis=0), ratios)
        forward, backward = total[1 : 1 + self.count], total[1 + self.count :]
        return Slope(
            float(total[0] - 0.5 * (coordinates**2).sum() - 0.5 * (log_ratio**2).sum()),
            (forward - backward) / (2.0 * moves) - coordinates,
            (apart[0] - apart[1]) / (2.0 * _MOVE) - log_ratio,
        )


class Slope(NamedTuple):
    """A log density, up to a constant, and its gradient by coordinates and by discrepancies."""

    value: float
    coordinates: FloatArray
    log_ratio: FloatArray


def nuts_check(
    fit: Fit,
    k: int = DIRECTIONS,
    draws: int = DRAWS,
    chains: int = CHAINS,
    seed: int = 7,
    *,
    warm_up: int = WARM_UP,
    particles: int = 512,
) -> CheckReport:
    """Sample the reduced posterior by NUTS and by particles, and compare.

    Parameters
    ----------
    fit
        Whose problem and mode are taken.
    k
        Most informed directions to keep; all of them when there are fewer.
    draws, chains, warm_up
        Draws kept of each chain, chains, and draws before them.
    seed
        Of both.
    particles
        Of the other way.

    Raises
    ------
    MissingExtraError
        NumPyro or ArviZ is not installed.
    """
    numpyro, diagnostics = _imported()
    count = min(k, fit.mode.directions.shape[1])
    reduced = Reduced(fit.problem, fit.mode, count)
    sampled, astray, gradients = _nuts(numpyro, reduced, draws, chains, warm_up, seed)
    found = _by_particles(reduced, particles, seed)
    flat = sampled.reshape(-1, sampled.shape[2])
    ours, theirs = (np.quantile(one, LEVELS, axis=0).T for one in (flat, found))
    apart = np.abs(ours - theirs).max(axis=1) / flat.std(axis=0)
    return CheckReport(
        names=reduced.names,
        rhat=_each(diagnostics.rhat, sampled),
        ess=_each(partial(diagnostics.ess, method="bulk"), sampled),
        divergences=astray,
        gradients=gradients,
        levels=LEVELS,
        nuts=_rows(ours),
        particles=_rows(theirs),
        apart=tuple(apart.tolist()),
    )


def _by_particles(reduced: Reduced, particles: int, seed: int) -> FloatArray:
    """Return particles of the reduced posterior, shape ``(particles, unknowns)``."""
    mode = reduced.own_mode
    now = smc.begin(seed, mode, reduced.log_likelihood, particles)
    while now.temperature < 1.0:
        now = smc.advance(seed, mode, reduced.log_likelihood, now)
    return np.concatenate([now.numbers, now.log_ratio], axis=1)


def _nuts(
    numpyro: ModuleType, reduced: Reduced, draws: int, chains: int, warm_up: int, seed: int
) -> tuple[FloatArray, int, int]:
    """Return draws of shape ``(chains, draws, unknowns)``, how many diverged, and gradients taken."""
    import jax

    mode = reduced.own_mode
    centre = np.concatenate([mode.numbers, mode.log_ratio])
    # In standard deviations of the normal approximation, so that the sampler need not learn its scales.
    width = np.concatenate([1.0 / np.sqrt(1.0 + mode.information), np.ones(len(mode.log_ratio))])
    kernel = numpyro.NUTS(potential_fn=_potential(reduced, centre, width), target_accept_prob=_TARGET)
    run = numpyro.MCMC(
        kernel,
        num_warmup=warm_up,
        num_samples=draws,
        num_chains=chains,
        chain_method="sequential",
        progress_bar=False,
    )
    start = normals(seed, "fit/check/start", 0, chains, len(centre))
    run.run(
        jax.random.PRNGKey(seed),
        init_params=start if chains > 1 else start[0],
        extra_fields=("diverging", "num_steps"),
    )
    sampled = centre + width * np.asarray(run.get_samples(group_by_chain=True))
    more = run.get_extra_fields()
    return sampled, int(np.sum(more["diverging"])), int(np.sum(more["num_steps"]))


def _potential(reduced: Reduced, centre: FloatArray, width: FloatArray) -> Callable[[Any], Any]:
    """Return minus the log density of standardised unknowns, as a function that JAX can differentiate."""
    prepare_jax()
    import jax
    import jax.numpy as jnp

    def host(at: Any) -> tuple[FloatArray, FloatArray]:
        point = centre + width * np.asarray(at, dtype=np.float64)
        slope = reduced.value_and_gradient(point[: reduced.count], point[reduced.count :])
        gradient = np.concatenate([slope.coordinates, slope.log_ratio]) * width
        return np.asarray(-slope.value), -gradient

    shapes = (jax.ShapeDtypeStruct((), jnp.float64), jax.ShapeDtypeStruct(centre.shape, jnp.float64))

    def both(at: Any) -> Any:
        return jax.pure_callback(host, shapes, at, vmap_method="sequential")

    potential = jax.custom_vjp(lambda at: both(at)[0])
    potential.defvjp(both, lambda gradient, along: (along * gradient,))
    return potential


def _each(diagnostic: Callable[..., Any], sampled: FloatArray) -> tuple[float, ...]:
    """Return a diagnostic of every unknown of draws ``(chains, draws, unknowns)``."""
    return tuple(float(diagnostic(sampled[:, :, place])) for place in range(sampled.shape[2]))


def _rows(quantiles: FloatArray) -> tuple[tuple[float, ...], ...]:
    rows: Sequence[Sequence[float]] = quantiles.tolist()
    return tuple(tuple(row) for row in rows)


def _imported() -> tuple[ModuleType, Any]:
    # Before NumPyro, which sets JAX up its own way when it comes first.
    prepare_jax()
    try:
        numpyro = import_module("numpyro.infer")
        array_stats = import_module("arviz_stats.base").array_stats
    except ImportError as absent:
        raise MissingExtraError(
            "The check by NUTS needs NumPyro and ArviZ, which are not installed; "
            "install twocurves with its extra `check`.",
            field="check",
            given="nuts",
            allowed="an installation of twocurves[check]",
        ) from absent
    return numpyro, array_stats
