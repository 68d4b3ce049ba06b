"""Where the names of dots go: few, beside their dot, over nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from twocurves.charts.text_width import text_width

_DOT_RADIUS = 5.0
_LEADER_FROM = 20.0

Align = Literal["left", "right", "center"]


@dataclass(frozen=True, slots=True)
class Place:
    """A text at a pixel of the plot.

    ``align`` says which of its ends is there; ``dot`` is the pixel of its dot where a line should
    join them.
    """

    text: str
    x: float
    y: float
    align: Align
    dot: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A dot that wants a name: its pixel, and whether the name goes above or below the cloud."""

    text: str
    x: float
    y: float
    above: bool


def place_labels(
    wishes: Sequence[Wish],
    obstacles: Sequence[tuple[float, float]],
    width: float,
    height: float,
    size: float,
    at_most: int,
) -> list[Place]:
    """Choose places for the first wishes that fit without touching a dot or each other.

    Parameters
    ----------
    wishes
        In order of importance.
    obstacles
        Pixels of all dots, and of lines at close steps.
    width, height
        Of the plot, in pixels.
    size
        Font size, in pixels.
    at_most
        How many names to place.
    """
    placed: list[Place] = []
    boxes: list[tuple[float, float, float, float]] = []
    for wish in wishes:
        if len(placed) == at_most:
            break
        for place in _candidates(wish):
            box = _box(place, size)
            inside = box[0] >= 0 and box[2] <= width and box[1] >= 0 and box[3] <= height
            if not inside or any(_overlap(box, other) for other in boxes):
                continue
            own = (wish.x, wish.y)
            if any(_near(box, dot) for dot in obstacles if dot != own):
                continue
            placed.append(place)
            boxes.append(box)
            break
    return placed


def _candidates(wish: Wish) -> list[Place]:
    up = -1 if wish.above else 1
    side: Align = "right" if wish.above else "left"
    outward = 6.0 if wish.above else -6.0
    ends: tuple[tuple[float, Align], ...] = ((0.0, "center"), (outward, side))
    return [
        Place(
            wish.text,
            wish.x + dx,
            wish.y + up * drop,
            align,
            (wish.x, wish.y) if drop > _LEADER_FROM else None,
        )
        for drop in (14, 28, 42, 56)
        for dx, align in ends
    ]


def _box(place: Place, size: float) -> tuple[float, float, float, float]:
    wide = text_width(place.text, size)
    left = {"left": place.x, "right": place.x - wide, "center": place.x - wide / 2}[place.align]
    return left - 2, place.y - size * 0.6, left + wide + 2, place.y + size * 0.6


def _overlap(first: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    return first[0] < other[2] and other[0] < first[2] and first[1] < other[3] and other[1] < first[3]


def _near(box: tuple[float, float, float, float], dot: tuple[float, float]) -> bool:
    x, y = dot
    return box[0] - _DOT_RADIUS < x < box[2] + _DOT_RADIUS and box[1] - _DOT_RADIUS < y < box[3] + _DOT_RADIUS
