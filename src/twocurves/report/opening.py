"""The top of a report: the run in a sentence, four numbers, and the report in a minute."""

from __future__ import annotations

from twocurves.charts.chance_text import in_twenty
from twocurves.charts.number_text import say, say_range
from twocurves.ensemble.key_numbers import OutcomeRow
from twocurves.report.findings import Findings
from twocurves.report.markup import Html, joined, tag
from twocurves.report.parts import strip

#: Outcomes shown as numbers at the top, by name.
_KEY = ("lag_months", "open_share_tokens", "net_revenue_closed", "net_revenue_open")

_SURE = 0.95


def opening(found: Findings) -> Html:
    """Return the top of the report."""
    plan = found.run.plan
    scenario = plan.scenario.replace("_", " ")
    said = found.headline
    title = said.sentence if said is not None else f"A run of the scenario {scenario} to {plan.until}"
    changed = f" · {len(plan.settings)} changed" if plan.settings else ""
    return tag(
        "header",
        tag(
            "p",
            f"Scenario {scenario}{changed} · {found.run.counts.ok:,} futures · data to {plan.data_to}",
            class_="eyebrow",
        ),
        tag("h1", title),
        tag("p", said.second_sentence, class_="lead") if said is not None and said.second_sentence else None,
        tag("p", standing(found), class_="quiet"),
        _key(found),
        tag("h2", "In one minute", style="margin-top:2.2rem"),
        tag("ul", [tag("li", line) for line in _minute(found)], class_="minute"),
        _contents(),
    )


def standing(found: Findings) -> str:
    """Say how much the numbers may be trusted."""
    ranges = "Ranges hold 90% of the futures, each one draw of beliefs and surprises."
    if found.fitted:
        return f"{ranges} Beliefs are fitted to what was observed."
    return (
        f"{ranges} Beliefs are the priors, not fitted to what was observed: this says what is assumed, "
        "and is no forecast."
    )


def sections() -> tuple[tuple[str, str], ...]:
    """Return the sections after the top: anchor and heading."""
    return (
        ("measured", "What was measured"),
        ("bets", "What the model bets"),
        ("claims", "Claims that can turn out wrong"),
        ("decides", "What decides it"),
        ("hindcast", "How it would have done"),
        ("weak", "Where it is weak"),
        ("made", "How it was made"),
    )


def _contents() -> Html:
    return tag(
        "nav",
        tag("ul", [tag("li", tag("a", name, href=f"#{anchor}")) for anchor, name in sections()]),
        aria_label="Contents",
    )


def _key(found: Findings) -> Html | None:
    rows = [row for name in _KEY if (row := _last(found, name)) is not None and row.spread.draws]
    if not rows:
        return None
    return tag("dl", [_number(row) for row in rows], class_="key")


def _last(found: Findings, name: str) -> OutcomeRow | None:
    """Return an outcome at the last date before the end that all are told at."""
    rows = [row for row in found.outcomes if row.outcome.name == name]
    if not rows:
        return None
    year = found.captured[0]
    return next((row for row in rows if row.month.year == year), rows[-1])


def _number(row: OutcomeRow) -> Html:
    outcome, spread = row.outcome, row.spread
    low, middle, high = (value * outcome.times for value in (spread.low, spread.median, spread.high))
    first = min(low, 0.0)
    return tag(
        "div",
        tag("dt", f"{outcome.title}, {row.month.year}"),
        tag(
            "dd",
            tag("span", say(middle, outcome.style, outcome.digits), class_="number"),
            strip(low, middle, high, first, high + 0.15 * (high - first)),
            tag("span", f"90% of futures: {say_range(low, high, outcome.style)}", class_="small quiet"),
        ),
    )


def _minute(found: Findings) -> list[Html]:
    lines = [joined((tag("strong", "Measured. "), found.measured.sentence))]
    claims = [row for row in found.claims.iter_rows(named=True) if row["probability"] is not None]
    if claims:
        sure = [row for row in claims if not 1 - _SURE < row["probability"] < _SURE]
        open_ = sorted(claims, key=lambda row: abs(row["probability"] - 0.5))[:3]
        named = "; ".join(f"{row['claim']} {row['title']} ({in_twenty(row['probability'])})" for row in open_)
        lines.append(
            joined(
                (
                    tag("strong", "Bets. "),
                    f"Of {len(claims)} claims {len(sure)} come out the same way in at least 19 of 20 "
                    f"futures. Most open: {named}.",
                )
            )
        )
    year, rules = found.captured
    if rules:
        told = "; ".join(
            f"{in_twenty(rule.open_more)} by {rule.rule}" for rule in rules if not rule.with_compute
        )
        lines.append(
            joined((tag("strong", "Value. "), f"The open economy captures more in {year} in {told}."))
        )
    sentences = (found.scorecard or {}).get("sentences")
    if isinstance(sentences, list) and sentences:
        against_trend = [str(line) for line in sentences if "damped trend" in str(line)]
        lines.append(joined((tag("strong", "Hindcast. "), (against_trend or [str(sentences[0])])[0])))
    else:
        lines.append(
            joined((tag("strong", "Hindcast. "), "No scorecard was given, so its skill is not known here."))
        )
    return lines
