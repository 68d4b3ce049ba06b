"""What the terminal shows of scores: how well the model forecast, beside what any reader could have done."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from rich.console import Console
from rich.text import Text

from twocurves.charts.number_text import say
from twocurves.cli.console import MUTED, Column, table
from twocurves.cli.listing import Listing
from twocurves.fit.frozen_score import FrozenScore
from twocurves.fit.scorecard import MODEL, TITLES, TO_BEAT, Bar, Line, Scorecard, ScoredClaim, Skipped
from twocurves.fit.scoring import Skill

#: Lines of what was left out, or is to be known; the record has them all.
_SHOWN: Final = 12

_HEADS: Final[Mapping[str, str]] = {"damped_trend": "damped"}

#: In which order columns go where the terminal is narrow: the bar's baseline and the name stay.
_DROPPED: Final = ("exponential", "prior", "persistence")

_BLOCKS: Final = "▁▂▃▄▅▆▇█"

#: Places into which the probability integral transform is sorted.
_TENTHS: Final = 10


def print_scorecard(out: Console, card: Scorecard, *, data_to: str | None = None) -> None:
    """Print a scorecard.

    Parameters
    ----------
    data_to
        Last day of the observations, for the closing line; left out when None.
    """
    out.print()
    out.print(Text(_headline(card), style="bold"))
    out.print(Text(f"Forecasts {card.window}. {_reading(card.overall)}", style=MUTED))
    out.print()
    _print_body(out, card)
    _print_claims(out, card.claims, None)
    _print_skipped(out, card.skipped)
    if data_to is not None:
        out.print(Text(f"Observations to {data_to}.", style=MUTED))


def print_frozen_score(out: Console, score: FrozenScore) -> None:
    """Print how a forecast of record did on observations that came later."""
    out.print()
    out.print(Text(score.sentences()[0], style="bold"))
    if score.card is not None:
        out.print(Text(f"{_headline(score.card)} {_reading(score.card.overall)}", style=MUTED))
        out.print()
        _print_body(out, score.card)
    else:
        out.print()
    _print_claims(out, score.claims, score.open_claims)
    _print_lines(out, "To know of what was scored", score.notes)
    _print_skipped(out, score.skipped)


def _headline(card: Scorecard) -> str:
    found = card.overall.skill.get(TO_BEAT)
    over = f"{card.overall.n} figures of {card.overall.series} series"
    if found is None or found.estimate is None:
        return f"The model's forecasts of {over}."
    wins = found.estimate > 0
    said = (
        f"The model {'beats' if wins else 'does not beat'} the damped trend over {over}: its error (CRPS) is "
        f"{abs(found.estimate):.0%} {'lower' if wins else 'higher'}"
    )
    by_chance = found.low is not None and found.high is not None and found.low <= 0.0 <= found.high
    return f"{said}, which may be chance." if by_chance else f"{said}."


def _reading(line: Line) -> str:
    joint = " Joint is the same for all figures at once (energy score)." if line.energy else ""
    return (
        "Skill is the share of a baseline's CRPS that the model saves: 0 is no better; below 0, in bold, "
        f"is worse.{joint}"
    )


def _print_body(out: Console, card: Scorecard) -> None:
    _print_overall(out, card)
    _print_bars(out, card.bars)
    _print_spread(out, card)
    _print_lines_of(out, "By family", card.by_family, card.forecasters)
    _print_lines_of(out, "By series", card.by_series, card.forecasters)


def _print_overall(out: Console, card: Scorecard) -> None:
    others = card.forecasters[1:]
    if not others:
        return
    joint = bool(card.overall.energy)
    out.print(Text("In all, against each baseline", style="underline"))
    listing = table(
        Column(""),
        Column("skill", "right"),
        Column("90% interval", "right", drop=2),
        *([Column("joint", "right", drop=1)] if joint else []),
        Column("each series once", "right", drop=0),
    )
    for name in others:
        listing.add_row(
            TITLES.get(name, name),
            _cell(card.overall.skill[name].estimate),
            Text(_interval(card.overall.skill[name]), style=MUTED),
            *([_cell(card.overall.energy_skill(name))] if joint else []),
            _cell(card.each_once.skill[name].estimate),
        )
    out.print(listing)
    out.print()


def _print_bars(out: Console, bars: Sequence[Bar]) -> None:
    out.print(Text("Bars", style="underline"))
    for bar in bars:
        out.print(Text(bar.sentence, style="bold" if bar.met is False else ""))
    out.print()


def _print_spread(out: Console, card: Scorecard) -> None:
    """Print where figures fell in their forecasts: evenly, when these are as wide as they should be."""
    counts = np.histogram(card.targets["pit"].to_numpy(), bins=_TENTHS, range=(0.0, 1.0))[0]
    heights = np.ceil(counts / max(counts.max(), 1) * len(_BLOCKS)).astype(int)
    drawn = "".join(" " if not height else _BLOCKS[height - 1] for height in heights)
    line = card.overall
    out.print(
        Text.assemble(
            f"50% intervals hold {line.coverage50:.0%} of the figures, 90% intervals {line.coverage90:.0%}. ",
            "By tenths of their forecasts, lowest first, figures fell |",
            (drawn, "bold"),
            "|: ",
            (", ".join(str(count) for count in counts), MUTED),
            ".",
        )
    )
    out.print()


def _print_lines_of(out: Console, title: str, lines: Sequence[Line], forecasters: Sequence[str]) -> None:
    others = forecasters[1:]
    out.print(Text(f"{title}: skill against each baseline, and coverage", style="underline"))
    listing = table(
        Column("", whole=True),
        Column("figures", "right", drop=3),
        Column("CRPS", "right", drop=1),
        *(Column(_HEADS.get(name, name), "right", drop=_drop(name)) for name in others),
        Column("in 50%", "right", drop=0),
        Column("in 90%", "right", drop=7),
    )
    for line in lines:
        listing.add_row(
            line.name,
            str(line.n),
            Text(_crps(line), style=MUTED),
            *(_cell(line.skill[name].estimate) for name in others),
            f"{line.coverage50:.0%}",
            f"{line.coverage90:.0%}",
        )
    out.print(listing)
    out.print()


def _drop(name: str) -> int | None:
    if name == TO_BEAT:
        return None
    return 4 + _DROPPED.index(name) if name in _DROPPED else 2


def _crps(line: Line) -> str:
    return say(line.crps[MODEL], "number", 2)


def _print_claims(out: Console, claims: Sequence[ScoredClaim], still_open: int | None) -> None:
    if not claims:
        if still_open:
            out.print(Text(f"No claim of the forecast is answered yet ({still_open} open).", style=MUTED))
            out.print()
        return
    out.print(Text("Claims that have been answered", style="underline"))
    listing: Listing = table(
        Column("", whole=True),
        Column("said", "right"),
        Column("came", whole=True),
        Column("Brier", "right", drop=0),
    )
    for claim in claims:
        listing.add_row(claim.id, f"{claim.probability:.0%}", _came(claim.outcome), f"{claim.brier:.3f}")
    out.print(listing)
    mean = sum(claim.brier for claim in claims) / len(claims)
    later = f" {still_open} are not answered yet." if still_open else ""
    out.print(
        Text(f"Mean Brier score {mean:.3f}; always saying one half would have 0.25.{later}", style=MUTED)
    )
    out.print()


def _came(outcome: float) -> str:
    return {1.0: "true", 0.0: "false"}.get(outcome, "ambiguous")


def _print_skipped(out: Console, skipped: Sequence[Skipped]) -> None:
    _print_lines(out, f"Not scored ({len(skipped)})", [f"{one.series}: {one.why}" for one in skipped])


def _print_lines(out: Console, title: str, lines: Sequence[str]) -> None:
    if not lines:
        return
    out.print(Text(title, style="underline"))
    for line in lines[:_SHOWN]:
        out.print(Text(line, style=MUTED))
    if len(lines) > _SHOWN:
        out.print(Text(f"and {len(lines) - _SHOWN} more (--json has them all)", style=MUTED))
    out.print()


def _cell(share: float | None) -> Text:
    """Write a skill in percent with its sign; one that is lost stands out."""
    if share is None:
        return Text("–", style=MUTED)
    return Text(_signed(share), style="bold" if round(100 * share) < 0 else "")


def _interval(found: Skill) -> str:
    if found.low is None or found.high is None:
        return "–"
    return f"{_signed(found.low)} to {_signed(found.high)}"


def _signed(share: float) -> str:
    whole = round(100 * share)
    return f"{'−' if whole < 0 else '+' if whole > 0 else ''}{abs(whole)}%"
