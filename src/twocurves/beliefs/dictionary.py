"""The data dictionary: everything that the belief files declare, as one page of Markdown.

``python -m twocurves.beliefs.dictionary`` writes ``docs/data-dictionary.md`` under the current folder;
``--check`` only says whether it is current.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from twocurves.beliefs.declared import Beliefs, Group
from twocurves.beliefs.load import load_beliefs
from twocurves.beliefs.schema import ENTITY_KINDS, Entity, Parameter, Prior

#: Where the page lies, under the root of the project.
PAGE = Path("docs") / "data-dictionary.md"

_EVIDENCE = {
    "V": "read in the cited source",
    "S": "read in a secondary page that reports it",
    "D": "derived by the arithmetic shown",
    "J": "judgement without direct evidence",
    "U": "from memory, unverified",
}
_ROLES = {
    "input": "drawn and fed to the model",
    "initial": "the state at the first month",
    "derived": "computed from other parameters by the formula given",
}


def dictionary(beliefs: Beliefs) -> str:
    """Return the page."""
    sections = [
        _introduction(beliefs),
        *(_group(beliefs, group) for group in beliefs.groups),
        *_entities(beliefs),
        _correlations(beliefs),
        _targets(beliefs),
        _events(beliefs),
        _scenarios(beliefs),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or with ``--check`` exit 1 when it is not current."""
    parser = argparse.ArgumentParser(prog="python -m twocurves.beliefs.dictionary")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 when not current")
    options = parser.parse_args(arguments)
    text = dictionary(load_beliefs())
    if options.check:
        is_current = PAGE.is_file() and PAGE.read_text(encoding="utf-8") == text
        sys.stdout.write(f"{PAGE} is {'current' if is_current else 'not current'}\n")
        return 0 if is_current else 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")
    sys.stdout.write(f"wrote {PAGE}\n")
    return 0


def _introduction(beliefs: Beliefs) -> str:
    counts = ", ".join(f"{len(beliefs.entities[kind])} {kind}s" for kind in ENTITY_KINDS)
    evidence = "; ".join(f"**{tag}** {words}" for tag, words in _EVIDENCE.items())
    roles = "; ".join(f"*{role}*: {words}" for role, words in _ROLES.items())
    return (
        "# Data dictionary\n\n"
        "Written from the belief files by `python -m twocurves.beliefs.dictionary`; do not edit it here.\n\n"
        f"There are {len(beliefs.parameters)} parameters ({len(beliefs.names)} numbers, counting each "
        f"entity of the indexed ones), {counts}, {len(beliefs.correlations)} correlations, "
        f"{len(beliefs.targets)} targets, {len(beliefs.events)} events and {len(beliefs.scenarios)} "
        "scenarios.\n\n"
        f"Evidence: {evidence}.\n\nRoles: {roles}. "
        "A *belief* is about how the world is, a *choice* is what somebody decides.\n\n"
        "A name with a dot is one entity's number. Names and symbols are understood alike in `--set`, in "
        "scenario files and in links."
    )


def _group(beliefs: Beliefs, group: Group) -> str:
    meanings: list[tuple[str, ...]] = []
    priors: list[tuple[str, ...]] = []
    for name in group.names:
        parameter = beliefs.parameters[name]
        role = parameter.role if parameter.nature == "belief" else f"{parameter.role}, choice"
        index = f" (by {parameter.index})" if parameter.index else ""
        meanings.append(
            (
                f"`{name}`{index}",
                f"`{parameter.symbol}`" if parameter.symbol else "",
                parameter.meaning,
                parameter.unit,
                _range(*parameter.bounds),
                role,
                parameter.identified_by,
            )
        )
        priors.extend(_priors(beliefs, parameter))
    first = _table(("Name", "Symbol", "Meaning", "Unit", "Bounds", "Role", "Identified by"), meanings)
    second = _table(("Name", "5th / 50th / 95th percentile", "Family", "Evidence", "Source"), priors)
    return f"## {group.title}\n\n{group.about}\n\n{first}\n\n{second}"


def _priors(beliefs: Beliefs, parameter: Parameter) -> Iterable[tuple[str, ...]]:
    """Yield a row for each prior; entities that take the default share one."""
    if parameter.role == "derived":
        yield f"`{parameter.name}`", f"`{parameter.formula}`", "derived", "", ""
        return
    if parameter.index is None:
        yield _prior_row(beliefs, parameter.name, parameter.name, parameter)
        return
    by_default = [
        full for full in beliefs.full_names(parameter.name) if beliefs.priors[full] is parameter.default
    ]
    if by_default:
        yield _prior_row(beliefs, by_default[0], f"{parameter.name}.*", parameter)
    for full_name in beliefs.full_names(parameter.name):
        if full_name not in by_default:
            yield _prior_row(beliefs, full_name, full_name, parameter)


def _prior_row(beliefs: Beliefs, full_name: str, shown: str, parameter: Parameter) -> tuple[str, ...]:
    prior: Prior = beliefs.priors[full_name]
    percentiles = beliefs.distributions[full_name].quantile(np.array([0.05, 0.5, 0.95]))
    words = " / ".join(f"{value:.4g}" for value in percentiles)
    source = f"{prior.source} ({prior.note.rstrip('.')}.)" if prior.note else prior.source
    return f"`{shown}`", words, prior.distribution or parameter.distribution, prior.evidence, source


def _entities(beliefs: Beliefs) -> Iterable[str]:
    shared = set(Entity.model_fields)
    for kind in ENTITY_KINDS:
        entities = beliefs.entities[kind].values()
        if not entities:
            continue
        own = [field for field in type(next(iter(entities))).model_fields if field not in shared]
        rows = [
            (
                f"`{entity.id}`",
                entity.title,
                entity.meaning,
                *(_plain(getattr(entity, field)) for field in own),
                entity.evidence,
                entity.source,
            )
            for entity in entities
        ]
        header = ("Id", "Title", "Meaning", *(field.replace("_", " ").capitalize() for field in own))
        yield f"## {kind.capitalize()}s\n\n{_table((*header, 'Evidence', 'Source'), rows)}"


def _correlations(beliefs: Beliefs) -> str:
    rows = [
        (f"`{one.first}`", f"`{one.second}`", f"{one.rank_correlation:+.2g}", one.evidence, one.source)
        for one in beliefs.correlations
    ]
    text = _table(("First", "Second", "Rank correlation", "Evidence", "Source"), rows)
    return (
        f"## Correlations\n\nPairs not listed are independent given the listed ones.\n\n{text}"
        if rows
        else ""
    )


def _targets(beliefs: Beliefs) -> str:
    rows = [
        (
            f"`{one.name}`",
            one.meaning,
            one.unit,
            one.month,
            " / ".join("" if value is None else f"{value:.4g}" for value in (one.p05, one.p50, one.p95)),
            ", ".join(f"`{series}`" for series in one.series),
            one.evidence,
            f"{one.source} ({one.note.rstrip('.')}.)" if one.note else one.source,
        )
        for one in beliefs.targets.values()
    ]
    header = ("Name", "Meaning", "Unit", "Month", "5th / 50th / 95th", "Series", "Evidence", "Source")
    about = "What the model must reproduce; never drawn."
    return f"## Targets\n\n{about}\n\n{_table(header, rows)}" if rows else ""


def _events(beliefs: Beliefs) -> str:
    rows = [
        (
            f"`{one.id}`",
            one.month,
            one.title,
            one.kind,
            one.actor or "",
            one.meaning,
            "" if one.size is None else f"{one.size:.4g} {one.unit}".strip(),
            one.evidence,
            one.source,
        )
        for one in sorted(beliefs.events.values(), key=lambda event: event.month)
    ]
    header = ("Id", "Month", "Title", "Kind", "Actor", "Meaning", "Size", "Evidence", "Source")
    return f"## Events\n\n{_table(header, rows)}" if rows else ""


def _scenarios(beliefs: Beliefs) -> str:
    parts = []
    for one in beliefs.scenarios.values():
        changes = ", ".join(f"`{name}={value}`" for name, value in one.set.items())
        parts.append(f"### {one.title} (`{one.id}`)\n\n{one.why}\n\nChanges: {changes or 'none'}.")
    return "\n\n".join(["## Scenarios", *parts]) if parts else ""


def _range(low: float, high: float) -> str:
    shown = [f"{bound:.4g}" if np.isfinite(bound) else "" for bound in (low, high)]
    return f"{shown[0]} to {shown[1]}" if all(shown) else f"from {shown[0]}" if shown[0] else f"to {shown[1]}"


def _plain(value: object) -> str:
    if value is None or isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
