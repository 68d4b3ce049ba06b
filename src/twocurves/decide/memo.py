"""A decision as a page that stands alone: no script, no request, prints as it is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from twocurves.charts.number_text import say
from twocurves.charts.palette import palette
from twocurves.decide.wording import (
    break_sentences,
    figure,
    months_phrase,
    option_rows,
    risk_rows,
    ruled_out,
    trigger_sentence,
)
from twocurves.files import written_whole

if TYPE_CHECKING:
    from twocurves.decide.answer import Decision

_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 720, 240, 64, 28

_STYLE = """
body{{font:16px/1.5 Inter,system-ui,sans-serif;color:{ink};background:{paper};max-width:46rem;
margin:2rem auto;padding:0 1rem}}
h1{{font:600 1.7rem/1.25 "Source Serif 4",Georgia,serif;margin:0 0 .4rem}}
h2{{font:600 1.15rem/1.3 "Source Serif 4",Georgia,serif;border-top:2px solid {ink};padding-top:.5rem;
margin:2rem 0 .5rem}}
table{{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.86rem}}
th{{text-align:left;color:{grey};font-weight:500}}td,th{{padding:.2rem .6rem .2rem 0;vertical-align:top;
border-bottom:1px solid {hair}}}
td.n,th.n{{text-align:right;white-space:nowrap}}.mute{{color:{grey};font-size:.86rem}}svg{{width:100%;height:auto}}
"""


def memo(decision: Decision) -> str:
    """Return a decision as one HTML page."""
    title = f"{escape(decision.workload)}: stay or move"
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title></head><body>{body(decision)}</body></html>\n"
    )


def write_memo(decision: Decision, path: Path) -> None:
    """Write the page; a reader sees the old file or the new one.

    Raises
    ------
    BadFileError
        The folder cannot be written.
    """
    with written_whole(path) as temporary:
        temporary.write_text(memo(decision), encoding="utf-8")


def within(decision: Decision) -> str:
    """Return the page for the inside of another, as a notebook shows it: its style reaches no further."""
    return f"<div>{body(decision, scoped=True)}</div>"


def body(decision: Decision, *, scoped: bool = False) -> str:
    """Return what the page holds; ``scoped`` keeps its style within the element that it stands in."""
    colours = palette("light")
    style = _STYLE.format(ink=colours.ink, paper=colours.paper, grey=colours.grey, hair=colours.hair)
    if scoped:
        style = f"@scope{{{style.replace('body{', ':scope{')}}}"
    amount, chance = decision.regret_above
    waiting = say(decision.value_of_waiting_usd, "usd", 2)
    parts = [
        f"<style>{style}</style>",
        f'<p class="mute">{escape(decision.workload)}</p><h1>{escape(decision.answer)}</h1>',
        f"<p>{escape(decision.open_question.answer)}</p>" if decision.open_question else "",
        f"<p>With hindsight the best month is {escape(months_phrase(decision))}. Keeping the choice open is "
        f"worth {waiting} (±{say(decision.value_error_usd, 'usd', 2)}). The advice costs over "
        f"{say(amount, 'usd', 2)} more than the best move with hindsight in {100 * chance:.0f}% of "
        "draws.</p>",
        "<h2>What each way costs</h2>",
        f'<p class="mute">Net present cost to {decision.start + (decision.months - 1)}, USD: median, and 90% '
        "of draws. Entered as soon as it is good enough; what is in use is paid until then.</p>",
        _table(("way", "today it is", "median", "90% of draws"), option_rows(decision), numbers=2),
        f'<p class="mute">{escape(ruled_out(decision))}</p>',
        "<h2>Regret by month of moving</h2>",
        _regret_figure(decision, colours.ink, colours.hair, colours.grey),
        '<p class="mute">Median and 80% of draws of what moving in a month costs more than the best move '
        "with hindsight.</p>",
        "<h2>Look again if</h2>",
        _list(trigger_sentence(one) for one in decision.triggers)
        or "<p>No single figure parts the draws.</p>",
        "<h2>What decides it</h2>",
        _table(
            ("belief", "rank correlation with the gain of moving"),
            [(one.name, figure(one.effect)) for one in decision.deciders if one.above_noise],
            numbers=1,
        ),
        "<h2>Risks, priced</h2>",
        _table(("risk", "falls on", "present cost", "chance"), risk_rows(decision), numbers=2),
        "<h2>Break-even</h2>",
        _list(break_sentences(decision)) or "<p>No open model of known size is hosted.</p>",
        _list(decision.notes),
        f'<p class="mute">{_provenance(decision)}</p>',
    ]
    return "".join(part for part in parts if part)


def _regret_figure(decision: Decision, ink: str, hair: str, grey: str) -> str:
    """Return median regret by month with its 80% band, as SVG."""
    rows = decision.regret
    top = max(max(row.p90 for row in rows), 1e-9)
    step = (_WIDTH - _LEFT - 8) / max(1, len(rows) - 1)

    def across(place: int) -> float:
        return _LEFT + place * step

    def down(usd: float) -> float:
        return 8 + (_HEIGHT - _BOTTOM - 8) * (1.0 - usd / top)

    line = " ".join(f"{across(place):.1f},{down(row.p50):.1f}" for place, row in enumerate(rows))
    upper = [f"{across(place):.1f},{down(row.p90):.1f}" for place, row in enumerate(rows)]
    lower = [f"{across(place):.1f},{down(row.p10):.1f}" for place, row in enumerate(rows)][::-1]
    ticks = "".join(
        f'<text x="{across(place):.1f}" y="{_HEIGHT - 8}" font-size="12" fill="{grey}" text-anchor="middle">'
        f"{row.month}</text>"
        for place, row in enumerate(rows)
        if place % max(1, len(rows) // 4) == 0 and across(place) < _WIDTH - 24
    )
    least = min(rows, key=lambda row: row.mean)
    said = f"Regret is least on average for moving in {least.month}: {say(least.mean, 'usd', 2)}."
    return (
        f'<p>{said}</p><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(said)}">'
        f'<polygon points="{" ".join([*upper, *lower])}" fill="{hair}"/>'
        f'<polyline points="{line}" fill="none" stroke="{ink}" stroke-width="2"/>'
        f'<text x="{_LEFT - 8}" y="18" font-size="12" fill="{grey}" text-anchor="end">'
        f"{say(top, 'usd', 2)}</text>"
        f'<text x="{_LEFT - 8}" y="{down(0.0):.1f}" font-size="12" fill="{grey}" text-anchor="end">$0</text>'
        f"{ticks}</svg>"
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int) -> str:
    """Return a table whose last ``numbers`` columns hold figures."""
    first = len(head) - numbers
    heads = "".join(f"<th{_kind(place >= first)}>{escape(cell)}</th>" for place, cell in enumerate(head))
    lines = "".join(
        "<tr>"
        + "".join(f"<td{_kind(place >= first)}>{escape(cell)}</td>" for place, cell in enumerate(row))
        + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>"


def _kind(is_number: bool) -> str:
    return ' class="n"' if is_number else ""


def _list(items: Iterable[str]) -> str:
    lines = "".join(f"<li>{escape(item)}</li>" for item in items)
    return f"<ul>{lines}</ul>" if lines else ""


def _provenance(decision: Decision) -> str:
    dated = ", ".join(f"{name} {day}" for name, day in decision.catalogues.items())
    return escape(
        f"{decision.draws:,} draws of run {decision.run}; price catalogues {dated}; "
        f"twocurves {metadata.version('twocurves')}."
    )
