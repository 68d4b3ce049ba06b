"""Draws without surprises: every shock at zero, everything else as drawn."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from twocurves.beliefs import Beliefs, Draws
from twocurves.ensemble.assembly import numbers_of, outside_of
from twocurves.ensemble.central import SHOCKS
from twocurves.ensemble.microbatch import pad, spans
from twocurves.ensemble.paths import BY_DRAW, Batch, batch_of, kernel, side_by_side
from twocurves.ensemble.precision import Precision
from twocurves.observed.tables import Observations


def calm_batches(
    beliefs: Beliefs,
    drawn: Draws,
    held: Observations,
    months: int,
    precision: Precision = Precision.FLOAT64,
) -> Iterator[Batch]:
    """Simulate draws with all shocks at zero and yield the result of each micro-batch.

    Prices are not checked for deviations: a fit looks at many paths that nobody will quote.
    """
    structure, run = kernel(beliefs, precision, check_deviations=False)
    numbers = numbers_of(beliefs, drawn)
    given = outside_of(beliefs, structure, numbers, held, drawn, months)
    calm = given._replace(**{name: np.zeros_like(getattr(given, name)) for name in SHOCKS})
    inputs, outside = precision.cast(numbers), precision.cast(calm._asdict())

    def simulated(span: slice) -> Batch:
        own = {name: pad(value[span]) if name in BY_DRAW else value for name, value in outside.items()}
        shown, verdict = run({name: pad(value[span]) for name, value in inputs.items()}, own)
        return batch_of(drawn.index[span], shown, verdict, span.stop - span.start)

    yield from side_by_side(simulated, list(spans(len(drawn))))
