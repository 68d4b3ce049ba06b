"""Other intervals for a slope, to compare with the one in use."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

Series = NDArray[np.float64]
Ends = Callable[[Series, Series], tuple[float, float]]

_DRAWS = 200
_generator = np.random.Generator(np.random.Philox(5))


def _line(at: Series, seen: Series) -> tuple[float, Series, Series]:
    apart = at - at.mean()
    slope = float(apart @ seen / (apart @ apart))
    return slope, seen - seen.mean() - slope * apart, apart


def ordinary(at: Series, seen: Series) -> tuple[float, float]:
    slope, rest, apart = _line(at, seen)
    freedom = len(at) - 2
    half = float(stdtrit(freedom, 0.95) * np.sqrt(rest @ rest / freedom / (apart @ apart)))
    return slope - half, slope + half


def newey_west(at: Series, seen: Series) -> tuple[float, float]:
    slope, rest, apart = _line(at, seen)
    n = len(at)
    score = apart * rest
    lags = max(1, int(np.ceil(1.3 * np.sqrt(n))))
    products = [float(score[k:] @ score[: n - k]) for k in range(min(lags, n))]
    total = products[0] + sum(2 * (1 - k / lags) * product for k, product in enumerate(products) if k)
    share = lags / n
    # Fixed-b critical value for the Bartlett kernel, 95% one-sided (Kiefer and Vogelsang 2005).
    critical = 1.6449 + 2.1859 * share + 0.3142 * share**2 - 0.3427 * share**3
    half = float(critical * np.sqrt(max(total, 1e-12) * n / (n - 2)) / (apart @ apart))
    return slope - half, slope + half


def effective_n(at: Series, seen: Series) -> tuple[float, float]:
    slope, rest, apart = _line(at, seen)
    n = len(at)
    memory = float(rest[1:] @ rest[:-1] / (rest @ rest))
    memory = min(0.95, max(0.0, memory + (1 + 4 * memory) / n))
    freedom = max(n * (1 - memory) / (1 + memory) - 2, 1.0)
    half = float(stdtrit(freedom, 0.95) * np.sqrt(rest @ rest / freedom / (apart @ apart)))
    return slope - half, slope + half


def block_bootstrap(at: Series, seen: Series) -> tuple[float, float]:
    slope, rest, apart = _line(at, seen)
    n = len(at)
    length = max(2, round(1.5 * n ** (1 / 3)))
    starts = _generator.integers(0, n - length + 1, (_DRAWS, -(-n // length)))
    index = (starts[:, :, None] + np.arange(length)).reshape(_DRAWS, -1)[:, :n]
    drawn = slope + rest[index] @ apart / (apart @ apart) * np.sqrt(n / (n - 2))
    return float(np.quantile(drawn, 0.05)), float(np.quantile(drawn, 0.95))


def wild_bootstrap(at: Series, seen: Series) -> tuple[float, float]:
    slope, rest, apart = _line(at, seen)
    n = len(at)
    reach = max(2.0, 1.5 * n ** (1 / 3))
    kernel = np.maximum(0.0, 1 - np.abs(np.subtract.outer(np.arange(n), np.arange(n))) / reach)
    factor = np.linalg.cholesky(kernel + 1e-9 * np.eye(n))
    flips = _generator.standard_normal((_DRAWS, n)) @ factor.T
    drawn = slope + (flips * rest) @ apart / (apart @ apart) * np.sqrt(n / (n - 2))
    return float(np.quantile(drawn, 0.05)), float(np.quantile(drawn, 0.95))


COMPARED: dict[str, Ends] = {
    "ordinary least squares": ordinary,
    "Newey-West": newey_west,
    "effective number of points": effective_n,
    "moving-block bootstrap": block_bootstrap,
    "dependent wild bootstrap": wild_bootstrap,
}
