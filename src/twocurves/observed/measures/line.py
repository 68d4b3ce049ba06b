"""Straight lines through masked points, many at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from twocurves.observed.measures.frontier import Flags
from twocurves.observed.measures.scores import Numbers


@dataclass(frozen=True)
class Lines:
    """Least-squares lines, one for each row of a mask; NaN where a row has too few points.

    Attributes
    ----------
    n
        Points used, shape ``(...)``.
    slope, level
        The line is ``level + slope (x - centre)``.
    centre
        Mean ``x`` of the points used.
    spread
        Sum of squared deviations of ``x``.
    residual
        Residuals, 0 at points not used, shape ``(..., m)``.
    deviation
        ``x - centre``, 0 at points not used, shape ``(..., m)``.
    """

    n: Numbers
    slope: Numbers
    level: Numbers
    centre: Numbers
    spread: Numbers
    residual: Numbers
    deviation: Numbers

    @property
    def residual_sd(self) -> Numbers:
        """Standard deviation of the residuals, ``n - 2`` degrees of freedom; NaN for fewer than 3 points."""
        freedom = np.where(self.n > 2, self.n - 2, np.nan)
        sd: Numbers = np.sqrt((self.residual**2).sum(-1) / freedom)
        return sd

    def at(self, x: Numbers | float) -> Numbers:
        """Return the height of each line at ``x``."""
        return self.level + self.slope * (x - self.centre)


def fit_lines(x: Numbers, y: Numbers, used: Flags) -> Lines:
    """Fit a line by least squares to the used points of each row.

    Parameters
    ----------
    x
        Shape ``(m,)``.
    y, used
        Shape ``(..., m)``.
    """
    weight = used.astype(np.float64)
    n = weight.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(n > 0, (weight * x).sum(-1) / n, np.nan)
        level = np.where(n > 0, (weight * y).sum(-1) / n, np.nan)
        deviation = np.where(used, x - centre[..., None], 0.0)
        spread = (deviation**2).sum(-1)
        enough = (n >= 2) & (spread > 0)
        slope = np.where(enough, (deviation * y).sum(-1) / spread, np.nan)
        residual = np.where(used, y - level[..., None] - slope[..., None] * deviation, 0.0)
    return Lines(n, slope, level, centre, spread, residual, deviation)


@dataclass(frozen=True)
class Kinks:
    """Lines with one kink, for each row and each candidate place, shape ``(..., k)``.

    Attributes
    ----------
    statistic
        F statistic of the kink against a straight line; minus infinity where a side has too few points.
    before, after
        Slopes on both sides of the kink.
    level
        Height of the kinked line at the kink.
    """

    statistic: Numbers
    before: Numbers
    after: Numbers
    level: Numbers


def fit_kinks(x: Numbers, y: Numbers, used: Flags, places: Numbers, least: int) -> Kinks:
    """Fit a continuous line with one change of slope at each of ``places``.

    By the Frisch-Waugh theorem: the hinge ``max(x - place, 0)`` is regressed, net of the straight line, on
    that line's residuals.

    Parameters
    ----------
    least
        Points needed strictly on each side of a kink.
    """
    lines = fit_lines(x, y, used)
    weight = used.astype(np.float64)
    hinge = np.maximum(x[:, None] - places, 0.0)
    after_place = (x[:, None] > places).astype(np.float64)
    before_place = (x[:, None] < places).astype(np.float64)
    enough = (weight @ after_place >= least) & (weight @ before_place >= least)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (weight @ hinge) / lines.n[..., None]
        tilt = (lines.deviation @ hinge) / lines.spread[..., None]
        net = weight @ hinge**2 - lines.n[..., None] * mean**2 - tilt**2 * lines.spread[..., None]
        change = (lines.residual @ hinge) / net
        straight = (lines.residual**2).sum(-1)[..., None]
        gained = change**2 * net
        left = np.maximum(straight - gained, 1e-12)
        statistic = gained / (left / (lines.n[..., None] - 3))
        before = lines.slope[..., None] - change * tilt
        after = before + change
        level = lines.level[..., None] - change * mean + before * (places - lines.centre[..., None])
    enough &= np.isfinite(statistic) & (lines.n[..., None] > 3)
    return Kinks(
        statistic=np.where(enough, statistic, -np.inf),
        before=np.where(enough, before, np.nan),
        after=np.where(enough, after, np.nan),
        level=np.where(enough, level, np.nan),
    )
