"""How good is good enough in each draw and month, and how often work then succeeds."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from twocurves.decide.market import Market
from twocurves.decide.workload import Workload
from twocurves.decide.world import Paths, World
from twocurves.errors import unknown

Draws = NDArray[np.float64]


@dataclass(frozen=True)
class Need:
    """What the work asks of a model.

    Attributes
    ----------
    level
        Capability needed, index points, shape ``(draws, months)``.
    difficulty
        Capability at which half of the work succeeds, shape ``(draws, months)``.
    width
        Scale of the logistic of success, shape ``(draws, 1)``.
    open_penalty
        Points that open weights lose on this work, shape ``(draws, 1)``.
    tuning_uplift
        Points that fine-tuning gains on it, shape ``(draws, 1)``.
    score_now
        Index score of the model in use; None where it has none.
    """

    level: Paths
    difficulty: Paths
    width: Draws
    open_penalty: Draws
    tuning_uplift: Draws
    score_now: float | None

    def failing(self, quality: Paths) -> Paths:
        """Return the share of work that fails: one less the logistic of (quality - difficulty) / width."""
        with np.errstate(over="ignore"):
            return 1.0 / (1.0 + np.exp((quality - self.difficulty) / self.width))


def read_need(workload: Workload, market: Market, world: World) -> Need:
    """Work out the need of a workload in each draw.

    A pass rate is turned into points by the width of difficulty within the segment: a model that passes
    ``b`` where another of ``E`` points passes ``a`` is worth ``E + w (logit b - logit a)``.

    Raises
    ------
    BadInputError
        The segment is not one of the run's, or a model named has no index score.
    """
    quality = workload.quality
    segments = [name.partition(".")[2] for name in world.beliefs if name.startswith("task_difficulty.")]
    if workload.segment not in segments:
        raise unknown("segment", workload.segment, segments)
    width = world.belief(f"difficulty_width.{workload.segment}")[:, None]
    model_now = market.named(workload.now.model, "now.model")
    score_now = market.score(model_now)
    if quality.as_good_as is not None:
        named = market.named(quality.as_good_as, "quality.as_good_as")
        level = np.full_like(width, market.scored(named, "quality.as_good_as"))
    elif quality.eci is not None:
        level = np.full_like(width, quality.eci)
    else:
        rise = _logit(quality.pass_rate or 0.5) - _logit(quality.pass_rate_now or 0.5)
        level = market.scored(model_now, "now.model") + width * rise
    if quality.pass_rate_now is not None:
        difficulty = market.scored(model_now, "now.model") - width * _logit(quality.pass_rate_now)
    else:
        difficulty = world.belief(f"task_difficulty.{workload.segment}")[:, None]
    follows = quality.follow_frontier * world.closed_gain
    uplift = None if workload.tuning is None else workload.tuning.uplift_points
    believed = world.belief("customisation_uplift") * world.belief(f"customisation_weight.{workload.segment}")
    return Need(
        level=level + follows,
        difficulty=difficulty + follows,
        width=width,
        open_penalty=_open_penalty(workload, market, world, width, model_now),
        tuning_uplift=np.full_like(width, uplift) if uplift is not None else believed[:, None],
        score_now=score_now,
    )


def _open_penalty(workload: Workload, market: Market, world: World, width: Draws, model_now: str) -> Draws:
    tested = workload.quality.tested
    if tested is None:
        exposure = world.belief(f"ood_exposure.{workload.segment}")
        return (world.belief("ood_penalty") * exposure)[:, None]
    score = market.scored(market.named(tested.model, "quality.tested.model"), "quality.tested.model")
    rise = _logit(tested.pass_rate) - _logit(workload.quality.pass_rate_now or 0.5)
    return score - (market.scored(model_now, "now.model") + width * rise)


def _logit(share: float) -> float:
    return log(share / (1.0 - share))
