"""Tempered sequential Monte Carlo from the normal approximation at the mode to the posterior.

Particles start from the reference ``r``, the normal approximation with its variances in the informed
directions stretched, and pass through::

    p_t(z, u)  ~  r(z, u)^(1 - t)  [ likelihood(z, u) N(z; 0, I) N(u; 0, I) ]^t,      t from 0 to 1,

where ``u`` are the discrepancies. Each ``t`` is as far from the last as leaves half of the particles
effective; they are then resampled and moved by preconditioned Crank-Nicolson steps, which leave a normal
distribution fitted to the stage's particles as it is and are accepted by what is not normal about ``p_t``:
their acceptance does not fall with the number of unknowns about which the figures say nothing. Informed
directions and all others move in turn, each with steps whose length follows their acceptance, since the
others can move far at once.

Paths that fail have likelihood zero, so they die out; how many did at the first stage is reported.

Source: Del Moral, Doucet and Jasra (2006); Cotter, Roberts, Stuart and White (2013); Beskos and others
(2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from twocurves.fit.laplace import Mode
from twocurves.randomness import normals, uniforms

FloatArray = NDArray[np.float64]

#: Log likelihood for numbers ``(draws, unknowns)`` and discrepancies ``(draws, series)``; minus infinity
#: where a path failed.
LogLikelihood = Callable[[FloatArray, FloatArray], FloatArray]

#: Factor on the reference's standard deviation in informed directions; it never exceeds the prior's.
STRETCH = 1.5

#: Part of the particles that stay effective from one stage to the next.
EFFECTIVE = 0.5

#: Moves of each particle in a stage, and in the last.
MOVES, LAST_MOVES = 6, 14

#: Acceptance at which the length of steps stays, and how fast it follows.
_ACCEPTANCE = 0.3
_FOLLOW = 1.0
_SHORTEST, _LONGEST = 0.02, 0.95

#: How far a stage's covariance is drawn towards its diagonal, and the least variance added to it.
_SHRINK, _LEAST_VARIANCE = 0.05, 1e-8


@dataclass(frozen=True, eq=False)
class Reference:
    """A normal distribution over numbers: the prior but for a shift and narrow directions.

    Attributes
    ----------
    mean
        Shape ``(unknowns,)``.
    directions, widths
        Orthonormal, shape ``(unknowns, directions)``, with their standard deviations, each at most one.
    """

    mean: FloatArray
    directions: FloatArray
    widths: FloatArray

    @classmethod
    def of(cls, mode: Mode) -> Reference:
        """Return the stretched normal approximation at a mode."""
        widths = np.minimum(STRETCH / np.sqrt(1.0 + mode.information), 1.0)
        return cls(mode.numbers, mode.directions, widths)

    def coloured(self, white: FloatArray) -> FloatArray:
        """Return deviations from the mean made of standard normal numbers ``(draws, unknowns)``."""
        along = white @ self.directions
        return white + (along * (self.widths - 1.0)) @ self.directions.T

    def log_density(self, numbers: FloatArray) -> FloatArray:
        """Return the log density up to a constant, shape ``(draws,)``."""
        off = numbers - self.mean
        along = off @ self.directions
        density: FloatArray = -0.5 * ((off**2).sum(axis=1) + (along**2 * (self.widths**-2 - 1.0)).sum(axis=1))
        return density


@dataclass(frozen=True, eq=False)
class Particles:
    """Particles at a stage; everything that the next stage needs.

    Attributes
    ----------
    numbers, log_ratio
        Shapes ``(particles, unknowns)``, ``(particles, series)``.
    log_likelihood
        Shape ``(particles,)``.
    temperature
        ``t``.
    length, rest_length
        Of steps in the informed directions, and in all others.
    stage
        Number of the stage.
    acceptance
        Of the last stage's moves.
    failed
        Part of the first particles whose path failed.
    log_evidence
        Estimated log of the normalising constant, up to the reference's.
    """

    numbers: FloatArray
    log_ratio: FloatArray
    log_likelihood: FloatArray
    temperature: float
    length: float
    rest_length: float
    stage: int
    acceptance: float
    failed: float
    log_evidence: float


class Told(NamedTuple):
    """What a stage says of itself."""

    stage: int
    temperature: float
    acceptance: float
    distinct: int


def begin(seed: int, mode: Mode, likelihood: LogLikelihood, particles: int) -> Particles:
    """Return particles drawn from the reference."""
    reference = Reference.of(mode)
    series = len(mode.log_ratio)
    white = _normals(seed, "fit/begin", particles, len(mode.numbers) + series)
    numbers = reference.mean + reference.coloured(white[:, series:])
    log_ratio = mode.log_ratio + white[:, :series] * _ratio_width(mode)
    found = likelihood(numbers, log_ratio)
    return Particles(
        numbers,
        log_ratio,
        found,
        temperature=0.0,
        length=0.5,
        rest_length=0.7,
        stage=0,
        acceptance=1.0,
        failed=float(np.mean(~np.isfinite(found))),
        log_evidence=0.0,
    )


def advance(seed: int, mode: Mode, likelihood: LogLikelihood, now: Particles) -> Particles:
    """Take particles one stage on; at a temperature of one nothing is left to do.

    Raises
    ------
    ValueError
        No particle's path holds, so there is nothing to weigh.
    """
    reference = Reference.of(mode)
    gain = _gain(reference, mode, now.numbers, now.log_ratio, now.log_likelihood)
    if not np.isfinite(gain).any():
        raise ValueError("no particle has a path that holds")
    temperature = _next(gain, now.temperature)
    log_weight = (temperature - now.temperature) * np.where(np.isfinite(gain), gain, -np.inf)
    evidence = now.log_evidence + float(np.logaddexp.reduce(log_weight) - np.log(len(log_weight)))
    picked = _resample(seed, now.stage, log_weight)
    particles = replace(
        now,
        numbers=now.numbers[picked],
        log_ratio=now.log_ratio[picked],
        log_likelihood=now.log_likelihood[picked],
        temperature=temperature,
        stage=now.stage + 1,
        log_evidence=evidence,
    )
    proposal = Proposal.of(reference, particles)
    accepted = []
    for move in range(LAST_MOVES if temperature >= 1.0 else MOVES):
        particles, rate = _move(seed, move, reference, proposal, mode, likelihood, particles)
        accepted.append(rate)
    return replace(particles, acceptance=float(np.mean(accepted)))


@dataclass(frozen=True, eq=False)
class Proposal:
    """The normal distribution that moves of a stage leave as it is.

    It is fitted to the particles, so a bent posterior is met with longer steps than the reference would
    allow.

    Attributes
    ----------
    directions, rest
        Of the reference, and its mean outside them, shapes ``(unknowns, directions)``, ``(unknowns,)``.
    mean, lower
        Mean and root of covariance of the coordinates, shapes ``(directions,)``, ``(directions,
        directions)``.
    ratio_mean, ratio_width
        Of the discrepancies, shape ``(series,)``.
    """

    directions: FloatArray
    rest: FloatArray
    mean: FloatArray
    lower: FloatArray
    ratio_mean: FloatArray
    ratio_width: FloatArray

    @classmethod
    def of(cls, reference: Reference, now: Particles) -> Proposal:
        """Fit the proposal to particles; covariances are drawn a little towards their diagonal."""
        along = now.numbers @ reference.directions
        covariance = np.atleast_2d(np.cov(along.T))
        covariance = (1.0 - _SHRINK) * covariance + _SHRINK * np.diag(np.diag(covariance))
        covariance = covariance + _LEAST_VARIANCE * np.eye(len(covariance))
        rest = reference.mean - reference.directions @ (reference.directions.T @ reference.mean)
        return cls(
            reference.directions,
            rest,
            along.mean(axis=0),
            np.asarray(np.linalg.cholesky(covariance), dtype=np.float64),
            now.log_ratio.mean(axis=0),
            np.sqrt(now.log_ratio.var(axis=0) + _LEAST_VARIANCE),
        )

    def log_density(self, numbers: FloatArray, log_ratio: FloatArray) -> FloatArray:
        """Return the log density up to a constant, shape ``(draws,)``."""
        along = numbers @ self.directions
        off = numbers - along @ self.directions.T - self.rest
        white = np.linalg.solve(self.lower, (along - self.mean).T)
        ratios = (log_ratio - self.ratio_mean) / self.ratio_width
        squares = (white**2).sum(axis=0) + (off**2).sum(axis=1) + (ratios**2).sum(axis=1)
        return np.asarray(-0.5 * squares, dtype=np.float64)


def _move(
    seed: int,
    move: int,
    reference: Reference,
    proposal: Proposal,
    mode: Mode,
    likelihood: LogLikelihood,
    now: Particles,
) -> tuple[Particles, float]:
    """Move every particle once: in informed directions and discrepancies, at every other move in the rest."""
    name = f"fit/stage {now.stage}/move {move}"
    informed = move % 2 == 0
    series, unknown = now.log_ratio.shape[1], now.numbers.shape[1]
    white = _normals(seed, name, len(now.numbers), unknown + series)
    length = now.length if informed else now.rest_length
    kept = np.sqrt(1.0 - length**2)
    along = now.numbers @ proposal.directions
    off = now.numbers - along @ proposal.directions.T
    log_ratio = now.log_ratio
    if informed:
        fresh = white[:, series : series + along.shape[1]] @ proposal.lower.T
        along = proposal.mean + kept * (along - proposal.mean) + length * fresh
        fresh = white[:, :series] * proposal.ratio_width
        log_ratio = proposal.ratio_mean + kept * (log_ratio - proposal.ratio_mean) + length * fresh
    else:
        fresh = white[:, series:] - (white[:, series:] @ proposal.directions) @ proposal.directions.T
        off = proposal.rest + kept * (off - proposal.rest) + length * fresh
    numbers = off + along @ proposal.directions.T
    found = likelihood(numbers, log_ratio)
    given = (reference, proposal, mode, now.temperature)
    before = _target(*given, now.numbers, now.log_ratio, now.log_likelihood)
    after = _target(*given, numbers, log_ratio, found)
    chance = uniforms(seed, f"{name}/accept", 0, len(numbers))[:, 0]
    with np.errstate(invalid="ignore"):
        taken = np.isfinite(after) & (np.log(chance) < after - before)
    rate = float(np.mean(taken))
    next_length = float(np.clip(length * np.exp(_FOLLOW * (rate - _ACCEPTANCE)), _SHORTEST, _LONGEST))
    moved = replace(
        now,
        numbers=np.where(taken[:, None], numbers, now.numbers),
        log_ratio=np.where(taken[:, None], log_ratio, now.log_ratio),
        log_likelihood=np.where(taken, found, now.log_likelihood),
    )
    if informed:
        return replace(moved, length=next_length), rate
    return replace(moved, rest_length=next_length), rate


def _target(
    reference: Reference,
    proposal: Proposal,
    mode: Mode,
    temperature: float,
    numbers: FloatArray,
    log_ratio: FloatArray,
    likelihood: FloatArray,
) -> FloatArray:
    """Return the log of the stage's distribution over the proposal's, up to a constant."""
    of_ratios = -0.5 * (((log_ratio - mode.log_ratio) / _ratio_width(mode)) ** 2).sum(axis=1)
    start = reference.log_density(numbers) + of_ratios
    gain = _gain(reference, mode, numbers, log_ratio, likelihood)
    return np.asarray(start + temperature * gain - proposal.log_density(numbers, log_ratio))


def _gain(
    reference: Reference, mode: Mode, numbers: FloatArray, log_ratio: FloatArray, likelihood: FloatArray
) -> FloatArray:
    """Return the log of the posterior over the reference, up to a constant."""
    prior = -0.5 * (numbers**2).sum(axis=1) - 0.5 * (log_ratio**2).sum(axis=1)
    of_ratios = -0.5 * (((log_ratio - mode.log_ratio) / _ratio_width(mode)) ** 2).sum(axis=1)
    return np.asarray(likelihood + prior - reference.log_density(numbers) - of_ratios)


def _ratio_width(mode: Mode) -> FloatArray:
    """Return the reference's standard deviation of each series' discrepancy: less with more figures."""
    figures = np.bincount(mode.of, minlength=len(mode.log_ratio))
    return np.asarray(1.0 / np.sqrt(1.0 + 0.25 * figures))


def _next(gain: FloatArray, temperature: float) -> float:
    """Return the next temperature: as far as leaves the part ``EFFECTIVE`` of the particles, at most one."""

    def effective(to: float) -> float:
        log_weight = (to - temperature) * gain
        weight = np.exp(log_weight - log_weight.max())
        return float(weight.sum() ** 2 / (weight**2).sum() / len(weight))

    gain = np.where(np.isfinite(gain), gain, -np.inf)
    gain = gain - gain.max()
    if effective(1.0) >= EFFECTIVE:
        return 1.0
    low, high = temperature, 1.0
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if effective(middle) >= EFFECTIVE else (low, middle)
    return max(low, temperature + 1e-6)


def _resample(seed: int, stage: int, log_weight: FloatArray) -> NDArray[np.intp]:
    """Return places of the particles that go on, systematically resampled."""
    weight = np.exp(log_weight - log_weight.max())
    count = len(weight)
    start = uniforms(seed, f"fit/stage {stage}/resample", 0, 1)[0, 0]
    picked = np.searchsorted(np.cumsum(weight) / weight.sum(), (start + np.arange(count)) / count)
    return np.asarray(np.minimum(picked, count - 1), dtype=np.intp)


def _normals(seed: int, name: str, draws: int, count: int) -> FloatArray:
    """Return standard normal numbers of a stream, shape ``(draws, count)``, whatever its limit a row is."""
    width = 128
    blocks = [normals(seed, f"{name}/{first}", 0, draws, width) for first in range(0, count, width)]
    return np.concatenate(blocks, axis=1)[:, :count]
