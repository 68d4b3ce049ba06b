"""Functions whose sensitivities are known, and draws of their inputs."""

import numpy as np


def ishigami(x, a=7.0, b=0.1):
    """Of three inputs uniform in (-pi, pi) (Ishigami and Homma 1990)."""
    return np.sin(x[:, 0]) + a * np.sin(x[:, 1]) ** 2 + b * x[:, 2] ** 4 * np.sin(x[:, 0])


ISHIGAMI_FIRST = (0.3139, 0.4424, 0.0)
ISHIGAMI_TOTAL = (0.5576, 0.4424, 0.2437)


def sobol_g(x, a):
    """Of inputs uniform in (0, 1) (Saltelli and Sobol 1995)."""
    return np.prod((np.abs(4.0 * x - 2.0) + a) / (1.0 + a), axis=1)


def sobol_g_indices(a):
    own = 1.0 / (3.0 * (1.0 + a) ** 2)
    whole = np.prod(1.0 + own) - 1.0
    return own / whole, own * np.prod(1.0 + own) / (1.0 + own) / whole


def sample(function, draws, inputs, seed=0, low=0.0, high=1.0):
    x = low + (high - low) * np.random.default_rng(seed).random((draws, inputs))
    return x, function(x)
