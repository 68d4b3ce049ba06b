"""Two assumptions pinned at once: whether the effect of one depends on where the other is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from twocurves.drivers.ranks import FloatArray
from twocurves.drivers.target import Target
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.services.driver_focus import median_error, style_of, times_of
from twocurves.serve.services.driver_inputs import Picked, picked, target_read
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

#: Parts of each assumption's values, and their names.
_PARTS = ("low", "middle", "high")

#: Fewest runs in a cell that is shown.
_FEWEST = 5

#: A difference counts from so many standard errors.
_ERRORS = 2.0


@dataclass(frozen=True)
class Pair:
    """Two assumptions at once.

    Attributes
    ----------
    first, second
        Their names.
    labels
        The same as people read them.
    sentence
        Whether one changes what the other does.
    figure
        The outcome in each combination.
    """

    first: str
    second: str
    labels: tuple[str, str]
    sentence: str
    figure: Figure


def pair(
    house: House, view: RunView, drawings: Drawings, target: str, first: str, second: str
) -> Pair | None:
    """Return a target in each combination of two assumptions; None where too few runs lie in the corners.

    Raises
    ------
    BadInputError
        There is no such target or assumption.
    """
    asked, _ = target_read(house, view, target)
    one, two = picked(house, view, target, first), picked(house, view, target, second)
    cells = cells_of(asked, one, two)
    if cells.height < 2 or cells["across"].n_unique() < 2 or cells["down"].n_unique() < 2:
        return None
    labels = label_of(first), label_of(second)
    number, times = style_of(asked), times_of(asked)
    shown = cells.with_columns(level=pl.col("level") * times).select("across", "down", "level", "runs")

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.pair_grid import pair_grid_figure

        return pair_grid_figure(
            shown,
            across_name=labels[0],
            down_name=labels[1],
            number=number,
            theme=theme,
            width=width,
        )

    sentence = sentence_of(asked, cells, labels)
    drawn = figure(
        drawings,
        "pair",
        f"pair|{view.run.name}|{asked.name}|{first}|{second}",
        drawer,
        title=sentence,
        subtitle=("Probability" if asked.is_claim else "Median")
        + " in each combination of low, middle and high thirds; the stronger the shade, the higher.",
        table=table_of(
            (labels[1], labels[0], "Probability" if asked.is_claim else "Median", "Runs"),
            [
                [row["down"], row["across"], asked.say(row["level"]), f"{row['runs']}"]
                for row in cells.iter_rows(named=True)
            ],
        ),
        widths=(480, 200),
    )
    return Pair(first, second, labels, sentence, drawn)


def cells_of(target: Target, one: Picked, two: Picked) -> pl.DataFrame:
    """Return a target in each third of two assumptions: across, down, level, error of the level, runs."""
    across, down = one.parts(len(_PARTS)), two.parts(len(_PARTS))
    rows = []
    for row in range(len(_PARTS) - 1, -1, -1):
        for column in range(len(_PARTS)):
            held = one.outcome[(across == column) & (down == row)]
            if len(held) >= _FEWEST:
                level, error = _level(target, held)
                rows.append(
                    {
                        "across": _PARTS[column],
                        "down": _PARTS[row],
                        "level": level,
                        "error": error,
                        "runs": len(held),
                    }
                )
    schema = {
        "across": pl.String,
        "down": pl.String,
        "level": pl.Float64,
        "error": pl.Float64,
        "runs": pl.Int64,
    }
    return pl.DataFrame(rows, schema=schema)


def sentence_of(target: Target, cells: pl.DataFrame, labels: tuple[str, str]) -> str:
    """Say what the first assumption does where the second is low and where high, and whether that differs."""
    found = {(row["across"], row["down"]): row for row in cells.iter_rows(named=True)}
    corners = [("low", "low"), ("high", "low"), ("low", "high"), ("high", "high")]
    name, other = _lower(labels[0]), _lower(labels[1])
    if any(corner not in found for corner in corners):
        return (
            f"Too few runs have both {name} and {other} at their ends to compare what one does with the other"
        )
    low, high = (found["high", side]["level"] - found["low", side]["level"] for side in ("low", "high"))
    error = float(np.sqrt(sum(found[corner]["error"] ** 2 for corner in corners)))
    moved = [
        f"from {target.say(found['low', side]['level'])} to {target.say(found['high', side]['level'])}"
        for side in ("low", "high")
    ]
    said = f"Where {other} is low, raising {name} moves it {moved[0]}; where it is high, {moved[1]}"
    if abs(high - low) <= _ERRORS * error:
        return f"{said}. The difference is within chance"
    return f"{said}. The difference is more than chance"


def _level(target: Target, held: FloatArray) -> tuple[float, float]:
    if not target.is_claim:
        return float(np.median(held)), median_error(held)
    share, count = float(held.mean()), len(held)
    smooth = (share * count + 1) / (count + 2)  # a share of none or all has an error too
    return share, float(np.sqrt(smooth * (1 - smooth) / (count + 2)))


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
