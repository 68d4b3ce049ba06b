"""Decide: move this workload to an open model or stay on the closed frontier, and when."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import polars as pl
from pydantic import ValidationError

from twocurves.charts.number_text import say
from twocurves.decide.decision import decide
from twocurves.decide.usage_export import read_export
from twocurves.decide.wording import months_phrase, option_rows, risk_rows, trigger_sentence
from twocurves.decide.workload import Workload
from twocurves.decide.workload_file import template
from twocurves.errors import BadInputError
from twocurves.months import Month
from twocurves.serve.figures import Drawings, Figure, figure, table_of
from twocurves.serve.house import House
from twocurves.serve.services.overview import label_of
from twocurves.serve.services.run_view import RunView

if TYPE_CHECKING:
    import altair as alt

    from twocurves.charts.palette import ThemeName
    from twocurves.decide.answer import Decision


@dataclass(frozen=True, slots=True)
class Blank:
    """A blank of the sentence.

    Attributes
    ----------
    key
        Place in the workload: ``usage.cached_share``.
    label
        What a screen reader says.
    before, after
        Words around it in the sentence.
    kind
        "text", "number", "share" (typed as a percentage) or "choice".
    choices
        Values of a choice, with their words.
    size
        Width of the field in letters.
    """

    key: str
    label: str
    before: str
    after: str = ""
    kind: str = "number"
    choices: tuple[tuple[str, str], ...] = ()
    size: int = 8


_THROUGH = (
    ("api", "its maker’s API"),
    ("cloud", "a cloud platform"),
    ("hosted", "a host of open weights"),
    ("dedicated", "rented machines"),
    ("own", "machines of our own"),
)

#: The sentence, line by line.
SENTENCE: tuple[tuple[Blank, ...], ...] = (
    (
        Blank("segment", "Kind of work", "We use models for", ",", "choice"),
        Blank("usage.input_tokens_per_month", "Tokens read a month", "reading", "tokens", size=14),
        Blank("usage.output_tokens_per_month", "Tokens written a month", "and writing", "a month,", size=14),
        Blank(
            "usage.cached_share",
            "Share read from a cache, per cent",
            "",
            "% of the reading from a cache,",
            "share",
            size=4,
        ),
        Blank("usage.growth_per_year", "Growth a year, per cent", "growing by", "% a year.", "share", size=5),
    ),
    (
        Blank("now.model", "Model in use", "Today that is", "", "text", size=16),
        Blank("now.through", "How it is bought", "through", ".", "choice", _THROUGH),
        Blank(
            "quality.as_good_as",
            "A model that is good enough",
            "Whatever is as good as",
            "will do,",
            "text",
            size=16,
        ),
        Blank(
            "quality.follow_frontier",
            "How much the need rises with the frontier, per cent",
            "and the need follows the frontier by",
            "%.",
            "share",
            size=4,
        ),
    ),
    (
        Blank(
            "switching.engineering_days", "Days of engineering", "Moving costs", "days of engineering", size=5
        ),
        Blank("switching.evaluation_usd", "Evaluation, USD", "and $", "of evaluation;", size=8),
        Blank(
            "constraints.residency",
            "Where data may go",
            "data may go",
            ".",
            "choice",
            (
                ("any", "anywhere"),
                ("eu", "to the EU"),
                ("us", "to the US"),
                ("own_cloud", "to our cloud"),
                ("on_premises", "nowhere but here"),
            ),
        ),
        Blank("horizon.months", "Months looked ahead", "We look", "months ahead.", size=4),
    ),
)

#: Workloads to start from: what differs from the template.
PRESETS: dict[str, tuple[str, dict[str, str]]] = {
    "support": ("Support replies", {}),
    "coding": (
        "Coding agents",
        {
            "segment": "coding_agents",
            "usage.input_tokens_per_month": "20000000000",
            "usage.output_tokens_per_month": "800000000",
            "usage.cached_share": "80",
            "usage.growth_per_year": "100",
            "quality.follow_frontier": "50",
        },
    ),
    "extraction": (
        "Bulk extraction",
        {
            "segment": "bulk_extraction",
            "usage.input_tokens_per_month": "60000000000",
            "usage.output_tokens_per_month": "4000000000",
            "usage.cached_share": "5",
            "usage.growth_per_year": "20",
        },
    ),
}


@dataclass(frozen=True)
class DecidePage:
    """What the Decide page shows.

    Attributes
    ----------
    title
        The answer in a sentence, or the question.
    sentence
        The blanks with what they hold.
    decision
        The decision; None before it is asked for, or where ``fault`` says why there is none.
    """

    title: str
    sentence: tuple[tuple[tuple[Blank, str], ...], ...]
    presets: tuple[tuple[str, str, str], ...]
    segments: tuple[tuple[str, str], ...]
    fault: str
    note: str
    decision: Decision | None = None
    hindsight: str = ""
    open_answer: str = ""
    options: tuple[tuple[str, str, str, str], ...] = ()
    risks: tuple[tuple[str, str, str, str], ...] = ()
    triggers: tuple[str, ...] = ()
    deciders: tuple[tuple[str, str, str, str], ...] = ()
    breaks: tuple[str, ...] = ()
    regret: Figure | None = None
    waiting: str = ""
    regret_above: str = ""
    query: str = ""


def decide_page(
    house: House, view: RunView | None, drawings: Drawings, given: Mapping[str, str]
) -> DecidePage:
    """Return the page for what the sentence holds; the answer where it was asked for."""
    held = {**usual(), **{key: value for key, value in given.items() if key in usual()}}
    page = _page(house, held, note=given.get("note", "")[:200])
    if not any(key in usual() for key in given):
        return page
    if view is None:
        return _page(house, held, fault="The first run is still being made; ask again in a minute.")
    try:
        found = decided(house, view, held)
    except BadInputError as fault:
        return _page(house, held, fault=fault.message)
    return _answered(house, found, held, drawings)


def decided(house: House, view: RunView, held: Mapping[str, str]) -> Decision:
    """Return the decision for a filled-in sentence.

    Raises
    ------
    BadInputError
        A blank cannot be used, or nothing can be decided from it.
    """
    made = workload(held)
    return house.once(f"decision|{view.run.name}|{made.model_dump_json()}", lambda: decide(made, view.run))


def workload(held: Mapping[str, str]) -> Workload:
    """Return the workload that a filled-in sentence says, all else as in the template.

    Raises
    ------
    BadInputError
        A blank cannot be used; the message names it.
    """
    tables: dict[str, Any] = tomllib.loads(template())
    labels = {}
    for line in SENTENCE:
        for blank in line:
            labels[blank.key] = blank.label
            table, _, last = blank.key.rpartition(".")
            place = tables.setdefault(table, {}) if table else tables
            place[last] = _value(blank, held[blank.key])
    tables["name"] = str(tables["segment"]).replace("_", " ")
    try:
        return Workload.model_validate(tables)
    except ValidationError as wrong:
        first = wrong.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise BadInputError(
            f"{labels.get(key, key)}: {first['msg'][:1].lower()}{first['msg'][1:]}.",
            field=key,
            given=first.get("input"),
        ) from wrong


def usage_query(content: bytes, name: str) -> dict[str, str]:
    """Return what a usage export fills into the sentence.

    Raises
    ------
    BadFileError
        It cannot be read; the message names line and column.
    """
    suffix = ".jsonl" if name.lower().endswith((".jsonl", ".ndjson", ".json")) else ".csv"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"usage{suffix}"
        path.write_bytes(content)
        found = read_export(path)
    filled = {
        "usage.input_tokens_per_month": f"{found.input_tokens:.0f}",
        "usage.output_tokens_per_month": f"{found.output_tokens:.0f}",
    }
    if found.input_tokens > 0:
        filled["usage.cached_share"] = f"{100 * found.cached_tokens / found.input_tokens:.0f}"
    if found.growth_per_year is not None:
        filled["usage.growth_per_year"] = f"{100 * min(found.growth_per_year, 50):.0f}"
    models = list(found.by_model)
    if models:
        filled["now.model"] = models[0]
    said = f"Read {found.first} to {found.last}; most used: {', '.join(models[:3]) or 'unknown'}."
    if found.missing:
        said += f" The export has no column for {', '.join(found.missing)}."
    return {**filled, "note": said}


def empty_page(house: House, fault: str) -> DecidePage:
    """Return the page with a fault and nothing answered."""
    return _page(house, usual(), fault=fault)


@cache
def usual() -> dict[str, str]:
    """Return what the template says in each blank."""
    tables: dict[str, Any] = tomllib.loads(template())
    found = {}
    for line in SENTENCE:
        for blank in line:
            table, _, last = blank.key.rpartition(".")
            value = (tables.get(table, {}) if table else tables).get(last, 0)
            found[blank.key] = f"{100 * value:g}" if blank.kind == "share" else str(value)
    return found


def _value(blank: Blank, text: str) -> Any:
    text = text.strip()[:60]
    if blank.kind in ("text", "choice"):
        return text
    try:
        number = float(text.replace(",", "").replace("_", "").removesuffix("%"))
    except ValueError:
        raise BadInputError(
            f"{blank.label} must be a number; you gave {text[:40]!r}.", field=blank.key, given=text
        ) from None
    if not abs(number) < 1e18:
        raise BadInputError(
            f"{blank.label} must be a finite number; you gave {text!r}.", field=blank.key, given=text
        )
    if blank.kind == "share":
        return number / 100.0
    return int(number) if number.is_integer() else number


def _page(house: House, held: Mapping[str, str], fault: str = "", note: str = "", **found: Any) -> DecidePage:
    segments = tuple((one.id, one.title.lower()) for one in house.beliefs.entities["segment"].values())
    return DecidePage(
        title=found.pop("title", "Should this workload move, and when?"),
        sentence=tuple(tuple((blank, held[blank.key]) for blank in line) for line in SENTENCE),
        presets=tuple(
            (name, words, urlencode({**usual(), **differs})) for name, (words, differs) in PRESETS.items()
        ),
        segments=segments,
        fault=fault,
        note=note,
        query=urlencode(held),
        **found,
    )


def _answered(house: House, found: Decision, held: Mapping[str, str], drawings: Drawings) -> DecidePage:
    amount, chance = found.regret_above
    return _page(
        house,
        held,
        title=found.answer,
        decision=found,
        hindsight=months_phrase(found),
        open_answer="" if found.open_question is None else found.open_question.answer,
        options=tuple(option_rows(found)),
        risks=tuple(risk_rows(found)),
        triggers=tuple(trigger_sentence(one) for one in found.triggers),
        deciders=tuple(
            (
                one.name,
                label_of(one.name),
                f"{one.effect:+.2f}".replace("-", "−"),
                f"{one.low:+.2f} to {one.high:+.2f}".replace("-", "−"),
            )
            for one in found.deciders
            if one.above_noise
        ),
        breaks=tuple(
            f"{one.said[:1].upper()}{one.said[1:]} ({one.at}): {say(one.p50, 'number', 2)}, 90% of runs "
            f"{say(one.p05, 'number', 2)} to {say(one.p95, 'number', 2)}"
            for one in found.breaks
        ),
        regret=_regret(found, held, drawings),
        waiting=f"{say(found.value_of_waiting_usd, 'usd', 2)} (±{say(found.value_error_usd, 'usd', 2)})",
        regret_above=f"The advice costs over {say(amount, 'usd', 2)} more than the best move with hindsight"
        f" in {100 * chance:.0f}% of runs.",
    )


def _regret(found: Decision, held: Mapping[str, str], drawings: Drawings) -> Figure:
    rows = found.regret
    table = pl.DataFrame(
        {
            "month": [Month.parse(row.month).first_day for row in rows],
            "p10": [row.p10 for row in rows],
            "p25": [row.p50 for row in rows],  # only the 80% band is told
            "p50": [row.p50 for row in rows],
            "p75": [row.p50 for row in rows],
            "p90": [row.p90 for row in rows],
        }
    )
    least = min(rows, key=lambda row: row.mean)

    def drawer(width: int, theme: ThemeName) -> alt.TopLevelMixin:
        from twocurves.charts.regret import regret_figure

        return regret_figure(table, theme=theme, width=480 if width > 300 else 210, height=240)

    return figure(
        drawings,
        "regret",
        f"regret|{found.run}|{urlencode(held)}",
        drawer,
        title=f"Regret is least for moving in {Month.parse(least.month)}: "
        f"{say(least.mean, 'usd', 2)} on average",
        subtitle="What moving then costs more than the best move with hindsight: median, 80% of runs. USD",
        table=table_of(
            ("Move in", "To", "Median regret", "80% of runs", "Dearer than staying"),
            [
                [
                    row.month,
                    row.target.replace("_", " "),
                    say(row.p50, "usd", 2),
                    f"{say(row.p10, 'usd', 2)} to {say(row.p90, 'usd', 2)}",
                    f"{100 * row.loses:.0f}%",
                ]
                for row in rows
            ],
        ),
    )
