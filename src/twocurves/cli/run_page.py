"""What the terminal shows of a run: the sentence, both curves, key numbers, claims, where it came from."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
from rich.console import Console
from rich.text import Text

from twocurves.charts.number_text import say
from twocurves.claims import Probability, Question, load_ledger
from twocurves.cli.console import CLOSED_STYLE, MUTED, OPEN_STYLE, Column, table
from twocurves.cli.listing import Listing
from twocurves.cli.terminal_chart import Curve, log_chart
from twocurves.ensemble.answers import probabilities
from twocurves.ensemble.captured import Captured, captured
from twocurves.ensemble.headline import headline
from twocurves.ensemble.key_numbers import OutcomeRow, outcome_rows
from twocurves.ensemble.outcome_table import Outcome
from twocurves.ensemble.results import StoredRun
from twocurves.ensemble.run_record import causes_in_words
from twocurves.ensemble.spread import Spread
from twocurves.months import Month

_STYLES = {"closed": CLOSED_STYLE, "open": OPEN_STYLE, None: ""}

#: Out of how many futures a probability is told.
OUT_OF = 20

#: Dates of key numbers that are left out first where the terminal is narrow.
_LEFT_OUT_FIRST = (3, 1, 0, 2)

#: Share of failed draws from which the page warns of them.
_MANY_FAILED = 0.01

_WIDEST_CHART = 100

#: Growth a year below which a future counts as ending with nothing.
_LOST = -0.995

#: Width from which a claim has its dots beside its words.
_ROOM_FOR_DOTS = 110

#: Probabilities below this, or as near to one, are only said to be so.
_HARDLY = 0.01

#: Figures below which only "less than this" is written, by number style.
_SMALLEST = {"usd": (1e-4, "0.01¢"), "share": (0.005, "1%")}


def print_run(out: Console, run: StoredRun, *, seconds: float | None = None) -> None:
    """Print a run.

    Parameters
    ----------
    seconds
        How long it took to compute what was missing; None for a run that was only opened.
    """
    if not run.counts.ok:
        out.print()
        out.print(
            Text(
                f"None of {run.counts.stored:,} futures came through, so there is nothing to tell.",
                style="bold",
            )
        )
    else:
        # All is read before anything is printed, so that a damaged run is one sentence.
        rows, (year, rules), answers = outcome_rows(run), captured(run), probabilities(run)
        out.print()
        _print_headline(out, run)
        _print_chart(out, run)
        _print_numbers(out, rows)
        _print_captured(out, year, rules)
        _print_claims(out, run, answers)
    for text in _provenance(run, seconds):
        out.print(text)
    out.print(Text(_next(run)))


def _print_headline(out: Console, run: StoredRun) -> None:
    said = headline(run)
    if said is None:
        out.print(
            Text(
                f"{run.counts.ok:,} futures of {run.plan.scenario} to {run.plan.until}, "
                f"{len(run.plan.measures)} measures kept.",
                style="bold",
            )
        )
        out.print()
        return
    out.print(Text(said.sentence, style="bold"))
    if said.second_sentence:
        out.print(Text(said.second_sentence))
    lost = any(spread.low < _LOST for spread in (said.closed, said.open))
    out.print(
        Text(
            f"Ranges hold 90% of {run.counts.ok:,} futures, each one draw of beliefs and shocks. "
            + ("−100% is one that ends without net revenue. " if lost else "")
            + _standing(run),
            style=MUTED,
        )
    )
    out.print()


def _standing(run: StoredRun) -> str:
    """Say how much the numbers may be trusted."""
    if run.plan.beliefs_from == "posterior":
        return "Beliefs are fitted to what was observed; `twocurves score` says how such forecasts have done."
    return "Beliefs are the priors, not fitted to what was observed: this is assumed, not forecast."


def _print_chart(out: Console, run: StoredRun) -> None:
    names = {"closed": "net_revenue_closed", "open": "net_revenue_open"}
    if not set(names.values()) <= set(run.plan.measures) or len(run.months) < 2:
        return
    curves = []
    for economy, name in names.items():
        low, median, high = run.quantiles(name).values
        curves.append(Curve(economy, _STYLES[economy], low, median, high))
    lines = log_chart(
        run.months,
        curves,
        known_to=Month.containing(run.plan.data_to),
        number="usd",
        times=1e9,
        width=min(out.width, _WIDEST_CHART),
    )
    if not lines:
        return
    out.print(Text("Net revenue a year: sales less purchases from other layers", style="underline"))
    for line in lines:
        out.print(line)
    out.print(
        Text(
            "Log scale, USD. Lines are medians, dots 90% of the futures. Left of ┊ the model retraces the "
            "past; what was measured is in `twocurves measure`.",
            style=MUTED,
        )
    )
    out.print()


def _print_numbers(out: Console, rows: Sequence[OutcomeRow]) -> None:
    shown = [row for row in rows if row.outcome.shown]
    if not shown:
        return
    months = sorted({row.month for row in shown})
    drop = {place: order for order, place in enumerate(_LEFT_OUT_FIRST) if place < len(months) - 1}
    out.print(Text("Key numbers: median, and below it the range of 90% of the futures", style="underline"))
    listing = table(
        Column("", whole=True),
        *(Column(str(month), "right", drop=drop.get(place)) for place, month in enumerate(months)),
    )
    for outcome, group in groupby(shown, key=lambda row: row.outcome):
        spreads = [row.spread for row in group]
        style = _STYLES[outcome.economy]
        listing.add_row(
            Text(outcome.title, style=style),
            *(Text(_median(outcome, spread), style=f"bold {style}".strip()) for spread in spreads),
        )
        listing.add_row("", *(Text(_range(outcome, spread), style=MUTED) for spread in spreads))
    out.print(listing)
    out.print()


def _median(outcome: Outcome, spread: Spread) -> str:
    return "–" if not spread.draws else figure(spread.median, outcome)


def _range(outcome: Outcome, spread: Spread) -> str:
    return figures(spread.low, spread.high, outcome) if spread.draws else ""


def figure(value: float, outcome: Outcome) -> str:
    """Write a figure of an outcome; what is too small to matter as less than the smallest that does."""
    smallest, words = _SMALLEST.get(outcome.style, (0.0, ""))
    size = abs(value * outcome.times)
    if 0 < size < smallest:
        return f"<{words}" if value > 0 else f">−{words}"
    if outcome.style == "share":
        return f"{100 * value:.0f}%".replace("-", "−")
    return say(value * outcome.times, outcome.style, outcome.digits)


def figures(low: float, high: float, outcome: Outcome) -> str:
    """Write an interval, the unit once where it follows the number."""
    first, last = figure(low, outcome), figure(high, outcome)
    if first == last:
        return first
    unit = {"share": "%", "times": "×"}.get(outcome.style, outcome.style.partition("{}")[2])
    if unit and first.endswith(unit) and last.endswith(unit):
        first = first.removesuffix(unit)
    return f"{first} to {last}"


def _print_captured(out: Console, year: int, rows: Sequence[Captured]) -> None:
    if not rows:
        return
    out.print(Text(f"Who captures more in {year}, under three accounting rules", style="underline"))
    listing = table(
        Column("", whole=True),
        Column("compute", whole=True),
        Column("closed", "right", drop=2),
        Column("open", "right", drop=1),
        Column("", drop=0, whole=True),
        Column("open captures more in", whole=True),
    )
    for row in rows:
        listing.add_row(
            row.rule,
            "counted in" if row.with_compute else "left out",
            Text(say(row.closed.median * 1e9, "usd", 2), style=CLOSED_STYLE),
            Text(say(row.open.median * 1e9, "usd", 2), style=OPEN_STYLE),
            dots(row.open_more),
            in_twenty(row.open_more),
        )
    out.print(listing)
    out.print()


def _print_claims(out: Console, run: StoredRun, found: Mapping[str, Probability]) -> None:
    headlines = [question for question in load_ledger().headlines if question.id in found]
    if not headlines:
        return
    out.print(Text("Claims, as this run answers them", style="underline"))
    out.print(claim_listing(headlines, found, out.width))
    open_ones = len(load_ledger().headlines) - len(headlines)
    if open_ones:
        out.print(Text(f"{open_ones} claims reach beyond {run.plan.until}.", style=MUTED))
    out.print()


def claim_listing(
    questions: Iterable[Question], found: Mapping[str, Probability], width: int, *, judged: bool = False
) -> Listing:
    """Return claims with their probability in words and in percent, and as dots where the width allows.

    Parameters
    ----------
    width
        Of the terminal.
    judged
        Add the probability that was judged before any run.
    """
    wide = width >= _ROOM_FOR_DOTS and bool(found)
    listing = table(
        Column("", whole=True),
        *([Column("", whole=True)] if wide else []),
        *([Column("true in", "right"), Column("", "right", drop=2)] if found else []),
        *([Column("judged", "right", drop=1 if found else None)] if judged else []),
        Column("by", whole=True, drop=0),
        Column("claim"),
    )
    for question in questions:
        said = found.get(question.id)
        chance = None if said is None else said.probability
        cells: list[str | Text] = [Text(question.claim.id, style="bold")]
        if wide:
            cells.append(dots(chance))
        if found:
            error = None if said is None else said.half_width
            cells += [in_twenty(chance), Text(percent(chance, error), style=MUTED)]
        if judged:
            cells.append(percent(question.prior_probability, None) or "–")
        listing.add_row(*cells, Text(str(question.date)[:4], style=MUTED), question.claim.title)
    return listing


def dots(chance: float | None) -> Text:
    """Draw a probability as twenty dots."""
    if chance is None or not math.isfinite(chance):
        return Text("·" * OUT_OF, style=MUTED)
    full = _twentieths(chance)
    return Text.assemble("●" * full, ("○" * (OUT_OF - full), MUTED))


def in_twenty(chance: float | None) -> str:
    """Write a probability as so many in twenty; what is less or more than that can say, in words."""
    if chance is None or not math.isfinite(chance):
        return "–"
    if 0 < chance < 0.5 / OUT_OF:
        return f"<1 in {OUT_OF}"
    if 1 - 0.5 / OUT_OF < chance < 1:
        return f">{OUT_OF - 1} in {OUT_OF}"
    return f"{_twentieths(chance)} in {OUT_OF}"


def percent(chance: float | None, half_width: float | None) -> str:
    """Write a probability in percent, with half of the 90% interval of its Monte Carlo error."""
    if chance is None or not math.isfinite(chance):
        return ""
    if 0 < chance < _HARDLY:
        return "<1%"
    if 1 - _HARDLY < chance < 1:
        return ">99%"
    return f"{100 * chance:.0f}%" + (f" ±{math.ceil(100 * half_width)}" if half_width else "")


def _twentieths(chance: float) -> int:
    return int(np.floor(OUT_OF * chance + 0.5))


def _provenance(run: StoredRun, seconds: float | None) -> list[Text]:
    plan, counts = run.plan, run.counts
    took = " (stored before)" if seconds is None else f" in {seconds:.0f} s"
    failed = (
        f"{counts.failed:,} failed ({causes_in_words(counts.causes)})" if counts.failed else "none failed"
    )
    shown = Text(f"{counts.stored:,} futures{took}, {failed}")
    if counts.failed > _MANY_FAILED * counts.stored:
        shown.stylize("bold")
    command = run.manifest.command or f"twocurves run {plan.scenario} --draws {plan.draws} --seed {plan.seed}"
    return [
        Text.assemble(
            shown,
            (
                f" · seed {plan.seed} · twocurves {plan.code_version} (code {plan.code_digest[:8]}) · "
                f"jax {plan.jax_version} · observations to {plan.data_to} · "
                f"digest {(run.digest or 'none')[:12]}",
                MUTED,
            ),
        ),
        Text(f"Made with: {command}", style=MUTED),
        Text(f"Lies in:   {run.path}", style=MUTED),
    ]


def _next(run: StoredRun) -> str:
    other = "open_surge" if run.plan.scenario != "open_surge" else "central"
    return f"Next: twocurves claims C10 · twocurves compare {run.plan.scenario} {other} · twocurves runs list"
