"""Section: the claims, each with its probability and how it will be judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from twocurves.claims import load_ledger
from twocurves.report.findings import Findings
from twocurves.report.markup import Html, joined, tag
from twocurves.report.parts import chance_words, dots, table


def claims(found: Findings) -> Html:
    """Return the section on claims: a table with dots, and the rule by which each is resolved."""
    rows = [_row(row) for row in found.claims.iter_rows(named=True)]
    return joined(
        (
            tag(
                "p",
                "Each claim is a sentence that can turn out wrong, with a date and a public source that "
                "settles it. Each dot is one future in twenty. The percentage has half of the 90% interval "
                "of its sampling error behind it; that error is no doubt about the model.",
                class_="quiet",
            ),
            table(["Claim", "Futures in which it comes true", "", "Settled after"], rows, stacked=True),
            _rules(),
        )
    )


def _row(row: Mapping[str, Any]) -> list[str | Html]:
    return [
        joined(
            (
                tag("span", f"{row['claim']} {row['title']}", class_="claim"),
                tag("br"),
                tag("span", row["sentence"], class_="small quiet"),
            )
        ),
        dots(row["probability"]),
        chance_words(row["probability"], row["half_width"]),
        tag("span", row["resolves_on"], class_="nowrap"),
    ]


def _rules() -> Html:
    rows = []
    for claim in load_ledger().claims:
        rule = claim.resolution
        rows.append(
            [
                f"{claim.id} {claim.title}",
                joined((rule.rule, " ", tag("span", f"Source: {rule.source}", class_="quiet"))),
                claim.falsified_if,
                rule.in_model,
            ]
        )
    return tag(
        "details",
        tag("summary", "How each claim is settled, and what would make it wrong"),
        table(["Claim", "Settled by", "Wrong if", "In the model"], rows, stacked=True),
    )
