"""The sentence that describes a workload: its blanks, what they hold, and workloads to start from."""

from __future__ import annotations

import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from twocurves.decide.usage_export import read_export
from twocurves.decide.workload import Workload
from twocurves.decide.workload_file import template
from twocurves.errors import BadInputError


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
    "background": (
        "Background agents",
        {
            "segment": "background_agents",
            "usage.input_tokens_per_month": "25000000000",
            "usage.output_tokens_per_month": "1500000000",
            "usage.cached_share": "80",
            "usage.growth_per_year": "80",
            "now.model": "gemini-3.1-pro",
            "switching.engineering_days": "80",
            "switching.evaluation_usd": "30000",
        },
    ),
    "premises": (
        "Summaries on the premises",
        {
            "segment": "knowledge_work",
            "usage.input_tokens_per_month": "1500000000",
            "usage.output_tokens_per_month": "120000000",
            "usage.growth_per_year": "40",
            "now.model": "gpt-5.4-mini",
            "now.through": "cloud",
            "switching.engineering_days": "120",
            "switching.evaluation_usd": "60000",
            "constraints.residency": "on_premises",
            "horizon.months": "48",
        },
    ),
}

#: Numbers from here on are no amounts.
_LARGEST = 1e18

#: Words that may end a number.
_WORDS = {"k": 1e3, "m": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12}


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


def in_blank(blank: Blank, text: str) -> str:
    """Return what a blank shows: large round numbers with their word.

    >>> in_blank(Blank("usage.input_tokens_per_month", "Tokens", ""), "2000000000")
    '2 bn'
    """
    if blank.kind != "number":
        return text
    try:
        value = _number(text)
    except ValueError:
        return text
    for word, size in (("bn", 1e9), ("m", 1e6)):
        if abs(value) >= size and (value / size * 1000).is_integer():
            return f"{value / size:g} {word}"
    return f"{value:,.0f}" if value.is_integer() and abs(value) < _LARGEST else text


def _number(text: str) -> float:
    """Return a number as people type it: 2 bn, 300m, 10,000, 40%."""
    bare = text.strip().lower().replace(",", "").replace("_", "").removesuffix("%").strip()
    word = next((one for one in sorted(_WORDS, key=len, reverse=True) if bare.endswith(one)), "")
    return float(bare.removesuffix(word).strip()) * _WORDS.get(word, 1.0)


def _value(blank: Blank, text: str) -> Any:
    text = text.strip()[:60]
    if blank.kind in ("text", "choice"):
        return text
    try:
        number = _number(text)
    except ValueError:
        raise BadInputError(
            f"{blank.label} must be a number; you gave {text[:40]!r}.", field=blank.key, given=text
        ) from None
    if not abs(number) < _LARGEST:
        raise BadInputError(
            f"{blank.label} must be a finite number; you gave {text!r}.", field=blank.key, given=text
        )
    if blank.kind == "share":
        return number / 100.0
    return int(number) if number.is_integer() else number
