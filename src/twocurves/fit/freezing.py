"""Making a forecast of record: every observed series for two years, and every claim, from data to a day.

Each draw is one of the posterior's: its path without surprises, what that leaves out given the figures so
far, and an error of measurement such as one more figure would have. The baselines are frozen beside it, so
that skill can be told when the observations come.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from twocurves.beliefs import Beliefs, draws
from twocurves.claims.probability import Probability
from twocurves.fit.baselines import Past, forecasts, kind_of
from twocurves.fit.frozen import (
    HORIZON,
    Frozen,
    FrozenClaim,
    FrozenSeries,
    Made,
    Matching,
    months_after,
    quantile_table,
)
from twocurves.fit.likelihood import Likelihood
from twocurves.fit.posterior import Posterior
from twocurves.fit.predictive import predicted_paths
from twocurves.fit.series import FIRST, Row, Series, observed_rows, series_table
from twocurves.fit.skeleton import Skeleton
from twocurves.months import Month
from twocurves.observed.tables import Observations
from twocurves.randomness import normals

FloatArray = NDArray[np.float64]

#: Draws of the posterior that quantiles are taken of.
DRAWS = 2048


def freeze(
    beliefs: Beliefs,
    held: Observations,
    posterior: Posterior,
    claims: Mapping[str, Probability],
    unfitted: Mapping[str, Probability],
    *,
    command: str,
    seed: int,
    digests: Mapping[str, str],
    count: int = DRAWS,
) -> Frozen:
    """Return the forecast of record.

    Parameters
    ----------
    posterior
        Fitted to these observations.
    claims, unfitted
        Probabilities by question, from a run drawn from the posterior and one drawn from the priors.
    command
        Command line that makes it.
    digests
        ``data``, ``code`` and ``version``.
    count
        Draws that quantiles are taken of.
    """
    data_to = held.data_to if held.as_of is None else held.as_of
    months = months_after(data_to)
    ahead = np.array([Month.parse(text) - FIRST for text in months])
    rows = observed_rows(beliefs, held)
    likelihood = Likelihood(tuple(row for row in rows if row.series in posterior.series))
    drawn = draws(beliefs, seed=seed, first=0, count=count, scores=posterior)
    paths = Skeleton(beliefs, held, int(ahead[-1]) + 1).paths_of(drawn)
    ratios = posterior.log_ratio[np.arange(count) % len(posterior.log_ratio)]
    order = [posterior.series.index(name) for name in likelihood.names]
    table = series_table()
    seen = predicted_paths(paths, likelihood, ratios[:, order], table, ahead.tolist(), seed)
    found = []
    for name, one in table.items():
        noise = normals(seed, f"freeze/measured/{name}", 0, count, HORIZON)
        samples = (seen[name] + one.measurement * noise)[paths.ok]
        past = [row for row in rows if row.series == name and not row.at_least]
        if not past:
            continue  # nothing was ever seen of it, so there is nothing to forecast it beside
        found.append(
            FrozenSeries(
                id=name,
                title=one.title,
                family=one.family,
                unit=one.unit,
                scale=one.scale,
                matched_by=_matching(one, past, held),
                quantiles=quantile_table(samples, one.scale),
                baselines={
                    baseline: quantile_table(figures, one.scale)
                    for baseline, figures in _baselines(one, past, ahead, seed, count).items()
                },
            )
        )
    return Frozen(
        made=Made(
            data_to=data_to,
            data_digest=digests["data"],
            posterior_digest=posterior.digest,
            code_version=digests["version"],
            code_digest=digests["code"],
            seed=seed,
            draws=count,
        ),
        command=command,
        months=months,
        series=tuple(found),
        claims=tuple(
            FrozenClaim(
                id=name,
                probability=said.probability,
                error=said.standard_error,
                prior=unfitted[name].probability if name in unfitted else None,
            )
            for name, said in sorted(claims.items())
        ),
    )


def _baselines(
    one: Series, past: list[Row], ahead: NDArray[np.int_], seed: int, count: int
) -> dict[str, FloatArray]:
    known = Past(
        one.id,
        kind_of(one.scale, one.unit),
        np.array([row.month for row in past], dtype=np.float64),
        np.array([row.value for row in past]),
    )
    return forecasts(known, ahead.astype(np.float64), draws=count, seed=seed)


def _matching(one: Series, past: list[Row], held: Observations) -> Matching:
    """Return how an observation of a series is found in a table of new ones."""
    if one.path == "closed records":
        return Matching(take="none", why="a wait is known only once open models have reached the record")
    if one.path is not None:
        economy = "closed" if one.path == "best closed" else "open"
        best = max((row.value for row in past), default=None)
        return Matching(take="record", series=("eci",), economy=economy, best_so_far=best)
    if one.targets:
        return Matching(take="none", why="a judgement over several figures, not one that is published")
    own = held.series(*one.series)
    units = own.filter(own["entity"].is_in(one.entities))["unit"].drop_nulls()
    named = tuple(sorted(set(units.to_list())))
    return Matching(
        take="year" if one.observe == "year" else "rows",
        series=one.series,
        entities=one.entities,
        units=named,
        discount_series=one.discount_series,
    )


def name_of(data_to: dt.date) -> str:
    """Return the file name of the forecast made from data to a day."""
    return f"{data_to}.json"
