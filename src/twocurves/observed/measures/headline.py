"""The headline: whether the two economies are on different exponentials, dimension by dimension."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import import_module

import polars as pl
from scipy.special import ndtr, ndtri

from twocurves.observed.measures.measure import Family, Measure, Measured, Window
from twocurves.observed.measures.thin import TOO_FEW_APART, cannot_tell_apart
from twocurves.observed.tables import Observations

#: A difference whose sign has at least this probability is called so.
SURE = 0.95

#: From here on it is called probable; below, the data cannot tell.
LIKELY = 0.80

#: Dimensions that must be probable, where none is called so, before the answer opens with "probably":
#: where nothing differs, chance alone makes a dimension probable in two cases of five.
FEWEST_PROBABLE = 2

#: A venue that says the opposite with at least this probability turns the verdict to "cannot tell".
CONTRADICTS = 0.80

_TOO_FEW = "there are too few data"

#: Said where an interval is so wide that neither rate says anything beside the other.
_TOO_FEW_TO_TELL = "there are too few data to tell"

_RULE = (
    f"Verdict by the probability of the sign of the difference: {SURE:g} or more yes, {LIKELY:g} or more "
    "probably, less cannot tell; venues that contradict each other cannot tell, nor can an interval that "
    "reaches as far as the growth itself on both sides of zero."
)


@dataclass(frozen=True, slots=True)
class Dimension:
    """One thing in which two economies can grow at different rates.

    Attributes
    ----------
    name
        As in the id ``exponentials:name``.
    subject
        How the sentence calls it.
    faster
        What the faster economy does, after its name ("gains faster").
    closed, open
        Ids of the growth of each economy; empty where only their difference is known.
    difference
        Id of closed less open.
    rivals
        Ids of the same difference elsewhere, which may contradict.
    unjudged
        What the sentence says where the difference must not be judged.
    """

    name: str
    subject: str
    faster: str
    closed: str
    open: str
    difference: str
    rivals: tuple[str, ...] = ()
    unjudged: str = ""


DIMENSIONS = (
    Dimension(
        "capability",
        "capability",
        "gains faster",
        "capability_growth_closed",
        "capability_growth_open",
        "capability_growth_difference",
    ),
    Dimension(
        "price",
        "price at fixed capability",
        "gets cheaper faster",
        "price_growth:closed",
        "price_growth:open",
        "price_growth_difference",
        unjudged="open prices have no history to compare",
    ),
    Dimension(
        "revenue",
        "revenue",
        "grows faster",
        "revenue_growth:closed",
        "revenue_growth:open",
        "revenue_growth_difference",
    ),
    Dimension(
        "usage",
        "use",
        "grows faster",
        "",
        "",
        "usage_growth_difference",
        ("usage_growth_difference:menlo",),
    ),
)

#: Families whose measures the headline is made from.
NEEDED = ("capability", "prices", "revenue", "shares")

_COLUMNS = {
    "dimension": pl.String,
    "subject": pl.String,
    "closed": pl.Float64,
    "open": pl.Float64,
    "difference": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "unit": pl.String,
    "probability_closed_faster": pl.Float64,
    "verdict": pl.String,
    "faster": pl.String,
    "what_faster_does": pl.String,
    "short": pl.String,
    "why": pl.String,
}

_ORDER = ("yes", "probably", "cannot tell")


def run(observations: Observations, window: Window) -> Measured:
    """Measure what the headline needs, then judge it; see :func:`headline`."""
    families = (import_module(f"twocurves.observed.measures.{name}").FAMILY for name in NEEDED)
    return headline({family.id: family.run(observations, window) for family in families})


def headline(results: Mapping[str, Measured]) -> Measured:
    """Judge, dimension by dimension, whether the two economies grow at different rates.

    Parameters
    ----------
    results
        What the families returned. A figure that is missing, or has no estimate, makes its dimension
        "cannot tell".

    Returns
    -------
    Measured
        One measure ``exponentials:...`` per dimension (closed less open), and the table ``headline``.
    """
    measures = {measure.id: measure for result in results.values() for measure in result.measures}
    judged = [_judge(dimension, measures) for dimension in DIMENSIONS]
    table = pl.DataFrame([row for _, row in judged], schema=_COLUMNS)
    return Measured(tuple(measure for measure, _ in judged), {"headline": table})


def headline_sentence(measured: Measured) -> str:
    """Return the answer in words, computed from the headline's table.

    It opens with "are on different exponentials" when a dimension is called so, with "are probably" when at
    least :data:`FEWEST_PROBABLE` are probable, and with what one dimension suggests when only one is; every
    probable clause says its probability.
    """
    table = measured.tables["headline"].to_dicts()
    words = [row["verdict"] for row in table]
    probable = words.count("probably")
    if "yes" in words:
        opening = "Closed and open models are on different exponentials"
    elif probable >= FEWEST_PROBABLE:
        opening = "Closed and open models are probably on different exponentials"
    elif probable:
        judged = sum(row["probability_closed_faster"] is not None for row in table)
        which = "the only one that can be judged" if judged == 1 else "one"
        opening = (
            "These data do not settle whether closed and open models are on different exponentials, though "
            f"{which} of {len(table)} dimensions suggests it"
        )
    else:
        opening = "These data do not tell whether closed and open models are on different exponentials"
    ranked = sorted(table, key=lambda row: _ORDER.index(str(row["verdict"])))
    clauses = [_clause(row) for row in ranked if row["short"] != _TOO_FEW]
    empty = [str(row["subject"]) for row in ranked if row["short"] == _TOO_FEW]
    if empty:
        clauses.append(f"in {_listed(empty)} {_TOO_FEW}")
    return f"{opening}: {'; '.join(clauses)}."


def probability_faster(row: Mapping[str, object]) -> float | None:
    """Return the probability that the economy which a row of the headline calls faster is.

    For a row that calls neither so, the probability that closed is; None where there is none.
    """
    closed = row["probability_closed_faster"]
    if not isinstance(closed, float):
        return None
    return 1.0 - closed if row["faster"] == "open" else closed


def probability_closed_faster(measures: Mapping[str, Measure], identifier: str) -> float | None:
    """Return the probability that a difference is above zero.

    The figure's own ``..._probability`` where its family has one: without an estimate it says that the
    difference must not be judged. Else from the interval, whose end towards zero is taken as a normal
    quantile; None without either.
    """
    said = measures.get(f"{identifier}_probability")
    if said is not None:
        return said.estimate
    found = measures.get(identifier)
    if found is None or found.estimate is None or found.low is None or found.high is None:
        return None
    reach = found.estimate - found.low if found.estimate > 0 else found.high - found.estimate
    if reach <= 0:
        return 0.5 if found.estimate == 0 else float(found.estimate > 0)
    return float(ndtr(found.estimate / reach * ndtri(0.5 + 0.5 * found.level)))


def verdict(probability: float | None) -> str:
    """Return the word for the probability that one grows faster: ``yes``, ``probably`` or ``cannot tell``."""
    if probability is None:
        return "cannot tell"
    surer = max(probability, 1.0 - probability)
    return "yes" if surer >= SURE else "probably" if surer >= LIKELY else "cannot tell"


def _judge(dimension: Dimension, measures: Mapping[str, Measure]) -> tuple[Measure, dict[str, object]]:
    found = measures.get(dimension.difference)
    sides = (dimension.closed, dimension.open)
    probability = probability_closed_faster(measures, dimension.difference)
    word = verdict(probability)
    why, short = "", ""
    if found is None or found.estimate is None:
        why = found.note if found is not None else "The figure is missing."
        short = _TOO_FEW
    elif probability is None:
        said = measures.get(f"{dimension.difference}_probability")
        why = "The difference has no interval." if said is None else said.note
        short = dimension.unjudged or _TOO_FEW
    elif cannot_tell_apart(found.low, found.high, *(_estimate(measures.get(name)) for name in sides)):
        word, short, why = "cannot tell", _TOO_FEW_TO_TELL, TOO_FEW_APART
    elif word == "cannot tell":
        why = "The interval holds differences of both signs."
        short = "the sign of the difference is open"
    else:
        against = [
            measures[rival].title
            for rival in dimension.rivals
            if rival in measures and _opposite(probability, probability_closed_faster(measures, rival))
        ]
        if against:
            word = "cannot tell"
            short = "venues contradict each other"
            why = f"Venues contradict each other: {', '.join(against)}."
    faster = (
        "" if probability is None or word == "cannot tell" else "closed" if probability >= 0.5 else "open"
    )
    closed, opened = measures.get(dimension.closed), measures.get(dimension.open)
    row: dict[str, object] = {
        "dimension": dimension.name,
        "subject": dimension.subject,
        "closed": None if closed is None else closed.estimate,
        "open": None if opened is None else opened.estimate,
        "difference": None if found is None else found.estimate,
        "low": None if found is None else found.low,
        "high": None if found is None else found.high,
        "unit": "" if found is None else found.unit,
        "probability_closed_faster": probability,
        "verdict": word,
        "faster": faster,
        "what_faster_does": dimension.faster,
        "short": short,
        "why": why,
    }
    answer = f"{word}, {faster} {dimension.faster}" if faster else word
    chance = "" if probability is None else f" Probability that closed does: {probability:.2f}."
    blank = Measure("", "", None, None, None, "", "", 0, None, None, ())
    base = found if found is not None else blank
    remark = base.note.removeprefix(why).strip() if why else base.note
    measure = replace(
        base,
        id=f"exponentials:{dimension.name}",
        title=f"Different exponentials in {dimension.subject}? Closed less open",
        method=f"{base.method.rstrip('.')}. {_RULE}" if base.method else _RULE,
        note=" ".join(part for part in (f"{answer.capitalize()}.{chance}", why, remark) if part),
    )
    return measure, row


def _estimate(found: Measure | None) -> float | None:
    return None if found is None else found.estimate


def _opposite(first: float, second: float | None) -> bool:
    if second is None:
        return False
    return (first >= 0.5) != (second >= 0.5) and max(second, 1.0 - second) >= CONTRADICTS


def _listed(names: list[str]) -> str:
    """Join names as a sentence does: ``a, b and c``."""
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _clause(row: Mapping[str, object]) -> str:
    if row["faster"]:
        probable = row["verdict"] == "probably"
        hedge = "probably " if probable else ""
        odds = f", with probability {probability_faster(row):.2f}" if probable else ""
        return f"in {row['subject']} {row['faster']} {hedge}{row['what_faster_does']}{odds}{_rates(row)}"
    closed, opened = row["closed"], row["open"]
    if (
        row["probability_closed_faster"] is not None
        and isinstance(closed, float)
        and isinstance(opened, float)
    ):
        rates = f"closed {closed:.2g}, open {opened:.2g} {row['unit']}"
        told = row["short"] if row["short"] == _TOO_FEW_TO_TELL else "the rates cannot be told apart"
        return f"in {row['subject']} {told} ({rates})"
    return f"in {row['subject']} {row['short']}"


def _rates(row: Mapping[str, object]) -> str:
    closed, opened = row["closed"], row["open"]
    if not isinstance(closed, float) or not isinstance(opened, float):
        return ""
    return (
        f" ({closed:.2g} against {opened:.2g} {row['unit']})"
        if row["faster"] == "closed"
        else (f" ({opened:.2g} against {closed:.2g} {row['unit']})")
    )


FAMILY = Family(
    id="headline",
    title="Are the two on different exponentials?",
    run=run,
    figures=("headline",),
    chief=tuple(f"exponentials:{dimension.name}" for dimension in DIMENSIONS),
)
