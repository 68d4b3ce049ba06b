"""What the Overview draws besides curves: what decides an outcome, that outcome by scenario, a decision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import numpy as np
import polars as pl

from twocurves.beliefs.naming import full_plain_name
from twocurves.beliefs.settings import NO_SETTINGS
from twocurves.charts.number_text import say, say_range
from twocurves.errors import BadInputError
from twocurves.months import Month
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName

#: The outcome whose deciding assumptions the Overview shows, and its month.
DECIDED = "net_revenue_open"
MONTH = Month.parse("2030-12")

_USD_PER_BILLION = 1e9
_BARS = 7
_DESK = 300

#: Letters that fit at the end of a bar.
_SHORT = 9

#: Futures of each scenario.
_DRAWS = 64


@dataclass(frozen=True)
class Worked:
    """One decision worked out.

    Attributes
    ----------
    workload
        The workload in words: pieces of a sentence, and whether each was filled in.
    answer, hindsight
        The advice in a sentence; the best months with hindsight.
    regret
        The curve of regret; None where the run is too short for one.
    query
        The workload as the Decide page's link has it.
    """

    workload: tuple[tuple[str, bool], ...]
    answer: str
    hindsight: str
    regret: Figure | None
    query: str


def deciding(house: House, view: RunView, drawings: Drawings) -> Figure | None:
    """Return the outcome at both ends of the assumptions that move it most; None where none stands out.

    A run of too few draws has none either.
    """
    from twocurves.serve.services.claim_mind import studied

    try:
        found = studied(house, view, f"{DECIDED}@{MONTH}")
    except BadInputError:
        return None  # too few draws, or the run does not reach the month: the page shows slopes instead
    shown = [effect for effect in found.above if np.isfinite([effect.tenths[0], effect.tenths[-1]]).all()]
    shown = sorted(shown, key=lambda effect: -abs(effect.tenths[-1] - effect.tenths[0]))[:_BARS]
    if not shown:
        return None
    ends = [(effect.tenths[0] * _USD_PER_BILLION, effect.tenths[-1] * _USD_PER_BILLION) for effect in shown]
    names = [full_plain_name(effect.input.name) for effect in shown]
    at = [(_short(effect.low_value), _short(effect.high_value)) for effect in shown]
    bars = pl.DataFrame(
        {
            "name": names,
            "low": [low for low, _ in ends],
            "high": [high for _, high in ends],
            "low_said": [low for low, _ in at],
            "high_said": [high for _, high in at],
        }
    )

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.tornado import tornado_figure

        narrow = width < _DESK
        return tornado_figure(
            bars.drop("low_said", "high_said") if narrow else bars,
            base=found.level * _USD_PER_BILLION,
            base_name="all runs",
            number="usd",
            theme=theme,
            width=150 if narrow else 230,
            name_width=120 if narrow else 165,
        )

    first = max(ends[0]) / max(min(ends[0]), 1.0)
    return figure(
        drawings,
        "deciding",
        f"deciding|{view.run.name}",
        drawer,
        title=f"{names[0]} decides most: {say(first, 'times', 2)} between its ends"
        if min(ends[0]) > 0
        else f"{names[0]} decides most",
        subtitle=f"Median net revenue of the open economy at the end of {MONTH.year}, USD a year, where one "
        "assumption is in its lowest and in its highest tenth",
        table=table_of(
            ("Assumption", "In its lowest tenth", "In its highest tenth"),
            [
                [name, say(low, "usd", 2), say(high, "usd", 2)]
                for name, (low, high) in zip(names, ends, strict=True)
            ],
        ),
    )


def scenario_ridges(house: House, drawings: Drawings) -> Figure | None:
    """Return the same outcome in each scenario; None until all are simulated, as on a warm server."""
    kept: Figure | None = house.kept("ridges")
    if kept is not None or not house.engine.ready.is_set():
        return kept
    names = tuple(house.beliefs.scenarios)
    if not all(house.engine.known(house.settings_of(name, NO_SETTINGS), _DRAWS) for name in names):
        return None
    return house.once("ridges", lambda: _ridges(house, drawings, names))


def _ridges(house: House, drawings: Drawings, known: tuple[str, ...]) -> Figure:
    from twocurves.charts.scenario_figures import above_floor

    place = house.engine.months.index(MONTH)
    parts = []
    for name in known:
        sample = house.engine.sample(house.settings_of(name, NO_SETTINGS), _DRAWS, timeout=5.0)
        values = sample.measures[DECIDED][:, place].astype(np.float64) * _USD_PER_BILLION
        title = house.beliefs.scenarios[name].title
        parts.append(pl.DataFrame({"row": [title] * len(values), "value": values}))
    samples = above_floor(pl.concat(parts))

    rows = {
        str(name): [float(one) for one in np.quantile(own["value"].to_numpy(), [0.1, 0.5, 0.9])]
        for (name,), own in samples.group_by(["row"], maintain_order=True)
    }

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.ridgeline import ridgeline_figure

        # The ranges are in the table: beside the ridges they would leave these no room.
        return ridgeline_figure(
            samples,
            number="usd",
            scale="log",
            notes={name: say(p50, "usd", 2) for name, (_, p50, _) in rows.items()},
            theme=theme,
            width=95 if width < _DESK else 240,
        )

    first, last = next(iter(rows)), list(rows)[-1]
    high, low = rows[first][1], rows[last][1]
    return figure(
        drawings,
        "scenarios",
        f"ridges|{house.engine.seed}|{','.join(known)}",
        drawer,
        title=f"The same in each scenario: {say(high, 'usd', 2)} in {first}, {say(low, 'usd', 2)} in {last}",
        subtitle=f"USD, log scale; {_DRAWS} runs of the same futures in each, losses on the left edge",
        table=table_of(
            ("Scenario", "Middle run", "80% of runs"),
            [
                [name, say(p50, "usd", 2), say_range(p10, p90, "usd")]
                for name, (p10, p50, p90) in rows.items()
            ],
        ),
    )


def worked(house: House, view: RunView, drawings: Drawings) -> Worked | None:
    """Return one decision worked out along the run; None where the run is too short for it."""
    from twocurves.decide.wording import months_phrase
    from twocurves.serve.services.decide import decided, usual
    from twocurves.serve.services.decide_figures import decision_figures

    held = usual()
    try:
        found = decided(house, view, held)
    except BadInputError:
        return None
    query = urlencode(held)
    return Worked(
        workload=_sentence(house, held),
        answer=found.answer,
        hindsight=months_phrase(found),
        regret=decision_figures(found, query, drawings).get("regret"),
        query=query,
    )


def _sentence(house: House, held: dict[str, str]) -> tuple[tuple[str, bool], ...]:
    from twocurves.serve.services.decide_sentence import SENTENCE, in_blank

    blanks = {blank.key: blank for line in SENTENCE for blank in line}
    segments = {one.id: one.title.lower() for one in house.beliefs.entities["segment"].values()}

    def filled(key: str) -> tuple[str, bool]:
        return in_blank(blanks[key], held[key]), True

    kind = held["segment"]
    return (
        ("We use models for ", False),
        (segments.get(kind, kind.replace("_", " ")), True),
        (", reading ", False),
        filled("usage.input_tokens_per_month"),
        (" tokens and writing ", False),
        filled("usage.output_tokens_per_month"),
        (" a month. Today that is ", False),
        filled("now.model"),
        ("; whatever is as good as ", False),
        filled("quality.as_good_as"),
        (" will do, and moving costs ", False),
        filled("switching.engineering_days"),
        (" days of engineering.", False),
    )


def _short(value: float) -> str:
    said = say(value, "number", 2)
    return said if np.isfinite(value) and len(said) <= _SHORT else ""
