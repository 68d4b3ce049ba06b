"""What would change the model's mind on a claim: the smallest move of one assumption across even odds."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

import numpy as np

from twocurves.charts.number_text import say
from twocurves.drivers.flips import Flip, Flips, Move, flips
from twocurves.drivers.inputs import values_of
from twocurves.drivers.study import Study, study
from twocurves.errors import BadInputError
from twocurves.serve.house import House
from twocurves.serve.services.claim_rows import percent
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView
from twocurves.serve.sliders import ordinal, unit_words


@dataclass(frozen=True, slots=True)
class MoveShown:
    """An assumption fixed at a value.

    Attributes
    ----------
    label, meaning, nature
        The assumption.
    usual, value
        The middle of what was drawn, and where it is moved, in words.
    where
        Its place in the prior, in words.
    inside
        Whether that lies inside the prior's middle 98%.
    """

    label: str
    meaning: str
    nature: str
    usual: str
    value: str
    where: str
    inside: bool


@dataclass(frozen=True, slots=True)
class FlipShown:
    """A move, or two, with where it takes the claim.

    Attributes
    ----------
    moves
        One or two.
    expected
        Probability with them.
    link
        The Scenario page with these values.
    """

    moves: tuple[MoveShown, ...]
    expected: str
    link: str

    @property
    def inside(self) -> bool:
        """Whether all moves lie inside the priors."""
        return all(move.inside for move in self.moves)


@dataclass(frozen=True, slots=True)
class Mind:
    """What would change the answer.

    Attributes
    ----------
    sentence
        The answer in a sentence.
    single, pair, nearest
        The smallest single move, the smallest pair, and where no single move does, the nearest.
    deciders
        What decides the claim, the strongest first: name and label.
    """

    sentence: str
    single: FlipShown | None = None
    pair: FlipShown | None = None
    nearest: FlipShown | None = None
    deciders: tuple[tuple[str, str], ...] = ()


def study_key(view: RunView, target: str) -> str:
    """Return under which key the study of a target is kept."""
    return f"study|{view.run.name}|{target}"


def studied(house: House, view: RunView, target: str) -> Study:
    """Return what decides a target; found once, in a second or two.

    Raises
    ------
    BadInputError
        There is no such target, it does not differ between runs, or there are too few of them.
    """
    return house.once(study_key(view, target), lambda: study(view.run, target))


def mind_known(house: House, view: RunView, claim: str) -> bool:
    """Whether the answer is known already, so that a page can show it at once."""
    return house.kept(f"mind|{view.run.name}|{claim}") is not None


def mind(house: House, view: RunView, claim: str) -> Mind:
    """Return what would change the answer to a claim's headline question; found once."""
    return house.once(f"mind|{view.run.name}|{claim}", lambda: _mind(house, view, claim))


def _mind(house: House, view: RunView, claim: str) -> Mind:
    try:
        found = studied(house, view, claim)
    except BadInputError as fault:
        return Mind(f"Nothing can be said of it: {fault.message}")
    return mind_of(found, flips(found))


def mind_of(found: Study, moved: Flips) -> Mind:
    """Return flips of a study in words.

    Parameters
    ----------
    found
        Of a claim.
    moved
        What takes it across even odds.
    """
    single, pair, nearest = (
        None if flip is None else _flip(found, flip) for flip in (moved.single, moved.pair, moved.nearest)
    )
    deciders = tuple((effect.input.name, label_of(effect.input.name)) for effect in found.above[:5])
    return Mind(
        _sentence(moved.probability, single, nearest, bool(found.above)), single, pair, nearest, deciders
    )


def _sentence(level: float, single: FlipShown | None, nearest: FlipShown | None, decided: bool) -> str:
    now = percent(level)
    if not decided:
        return (
            f"No assumption stands out of the noise on this claim, "
            f"so no move of one can be named; it stands at {now}."
        )
    if single is not None:
        (move,) = single.moves
        outside = "" if single.inside else ", which lies outside what is believed possible"
        return (
            f"{move.label} at {move.value} in place of {move.usual} would take it from {now} to 50%{outside}."
        )
    if nearest is None:
        return (
            f"No single assumption takes it from {now} across 50%, within four standard deviations of what "
            "was drawn."
        )
    (move,) = nearest.moves
    return (
        f"No single assumption takes it from {now} across 50%. The nearest is {_lower(move.label)} at "
        f"{move.value}: {nearest.expected}."
    )


def _flip(found: Study, flip: Flip) -> FlipShown:
    moves = tuple(_move(found, move) for move in flip.moves)
    query = urlencode({move.input.name: f"{move.value:.4g}" for move in flip.moves})
    return FlipShown(moves, percent(flip.expected), f"/scenario?{query}")


def _move(found: Study, move: Move) -> MoveShown:
    middle = float(np.median(values_of(found.run, [move.input.name])))
    if move.percentile is None:
        where = f"{abs(move.score):.1f} standard deviations from the middle"
    elif move.percentile < 0.005 or move.percentile > 0.995:
        where = "beyond its whole prior"
    else:
        where = f"{ordinal(round(100 * move.percentile))} percentile of its prior"
    return MoveShown(
        label_of(move.input.name),
        move.input.meaning,
        move.input.nature,
        said(middle, move.input.unit),
        said(move.value, move.input.unit),
        where,
        move.inside,
    )


def said(value: float, unit: str) -> str:
    """Write an assumption's value with its unit."""
    if unit == "share":
        return say(value, "share", 2)
    words = "" if unit == "1" else f" {unit_words(unit)}"
    return f"{say(value, 'number', 2)}{words}"


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
