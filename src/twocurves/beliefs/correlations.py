"""What a stated rank correlation means for full names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from twocurves.beliefs.copula import Pair
from twocurves.beliefs.declared import Beliefs
from twocurves.beliefs.schema import Correlation
from twocurves.errors import BadInputError


def pairs_of(beliefs: Beliefs, correlation: Correlation) -> tuple[Pair, ...]:
    """Return the pairs of full names that a correlation is about.

    Two parameters with the same index are correlated entity by entity; one number is correlated with every
    entity of an indexed parameter. A full name stands for itself.

    Raises
    ------
    BadInputError
        A name does not exist, is derived, is correlated with itself, or the two have different indices.
    """
    first, second = (beliefs.canonical(name) for name in (correlation.first, correlation.second))
    for name in (first, second):
        if beliefs.parameter_of(name).role == "derived":
            raise _fault(f"{name} is derived, so its correlations follow from its formula", name)
    if first == second:
        raise _fault(f"{first} cannot be correlated with itself", first)
    kinds = [None if "." in name else beliefs.parameter_of(name).index for name in (first, second)]
    if None not in kinds and kinds[0] != kinds[1]:
        raise _fault(
            f"{first} is indexed by {kinds[0]} and {second} by {kinds[1]}, so their entities do not pair",
            f"{first}, {second}",
        )
    firsts, seconds = beliefs.resolve(first), beliefs.resolve(second)
    if kinds[0] is not None and kinds[1] is not None:
        return tuple(zip(firsts, seconds, strict=True))
    pairs = tuple((one, other) for one in firsts for other in seconds)
    for one, other in pairs:
        if one == other:
            raise _fault(f"{one} cannot be correlated with itself", one)
    return pairs


def rank_correlations_of(beliefs: Beliefs) -> dict[Pair, float]:
    """Return the rank correlation of every pair of full names about which something is stated."""
    return {
        pair: correlation.rank_correlation
        for correlation in beliefs.correlations
        for pair in pairs_of(beliefs, correlation)
    }


def copula_order(names: Iterable[str], dimensions: Mapping[str, int]) -> list[str]:
    """Return full names by stored dimension, those without one after them as declared."""
    return sorted(names, key=lambda name: dimensions.get(name, 2**31))


def _fault(sentence: str, given: str) -> BadInputError:
    return BadInputError(f"{sentence}.", field="correlation", given=given)
