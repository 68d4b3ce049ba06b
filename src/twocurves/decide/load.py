"""The work of a workload: tokens and tasks of each month, from its file or from a usage export."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from twocurves.decide.assumptions import number
from twocurves.decide.usage_export import Exported, read_export
from twocurves.decide.workload import Usage
from twocurves.errors import BadInputError


@dataclass(frozen=True)
class Load:
    """Tokens of the first month and how they change.

    Attributes
    ----------
    input_tokens, output_tokens, cached_tokens
        Of the first month; the cached ones are part of the input.
    tasks
        Tasks of the first month; 0 where the workload does not count them.
    growth_per_year
        0.5 is half as much again every year.
    peak_over_mean
        Busiest hour over the month's mean.
    exported
        The export from which they come; None where the workload states them.
    """

    input_tokens: float
    output_tokens: float
    cached_tokens: float
    tasks: float
    growth_per_year: float
    peak_over_mean: float
    exported: Exported | None = None

    @property
    def million_tokens(self) -> float:
        """Millions of tokens read and written in the first month."""
        return (self.input_tokens + self.output_tokens) / 1e6

    @property
    def request_input_tokens(self) -> int:
        """Length of a prompt; 0 where tasks are not counted."""
        return round(self.input_tokens / self.tasks) if self.tasks else 0

    def volume(self, months: int) -> NDArray[np.float64]:
        """Return each month's work over the first month's, shape ``(months,)``."""
        return (1.0 + self.growth_per_year) ** (np.arange(months) / 12.0)


def read_load(usage: Usage, folder: Path) -> Load:
    """Return the work of a workload; an export's figures yield to those that the workload states.

    Parameters
    ----------
    folder
        Where an export's path begins.

    Raises
    ------
    BadFileError
        The export cannot be read; line and column are named.
    BadInputError
        More tokens are cached than read.
    """
    exported = None if usage.export is None else read_export(folder / usage.export)
    if exported is None:
        input_tokens, output_tokens = usage.input_tokens_per_month, usage.output_tokens_per_month
        cached_share, growth, peak, tasks = 0.0, None, None, 0.0
    else:
        input_tokens, output_tokens = exported.input_tokens, exported.output_tokens
        cached_share = exported.cached_tokens / exported.input_tokens if exported.input_tokens else 0.0
        growth, peak, tasks = exported.growth_per_year, exported.peak_over_mean, exported.requests
    if input_tokens is None or output_tokens is None:
        raise BadInputError("The workload gives no tokens.", field="usage", allowed="tokens or an export")
    share = cached_share if usage.cached_share is None else usage.cached_share
    stated_growth = growth if usage.growth_per_year is None else usage.growth_per_year
    stated_peak = peak if usage.peak_over_mean is None else usage.peak_over_mean
    return Load(
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        cached_tokens=share * input_tokens,
        tasks=tasks if usage.tasks_per_month is None else usage.tasks_per_month,
        growth_per_year=number("default_growth_per_year") if stated_growth is None else stated_growth,
        peak_over_mean=number("default_peak_over_mean") if stated_peak is None else stated_peak,
        exported=exported,
    )
