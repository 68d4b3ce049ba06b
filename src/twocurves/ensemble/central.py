"""The central path: one draw with every belief at its median and no surprises.

It is no forecast and no median of one: medians of inputs do not give medians of outcomes. It is the path
whose numbers were set by hand against the history, and the line that other draws are read against.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, Draws, Settings, draws
from twocurves.beliefs.changes import changed_distribution
from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.economy.month import Exogenous
from twocurves.ensemble.assembly import FIRST, LAST, numbers_of, outside_of, structure_of
from twocurves.ensemble.paths import Batch, batch_of, kernel
from twocurves.ensemble.precision import Precision
from twocurves.observed.tables import Observations

#: What surprises the economy; zero on the central path.
SHOCKS = ("capability_shock", "value_shock", "premium_shock", "supply_shock", "sentiment_shock")

_MEDIAN = np.array([0.5])


def medians(beliefs: Beliefs, settings: Settings = NO_SETTINGS) -> Draws:
    """Return one draw with every belief at its own median, those derived from others computed from theirs.

    Parameters
    ----------
    settings
        Changes, as for :func:`twocurves.beliefs.draws`.

    Returns
    -------
    Draws
        One draw; ``numbers_of`` gives its values by parameter. Its seed and index mean nothing.
    """
    values: dict[str, NDArray[np.float64]] = {}
    changes = {name: settings.change_of(name) for name in beliefs.names}
    for name in beliefs.names:
        change = changes[name]
        distribution = beliefs.distributions.get(name)
        if change is not None:
            distribution = changed_distribution(beliefs, name, change)
        if distribution is not None:
            values[name] = np.asarray(distribution.quantile(_MEDIAN), dtype=np.float64)
    for derived in beliefs.derived:
        for name in beliefs.full_names(derived.name):
            if name in values:
                continue  # a setting put a value or a distribution in the formula's place
            _, dot, entity = name.partition(".")
            inputs = {
                used: values[f"{own}{dot}{entity}" if beliefs.parameters[own].index is not None else own]
                for used, own in derived.inputs.items()
            }
            value = np.broadcast_to(derived.formula.evaluate(inputs), (1,))
            change = changes[name]
            values[name] = np.array(value if change is None else value * change.numbers[0], dtype=np.float64)
    one = draws(beliefs, settings, seed=0, count=1)
    in_order = {name: values[name] for name in beliefs.names}
    return replace(one, values=MappingProxyType(in_order), status=np.zeros(1, dtype=np.int16), causes=())


def central_path(
    beliefs: Beliefs,
    settings: Settings,
    held: Observations,
    months: int = LAST - FIRST + 1,
    precision: Precision = Precision.FLOAT64,
) -> Batch:
    """Run the economy once, at the medians and without surprises.

    Parameters
    ----------
    held
        Observations from which shipments and spending are imposed while they last.
    months
        From January 2023 on.

    Returns
    -------
    Batch
        One draw.
    """
    _, run = kernel(beliefs, precision)
    structure = structure_of(beliefs)
    middle = medians(beliefs, settings)
    numbers = numbers_of(beliefs, middle)
    given = outside_of(beliefs, structure, numbers, held, middle, months)
    calm: Exogenous = given._replace(**{name: np.zeros_like(getattr(given, name)) for name in SHOCKS})
    shown, verdict = run(precision.cast(numbers), precision.cast(calm._asdict()))
    return batch_of(middle.index, shown, verdict, 1)
